// Options whose choices the network itself is asked for, once somebody chose the profile: boards, playlists.
export class Choices {
  constructor(composer) {
    this.composer = composer;
    composer.addEventListener("click", (e) => {
      const again = e.target.closest("[data-ask-again]");
      if (again) this.ask(again.closest(".field").querySelector("[data-asked]"));
    });
  }
  show(chosen) {
    const on = new Set(chosen.map((n) => n.value));
    for (const field of this.composer.querySelectorAll("[data-for-profile]")) {
      field.hidden = !on.has(field.dataset.forProfile);
      const select = field.querySelector("[data-asked]");
      if (!field.hidden && !("known" in select.dataset)) this.ask(select);
    }
  }
  async ask(select) {
    const field = select.closest(".field"), state = field.querySelector("[data-asked-state]"), again = field.querySelector("[data-ask-again]");
    select.dataset.known = "";
    state.textContent = state.dataset.busy; again.hidden = true;
    let problem = "", choices = [];
    try {
      const answer = await fetch(select.dataset.asked);
      const said = await answer.json();
      if (answer.ok) choices = said.choices; else problem = said.problem ?? state.dataset.failed;
    } catch { problem = state.dataset.failed; }
    state.textContent = problem || (choices.length ? "" : state.dataset.empty);
    again.hidden = !problem;
    if (problem) return;
    const value = select.value, nothing = select.options[0];
    select.replaceChildren(nothing, ...choices.map(([v, words]) => new Option(words, v, false, v === value)));
    if (select.value !== value) this.composer.changed();
  }
}
