// inspect returns what is wrong with the page as it is laid out now, in words: what layout.js leaves to the eye, and what axe finds.
async () => {
  const called = e => `<${e.localName}${e.classList.length ? "." + [...e.classList].join(".") : ""}> ${(e.textContent || e.name || "").trim().replace(/\s+/g, " ").slice(0, 40)}`
  const faults = [], page = document.documentElement
  const shown = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest("[aria-hidden=true], .hidden, .skip, svg")

  if (page.scrollWidth > page.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > page.clientWidth + 1)
    faults.push(`scrolls sideways because of ${wide.slice(0, 2).map(called).join(", ")}`)
  }

  // Text that a box cuts off, or that stands outside the window. What scrolls inside a box is allowed.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    const elsewhere = "dialog:not([open]), option, script, style, .ribbon-now" // the ribbon opens to its whole sentence
    if (!walker.currentNode.data.trim() || !shown(parent) || parent.closest(elsewhere)) continue
    const range = document.createRange()
    const [longest] = walker.currentNode.data.match(/[a-z]{4,}/gi)?.toSorted((a, b) => b.length - a.length) ?? []
    if (longest && !parent.closest("code, pre, .mono")) {
      const at = walker.currentNode.data.indexOf(longest)
      range.setStart(walker.currentNode, at)
      range.setEnd(walker.currentNode, at + longest.length)
      const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top))).size
      if (lines > 2) faults.push(`${called(parent)}: the word ${longest} stands in ${lines} lines`)
    }
    range.selectNodeContents(walker.currentNode)
    const text = range.getBoundingClientRect()
    const slack = parseFloat(getComputedStyle(parent).fontSize) / 4 // letters are taller than a close line
    for (let up = parent; up !== document.body; up = up.parentElement) {
      const {overflowX, overflowY} = getComputedStyle(up), box = up.getBoundingClientRect()
      if (/auto|scroll/.test(overflowX + overflowY)) break
      const cut = overflowX !== "visible" && (text.left < box.left - 1 || text.right > box.right + 1) ||
        overflowY !== "visible" && (text.top < box.top - slack || text.bottom > box.bottom + slack)
      if (cut) faults.push(`${called(parent)} is cut off by ${called(up)}`)
    }
  }
  const roomy = page.clientWidth > 16 * parseFloat(getComputedStyle(page).fontSize) // else the field scrolls
  for (const e of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio])"))
    if (roomy && shown(e) && e.value && e.scrollWidth > e.clientWidth + 1) faults.push(`the field ${e.name} cuts off what it holds`)

  // Actions are 44 by 44 to press, everything else 24 by 24; a link within a sentence has the height of its line. // WCAG 2.5.8, 2.5.5
  const inSentence = e => e.localName === "a" && getComputedStyle(e).display === "inline" &&
    (e.closest("p, li, dd, td") ?? e.parentElement).textContent.trim().length > e.textContent.trim().length
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, textarea")) {
    if (!shown(e) || inSentence(e)) continue
    const over = getComputedStyle(e, "::after") // a link may spread over the card that it stands in
    const card = over.position === "absolute" && over.content !== "none" && over.inset === "0px" && e.offsetParent
    const {width, height} = (card || (e.closest("label") ?? e)).getBoundingClientRect()
    const least = e.localName === "a" && !e.matches(".button, .cart-tag") ? 24 : 44
    if (Math.min(width, height) < least - .1) faults.push(`${called(e)} is ${width.toFixed(0)} by ${height.toFixed(0)} to press, want ${least}`)
  }

  // What stays in view covers other parts only until they are scrolled to; axe does not scroll.
  const sticky = [...document.querySelectorAll(".action-bar, .toast, .tag-ribbon")]
  for (const e of sticky) e.style.position = "relative" // not static: what they place would leave them
  const {violations} = await axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}})
  for (const e of sticky) e.style.position = ""
  for (const v of violations) faults.push(`axe ${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(", ")}`)
  return [...new Set(faults)]
}
