// Typing @ and two letters suggests accounts, as the networks of the chosen profiles know them.
import { Beginnings, suggestedBy } from "../shared/beginnings.js";

const WAIT_MS = 250, LETTERS_MIN = 2;
const BEGINNING = /(^|[\s(])@([\p{L}\p{N}_.@-]{2,60})$/u;

export class Suggestions extends Beginnings {
  constructor(composer) {
    super({
      box: composer.querySelector("#suggestions"), within: composer, fields: "textarea[data-suggest]",
      pattern: BEGINNING, wait: WAIT_MS, least: LETTERS_MIN,
      find: async (field, asked) => (await Promise.all(this.addresses(field).map((address) => suggestedBy(address, asked, "accounts")))).flat(),
      line: (account) => ({ taken: account.handle, name: account.name || account.handle, more: `@${account.handle}` }),
    });
    this.composer = composer;
  }
  // the networks that this text goes to, each asked once
  addresses(field) {
    const own = field.dataset.suggest, found = new Map();
    for (const n of this.composer.querySelectorAll("[data-mentions]:checked")) if (!own || n.dataset.net === own) found.set(n.dataset.net, n.dataset.mentions);
    return [...found.values()];
  }
}
