// <emoji-picker>: names in the page's language, loaded when first opened
const COLUMNS = 8, SHOWN = 160, FOUND = 120;

class EmojiPicker extends HTMLElement {
  connectedCallback() { this.closest("[popover]").addEventListener("toggle", (e) => { if (e.newState === "open") this.load(); }); }
  async load() {
    const search = this.querySelector("input"), grid = this.querySelector("[data-grid]");
    if (!this.data) {
      this.data = await (await fetch(this.dataset.src)).json();
      search.addEventListener("input", (e) => { e.stopPropagation(); this.draw(search.value.toLowerCase()); });
      search.addEventListener("change", (e) => e.stopPropagation());
      search.addEventListener("keydown", (e) => {
        if (e.key === "ArrowDown") { e.preventDefault(); grid.firstElementChild?.focus(); }
        if (e.key === "Enter") { e.preventDefault(); grid.firstElementChild?.click(); }
      });
      grid.addEventListener("click", (e) => { const b = e.target.closest("button"); if (b) { this.closest("[popover]").hidePopover(); document.querySelector("post-composer").dispatchEvent(new CustomEvent("emoji", { detail: b.textContent })); } });
      grid.addEventListener("keydown", (e) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[e.key]; if (!step) return;
        const all = [...grid.children], next = all[all.indexOf(document.activeElement) + step];
        if (next) { document.activeElement.tabIndex = -1; next.tabIndex = 0; next.focus(); } else if (e.key === "ArrowUp") search.focus();
        e.preventDefault();
      });
    }
    this.draw(search.value.toLowerCase()); search.focus();
  }
  draw(q) {
    // the name itself before names that begin so, names before mere keywords
    const rank = ([, name, tags]) => name === q ? 0 : name.startsWith(q) ? 1 : name.includes(q) ? 2 : tags.includes(q) ? 3 : 9;
    const hits = q ? this.data.map((e) => [rank(e), e]).filter(([r]) => r < 9).sort((a, b) => a[0] - b[0]).map(([, e]) => e).slice(0, FOUND) : this.data.slice(0, SHOWN);
    this.querySelector("[data-grid]").replaceChildren(...hits.map(([c, l], i) => { const b = document.createElement("button"); b.type = "button"; b.textContent = c; b.title = l; b.setAttribute("aria-label", l); b.tabIndex = i ? -1 : 0; return b; }));
    this.querySelector("[data-none]").hidden = hits.length > 0;
  }
}
customElements.define("emoji-picker", EmojiPicker);
