// A list of suggestions under a text field, for what begins with @: arrows choose, Enter or Tab takes, Escape leaves.
// The box is a popover with role=listbox; the field says that it has one while it is open. Without an answer nothing
// is in the way: a mention is text, and stays what was typed.
export class Beginnings {
  constructor({ box, within, fields, pattern, wait, least, find, line }) {
    Object.assign(this, { box, pattern, wait, least, find, line });
    within.addEventListener("input", (e) => { if (e.target.matches(fields)) this.look(e.target); });
    within.addEventListener("keydown", (e) => this.key(e), true);
    within.addEventListener("focusout", (e) => { if (e.target === this.field && !this.box.contains(e.relatedTarget)) this.close(); });
    this.box.addEventListener("pointerdown", (e) => { e.preventDefault(); const one = e.target.closest("[role=option]"); if (one) this.take(one); });
  }
  // what stands behind the @ at the caret; null: there is none
  beginning(field) {
    if (field.selectionStart !== field.selectionEnd) return null;
    return field.value.slice(0, field.selectionStart).match(this.pattern)?.[2] ?? null;
  }
  look(field) {
    clearTimeout(this.timer);
    const asked = this.beginning(field);
    if (asked === null || asked.length < this.least) return this.close();
    this.timer = setTimeout(async () => {
      const found = await this.find(field, asked);
      if (this.beginning(field) === asked && document.activeElement === field) this.open(field, found);
    }, this.wait);
  }
  open(field, found) {
    if (!found.length) return this.close();
    this.field = field;
    this.box.replaceChildren(...found.map((one, i) => {
      const line = document.createElement("div"), { taken, name, more } = this.line(one);
      line.id = `${this.box.id}-${i}`;
      line.setAttribute("role", "option");
      line.dataset.taken = taken;
      for (const [tag, words] of [["b", name], ["span", more]]) if (words) line.append(Object.assign(document.createElement(tag), { textContent: words }));
      return line;
    }));
    this.box.showPopover();
    const around = field.getBoundingClientRect();
    this.box.style.left = `${Math.max(8, Math.min(around.left + 12, innerWidth - this.box.offsetWidth - 8))}px`;
    this.box.style.top = `${Math.min(innerHeight - this.box.offsetHeight - 8, around.top + Math.min(around.height, 96))}px`;
    field.setAttribute("aria-controls", this.box.id); field.setAttribute("aria-haspopup", "listbox"); field.setAttribute("aria-autocomplete", "list");
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
    const field = this.field, end = field.selectionStart, begin = end - (this.beginning(field) ?? "").length;
    field.setRangeText(`${line.dataset.taken} `, begin, end, "end");
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

// What an address suggests; an answer that does not come suggests nothing.
export async function suggestedBy(address, asked, under) {
  try {
    const answer = await fetch(`${address}?q=${encodeURIComponent(asked)}`);
    return answer.ok ? (await answer.json())[under] : [];
  } catch { return []; }
}
