() => {
  const faults = []
  const called = e => `<${e.localName}${e.className ? "." + e.className : ""}> ${(e.textContent || e.name || "").trim().slice(0, 40)}`

  // WCAG 1.4.10: nothing makes the page scroll sideways. What scrolls inside its own box is allowed.
  const page = document.documentElement
  if (page.scrollWidth > page.clientWidth) {
    const tooWide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > page.clientWidth + 1)
    faults.push(`the page scrolls sideways, ${page.scrollWidth} in ${page.clientWidth}, because of ${tooWide.slice(0, 3).map(called).join(", ")}`)
  }

  // WCAG 2.5.8: what can be pressed is at least 24 by 24, or a link within a sentence, or a circle of 24 around its middle touches
  // nothing else to press. The box of a field is its label's.
  const box = e => (e.closest("label") ?? e).getBoundingClientRect()
  const inSentence = e => e.localName === "a" && getComputedStyle(e).display === "inline" &&
    e.parentElement.textContent.trim().length > e.textContent.trim().length
  const near = (e, other) => {
    const a = box(e), b = box(other)
    const x = (a.left + a.right) / 2, y = (a.top + a.bottom) / 2
    return Math.hypot(Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom)) < 12
  }
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest("[aria-hidden=true]") && box(e).bottom > 0)
  for (const e of targets) {
    const {width, height} = box(e)
    if (Math.min(width, height) >= 23.9 || inSentence(e)) continue
    const crowded = targets.find(other => other !== e && !other.contains(e) && near(e, other))
    if (crowded) faults.push(`${called(e)} is ${width.toFixed(1)} by ${height.toFixed(1)} to press, next to ${called(crowded)}`)
  }

  // What was typed can be read.
  for (const e of document.querySelectorAll("input:not([type=hidden])"))
    if (e.scrollWidth > e.clientWidth + 1) faults.push(`the field ${e.name} cuts off ${e.value}`)
  return faults
}
