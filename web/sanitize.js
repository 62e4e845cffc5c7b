// HTML -> elements that can neither run nor fetch anything. DOMPurify makes the page's only Trusted Types policy.
import "./vendor/dompurify-3.4.18/purify.min.js";

const kLink = /^(?:https?:|mailto:)/i;
const kPicture = /^data:image\/(?:png|jpeg|gif|webp);base64,/i;
const kClass = /^(?:language-[\w+#.-]{1,32}|hljs-[\w-]+(?: [\w-]+)*)$/;
const kMarkdown = {
  ALLOWED_TAGS: ("a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre s strong sub sup " +
    "table tbody td th thead tr u ul").split(" "),
  ALLOWED_ATTR: ["align", "alt", "class", "href", "src", "start", "title"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const kSpans = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false, RETURN_DOM_FRAGMENT: true };

const purify = globalThis.DOMPurify;
purify.addHook("afterSanitizeAttributes", (element) => {
  if (element.hasAttribute("href") && !kLink.test(element.getAttribute("href"))) element.removeAttribute("href");
  if (element.hasAttribute("src") && !kPicture.test(element.getAttribute("src"))) element.remove();
  if (element.hasAttribute("class") && !kClass.test(element.className)) element.removeAttribute("class");
});

export const is_picture = (address) => kPicture.test(address);
export const clean_markdown = (html) => purify.sanitize(html, kMarkdown);
// For highlight.js: spans with its classes, and text.
export const clean_spans = (html) => purify.sanitize(html, kSpans);
