// Loaded on every page. Keep it small: htmx plus behaviour that HTML does not have yet.
import htmx from "htmx.org";

// Trusted Types: server HTML may be parsed (htmx), but strings never become scripts or script URLs.
window.trustedTypes?.createPolicy("default", { createHTML: (s) => s });

// -- toasts: Django's messages are in the page; htmx answers send `HX-Trigger: {"toast": {"text": "...", "tone": "ok"}}`
const ERROR_STAYS = "bad", QUIET_MS = 6000;
const template = () => document.getElementById("toast-template");
function live(node) {
  const button = node.querySelector("[data-close]");
  button.hidden = false;
  button.addEventListener("click", () => node.remove());
  if (node.dataset.tone !== ERROR_STAYS) setTimeout(() => node.remove(), QUIET_MS);
}
export function toast({ text, tone = "ok" }) {
  const node = template().content.firstElementChild.cloneNode(true);
  node.querySelector("[data-text]").textContent = text;
  node.dataset.tone = tone;
  document.getElementById("toasts").append(node);
  live(node);
}
document.querySelectorAll("#toasts > .toast").forEach(live);
document.addEventListener("toast", (e) => toast(e.detail));

// -- refusals and errors are not swapped (see htmx-config in components/head.html), except 422 = form with errors.
// A signed-out person gets 401 with HX-Redirect, which htmx follows; the toast says why meanwhile.
const SENTENCE = { 401: "signin", 403: "denied", 429: "busy" };
function reason(response) {
  const text = response.headers?.get?.("X-Reason");
  // header values are ASCII, so the server percent-encodes them
  try { return text && decodeURIComponent(text); } catch { return text; }
}
document.addEventListener("htmx:response:error", (e) => {
  const response = e.detail.ctx.response;
  if (response.status === 422) return;
  toast({ text: reason(response) || template().dataset[SENTENCE[response.status] ?? "failed"], tone: "bad" });
});
document.addEventListener("htmx:error", (e) => { if (!e.detail?.ctx?.response) toast({ text: template().dataset.offline, tone: "bad" }); });

// -- a form that came back with errors: focus the first field that is wrong
const firstWrong = (box) => box.querySelector?.('[aria-invalid="true"]')?.focus();
firstWrong(document);
document.addEventListener("htmx:after:swap", (e) => firstWrong(e.target));

// -- on a phone a strip of tabs may be wider than the page: the tab one is on is in sight
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;

// -- arrow keys inside popover menus and tab strips
document.addEventListener("keydown", (e) => {
  const box = e.target.closest?.(".menu, .tabs, [data-arrows]");
  if (!box || !["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(e.key)) return;
  if (e.target.matches("input:not([type=checkbox],[type=radio]), textarea, select")) return;
  const items = [...box.querySelectorAll("a, button:not(:disabled)")].filter((n) => n.offsetParent);
  const i = items.indexOf(e.target);
  const j = e.key === "Home" ? 0 : e.key === "End" ? items.length - 1 : i + (["ArrowDown", "ArrowRight"].includes(e.key) ? 1 : -1);
  items[(j + items.length) % items.length]?.focus();
  e.preventDefault();
});
// -- open menus put focus on their first item; "/" focuses the page's search
document.addEventListener("toggle", (e) => { if (e.newState === "open" && e.target.matches(".menu")) e.target.querySelector("a, button")?.focus(); }, true);
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.metaKey || e.ctrlKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
  const s = document.querySelector("main input[type=search]");
  if (s) { e.preventDefault(); s.focus(); }
});
// -- a new person's time zone is the device's; accounts/forms.py checks it
document.querySelectorAll("[data-device-time-zone]").forEach((n) => { n.value = Intl.DateTimeFormat().resolvedOptions().timeZone; });
// -- <button data-copy="text" data-copied="sentence">; without the right to the clipboard the text is selected instead
document.addEventListener("click", async (e) => {
  const b = e.target.closest?.("[data-copy]");
  if (!b) return;
  try {
    await navigator.clipboard.writeText(b.dataset.copy);
    toast({ text: b.dataset.copied });
  } catch { getSelection().selectAllChildren(b.parentElement.querySelector("code")); }
});
// -- warn before leaving with unsaved changes: <form data-guard data-dirty>
addEventListener("beforeunload", (e) => { if (document.querySelector("[data-guard][data-dirty]")) e.preventDefault(); });
// -- the bell is asked for its number once a minute, while somebody may be looking; what goes wrong there bothers nobody
const BELL_MS = 60_000;
let bellAt = Date.now();
async function lookAtBell() {
  const bells = document.querySelectorAll("[data-bell]");
  if (!bells.length || document.hidden || Date.now() - bellAt < BELL_MS) return;
  bellAt = Date.now();
  try {
    const answer = await fetch(bells[0].dataset.bell, { headers: { "X-Requested-With": "fetch" } });
    if (answer.status !== 200 || answer.redirected) return;
    const number = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    bells.forEach((bell) => bell.replaceChildren(...number.cloneNode(true).childNodes));
  } catch { /* offline: the next minute asks again */ }
}
setInterval(lookAtBell, BELL_MS / 4);
document.addEventListener("visibilitychange", lookAtBell);
// -- <button command commandfor> for browsers before Safari 26.2 / Firefox 144
if (!("command" in HTMLButtonElement.prototype)) document.addEventListener("click", (e) => {
  const b = e.target.closest?.("button[commandfor]"), d = b && document.getElementById(b.getAttribute("commandfor"));
  if (d) ({ "show-modal": () => d.showModal(), close: () => d.close() })[b.getAttribute("command")]?.();
});
