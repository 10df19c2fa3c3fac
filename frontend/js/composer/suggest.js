// Typing @ and two letters suggests accounts, as the networks of the chosen profiles know them: arrows
// choose, Enter or Tab takes, Escape leaves; without an answer a mention stays what was typed.
const WAIT_MS = 250, LETTERS_MIN = 2;
const BEGINNING = /(^|[\s(])@([\p{L}\p{N}_.@-]{2,60})$/u;

export class Suggestions {
  constructor(composer) {
    this.composer = composer;
    this.box = composer.querySelector("#suggestions");
    composer.addEventListener("input", (e) => { if (e.target.matches("textarea[data-suggest]")) this.look(e.target); });
    composer.addEventListener("keydown", (e) => this.key(e), true);
    composer.addEventListener("focusout", (e) => { if (e.target === this.field && !this.box.contains(e.relatedTarget)) this.close(); });
    this.box.addEventListener("pointerdown", (e) => { e.preventDefault(); const one = e.target.closest("[role=option]"); if (one) this.take(one); });
  }
  beginning(field) {
    if (field.selectionStart !== field.selectionEnd) return "";
    return field.value.slice(0, field.selectionStart).match(BEGINNING)?.[2] ?? "";
  }
  // the networks that this text goes to
  addresses(field) {
    const own = field.dataset.suggest, found = new Map();
    for (const n of this.composer.querySelectorAll("[data-mentions]:checked")) if (!own || n.dataset.net === own) found.set(n.dataset.net, n.dataset.mentions);
    return [...found];
  }
  look(field) {
    clearTimeout(this.timer);
    const asked = this.beginning(field), addresses = this.addresses(field);
    if (asked.length < LETTERS_MIN || !addresses.length) return this.close();
    this.timer = setTimeout(async () => {
      const answers = await Promise.all(addresses.map(async ([net, address]) => {
        try {
          const answer = await fetch(`${address}?q=${encodeURIComponent(asked)}`);
          return answer.ok ? (await answer.json()).accounts.map((one) => ({ ...one, net })) : [];
        } catch { return []; }
      }));
      if (this.beginning(field) === asked && document.activeElement === field) this.open(field, answers.flat());
    }, WAIT_MS);
  }
  open(field, accounts) {
    if (!accounts.length) return this.close();
    this.field = field;
    this.box.replaceChildren(...accounts.map((one, i) => {
      const line = Object.assign(document.createElement("div"), { id: `suggestion-${i}`, role: "option" });
      line.setAttribute("role", "option");
      line.dataset.handle = one.handle;
      const name = document.createElement("b"), handle = document.createElement("span");
      name.textContent = one.name || one.handle; handle.textContent = `@${one.handle}`;
      line.append(name, handle);
      return line;
    }));
    this.box.showPopover();
    const around = field.getBoundingClientRect();
    this.box.style.left = `${Math.max(8, around.left + 12)}px`;
    this.box.style.top = `${Math.min(innerHeight - this.box.offsetHeight - 8, around.top + Math.min(around.height, 96))}px`;
    field.setAttribute("aria-controls", "suggestions"); field.setAttribute("aria-haspopup", "listbox"); field.setAttribute("aria-autocomplete", "list");
    this.choose(0);
  }
  choose(i) {
    const all = [...this.box.children];
    this.at = (i + all.length) % all.length;
    all.forEach((n, at) => n.setAttribute("aria-selected", String(at === this.at)));
    this.field.setAttribute("aria-activedescendant", all[this.at].id);
    all[this.at].scrollIntoView({ block: "nearest" });
  }
  get isOpen() { return this.box.matches(":popover-open"); }
  key(e) {
    if (!this.isOpen || e.target !== this.field) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); this.choose(this.at + (e.key === "ArrowDown" ? 1 : -1)); }
    else if (e.key === "Enter" || e.key === "Tab") { e.preventDefault(); this.take(this.box.children[this.at]); }
    else if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); this.close(); }
  }
  take(line) {
    const field = this.field, end = field.selectionStart, begin = end - this.beginning(field).length;
    field.setRangeText(`${line.dataset.handle} `, begin, end, "end");
    this.close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  close() {
    clearTimeout(this.timer);
    if (this.isOpen) this.box.hidePopover();
    if (this.field) for (const name of ["aria-controls", "aria-activedescendant", "aria-haspopup", "aria-autocomplete"]) this.field.removeAttribute(name);
    this.field = undefined;
  }
}
