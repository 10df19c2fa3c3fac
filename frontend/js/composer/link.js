// The preview of the first link, fetched by our server, and the tracking that links get as they go out.
import { LINK } from "./measure.js";

const WAIT_MS = 900, PREFIX = "utm_", NAMES = ["source", "medium", "campaign", "content"], MEDIUM = "social";

export class Link {
  constructor(composer) {
    this.composer = composer;
    this.box = composer.querySelector("[data-link]");
    if (!this.box) return;
    this.state = this.box.querySelector("[data-link-state]");
    this.box.querySelector("[data-link-tools]").hidden = false;
    this.dropped = new Set(); // addresses whose preview somebody took away
    this.box.querySelector("[data-link-fetch]").addEventListener("click", () => this.fetch(this.field("url").value || this.first()));
    this.box.querySelector("[data-link-drop]").addEventListener("click", () => this.drop());
    composer.addEventListener("input", (e) => { if (e.target === composer.text) this.look(); });
    this.box.querySelector("[name=tracking]").addEventListener("change", () => this.showValues());
    this.showValues();
  }
  field(name) { return this.box.querySelector(`[name=link_${name}]`); }
  first() { return this.composer.text.value.match(LINK)?.[0] ?? ""; }
  hasFiles() { return !!this.composer.querySelector("[data-picture-list] > [data-picture]"); }
  // a link that was typed gets its preview by itself; not beside pictures, which networks show instead of it
  look() {
    clearTimeout(this.timer);
    const url = this.first();
    if (!url || this.field("url").value || this.dropped.has(url) || this.hasFiles()) return;
    this.timer = setTimeout(() => { if (this.first() === url && !this.field("url").value) this.fetch(url, true); }, WAIT_MS);
  }
  async fetch(url, isByItself = false) {
    if (!url) { this.field("url").focus(); return; }
    this.state.textContent = this.state.dataset.busy;
    let problem = "";
    try {
      const body = new FormData();
      body.append("url", url);
      const answer = await fetch(this.box.dataset.linkTo, { method: "POST", body, headers: { "X-CSRFToken": this.composer.value("csrfmiddlewaretoken") } });
      const said = await answer.json();
      if (answer.ok && !said.problem) {
        this.field("url").value = said.url; this.field("title").value = said.title; this.field("description").value = said.description;
        this.isByItself = isByItself;
        this.composer.changed();
      } else problem = said.problem ?? this.state.dataset.failed;
    } catch { problem = this.state.dataset.failed; }
    if (problem && isByItself) this.dropped.add(url);
    this.state.textContent = problem;
  }
  drop() {
    this.dropped.add(this.field("url").value); this.dropped.add(this.first());
    for (const name of ["url", "title", "description"]) this.field(name).value = "";
    this.state.textContent = "";
    this.composer.changed();
  }
  // a preview nobody asked for gives way to pictures
  filesCame() { if (this.box && this.isByItself && this.hasFiles()) this.drop(); }
  showValues() { this.box.querySelector("[data-tracking]").hidden = this.box.querySelector("[name=tracking]").value !== "on"; }
  // the text as it goes out, for counting; the server says the same with the links it answers
  sent(text, net) {
    if (!this.box || this.box.querySelector("[name=tracking]").value !== "on") return text;
    const typed = (name) => this.box.querySelector(`[name=${PREFIX}${name}]`).value.trim();
    const usual = { source: net, medium: MEDIUM };
    const added = NAMES.map((name) => [name, typed(name) || usual[name]]).filter(([, v]) => v).map(([name, v]) => `${PREFIX}${name}=${encodeURIComponent(v).replace(/%20/g, "+")}`).join("&");
    return text.replace(LINK, (url) => {
      const [, address, fragment] = url.match(/^([^#]*)(#.*)?$/), query = address.split("?")[1];
      if (query?.split("&").some((pair) => pair.toLowerCase().startsWith(PREFIX))) return url;
      return `${address}${query === undefined ? "?" : "&"}${added}${fragment ?? ""}`;
    });
  }
}
