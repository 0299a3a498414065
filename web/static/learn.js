// Keeps ribbon and inspector true where the session has changed without a new page: by a press of this page's script, or in another
// tab. Pages of the tutorial are no use of the session.
const renew = async () => {
  const inspector = document.querySelector(".inspector")
  const answer = await fetch(inspector ? "/learn/inspector" : "/learn/glossary")
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  for (const part of [".tag-ribbon", ".inspector"]) {
    const old = document.querySelector(part), now = page.querySelector(part)
    if (!old || !now || old.contains(document.activeElement) && document.activeElement !== document.body) continue
    if (old.querySelector("details[open]")) now.querySelector("details")?.setAttribute("open", "")
    old.replaceWith(now)
  }
}
new MutationObserver(changes => {
  const toast = changes.flatMap(c => [c.target, ...c.addedNodes]).find(n => n.classList?.contains("toast"))
  const ribbon = document.querySelector(".tag-ribbon")
  if (!toast) return
  if (toast.nextElementSibling !== ribbon) ribbon.before(toast) // at the foot of the page it would lie on the ribbon
  else renew()
}).observe(document.body, {childList: true, subtree: true})
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") renew() })
window.addEventListener("focus", renew)
