// Each file goes to the server at once, so that a refused form loses none. What is larger than a part goes in parts:
// a connection that breaks costs one part, and the upload goes on where it was.
const WAIT_MS = [1000, 2000, 5000, 10000, 20000];
const CREATED = 201, CONFLICT = 409, UNPROCESSABLE = 422;

export class Uploads {
  constructor(composer) {
    this.composer = composer;
    this.input = composer.querySelector("[data-upload]");
    this.words = this.input.dataset;
    this.input.addEventListener("change", () => { this.take([...this.input.files]); this.input.value = ""; });
    // a press while a file is still coming in would leave it out
    composer.form.addEventListener("submit", (e) => {
      if (!composer.querySelector("[data-incoming]").children.length) return;
      e.preventDefault(); e.stopImmediatePropagation();
      this.alert([this.words.stillComing]);
    });
    const box = composer.querySelector(".composer-box");
    box.addEventListener("dragover", (e) => { if (e.dataTransfer.types.includes("Files")) e.preventDefault(); });
    box.addEventListener("drop", (e) => { if (e.dataTransfer.files.length) { e.preventDefault(); this.take([...e.dataTransfer.files]); } });
    box.addEventListener("paste", (e) => { if (e.clipboardData.files.length) { e.preventDefault(); this.take([...e.clipboardData.files]); } });
  }
  async take(files) {
    const said = [];
    for (const file of files) {
      const isVideo = file.type.startsWith("video/");
      if (file.size > +(isVideo ? this.words.videoBytesMax : this.words.bytesMax)) { said.push(`${isVideo ? this.words.videoTooLarge : this.words.tooLarge} ${file.name}`); continue; }
      const problem = await this.one(file);
      if (problem) said.push(problem);
    }
    this.alert(said);
    this.composer.link?.filesCame();
    this.composer.changed();
  }
  alert(said) {
    const box = this.composer.querySelector("[data-upload-problem]");
    box.textContent = said.join(" "); box.hidden = !said.length;
  }
  // returns what is wrong, or nothing
  async one(file) {
    const line = this.begin(file), stop = new AbortController();
    line.querySelector("[data-stop]").addEventListener("click", () => stop.abort());
    try {
      const answer = file.size > +this.words.partBytes ? await this.inParts(file, line, stop.signal) : await this.whole(file, stop.signal);
      if (answer.status === CREATED) this.add(await answer.text());
      else return answer.status === UNPROCESSABLE ? (await answer.json()).problem : this.words.failed;
    } catch { return stop.signal.aborted ? "" : this.words.failed; } finally { this.end(line); }
    return "";
  }
  send(address, fields, signal) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return fetch(address, { method: "POST", body, signal, headers: { "X-CSRFToken": this.composer.value("csrfmiddlewaretoken") } });
  }
  whole(file, signal) { return this.send(this.words.upload, { pictures: file }, signal); }
  async inParts(file, line, signal) {
    const begun = await this.patiently(() => this.send(this.words.incomingTo, { filename: file.name, size_bytes: file.size }, signal), line, signal);
    if (begun.status !== CREATED) return begun;
    const { address, part_bytes: size } = await begun.json();
    for (let at = 0; ;) {
      const part = file.slice(at, at + size);
      const isLast = at + part.size >= file.size;
      this.tell(line, at / file.size, isLast ? this.words.looking : "");
      const answer = await this.patiently(() => this.send(address, { offset: at, part: new File([part], "part") }, signal), line, signal);
      if (answer.status === CREATED || answer.status === UNPROCESSABLE) return answer;
      if (!answer.ok && answer.status !== CONFLICT) return answer;
      at = (await answer.json()).received_bytes; // after a lost answer the server knows better
      if (at >= file.size) return new Response(null, { status: 410 });
    }
  }
  // a connection that is gone comes back: try again, later and later
  async patiently(ask, line, signal) {
    for (let i = 0; ; i++) {
      try {
        const answer = await ask();
        if (answer.status < 500 || i >= WAIT_MS.length) return answer;
      } catch (error) { if (signal.aborted || i >= WAIT_MS.length) throw error; }
      this.tell(line, null, this.words.waiting);
      await new Promise((go) => setTimeout(go, WAIT_MS[i]));
    }
  }
  begin(file) {
    const line = this.composer.querySelector("[data-incoming-line]").content.firstElementChild.cloneNode(true);
    line.querySelector("[data-name]").textContent = file.name;
    line.querySelector("progress").setAttribute("aria-label", file.name);
    const list = this.composer.querySelector("[data-incoming]");
    list.append(line); list.hidden = false;
    return line;
  }
  tell(line, share, words) {
    const percent = share === null ? null : Math.round(share * 100);
    if (percent !== null) line.querySelector("progress").value = percent;
    line.querySelector("[data-state]").textContent = words || (percent === null ? "" : `${percent} %`);
  }
  end(line) { const list = line.parentElement; line.remove(); list.hidden = !list.children.length; }
  add(html) {
    const line = new DOMParser().parseFromString(html, "text/html").body.querySelector("[data-picture]");
    this.composer.querySelector("[data-picture-list]").append(line);
    this.composer.crop.offer(line);
    return line;
  }
}
