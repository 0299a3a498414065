// Announces what a page has to say, and changes the cart without leaving the page. Every page works without it.
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

// post sends the form and returns the answer and its text. When none comes, or the shop fails, the form may have been carried
// out: it is not sent again, and the browser is on its way to the cart, which shows what came of it.
async function post(form) {
  try {
    const answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
    const text = await answer.text();
    if (answer.status < 500) return [answer, text];
  } catch {}
  location.assign("/cart");
  return [];
}

// send posts the form and returns the page that the shop leads to and its address; nothing when the browser is on its way there
// instead.
async function send(form) {
  const [answer, text] = await post(form);
  if (!answer) return;
  if (!answer.redirected) return void form.submit(); // refused: the page of the answer says why
  if (new URL(answer.url).pathname !== "/cart") return void location.assign(answer.url);
  const page = new DOMParser().parseFromString(text, "text/html");
  count(page.querySelector("[data-cart-count]"));
  return [page, answer.url];
}

// count shows how many items are in the cart, as another page does.
function count(counted) {
  cartTag.replaceChildren(...counted.childNodes);
  cartTag.dataset.cartCount = counted.dataset.cartCount;
}

// change shows the cart as it is after one of its numbers has changed, with the pressed button where it was, whatever came or went
// above it. Then it takes the presses that came while the shop was asked.
async function change(form, pressed) {
  const [page] = await send(form) || [];
  if (!page) return;
  const main = page.querySelector("main");
  const top = form.getBoundingClientRect().top;
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  announce([...main.querySelectorAll(".notice"), page.querySelector("title")].map(part => part.textContent).join(" "));
  const again = [...main.querySelectorAll(".quantity button")].find(button => button.textContent === pressed);
  if (!again) return;
  const moved = again.form.getBoundingClientRect().top - top;
  if (scrollY + moved < 0) main.style.marginTop = `${-moved - scrollY}px`; // the page cannot be scrolled down further
  scrollBy({top: moved, behavior: "instant"});
  again.focus({preventScroll: true});
  const waiting = Number(form.dataset.waiting || 0);
  if (!waiting || again.disabled) return;
  again.form.dataset.waiting = waiting - 1;
  again.click();
}

// add says that the product is in the cart, and offers the way there.
async function add(form) {
  const [page, address] = await send(form) || [];
  if (!page) return;
  const added = page.querySelector("[data-notice=added]");
  if (!added) return location.assign(address); // such as the cart that says that no cookie was kept
  for (const link of added.querySelectorAll("a")) link.remove(); // it leads back here
  for (const error of form.querySelectorAll(".error")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  document.title = document.title.replace("Error: ", "");
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
    const [answer, text] = await post(form);
    if (!answer) return;
    if (!answer.redirected) refused = form;
    else if (new URL(answer.url).pathname !== "/cart") return location.assign(answer.url); // the sign-in: the shop keeps what was typed
    else if (text.includes('data-notice="late"')) refused = form; // the line is gone: the answer's notice has to be seen
  }
  if (refused) return refused.submit(); // the page of the answer says why
  location.assign(link.href);
});

// The second press of a double click counts no more than it does without scripts, where the page is gone by then.
document.addEventListener("click", event => {
  if (event.detail > 1 && event.target.closest("form[data-add] button")) event.preventDefault();
});

// One after another: without a tag, two at once would begin two sessions, and the browser keeps one.
let sending = Promise.resolve();
document.addEventListener("submit", event => {
  const form = event.target, adds = "add" in form.dataset;
  if (!adds && !form.closest(".quantity")) return;
  event.preventDefault();
  if (form.dataset.busy) {
    if (form.matches(".step")) form.dataset.waiting = Number(form.dataset.waiting || 0) + 1;
    return;
  }
  form.dataset.busy = "true";
  const done = () => { delete form.dataset.busy; };
  const pressed = event.submitter && event.submitter.textContent;
  sending = sending.then(() => adds ? add(form) : change(form, pressed)).then(done, done);
});

// A press beside the open menu closes it and does what else it does, and Escape closes it.
const menu = document.querySelector(".menu");
document.addEventListener("click", event => {
  if (menu && !menu.contains(event.target)) menu.open = false;
});
addEventListener("pagehide", () => { if (menu) menu.open = false; });
document.addEventListener("keydown", event => {
  if (event.key !== "Escape" || !menu || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
})();
