// Markdown of a model -> elements. The model is not trusted: its raw HTML is shown as text, what marked makes goes
// through DOMPurify, and no address but a link that is clicked is ever asked for anything.
import { Lexer, Marked } from "./vendor/marked-18.2.1/marked.esm.js";
import { make_code_block } from "./code_block.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";
import { clean_markdown, is_picture } from "./sanitize.js";

const kMaxText = 400_000; // characters; longer texts stay plain, and so do ...
const kMaxBlock = 24_000; // ... longer blocks other than code, and ...
const kMaxMarks = 400; // ... blocks that nest deeper or hold longer runs of brackets than people write
const kPlainTags = /^<\/?(?:b|br|del|em|i|ins|kbd|mark|s|strong|sub|sup|u)\s*\/?>$/i;
const kOdd = new RegExp(`^[ \\t]{200}|(?:^|\\n)(?:[ \\t]*>){40}|(?:[-*+][ \\t]+){40}|[\\[\\]()<*_~\`!]{${kMaxMarks}}`);

const escape_html = (text) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }) => (kPlainTags.test(text.trim()) ? text : escape_html(text)),
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    image({ href, title, text }) {
      if (is_picture(href)) return `<img src="${escape_html(href)}" alt="${escape_html(text)}">`;
      return `<a href="${escape_html(href)}" title="${escape_html(title ?? "")}">${escape_html(text || href)}</a>`;
    },
  },
});

function finish(fragment) {
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    link.title = [link.title, t("links_new_tab")].filter(Boolean).join(": ");
  }
  for (const element of fragment.querySelectorAll("p,li,ul,ol,blockquote,h1,h2,h3,h4,h5,h6,td,th")) element.dir = "auto";
  for (const table of fragment.querySelectorAll("table")) {
    const frame = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": t("table") });
    table.replaceWith(frame);
    frame.append(table);
  }
  return fragment;
}

const plain = (text) => make("p", { class: "plain", dir: "auto" }, text);

function render_block(block, definitions) {
  if (block.type === "code") return make_code_block(block.text, (block.lang ?? "").split(/\s/)[0]);
  if (block.raw.length > kMaxBlock || kOdd.test(block.raw)) return plain(block.raw);
  try {
    return finish(clean_markdown(marked.parse(block.raw + definitions)));
  } catch {
    return plain(block.raw);
  }
}

function split(text) {
  if (text.length > kMaxText || (text.length > kMaxBlock && !/\n\s*\n|```/.test(text))) return [{ type: "plain", raw: text }];
  if (kOdd.test(text)) return [{ type: "plain", raw: text }];
  try {
    return new Lexer(marked.defaults).blockTokens(text, []).filter((block) => block.type !== "space");
  } catch {
    return [{ type: "plain", raw: text }];
  }
}

// Shows a text that grows: blocks that stay the same keep their elements, so a selection in them survives.
export class MarkdownView {
  #blocks = []; // [{raw, element}]
  #definitions = "";

  constructor(element) {
    this.element = element;
  }

  set(text) {
    const blocks = split(text);
    const links = blocks.filter((block) => block.type === "def").map((block) => block.raw);
    const definitions = links.length > 0 ? `\n\n${links.join("\n")}` : "";
    let n_same = 0;
    if (definitions === this.#definitions) {
      while (n_same < blocks.length && this.#blocks[n_same]?.raw === blocks[n_same].raw) ++n_same;
    }
    this.#definitions = definitions;
    for (const gone of this.#blocks.splice(n_same)) gone.element.remove();
    for (const block of blocks.slice(n_same)) {
      const element = make("div", { class: "block" });
      element.append(block.type === "plain" ? plain(block.raw) : render_block(block, definitions));
      this.#blocks.push({ raw: block.raw, element });
      this.element.append(element);
    }
  }
}
