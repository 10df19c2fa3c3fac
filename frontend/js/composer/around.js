// What stands around the chosen time: its week in [data-around-week], and in [data-around-free] when the queues of the
// chosen profiles are free. button[data-set-time] puts that time into the field.
const PAUSE_MS = 250;

export class Around {
  constructor(composer) {
    this.composer = composer;
    this.when = composer.form.elements.when;
    this.shown = this.asked;
    composer.addEventListener("click", (e) => {
      const set = e.target.closest("[data-set-time]");
      if (!set) return;
      this.when.value = set.dataset.setTime;
      this.when.focus();
      this.when.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  get asked() {
    const asked = new URLSearchParams({ when: this.when.value });
    for (const n of this.composer.querySelectorAll("[data-net]:checked")) asked.append("profile", n.value);
    return asked.toString();
  }
  soon() {
    clearTimeout(this.timer);
    if (this.asked !== this.shown) this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }
  async look() {
    const asked = this.asked;
    try {
      const answer = await fetch(`${this.composer.dataset.around}?${asked}`);
      if (!answer.ok) return;
      const said = await answer.json();
      if (asked !== this.asked) return;
      this.shown = asked;
      put(this.composer.querySelector("[data-around-week]"), said.week);
      put(this.composer.querySelector("[data-around-free]"), said.free);
    } catch { /* without connection the week stays as it was */ }
  }
}

function put(box, html) { box.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes); }
