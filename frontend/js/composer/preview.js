// The previews beside the form: who seems to speak, what he says, the files, the link, the first comment.
export function drawPreviews(composer, chosen, on) {
  for (const el of composer.querySelectorAll("[data-preview]")) {
    const net = el.dataset.preview;
    el.hidden = !on.has(net);
    fill(el.querySelector("[data-body]"), composer.textFor(net));
    dress(composer, el, net, chosen.find((n) => n.dataset.net === net));
  }
  const none = composer.querySelector("[data-preview-none]");
  if (none) none.hidden = on.size > 0;
}

function dress(composer, el, net, profile) {
  const set = (part, value) => { for (const n of el.querySelectorAll(`[data-${part}]`)) if (value !== undefined) n.textContent = value; };
  if (profile) {
    set("name", profile.dataset.name); set("handle", profile.dataset.handle); set("initials", profile.dataset.initials);
    for (const avatar of el.querySelectorAll("[data-initials]")) avatar.className = avatar.className.replace(/tint-\d+/, profile.dataset.tint);
  }
  const option = (name) => composer.value(`option_${net}_${name}`);
  const warning = el.querySelector("[data-warning]"), words = option("spoiler_text");
  if (warning) { warning.hidden = !words; warning.querySelector("span").textContent = words; }
  const title = el.querySelector("[data-title]");
  if (title) { title.textContent = option("title") || title.dataset.empty || ""; title.hidden = !title.textContent; }
  const comment = el.querySelector("[data-comment]"), said = option("first_comment").trim();
  if (comment) { comment.hidden = !said; comment.querySelector("[data-comment-text]").textContent = said; }
  const count = files(composer, el.querySelector("[data-pictures]"));
  const missing = el.querySelector("[data-no-media]");
  if (missing) missing.hidden = count > 0;
  const card = el.querySelector("[data-card]"), url = composer.value("link_url");
  if (card) {
    card.hidden = !url || count > 0;
    set("card-host", url.replace(/^https?:\/\//, "").split("/")[0]);
    set("card-title", composer.value("link_title")); set("card-description", composer.value("link_description"));
  }
}

// what is there already stays: a film that plays goes on playing
function files(composer, box) {
  if (!box) return 0;
  const wanted = [...composer.querySelectorAll("[data-picture-list] > [data-picture]")];
  const present = new Map([...box.children].map((n) => [n.getAttribute("src"), n]));
  const made = wanted.map((line) => {
    const shown = line.querySelector("img, video"), src = shown.getAttribute("src");
    const alt = line.querySelector("input:not([type=hidden])").value;
    const node = present.get(src) ?? (line.dataset.video ? film(src) : Object.assign(document.createElement("img"), { src }));
    if (line.dataset.video) node.setAttribute("aria-label", alt || line.dataset.name); else node.alt = alt;
    return node;
  });
  if (made.length !== box.children.length || made.some((n, i) => box.children[i] !== n)) box.replaceChildren(...made);
  return made.length;
}

function film(src) {
  return Object.assign(document.createElement("video"), { src, controls: true, preload: "metadata", playsInline: true });
}

// data-fold on the body: the network shows so many characters before "more"
function fill(box, value) {
  box.replaceChildren();
  box.classList.toggle("text-subtle", !value);
  const text = value || box.dataset.empty, fold = +box.dataset.fold || Infinity;
  for (const part of text.slice(0, fold).split(/(https?:\/\/[^\s]+|[#@][\p{L}\p{N}_.@-]+)/gu)) {
    if (/^(https?:|[#@].)/.test(part)) { const a = document.createElement("span"); a.className = "text-accent-text"; a.textContent = part.replace(/^https?:\/\//, ""); box.append(a); }
    else box.append(part);
  }
  if (text.length > fold) { const more = document.createElement("span"); more.className = "text-subtle"; more.textContent = " …" + box.dataset.more; box.append(more); }
}
