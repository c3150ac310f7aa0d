// Buscar: the palette, opened from its template in the dialog of panel.js. The focus stays
// in its field; arrow keys choose an option (aria-activedescendant) and Enter presses it.
// Without JavaScript the same link leads to a page.

const palette = document.getElementById("palette")
let entered = false // Enter was pressed before the results of what is typed were there

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]")) return
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  opener = { element: document.activeElement }
  dialog.replaceChildren(palette.content.cloneNode(true))
  htmx.process(dialog)
  openDialog()
})

function choose(field, to) {
  const options = [...dialog.querySelectorAll("[role=option]")]
  const chosen = options.at(to % options.length)
  options.forEach((one) => one.setAttribute("aria-selected", one === chosen))
  field.setAttribute("aria-expanded", options.length > 0)
  field.setAttribute("aria-activedescendant", chosen?.id || "")
  chosen?.scrollIntoView({ block: "nearest" })
}

dialog.addEventListener("input", ({ target }) => {
  if (target.role !== "combobox") return
  target.dataset.isLate = ""
  entered = false
})

dialog.addEventListener("keydown", (event) => {
  const field = event.target
  if (field.role !== "combobox" || event.isComposing) return
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step && event.key !== "Enter") return
  event.preventDefault()
  const options = [...dialog.querySelectorAll("[role=option]")]
  const at = options.findIndex((one) => one.ariaSelected === "true")
  if (step) choose(field, Math.max(at, 0) + (at < 0 ? 0 : step))
  else if ("isLate" in field.dataset) entered = true
  else options[at]?.click()
})

// Not before HTMX knows the new links: one that is pressed too early would leave the page.
document.addEventListener("htmx:afterSettle", ({ detail: { target, requestConfig } }) => {
  const field = dialog.querySelector("[role=combobox]")
  if (target.id !== "finding" || !field) return
  choose(field, 0)
  if (requestConfig.formData.get("q") !== field.value) return
  delete field.dataset.isLate
  if (entered) dialog.querySelector("[role=option]")?.click()
  entered = false
})
