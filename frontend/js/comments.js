// Typing @ in a comment suggests those of the team who can see the post: nobody else can be called on.
// Markup: <comment-box data-people="address">, in it the textarea and [role=listbox][popover]. Without scripts the name
// is typed, and means the same.
import { Beginnings, suggestedBy } from "./shared/beginnings.js";

const WAIT_MS = 120;
const BEGINNING = /(^|[^\p{L}\p{N}_@])@([\p{L}\p{N}_.'’-]*(?: [\p{L}\p{N}_.'’-]+){0,3})$/u;

class CommentBox extends HTMLElement {
  connectedCallback() {
    new Beginnings({
      box: this.querySelector("[role=listbox]"), within: this, fields: "textarea",
      pattern: BEGINNING, wait: WAIT_MS, least: 0,
      find: (_field, asked) => suggestedBy(this.dataset.people, asked, "people"),
      line: (person) => ({ taken: person.name, name: person.name }),
    });
  }
}
customElements.define("comment-box", CommentBox);
