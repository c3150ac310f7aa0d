// What HTML and HTMX cannot do alone. It is all optional: without it every link and form
// works as a page. The only state is that of the page; markup contains no handlers.

const dialog = document.getElementById("dialog")
const toasts = document.getElementById("toasts")
const main = document.getElementById("main")
const SECONDS_OF_A_TOAST = 8

// ── The dialog ──────────────────────────────────────────────────────────────────

let opener = null // what was pressed last, to give the focus back to it
let owner = null // the opener of the open dialog
let touched = false // whether something was typed in it

function openDialog() {
  const isNew = !dialog.open
  if (isNew) {
    touched = false
    owner = opener
    // Toasts would cover the buttons of the dialog, and an undo could be hit by mistake.
    toasts.querySelectorAll("[data-toast]").forEach((toast) => toast.remove())
    dialog.showModal()
  }
  // Nothing outside a modal dialog can be used, so the toasts move into it.
  dialog.append(toasts)
  const first = dialog.querySelector("[aria-invalid=true]") ||
    dialog.querySelector("[autofocus]") ||
    (!isNew && dialog.querySelector("[role=alert]")) ||
    dialog.querySelector(`.fields :is(
      input:not([type=hidden], [type=radio]:not(:checked)), select, textarea)`) ||
    dialog.querySelector("footer [type=submit]")
  if (first?.role === "alert") first.tabIndex = -1
  first?.focus()
}

function closeDialog() {
  if (dialog.open) dialog.close()
}

// The event is fired late: something else may have been pressed or opened meanwhile.
dialog.addEventListener("close", () => {
  if (dialog.open) return
  main.prepend(toasts)
  dialog.replaceChildren()
  if (owner) giveFocusBack()
})

// The row that was pressed may have been replaced: find the same (`again`) in the new one.
// If the row is gone, focus the one that followed it.
function giveFocusBack() {
  const pressed = owner || opener
  if (!pressed) return
  const { element, holder, again, following } = pressed
  owner = opener = null
  if (element.isConnected) return reachable(element).focus()
  const place = document.getElementById(holder)
  const next = place?.querySelector(again) ||
    place?.querySelector("[data-action]") ||
    document.getElementById(following)?.querySelector("[data-action]") || main
  reachable(next).focus()
}

// What is in a menu that has closed cannot get the focus; the menu's button can.
function reachable(element) {
  if (element.checkVisibility()) return element
  return document.querySelector(`[popovertarget="${element.closest("[popover]")?.id}"]`) || main
}

dialog.addEventListener("input", ({ target }) => {
  if (target.role !== "combobox") touched = true // a search is nothing to lose
})
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) {
    event.preventDefault()
    closeIfSaved(dialog)
  }
})
// Not left to the browser's own event (cancel), which it fires only once before it closes.
dialog.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return
  event.preventDefault()
  const stay = dialog.querySelector("[data-stay]")
  if (stay) stay.click()
  else closeIfSaved(dialog)
})
dialog.addEventListener("cancel", (event) => {
  event.preventDefault()
  closeIfSaved(dialog)
})
// A link in the dialog to another one would replace what was typed.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target, requestConfig } = event.detail
  if (target !== dialog || requestConfig.verb !== "get" || !dialog.contains(elt)) return
  if (!unsavedIn(dialog).length) return
  event.preventDefault()
  const url = requestConfig.path
  closeIfSaved(dialog, () => htmx.ajax("get", url, "#dialog"))
})
// A press beside the dialog closes it, or asks. It must begin there: selecting text and
// releasing outside the dialog must not close it. What only shows something (a secret
// that was just made) is not closed by it.
dialog.addEventListener("pointerdown", (event) => {
  if (event.target !== dialog || (touched && !dialog.querySelector(".row"))) return
  const box = dialog.getBoundingClientRect()
  const outside = event.clientX < box.left || event.clientX > box.right ||
    event.clientY < box.top || event.clientY > box.bottom
  if (outside) closeIfSaved(dialog)
})

