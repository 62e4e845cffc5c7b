// Sentences of the description: what stands between backticks is code.
import { make } from "../dom.js";

export function prose(text) {
  return text.split("`").map((part, i) => (i % 2 === 1 ? make("code", {}, part) : part));
}
