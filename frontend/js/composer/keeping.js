// Nothing typed is lost: it is kept on the server a moment after a pause, and in this browser while there is no
// connection. The same answer says what the networks would refuse, and who else has the post open.
const PAUSE_MS = 800, HERE_MS = 20000, STORE = "chorus-writing:";
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "act", "remove", "pictures"]);

export class Keeping {
  constructor(composer) {
    this.composer = composer;
    this.form = composer.form;
    this.kept = document.querySelector("[data-kept]");
    this.place = `${STORE}${composer.dataset.person}:${location.pathname}`; // a browser may have several people
    this.takeUp();
    setInterval(() => { if (!document.hidden) this.tell(false); }, HERE_MS);
    addEventListener("online", () => { if (this.isLost) this.tell(true); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && this.timer) { clearTimeout(this.timer); this.tell(true); } });
    this.form.addEventListener("submit", () => { clearTimeout(this.timer); this.isSubmitted = true; });
    this.tell(false);
  }
  soon() { clearTimeout(this.timer); this.timer = setTimeout(() => this.tell(true), PAUSE_MS); }
  typed() { return [...new FormData(this.form)].filter(([name, value]) => !NOT_KEPT.has(name) && typeof value === "string"); }
  async tell(hasTyped) {
    if (this.isSubmitted) return;
    this.timer = undefined;
    const number = this.number = (this.number ?? 0) + 1;
    const fields = this.typed(), body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    if (hasTyped || this.isLost) body.append("is_typed", "1");
    if (hasTyped && !this.isLost) this.say(this.composer.dataset.keeping);
    try {
      const answer = await fetch(this.composer.dataset.keep, { method: "POST", body, keepalive: document.hidden, headers: { "X-CSRFToken": this.composer.value("csrfmiddlewaretoken") } });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      if (this.isLost || hasTyped) this.forget();
      this.isLost = false;
      if (number === this.number) this.show(said);
    } catch {
      if (hasTyped || this.isLost) this.lose(fields);
    }
  }
  show(said) {
    if (said.saved) { this.say(said.saved); delete this.form.dataset.dirty; }
    const company = this.composer.querySelector("[data-company]");
    if (company.querySelector("span").textContent !== said.company) company.querySelector("span").textContent = said.company;
    company.hidden = !said.company;
    for (const [net, part] of Object.entries(said.networks)) {
      replace(this.composer.querySelector(`[data-problems-of="${net}"]`), part.problems);
      replace(this.composer.querySelector(`[data-links-of="${net}"] > ul`), part.links);
    }
    const sent = this.composer.querySelector("[data-sent-links]");
    if (sent) sent.hidden = ![...sent.querySelectorAll("[data-links-of]")].some((n) => !n.hidden && n.querySelector("code"));
  }
  say(words) { if (this.kept && words) this.kept.textContent = words; }
  // no connection: this browser keeps it until there is one
  lose(fields) {
    this.isLost = true;
    try { localStorage.setItem(this.place, JSON.stringify({ fields })); } catch { return; }
    this.say(this.composer.dataset.lost);
    this.form.dataset.dirty = "";
  }
  forget() { try { localStorage.removeItem(this.place); } catch { /* a browser without a store */ } }
  // what this browser kept is put back into the fields that are there
  takeUp() {
    let stored;
    try { stored = JSON.parse(localStorage.getItem(this.place)); } catch { return; }
    if (!stored) return;
    const here = new Set(["version", "form_key", "writing", "post", "when_before", "media"]), values = new Map();
    for (const [name, value] of stored.fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (!field.name || here.has(field.name) || NOT_KEPT.has(field.name) || field.type === "file" || field.tagName === "BUTTON") continue;
      const given = values.get(field.name) ?? [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
      else if (given.length) field.value = given[0];
    }
    const key = values.get("writing")?.[0];
    for (const name of ["writing", "form_key"]) if (key && this.form.elements[name]) this.form.elements[name].value = key;
    this.isLost = true;
    this.form.dataset.dirty = "";
    this.say(this.composer.dataset.restored);
    this.composer.render();
  }
}

function replace(box, html) {
  if (!box || box.dataset.last === html) return;
  box.dataset.last = html;
  box.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
}
