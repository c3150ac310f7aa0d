// Nothing that somebody typed is lost without a word: not by Esc, ✕ or a press beside the
// dialog, not by leaving the page, not by a session that ended, not by a new fragment.
// panel.js is loaded after this file and uses its functions.

const loginNote = document.getElementById("session-ended")
const loginPath = loginNote.content.querySelector("a").getAttribute("href")
let beingSent = null // the form whose submit leaves the page

function controlsOf(form) {
  return [...form.elements].filter((control) =>
    control.name && control.matches("input:not([type=hidden]), select, textarea"))
}

function differs(control) {
  if (control.matches("[type=checkbox], [type=radio]")) {
    return control.checked !== control.defaultChecked
  }
  if (control.matches("select")) {
    const first = [...control.options].findIndex((option) => option.defaultSelected)
    return control.selectedIndex !== Math.max(first, 0)
  }
  return control.value !== control.defaultValue
}

// A form that was refused (data-refused) came back with the typed text as its own.
function isUnsaved(form) {
  const controls = controlsOf(form)
  return controls.some(differs) || (controls.length > 0 && "refused" in form.dataset)
}

// A form that says what its first change does; what is apart does not count.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    const form = target.form?.closest("[data-marks-change]")
    const counts = (control) => !control.closest(".apart") && differs(control)
    form?.toggleAttribute("data-changed", controlsOf(form).some(counts))
  })
}

function unsavedIn(place) {
  return [...place.querySelectorAll("form[method=post]")].filter(isUnsaved)
}

// ── Leaving the page ────────────────────────────────────────────────────────────

addEventListener("beforeunload", (event) => {
  if (unsavedIn(document).some((form) => form !== beingSent)) event.preventDefault()
})
addEventListener("pageshow", () => { beingSent = null })

document.addEventListener("submit", (event) => {
  // HTMX has prevented the default of those that it sends.
  if (!event.defaultPrevented && event.target.method === "post") beingSent = event.target
})

// ── A session that ended, or began anew in another tab ──────────────────────────

// A log-in changes the CSRF token: a form sends the one of the cookie, not an old one.
document.addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)
  if (field && cookie) field.value = cookie[1]
}, true)

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail
  document.querySelector("[data-session-ended]")?.remove()
  const to = xhr.getResponseHeader("HX-Redirect")
  if (!to) return
  const forms = unsavedIn(document)
  if (new URL(to, location).pathname === loginPath && forms.length) {
    // The window would move to the log-in, and the text would be gone.
    event.preventDefault()
    event.detail.stays = true
    const form = requestConfig.elt.closest("form[method=post]") || forms[0]
    const last = form.querySelector("footer") || form.lastElementChild
    last.before(loginNote.content.cloneNode(true))
  } else {
    beingSent = requestConfig.elt.closest("form")
  }
})

// ── A fragment that is replaced ─────────────────────────────────────────────────

let kept = [] // what other forms in the replaced fragment contained

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail
  if (!shouldSwap || target.id === "dialog") return
  const sent = requestConfig.elt.closest("form")
  kept = unsavedIn(target).filter((form) => form !== sent).flatMap((form) =>
    controlsOf(form).filter(differs).map((control) => ({
      action: form.getAttribute("action"), name: control.name,
      value: control.value, checked: control.checked,
    })))
})

document.addEventListener("htmx:afterSwap", () => {
  for (const { action, name, value, checked } of kept) {
    const form = document.querySelector(`form[action="${CSS.escape(action)}"]`)
    const control = form?.elements[name]
    if (!(control instanceof Element)) continue
    if (control.matches("[type=checkbox]")) control.checked = checked
    else control.value = value
  }
  kept = []
})

// ── Closing the dialog ──────────────────────────────────────────────────────────

// Close the dialog, or ask first if something in it is not saved. `then` runs after it.
function closeIfSaved(dialog, then = () => {}) {
  const [form] = unsavedIn(dialog)
  if (!form) {
    dialog.close()
    return then()
  }
  const asked = dialog.querySelector("[data-unsaved]")
  if (asked) return asked.querySelector("[data-stay]").focus()
  const back = document.activeElement
  const note = document.getElementById("unsaved").content.cloneNode(true).firstElementChild
  form.querySelector("footer").before(note)
  note.addEventListener("click", (event) => {
    if (event.target.closest("[data-stay]")) {
      note.remove()
      back.focus()
    } else if (event.target.closest("[data-discard]")) {
      dialog.close()
      then()
    }
  })
  note.querySelector("[data-stay]").focus()
}
