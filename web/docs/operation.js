// One route: what it takes, what it answers, and a form to try it.
import { make } from "../dom.js";
import { prose } from "./prose.js";
import { member_table, resolved } from "./schema.js";
import { try_form } from "./try_it.js";

function parameters_view(operation) {
  if (!operation.parameters) return [];
  const items = operation.parameters.map((one) =>
    make("li", {}, make("code", {}, one.name), ` in the ${one.in}${one.description ? `: ${one.description}` : ""}`),
  );
  return [make("h4", {}, "Parameters"), make("ul", {}, ...items)];
}

function body_view(api, operation) {
  if (!operation.requestBody) return [];
  const body = resolved(api, operation.requestBody).content["application/json"];
  return [make("h4", {}, "Body: application/json"), member_table(api, body.schema)];
}

// One table for all forms (whole, streamed) with the same schema.
function answer_view(api, [status, node]) {
  const answer = resolved(api, node);
  const forms = new Map();
  for (const [type, { schema }] of Object.entries(answer.content ?? {})) {
    const key = JSON.stringify(schema);
    forms.set(key, { schema, types: [...(forms.get(key)?.types ?? []), type] });
  }
  const tables = [...forms.values()].map(({ schema, types }) => {
    const about = resolved(api, schema).description;
    return make("details", { class: "form" }, make("summary", {}, types.join(", ")), about ? make("p", {}, ...prose(about)) : null, member_table(api, schema));
  });
  const name = status === "default" ? "otherwise" : status;
  return make("li", {}, make("strong", {}, name), " ", ...prose(answer.description), ...tables);
}

export function operation_view(api, { path, method, operation, id }) {
  const head = make(
    "summary",
    {},
    make("span", { class: `method ${method}` }, method),
    make("h3", {}, path),
    make("span", { class: "about" }, ...prose(operation.summary)),
  );
  const view = make("details", { class: "operation", id }, head);
  view.addEventListener(
    "toggle",
    () => {
      view.append(
        make(
          "div",
          { class: "inside" },
          operation.description ? make("p", {}, ...prose(operation.description)) : null,
          ...parameters_view(operation),
          ...body_view(api, operation),
          make("h4", {}, "Answers"),
          make("ul", { class: "answers" }, ...Object.entries(operation.responses).map((entry) => answer_view(api, entry))),
          ...try_form(api, { path, method, operation }),
        ),
      );
    },
    { once: true },
  );
  return view;
}
