// Warns a customer two minutes before they are signed out and lets them stay. Every page works without it.
//
// The page says how much time was left when the shop answered (data-… of the body). Nothing is asked until then, and nothing is kept in
// the browser. The tabs of one browser tell each other when the shop has been used, so that none of them warns too soon.
"use strict";
(() => {
const page = document.body.dataset, dialog = document.getElementById("warning");
let channel;
const connect = () => { if (window.BroadcastChannel) channel = new BroadcastChannel("shop"); };
function disconnect() { // a message would throw the page out of the back/forward cache
  if (channel) channel.close();
  channel = null;
}
const tell = message => { if (channel) channel.postMessage(message); };
const signedOut = "/signed-out", grace = 1500; // by then it is over at the shop too
connect();
if (!dialog) {
  if (page.signedIn === "false") tell({out: location.pathname === signedOut}); // a tab that hears it asks the shop
  return disconnect();
}

const form = dialog.querySelector("form"), said = dialog.querySelector("[role=status]"), failed = dialog.querySelector("[data-failed]");
const all = name => dialog.querySelectorAll("[data-" + name + "]");
const warn = page.warnBefore * 1000, able = typeof dialog.showModal === "function";
let idle = 0, absolute = 0; // when it ends, in milliseconds of Date.now()
let timer, busy, unheard, shown, spoken, modal, closing = 0, fresh = true;
let sending = 0; // until when the answer to a form that the customer has sent is awaited: it must not be cut off

// The answer's first byte, not this moment: a slow line must not seem to give time.
const answer = performance.getEntriesByType("navigation")[0];
take(page.idleLeft, page.absoluteLeft, Date.now() - (answer ? performance.now() - answer.responseStart : 0));

function take(idleLeft, absoluteLeft, from) {
  idle = from + idleLeft * 1000;
  absolute = from + absoluteLeft * 1000;
  unheard = false;
  tell({idle, absolute});
  tick();
  fresh = false;
}

// tick looks at the clock and sleeps until there is something to do again.
function tick() {
  clearTimeout(timer);
  if (busy) return;
  const final = absolute <= idle, end = final ? absolute : idle, rest = end - Date.now();
  if (rest <= -grace && !unheard) return ask();
  if (rest > warn || shown === end && !unheard) {
    hide();
    return sleep(rest > warn ? rest - warn : rest + grace);
  }
  show(final, end, Math.max(0, Math.ceil(rest / 1000)));
  if (!unheard || rest > 0) sleep(rest > 0 ? rest % 1000 || 1000 : rest + grace);
}

function sleep(time) { timer = setTimeout(tick, Math.min(time, 2e9)); }

function show(final, end, left) {
  for (const part of all("when")) part.hidden = (part.dataset.when === "absolute") !== final;
  for (const place of all("left")) place.textContent = span(left);
  for (const place of all("at")) place.textContent = inZone(end);
  failed.hidden = !unheard;
  const step = left > 60 ? 60 : 20, mark = Math.ceil(left / step) * step;
  if (!dialog.open || mark !== spoken) said.textContent = dialog.querySelector("p[data-when]:not([hidden])").textContent;
  spoken = mark;
  if (dialog.open) return;
  modal = able && !(final && fresh); // just before the end each new page says so without a modal dialog
  if (modal) dialog.showModal(); else dialog.setAttribute("open", "");
  if (!final || !fresh) dialog.querySelector(".primary:not([hidden])").focus();
}

function hide() {
  if (!dialog.open) return;
  if (!modal) return dialog.removeAttribute("open");
  closing++;
  dialog.close();
}

// inZone is a time of day in the shop's time zone, as on its pages: "14:05 CET".
function inZone(time) {
  return new Date(time).toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit", timeZone: page.zone, timeZoneName: "short"});
}

function span(seconds) {
  const some = (n, unit) => n ? [n + " " + unit + (n === 1 ? "" : "s")] : [];
  return [...some(Math.floor(seconds / 60), "minute"), ...some(seconds % 60, "second")].join(" ") || "0 seconds";
}

// stay is what every way of closing the dialog means. At the end that cannot be put off it only closes.
function stay() {
  if (busy) return setTimeout(stay, 100);
  if (absolute <= idle && !unheard) {
    shown = absolute;
    return tick();
  }
  hear({method: "POST", body: new URLSearchParams(new FormData(form))}, true);
}

// ask learns from the shop what is left. It is no use of the shop.
function ask(out) { if (!busy) hear({}, false, out === true); }

async function hear(request, wanted, out) {
  busy = true;
  let state;
  try {
    let answer = await fetch(form.action, {...request, headers: {Accept: "application/json"}, redirect: "manual"});
    if (answer.status === 422) answer = await fetch(form.action); // signed in anew in another tab: this page's token is old
    if (answer.ok || answer.status === 401) state = await answer.json();
  } catch {
    if (wanted && unheard && !typed()) return form.submit(); // the second time, as without scripts
  }
  busy = false;
  if (state && !state.signed_in) return leave(state.ended, out);
  if (state) return take(state.idle_left, state.absolute_left, Date.now());
  unheard = wanted || Math.min(idle, absolute) <= Date.now();
  tick();
}

// leave goes where it says why. What was typed at the checkout is sent first: the shop keeps it and leads to the same page.
function leave(why, out, waited) {
  busy = true;
  if (sending > Date.now()) return setTimeout(leave, sending - Date.now(), why, out, waited);
  if (why === "signed_out" || !why && out) return location.replace(signedOut);
  const form = typed();
  if (form) return form.submit();
  if (waited) return location.replace(page.signIn);
  setTimeout(leave, 800, why, out, true); // tabs that have something to send go first: that page takes the old tag away
}

// typed is the form of the checkout that holds what the shop has not got yet.
function typed() {
  const changed = field => field.options ? field.selectedIndex !== Math.max(0, [...field.options].findIndex(o => o.defaultSelected))
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  return [...document.querySelectorAll("form[data-pending-form]")].find(f => f.dataset.pendingForm === "resumed" || [...f.querySelectorAll("input:not([type=hidden]), select")].some(changed));
}

function listen() {
  if (channel) channel.onmessage = ({data}) => {
    if ("out" in data) return setTimeout(ask, data.after || 0, data.out);
    idle = Math.max(idle, data.idle);
    absolute = Math.max(absolute, data.absolute);
    wake();
  };
}
function shut() { // by hand
  clearTimeout(timer);
  if (modal) return dialog.close();
  hide();
  stay();
}
function wake() {
  unheard = false;
  tick();
}
dialog.addEventListener("cancel", () => clearTimeout(timer));
dialog.addEventListener("close", () => { if (closing) closing--; else stay(); });
dialog.addEventListener("click", e => {
  const box = dialog.getBoundingClientRect();
  if (e.target === dialog && (e.clientX < box.left || e.clientX > box.right || e.clientY < box.top || e.clientY > box.bottom)) shut();
});
form.addEventListener("submit", e => {
  if (!able) return;
  e.preventDefault();
  shut();
});
dialog.querySelector("a").addEventListener("click", async e => {
  const form = typed(), to = e.currentTarget.href;
  if (!form) return;
  e.preventDefault();
  try { await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual"}); } catch { return form.submit(); }
  location.assign(to);
});
document.addEventListener("submit", e => {
  if (e.target.getAttribute("action") !== "/logout") return;
  tell({out: true, after: 2000});
  disconnect(); // another tab that is gone first must not break this one's way off
});
document.addEventListener("visibilitychange", wake);
addEventListener("focus", wake);
addEventListener("online", wake);
addEventListener("submit", e => { if (!e.defaultPrevented) sending = Date.now() + 10000; });
addEventListener("pageshow", () => { sending = 0; });
addEventListener("pagehide", disconnect);
addEventListener("pageshow", async e => {
  if (!e.persisted || !typed()) return;
  e.stopImmediatePropagation(); // a page that is loaded anew loses what was typed
  const root = document.documentElement;
  root.ariaBusy = "true";
  connect();
  listen();
  await hear({});
  if (busy) return; // it leaves
  root.style.visibility = "";
  root.ariaBusy = null;
});
listen();
})();
