// Announces what a page has to say, and adds a product to the cart without leaving the page. Every page works without it.
(() => {
const announcement = document.getElementById("announcement");
const cartTag = document.querySelector("[data-cart-count]");

// announce has screen readers say a text: they read a live region only when it changes after the page has loaded.
function announce(text) {
  announcement.textContent = "";
  setTimeout(() => { announcement.textContent = text; }, 100);
}

// The answer to a refused form is gone once it is left: Back, reload and a restored tab ask for the form's page, which has what was
// typed, instead of asking the visitor whether to send the form again.
if (document.querySelector("main [aria-invalid=true], #errors")) history.replaceState(null, "", location.href);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

const notices = [...document.querySelectorAll("main .notice, main [data-announce]")];
if (notices.length && !document.querySelector("[autofocus]")) announce(notices.map(notice => notice.innerText).join(" "));

// add posts the form. The shop answers with the cart page, which says what happened and how many items there are.
async function add(form) {
  let answer, page;
  try {
    answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return form.submit();
  }
  const added = page.querySelector("[data-notice=added]");
  if (answer.redirected && added) return show(added, page.querySelector("[data-cart-count]"));
  if (answer.redirected) return location.assign(answer.url);
  form.submit(); // refused: the page of the answer says why
}

// show says that the product is in the cart, and offers the way there.
function show(added, counted) {
  cartTag.replaceChildren(...counted.childNodes);
  cartTag.dataset.cartCount = counted.dataset.cartCount;
  cartTag.classList.remove("moved");
  void cartTag.offsetWidth; // starts the animation again
  cartTag.classList.add("moved");
  const toast = document.querySelector(".toast") || document.body.appendChild(document.createElement("p"));
  const link = document.createElement("a");
  link.href = "/cart";
  link.className = "button";
  link.textContent = "Go to your cart";
  const text = document.createElement("span");
  text.textContent = added.textContent.replace("✓", "").trim();
  toast.className = "toast notice";
  toast.dataset.notice = "added";
  toast.replaceChildren(text, link);
  announce(text.textContent);
}

// A number that was typed counts without Update, too.
document.addEventListener("click", async event => {
  const link = event.target.closest('a[href="/checkout"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const typed = [...document.querySelectorAll(".quantity input[type=number]")].filter(field => field.value !== field.defaultValue);
  if (!typed.length) return;
  event.preventDefault();
  let refused;
  for (const {form} of typed) {
    let answer, page = "";
    try {
      answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
      page = await answer.text();
    } catch {}
    if (!answer || !answer.redirected) refused = form;
    else if (new URL(answer.url).pathname !== "/cart") return location.assign(answer.url); // the sign-in: the shop keeps what was typed
    else if (page.includes('data-notice="late"')) refused = form; // the line is gone: the answer's notice has to be seen
  }
  if (refused) return refused.submit(); // the page of the answer says why
  location.assign(link.href);
});

// One after another: without a tag, two at once would begin two sessions, and the browser keeps one.
let adding = Promise.resolve();
document.addEventListener("submit", event => {
  const form = event.target;
  if (!("add" in form.dataset)) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "true";
  const done = () => { delete form.dataset.busy; };
  adding = adding.then(() => add(form)).then(done, done);
});
})();
