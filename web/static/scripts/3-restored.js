// Brings a page from the browser's back/forward cache up to date: the visitor may have changed the cart since, or their session
// may have ended. A page with something of the visitor's on it loads anew, and a customer's shows nothing until then. A page that
// every stranger gets stays as long as the shop takes the visitor for one. Without scripts the browser's own rules hold.
"use strict";
(() => {
const root = document.documentElement, count = document.querySelector("[data-cart-count]");
const signedIn = document.body.dataset.signedIn === "true", own = signedIn || !count || count.dataset.cartCount !== "0";

addEventListener("pagehide", e => { if (e.persisted && signedIn) root.style.visibility = "hidden"; });

addEventListener("pageshow", async e => {
  if (!e.persisted) return;
  root.ariaBusy = "true";
  if (own || !await stillStranger()) return location.reload();
  root.ariaBusy = null;
});

async function stillStranger() {
  try {
    const answer = await fetch(location.href, {method: "HEAD", redirect: "manual"});
    return answer.ok && !(answer.headers.get("Cache-Control") || "").includes("no-store");
  } catch {
    return true; // no line: the page is as old as when it was left
  }
}
})();
