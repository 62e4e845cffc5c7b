// A form that sends a request to this server and shows the answer as it comes.
import { button, find, make } from "../dom.js";
import { resolved } from "./schema.js";

const kMostShown = 100_000; // characters of an answer

function request_headers(has_body) {
  const key = find("key").value;
  return { ...(has_body && { "Content-Type": "application/json" }), ...(key && { Authorization: `Bearer ${key}` }) };
}

async function send(url, options, output, status) {
  status.textContent = "waiting";
  output.textContent = "";
  output.hidden = false;
  const began = performance.now();
  const answer = await fetch(url, options);
  const seconds = () => ((performance.now() - began) / 1000).toFixed(2);
  status.textContent = `${answer.status} ${answer.statusText}`;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (output.textContent.length < kMostShown) output.append(part.value);
  }
  status.textContent = `${answer.status} ${answer.statusText}, ${seconds()} s`;
}

function example_picker(examples, body) {
  const names = Object.keys(examples);
  const show = (name) => {
    body.value = JSON.stringify(examples[name].value, null, 2);
    body.rows = Math.min(16, body.value.split("\n").length + 1);
  };
  show(names[0]);
  if (names.length === 1) return null;
  const choices = names.map((name) => make("option", { value: name }, examples[name].summary));
  return make("select", { "aria-label": "Example", on_change: (event) => show(event.target.value) }, ...choices);
}

export function try_form(api, { path, method, operation }) {
  const examples = operation.requestBody && resolved(api, operation.requestBody).content["application/json"].examples;
  const body = examples ? make("textarea", { "aria-label": "Body", spellcheck: "false" }) : null;
  const picker = examples ? example_picker(examples, body) : null;
  const values = (operation.parameters ?? [])
    .filter((one) => one.in === "path")
    .map((one) => make("input", { name: one.name, placeholder: one.name, "aria-label": one.name }));
  const output = make("pre", { hidden: true, tabindex: "0", "aria-label": "Answer" });
  const status = make("span", { class: "about", role: "status" });
  const run = async (event) => {
    event.target.disabled = true;
    const filled = values.reduce((at, input) => at.replace(`{${input.name}}`, encodeURIComponent(input.value)), path);
    const options = { method: method.toUpperCase(), headers: request_headers(body !== null), body: body?.value };
    try {
      await send(`.${filled}`, options, output, status);
    } catch (error) {
      status.textContent = error.message;
    }
    event.target.disabled = false;
  };
  return [make("h4", {}, "Try it"), picker, ...values, body, make("p", { class: "buttons" }, button("Send", run), status), output].filter(Boolean);
}
