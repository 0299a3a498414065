// Keeps the ribbon true when a press changes the shop without leaving the page. Pages of the tutorial are no use of the session.
new MutationObserver(changes => {
  const toast = changes.some(c => [...c.addedNodes].some(n => n.classList?.contains("toast") || n.querySelector?.(".toast")))
  if (!toast) return
  fetch("/learn/glossary").then(answer => answer.text()).then(text => {
    const now = new DOMParser().parseFromString(text, "text/html").querySelector(".tag-ribbon")
    if (now) document.querySelector(".tag-ribbon")?.replaceWith(now)
  })
}).observe(document.body, {childList: true, subtree: true})
