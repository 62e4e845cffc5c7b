// The page's language: texts by key, numbers, and the static texts of index.html.
import en from "./lang/en.js";
import ru from "./lang/ru.js";

const kLanguages = { en, ru };
let language = "en";

export const languages = () => Object.entries(kLanguages).map(([code, texts]) => [code, texts.name]);

// `wish`: a code, or "" for the first language of the browser that is known here.
export function choose_language(wish) {
  const wishes = wish ? [wish] : (navigator.languages ?? [navigator.language]);
  const codes = wishes.map((tag) => tag.toLowerCase().split("-")[0]);
  language = codes.find((code) => code in kLanguages) ?? "en";
  document.documentElement.lang = language;
  translate(document);
}

// The text of `key`, with {name} filled from `values`; examples are an array.
export function t(key, values = {}) {
  const text = kLanguages[language][key] ?? en[key] ?? key;
  if (typeof text !== "string") return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

// Fills data-t (text), data-t-label (label and tooltip) and data-t-placeholder below `root`.
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    const label = t(element.dataset.tLabel);
    element.setAttribute("aria-label", label);
    if (element.tagName === "BUTTON") element.title = label;
  }
  for (const element of root.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
}
