// The examples of the API: the language that was chosen in one is shown in all, and is
// remembered. The index marks the section in sight. Without it each example opens alone.

const KEY = "language"

function show(language) {
  const found = document.querySelectorAll(`details[data-language="${CSS.escape(language)}"]`)
  found.forEach((one) => { one.open = true }) // the others of its example close by themselves
}

function remembered() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // Storage is forbidden in this browser.
  }
}

document.addEventListener("click", (event) => {
  const summary = event.target.closest("details[data-language] > summary")
  if (!summary) return
  event.preventDefault() // an open one stays open
  const { language } = summary.parentElement.dataset
  const before = summary.getBoundingClientRect().top
  show(language)
  // The examples above have other heights now; what was pressed stays where it was.
  scrollBy({ top: summary.getBoundingClientRect().top - before, behavior: "instant" })
  try {
    localStorage.setItem(KEY, language)
  } catch {
    // It is chosen for this page, then.
  }
})

// An answer of the form that tries a call brings new examples.
document.addEventListener("htmx:afterSettle", () => show(remembered() || ""))
show(remembered() || "")

// ── The index ───────────────────────────────────────────────────────────────────

const links = new Map()
for (const link of document.querySelectorAll("[data-index] a")) {
  const section = document.querySelector(link.hash)
  if (section) links.set(section, link)
}
const inSight = new Set()
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) inSight.add(entry.target)
    else inSight.delete(entry.target)
  }
  const current = [...links.keys()].find((section) => inSight.has(section))
  if (!current) return
  for (const [section, link] of links) {
    if (section === current) link.setAttribute("aria-current", "true")
    else link.removeAttribute("aria-current")
  }
  const index = links.get(current).closest("[data-index]")
  const link = links.get(current).offsetTop
  if (link < index.scrollTop || link > index.scrollTop + index.clientHeight - 60) {
    index.scrollTop = link - index.clientHeight / 2
  }
}, { rootMargin: "0px 0px -60% 0px" })
links.keys().forEach((section) => watch.observe(section))
