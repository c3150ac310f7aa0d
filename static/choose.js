// The boxes of a list: how many are checked, all of the page with one press, a whole
// stretch with the shift key. Without it each box is checked by itself, and the verbs
// appear all the same (many.css).

const BOX = ".choose input[name=cliente]"
let last = null // the box that was pressed last

const boxesOf = (table) => [...table.querySelectorAll(BOX)]

function countChosen() {
  for (const form of document.querySelectorAll("form.chosen")) {
    const boxes = boxesOf(form.parentElement)
    const checked = boxes.filter((box) => box.checked).length
    const all = form.querySelector("[name=todos]")
    const page = form.parentElement.querySelector(".choose [data-page]")
    if (!checked) all.checked = false
    if (page) {
      page.checked = checked > 0 && checked === boxes.length
      page.indeterminate = checked > 0 && checked < boxes.length
    }
    const noun = checked === 1 ? "elegido" : "elegidos"
    form.querySelector("[data-count]").textContent = all.checked ? "" : `${checked} ${noun}`
  }
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(BOX)
  if (!box) return
  const boxes = boxesOf(box.closest("table"))
  if (event.shiftKey && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b)
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked
  }
  last = box
})

document.addEventListener("change", (event) => {
  const { target } = event
  if (target.matches("[data-page]")) {
    for (const box of boxesOf(target.closest("table"))) box.checked = target.checked
  }
  if (target.closest(".choose, .chosen")) countChosen()
})

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-choose-none]")) return
  for (const box of document.querySelectorAll(BOX)) box.checked = false
  countChosen()
})

// A list that was filtered, and a page that Back has restored with its boxes.
document.addEventListener("htmx:afterSettle", countChosen)
addEventListener("pageshow", countChosen)
