// measure lays out the page in an iframe at many widths and returns what is wrong, in words. It needs no reload: a new width of
// the frame is a new width of the window.
async (html, sheets, widths) => {
  const frame = document.createElement("iframe")
  frame.style.cssText = "position: fixed; left: 0; top: 0; border: 0; height: 900px; width: 1440px"
  frame.srcdoc = html
  const loaded = new Promise(done => { frame.onload = done })
  document.body.append(frame)
  await loaded
  const page = frame.contentDocument, root = page.documentElement, style = e => frame.contentWindow.getComputedStyle(e)
  const called = e => `<${e.localName}${e.classList.length ? "." + [...e.classList].join(".") : ""}> ${e.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}`

  // The pieces of text, each with the boxes that would cut it off.
  const texts = []
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement
    if (!node.data.trim() || parent.closest(".hidden, .skip, svg, dialog, option, .scroll, .menu nav, [hidden]")) continue
    const range = page.createRange()
    range.selectNodeContents(node)
    const boxes = []
    for (let up = parent; up !== page.body; up = up.parentElement) if (style(up).overflowX !== "visible") boxes.push(up)
    texts.push({node, parent, range, boxes})
  }

  const faults = []
  const font = page.body.appendChild(page.createElement("style"))
  for (const [name, sheet] of Object.entries(sheets)) for (const width of widths) {
    font.textContent = sheet
    frame.style.width = width + "px"
    const fault = text => faults.push(`${name} font, ${width} wide: ${text}`)
    if (root.scrollWidth > root.clientWidth) fault(`scrolls sideways, ${root.scrollWidth} in ${root.clientWidth}`)
    for (const {node, parent, range, boxes} of texts) {
      if (!parent.checkVisibility()) continue
      const text = range.getBoundingClientRect()
      if (text.left < -1 || text.right > width + 1) fault(`${called(parent)} stands at ${Math.round(text.left)} to ${Math.round(text.right)}`)
      for (const box of boxes) {
        const {left, right} = box.getBoundingClientRect()
        if (text.left < left - 1 || text.right > right + 1) fault(`${called(parent)} is cut off by ${called(box)}`)
      }
    }
    for (const field of page.querySelectorAll("input:not([type=hidden]), select"))
      if (field.checkVisibility() && field.type === "number" && field.value && field.scrollWidth > field.clientWidth + 1) fault(`the field ${field.name} cuts off ${field.value}`)

    // The cart is in the top right corner, and nothing in the header lies on anything else.
    const header = page.querySelector("header"), cart = header.querySelector(".cart-tag"), at = cart.getBoundingClientRect()
    const brand = header.querySelector(".brand").getBoundingClientRect()
    if (at.top > brand.top + 2) fault("the cart is below the name of the shop")
    const pressed = [...header.querySelectorAll("a, button, input, summary")].filter(e => e.checkVisibility() && !e.closest(".menu nav"))
    for (const one of pressed) {
      const a = one.getBoundingClientRect()
      if (one !== cart && a.right > at.right + 1) fault(`${called(one)} is to the right of the cart`)
      for (const other of pressed) {
        if (one === other) break
        const b = other.getBoundingClientRect()
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) fault(`${called(one)} lies on ${called(other)}`)
      }
    }
  }
  frame.remove()
  return faults
}
