// Runs before the first paint, so that a chosen theme never flashes the other one.
// Without a choice the page follows the system.
try {
  const chosen = localStorage.getItem("theme")
  if (chosen) document.documentElement.dataset.theme = chosen
} catch {
  // Storage is forbidden in this browser: the system's theme it is.
}
