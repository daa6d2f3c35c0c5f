// Copy and light or dark, as all pages have them.

export function addButtons() {
  for (const button of document.querySelectorAll("button[data-copies]")) {
    const word = button.textContent;
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = word), 2000);
    });
  }
  const dark = document.getElementById("dark"), page = document.documentElement;
  if (!dark) return;
  dark.hidden = false;
  dark.addEventListener("click", () => {
    const now = getComputedStyle(page).getPropertyValue("--theme").trim();
    page.dataset.theme = now === "dark" ? "light" : "dark";
    dispatchEvent(new Event("themechange"));
  });
}