// ── Requests ────────────────────────────────────────────────────────────────────

// One request per click: a form with an open request is not submitted again. This is in
// the capture phase, because HTMX would queue the second submit and send it afterwards.
const onTheirWay = new WeakSet()
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return
  if (onTheirWay.has(event.target)) {
    event.preventDefault()
    event.stopPropagation()
  }
  onTheirWay.add(event.target)
  if (event.target.matches("[data-download]") || event.submitter?.matches("[data-download]")) {
    // The page stays when a file comes: then it may be asked for again.
    event.submitter?.closest("[popover]")?.hidePopover()
    setTimeout(() => onTheirWay.delete(event.target), 2_000)
  }
  // Buscar opens the dialog of any client; where its row is not on the page the form is
  // submitted without HTMX.
  const place = event.target.getAttribute("hx-target")
  if (!dialog.contains(event.target) || !place?.startsWith("#")) return
  if (document.querySelector(place)) return
  event.stopPropagation()
  beingSent = event.target
}, true)
// The Back button may restore a page from the cache, with its open requests.
addEventListener("pageshow", () => {
  document.querySelectorAll("form").forEach((form) => onTheirWay.delete(form))
})

// A click on a link that opens a message also records it, by submitting the form.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-records]")
  if (!link) return
  const form = link.closest("form")
  form.querySelector(`[name=channel][value=${link.dataset.records}]`).checked = true
  form.requestSubmit()
})

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail
  if (elt.matches("[data-dialog]") || elt.matches("[data-action], form:has([data-action])")) {
    const button = elt.matches("form") ? elt.querySelector("[data-action]") : elt
    opener = {
      element: button,
      holder: (button.closest("tr[id]") || button.closest("[id]"))?.id,
      again: `[data-action="${button.dataset.action}"]`,
      following: button.closest("tr")?.nextElementSibling?.id,
    }
  }
})

// What a link of the list takes from the search box takes the place of what its address
// says, so that no parameter is sent twice.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get" || !detail.path.includes("?")) return
  const url = new URL(detail.path, location.href)
  for (const name of [...detail.formData.keys()]) {
    if (!url.searchParams.has(name)) continue
    url.searchParams.set(name, detail.formData.get(name))
    delete detail.parameters[name]
  }
  detail.path = url.pathname + url.search
})

// A search waits for the last letter. What was pressed meanwhile is newer, and takes the
// letters along: the search must not replace it, nor take it away under the pointer.
let pressedAt = 0
document.addEventListener("pointerdown", ({ target, button, pointerType, timeStamp }) => {
  if (button || pointerType !== "mouse") return
  if (!target.closest("#chips a, #results [hx-get]:not([data-dialog])")) return
  pressedAt = timeStamp
  htmx.trigger("#table", "htmx:abort")
})
document.addEventListener("htmx:confirm", (event) => {
  const { target, triggeringEvent: cause } = event.detail
  if (target?.id !== "results" || !cause) return
  if (cause.type === "click") pressedAt = cause.timeStamp
  else if (cause.type === "input" && cause.timeStamp < pressedAt) event.preventDefault()
})

// What is being waited for says so; panel.css shows it.
document.addEventListener("htmx:beforeSend", (event) => {
  event.detail.target.setAttribute("aria-busy", "true")
})
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target.removeAttribute("aria-busy")
})

