// Reads an answer out in whole sentences, a few seconds apart: a screen reader that hears each token is of no use.
import { find } from "./dom.js";
import { t } from "./i18n.js";

const kPauseMs = 4000;

export class Announcer {
  #n_said = 0;
  #last_ms = 0;

  // `text`: what stands there already.
  start(text) {
    this.#n_said = text.length;
    this.#last_ms = performance.now();
    say(t("answering"));
  }

  // `text`: the whole answer so far.
  follow(text) {
    if (performance.now() - this.#last_ms < kPauseMs) return;
    const rest = text.slice(this.#n_said);
    const sentences = /^[\s\S]*[.!?\u2026\u3002\n](?=\s|$)/.exec(rest);
    if (!sentences) return;
    this.#say(sentences[0]);
  }

  // `how` it ended, in words; null where something else says it.
  end(text, how) {
    const rest = text.slice(this.#n_said);
    if (rest.trim()) this.#say(rest);
    if (how) say(how);
  }

  #say(text) {
    this.#n_said += text.length;
    this.#last_ms = performance.now();
    say(text.replace(/[*_`#|]+/g, " "));
  }
}

function say(text) {
  const region = find("announcer");
  const line = document.createElement("p");
  line.textContent = text;
  region.append(line);
  while (region.childElementCount > 8) region.firstChild.remove();
}
