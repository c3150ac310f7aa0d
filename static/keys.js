// Keys. What each does is said by the markup: data-shortcut of something on the page,
// data-letter of an action of a row; *Teclado* lists them. Characters that are pressed
// alone work only where the body has data-letters, the person's own switch (WCAG 2.1.4),
// never in a field, in an open dialog or menu, and none but j and k while held down.
// A letter presses a button, or opens its question: it does nothing by itself.

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }
const NAME = "td.c-name > a" // of a row: what the focus moves along, and Enter opens

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.isComposing || dialog.open) return
  if (event.ctrlKey || event.metaKey) return pressShortcut(event, `Ctrl+${event.key}`)
  if (event.target.closest("input, select, textarea, [contenteditable]")) return
  const isLetter = event.key.length === 1
  // A dialog is on its way: what is pressed meanwhile is not meant for the row.
  if (dialog.ariaBusy && (isLetter || event.key === "Enter")) return event.preventDefault()
  if (isLetter && !("letters" in document.body.dataset)) return
  const key = isLetter && !event.shiftKey ? event.key.toLowerCase() : event.key
  if (!pressInRow(event, key) && isLetter && !event.repeat) pressShortcut(event, key)
})

function pressShortcut(event, key) {
  const named = `[data-shortcut~="${CSS.escape(key)}"]`
  const wanted = document.querySelector(`main ${named}`) || document.querySelector(named)
  if (!wanted) return
  event.preventDefault()
  if (wanted.matches("input")) return wanted.focus()
  const element = document.activeElement
  wanted.click()
  if (element !== document.body) opener = { element }
}

// Returns whether the key was one of a row.
function pressInRow(event, key) {
  if (document.querySelector(":popover-open")) return false
  const row = event.target.closest(`tr:has(> ${NAME})`)
  if (key in STEPS) {
    if (key.length > 1 && !row) return false // arrows scroll the page
    event.preventDefault()
    step(row, STEPS[key])
    return true
  }
  const box = key === "x" && row?.querySelector(".choose input")
  if (box) {
    event.preventDefault()
    if (!event.repeat) box.click()
    return true
  }
  const button = row?.querySelector(`[data-letter="${CSS.escape(key)}"]`)
  if (!button || event.repeat) return !!button
  event.preventDefault()
  // A button that would act at once is asked first, as without JavaScript.
  if (button.form) htmx.ajax("get", button.form.action, { source: dialog, target: dialog })
  else button.click()
  opener = {
    element: row.querySelector(NAME),
    holder: row.id,
    again: NAME,
    following: row.nextElementSibling?.id,
  }
  return true
}

// From row to row; from outside to the first one in sight.
function step(row, by) {
  const rows = [...main.querySelectorAll(`tr:has(> ${NAME})`)]
  const inSight = rows.find((one) => one.getBoundingClientRect().top >= 0)
  const next = row ? rows[rows.indexOf(row) + by] : inSight || rows[0]
  next?.querySelector(NAME).focus({ preventScroll: true })
  next?.scrollIntoView({ block: "nearest" })
}
