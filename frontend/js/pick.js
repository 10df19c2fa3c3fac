// A long list of checkboxes, found by typing and chosen by whole groups. Without scripts it is a long list.
// Markup: <pick-list data-search="id of the search" data-count="id of the number">, in it groups [data-group] with an
// optional button[data-all], in them labels [data-words="words to search"] with a checkbox; [data-none] when none is found.
class PickList extends HTMLElement {
  connectedCallback() {
    this.labels = [...this.querySelectorAll("[data-words]")];
    const search = document.getElementById(this.dataset.search);
    search?.closest("[hidden]")?.removeAttribute("hidden");
    search?.addEventListener("input", () => this.filter(search.value));
    search?.addEventListener("keydown", (e) => { if (e.key === "Enter") e.preventDefault(); });
    this.querySelectorAll("button[data-all]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => this.toggle(button.closest("[data-group]")));
    });
    this.addEventListener("change", () => this.count());
    this.count();
  }
  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const label of this.labels) {
      const has = label.dataset.words.toLowerCase();
      label.hidden = !words.every((word) => has.includes(word));
    }
    this.querySelectorAll("[data-group]").forEach((group) => {
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    });
    const none = this.querySelector("[data-none]");
    if (none) none.hidden = this.labels.some((label) => !label.hidden);
  }
  toggle(group) {
    const boxes = [...group.querySelectorAll("[data-words]:not([hidden]) input")];
    const checked = !boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = checked; });
    this.count();
  }
  count() {
    const number = document.getElementById(this.dataset.count);
    if (number) number.textContent = this.querySelectorAll("input:checked").length;
  }
}
customElements.define("pick-list", PickList);
