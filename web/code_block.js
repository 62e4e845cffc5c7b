// A block of code: its language, a copy button, and colours from highlight.js, which is fetched with the first block.
import { copy_button } from "./copy.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";
import { clean_spans } from "./sanitize.js";

const kFolder = "./vendor/highlightjs-11.12.0";
const kMaxColoured = 40_000; // characters
const kLanguages = ("bash c cpp css diff dockerfile go ini java javascript json makefile markdown python rust sql " +
  "typescript xml yaml").split(" ");
const kAliases = {
  "c++": "cpp", cc: "cpp", console: "bash", conf: "ini", docker: "dockerfile", golang: "go", h: "c", hpp: "cpp",
  html: "xml", js: "javascript", jsx: "javascript", make: "makefile", md: "markdown", patch: "diff", py: "python",
  python3: "python", rs: "rust", sh: "bash", shell: "bash", svg: "xml", toml: "ini", ts: "typescript",
  tsx: "typescript", yml: "yaml", zsh: "bash",
};

let library = null; // of highlight.js, once it is here
const grammars = new Map(); // language -> promise

function load(language) {
  if (!grammars.has(language)) {
    const files = [import(`${kFolder}/core.min.js`), import(`${kFolder}/languages/${language}.min.js`)];
    const loading = Promise.all(files).then(([core, grammar]) => {
      library = core.default;
      library.registerLanguage(language, grammar.default);
    });
    grammars.set(language, loading);
  }
  return grammars.get(language);
}

function colour(code, text, language) {
  code.replaceChildren(clean_spans(library.highlight(text, { language, ignoreIllegals: true }).value));
}

export function make_code_block(text, named) {
  const code = make("code", { class: "code-text" }, text);
  const label = named.slice(0, 24);
  const head = make("div", { class: "code-head" }, make("span", {}, label), copy_button(() => text));
  const name = label ? t("code_of", { language: label }) : t("code");
  const block = make("div", { class: "code", dir: "ltr" }, head,
    make("pre", { tabindex: "0", role: "region", "aria-label": name }, code));
  const language = kAliases[named.toLowerCase()] ?? named.toLowerCase();
  if (!kLanguages.includes(language) || text.length > kMaxColoured) return block;
  if (library?.getLanguage(language)) colour(code, text, language);
  else load(language).then(() => colour(code, text, language)).catch(() => {}); // plain code is fine too
  return block;
}
