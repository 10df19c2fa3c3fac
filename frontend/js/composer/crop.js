// Cropping: a frame over the picture, dragged, moved by arrow keys, or given as four numbers. The server cuts; the
// original stays there, so the whole picture can come back.
const STEP = 10, SIDE_MIN = 20, NEAR = 0.01, CREATED = 201;

export class Crop {
  constructor(composer) {
    this.composer = composer;
    this.dialog = composer.querySelector("#crop");
    this.whole = this.dialog.querySelector("[data-whole]");
    this.frame = this.dialog.querySelector("[data-frame]");
    this.sides = Object.fromEntries([...this.dialog.querySelectorAll("[data-side]")].map((n) => [n.dataset.side, n]));
    composer.querySelectorAll("[data-picture]").forEach((n) => this.offer(n));
    composer.addEventListener("click", (e) => { const b = e.target.closest("[data-crop-open]"); if (b) this.open(b.closest("[data-picture]"), b); });
    this.whole.addEventListener("load", () => this.begin());
    this.dialog.querySelectorAll("[data-ratio]").forEach((b) => b.addEventListener("click", () => this.shape(b)));
    for (const n of Object.values(this.sides)) n.addEventListener("change", () => this.typed());
    // what is set in here is no change of the post until it is applied
    for (const kind of ["input", "change"]) this.dialog.addEventListener(kind, (e) => e.stopPropagation());
    this.frame.addEventListener("keydown", (e) => this.key(e));
    this.frame.addEventListener("pointerdown", (e) => this.drag(e));
    this.dialog.querySelector("[data-crop-apply]").addEventListener("click", () => this.send(this.box));
    this.dialog.querySelector("[data-crop-undo]").addEventListener("click", () => this.send(null));
    addEventListener("resize", () => { if (this.dialog.open) this.draw(); });
  }
  offer(line) { const b = line.querySelector("[data-crop-open]"); if (b) b.hidden = false; }
  open(line, button) {
    this.line = line; this.button = button;
    this.dialog.querySelector("[data-problem]").hidden = true;
    this.dialog.querySelector("[data-crop-undo]").hidden = !line.dataset.crop;
    const shown = line.querySelector("img"), src = shown.dataset.original ?? shown.getAttribute("src");
    this.dialog.showModal();
    if (this.whole.getAttribute("src") === src) this.begin(); else this.whole.src = src;
  }
  begin() {
    this.width = this.whole.naturalWidth; this.height = this.whole.naturalHeight;
    const [left, top, right, bottom] = this.line.dataset.crop ? this.line.dataset.crop.split(",").map(Number) : [0, 0, this.width, this.height];
    this.box = { left, top, width: right - left, height: bottom - top };
    this.press(this.dialog.querySelector('[data-ratio=""]'));
    this.draw();
    this.frame.focus();
  }
  press(button) {
    this.dialog.querySelectorAll("[data-ratio]").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
    this.ratio = +button.dataset.ratio || null;
  }
  // the largest part of this shape, around the middle of the present one
  shape(button) {
    this.press(button);
    if (this.ratio) {
      const { left, top, width, height } = this.box;
      const w = Math.min(this.width, this.height * this.ratio), h = w / this.ratio;
      this.set({ left: left + width / 2 - w / 2, top: top + height / 2 - h / 2, width: w, height: h });
    }
    this.draw();
  }
  set({ left, top, width, height }) {
    const low = Math.min(SIDE_MIN, this.width, this.height);
    let w = Math.min(Math.max(width, low), this.width), h = Math.min(Math.max(height, low), this.height);
    if (this.ratio) { w = Math.min(w, this.height * this.ratio, this.width); h = w / this.ratio; if (h > this.height) { h = this.height; w = h * this.ratio; } }
    w = Math.round(w); h = Math.round(h);
    this.box = { left: Math.round(Math.min(Math.max(left, 0), this.width - w)), top: Math.round(Math.min(Math.max(top, 0), this.height - h)), width: w, height: h };
  }
  typed() {
    const n = (name) => +this.sides[name].value || 0;
    this.set({ left: n("left"), top: n("top"), width: n("width"), height: n("height") });
    this.draw();
  }
  draw() {
    const scale = this.whole.clientWidth / this.width, { left, top, width, height } = this.box;
    this.frame.style.left = `${this.whole.offsetLeft + left * scale}px`; this.frame.style.top = `${this.whole.offsetTop + top * scale}px`;
    this.frame.style.width = `${width * scale}px`; this.frame.style.height = `${height * scale}px`;
    for (const [name, field] of Object.entries(this.sides)) field.value = this.box[name];
    const ratio = width / height, chosen = new Set([...this.composer.querySelectorAll("[data-net]:checked")].map((n) => n.dataset.net));
    for (const line of this.dialog.querySelectorAll("[data-fit]")) {
      const { low, high, advised } = line.dataset, fits = !(low && ratio < +low * (1 - NEAR)) && !(high && ratio > +high * (1 + NEAR));
      const isBest = !advised || Math.abs(ratio - +advised) <= +advised * NEAR;
      line.hidden = !chosen.has(line.dataset.fit);
      line.querySelector("[data-takes]").hidden = !fits || !isBest;
      line.querySelector("[data-refuses]").hidden = fits;
      line.querySelector("[data-advises]").hidden = !fits || isBest;
    }
  }
  key(e) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (!by) return;
    e.preventDefault();
    const step = Math.max(1, Math.round(Math.max(this.width, this.height) / 100)) * (e.altKey ? 1 : STEP / 5), [x, y] = by;
    if (e.shiftKey) this.set({ ...this.box, width: this.box.width + (x || (this.ratio ? y : 0)) * step, height: this.box.height + y * step });
    else this.set({ ...this.box, left: this.box.left + x * step, top: this.box.top + y * step });
    this.draw();
  }
  drag(e) {
    e.preventDefault();
    this.frame.focus();
    this.frame.setPointerCapture(e.pointerId);
    const from = { ...this.box }, corner = e.target.dataset.corner, scale = this.width / this.whole.clientWidth;
    const move = (m) => {
      const x = (m.clientX - e.clientX) * scale, y = (m.clientY - e.clientY) * scale;
      if (!corner) this.set({ ...from, left: from.left + x, top: from.top + y });
      else {
        const isWest = corner.includes("w"), isNorth = corner.includes("n"), right = from.left + from.width, bottom = from.top + from.height;
        const width = Math.min(Math.max(from.width + (isWest ? -x : x), SIDE_MIN), isWest ? right : this.width - from.left);
        const height = Math.min(Math.max(this.ratio ? width / this.ratio : from.height + (isNorth ? -y : y), SIDE_MIN), isNorth ? bottom : this.height - from.top);
        const w = this.ratio ? Math.min(width, height * this.ratio) : width, h = this.ratio ? w / this.ratio : height;
        this.set({ left: isWest ? right - w : from.left, top: isNorth ? bottom - h : from.top, width: w, height: h });
      }
      this.draw();
    };
    this.frame.addEventListener("pointermove", move);
    this.frame.addEventListener("lostpointercapture", () => this.frame.removeEventListener("pointermove", move), { once: true });
  }
  async send(box) {
    const body = new FormData(), problem = this.dialog.querySelector("[data-problem]");
    body.append("alt_text", this.line.querySelector("input:not([type=hidden])").value);
    if (box) for (const [name, value] of [["left", box.left], ["top", box.top], ["right", box.left + box.width], ["bottom", box.top + box.height]]) body.append(name, value);
    let said = problem.dataset.failed;
    try {
      const answer = await fetch(this.button.dataset.cropTo, { method: "POST", body, headers: { "X-CSRFToken": this.composer.value("csrfmiddlewaretoken") } });
      if (answer.status === CREATED) return this.replace(await answer.text());
      if (answer.status === 422) said = (await answer.json()).problem;
    } catch { /* said below */ }
    problem.textContent = said; problem.hidden = false;
  }
  replace(html) {
    const line = new DOMParser().parseFromString(html, "text/html").body.querySelector("[data-picture]");
    this.line.replaceWith(line);
    this.offer(line);
    this.dialog.close();
    this.composer.changed();
    line.querySelector("[data-crop-open]")?.focus();
  }
}
