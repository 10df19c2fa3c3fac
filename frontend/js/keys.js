// A key presses the button or follows the link that carries it: <button data-key="k">. Never while something is typed.
document.addEventListener("keydown", (e) => {
  if (e.metaKey || e.ctrlKey || e.altKey || e.repeat || e.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  const wanted = [...document.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key && !node.disabled);
  if (!wanted) return;
  e.preventDefault();
  wanted.click();
});
