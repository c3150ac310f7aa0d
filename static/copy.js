// Copies the text of what a button names in data-copy. Without it the text is selected by
// hand. `data-copied`: what the button says afterwards.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]")
  if (!button) return
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent)
  button.querySelector("span").textContent = button.dataset.copied || "Copiada"
})