// A tab is a page of its own: the one that was pressed waits as a request of HTMX does.
// Nothing is said while the browser may still ask whether to leave.
document.addEventListener("click", (event) => {
  const link = event.target.closest(":is(.tabs, .switch, .months) a:not([hx-get])")
  const opensHere = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
  if (link && opensHere && !unsavedIn(document).length) link.classList.add("htmx-request")
})
addEventListener("pageshow", () => {
  document.querySelectorAll("a.htmx-request").forEach((link) => link.classList.remove("htmx-request"))
})

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail
  const isPlaced = /HX-Retarget/i.test(xhr.getAllResponseHeaders())
  if (xhr.status >= 400 && ![409, 422].includes(xhr.status) && !isPlaced) {
    // Not a response of the product but, say, a proxy's error page: do not swap it in.
    event.detail.shouldSwap = false
    say("El servidor no está disponible. Espere un momento y vuelva a intentarlo.")
  }
  // The content of the dialog is about to be replaced; keep the toasts in it.
  if (target === dialog) main.prepend(toasts)
})

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, target } = event.detail
  // Not detail.elt: if the response replaced the form, that is its parent.
  const { elt } = event.detail.requestConfig
  const isLeaving = xhr.getResponseHeader("HX-Redirect") && !event.detail.stays
  if (!isLeaving) onTheirWay.delete(elt)
  if (isLeaving || event.detail.stays || xhr.status === 0) return
  document.querySelector("[data-trouble]")?.remove()
  if (target === dialog && dialog.hasChildNodes()) return openDialog()
  if (xhr.status >= 400) return
  const form = elt.closest("form")
  if (form?.method !== "post" || event.detail.requestConfig.verb === "get") return
  if (elt.closest("[data-toast]")) elt.closest("[data-toast]").remove()
  closeDialog()
  giveFocusBack()
  const row = document.getElementById(target.id)
  if (row?.matches("tr")) row.classList.add("fresh")
})

// Without a response nobody knows what happened: say so, and what to do.
document.addEventListener("htmx:sendError", () => {
  say("No hay conexión con el servidor. Lo que escribió sigue aquí. Revise su internet y, " +
    "antes de repetirlo, vea en otra pestaña si el cambio quedó hecho.")
})

document.addEventListener("htmx:timeout", () => {
  say("El servidor tardó demasiado en responder. Lo que escribió sigue aquí; antes de " +
    "repetirlo, revise en otra pestaña si el cambio quedó hecho.")
})

// If the row of an undo has left the table, its form is submitted without HTMX.
document.addEventListener("htmx:targetError", (event) => {
  if (event.target.closest("[data-toast]")) event.target.submit()
})

// ── Toasts ──────────────────────────────────────────────────────────────────────

function say(message) {
  if (toasts.lastElementChild?.textContent === message) return
  const toast = document.createElement("div")
  toast.className = "toast"
  toast.dataset.toast = toast.dataset.trouble = ""
  toast.textContent = message
  toasts.append(toast)
}

// A toast disappears after a while, but not while it is hovered or focused.
function willLeave(toast) {
  let seconds = SECONDS_OF_A_TOAST
  const clock = setInterval(() => {
    if (toast.matches(":hover, :focus-within")) seconds = SECONDS_OF_A_TOAST
    else if (--seconds <= 0) toast.remove()
    if (!toast.isConnected) clearInterval(clock)
  }, 1000)
}
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (node instanceof Element && node.matches("[data-toast]")) willLeave(node)
    }
  }
}).observe(toasts, { childList: true })
toasts.querySelectorAll("[data-toast]").forEach(willLeave)

toasts.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove()
})

// ── Theme ──────────────────────────────────────────────────────────────────────

const THEMES = { auto: "automático", light: "claro", dark: "oscuro" }
const themeButton = document.querySelector("[data-theme-button]")

function showTheme() {
  const theme = document.documentElement.dataset.theme || "auto"
  themeButton.querySelector("span").textContent = `Tema: ${THEMES[theme]}`
  return theme
}

themeButton?.addEventListener("click", () => {
  const names = Object.keys(THEMES)
  const next = names[(names.indexOf(showTheme()) + 1) % names.length]
  if (next === "auto") {
    delete document.documentElement.dataset.theme
    localStorage.removeItem("theme")
  } else {
    document.documentElement.dataset.theme = next
    localStorage.setItem("theme", next)
  }
  showTheme()
})
if (themeButton) showTheme()

// ── Printing ────────────────────────────────────────────────────────────────────

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print()
})
