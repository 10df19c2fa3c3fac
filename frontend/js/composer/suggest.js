// Typing @ and two letters suggests accounts, as the networks of the chosen profiles know them; typing # and a letter
// suggests hashtags of the organization's lists, which stand in the page as [data-insert-tags].
import { Beginnings, suggestedBy } from "../shared/beginnings.js";

const WAIT_MS = 250, LETTERS_MIN = 2;
const BEGINNING = /(^|[\s(])@([\p{L}\p{N}_.@-]{2,60})$/u, TAG = /(^|[\s(])#([\p{L}\p{N}_]{1,60})$/u, TAGS_SHOWN = 8;

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

export class HashtagSuggestions extends Beginnings {
  constructor(composer) {
    super({
      box: composer.querySelector("#hashtag-suggestions"), within: composer, fields: "textarea[data-suggest]",
      pattern: TAG, wait: 0, least: 1,
      find: (_field, asked) => this.tags.filter(([tag]) => tag.length > asked.length && tag.toLowerCase().startsWith(asked.toLowerCase())).slice(0, TAGS_SHOWN),
      line: ([tag, list]) => ({ taken: tag, name: `#${tag}`, more: list }),
    });
    this.tags = new Map();
    for (const list of composer.querySelectorAll("[data-insert-tags]")) {
      for (const tag of list.dataset.insertTags.split(/\s+/)) this.tags.set(tag.replace(/^#/, ""), list.dataset.name);
    }
    this.tags = [...this.tags];
  }
}
