// Reasoning that a model writes into its answer, between <think> and </think>.
const kOpen = /^\s*<(think|thinking|reasoning)>/;

// {reasoning, answer, open}: `open` while the closing tag has not come.
export function split_thoughts(content) {
  const opened = kOpen.exec(content);
  if (!opened) return { reasoning: "", answer: content, open: false };
  const closing = `</${opened[1]}>`;
  const end = content.indexOf(closing, opened[0].length);
  if (end < 0) return { reasoning: content.slice(opened[0].length), answer: "", open: true };
  return {
    reasoning: content.slice(opened[0].length, end),
    answer: content.slice(end + closing.length).trimStart(),
    open: false,
  };
}
