// JSON Schema as rows of a table.
import { make } from "../dom.js";
import { prose } from "./prose.js";

// `node` without "$ref".
export function resolved(api, node) {
  if (!node?.$ref) return node ?? {};
  return node.$ref.slice(2).split("/").reduce((at, name) => at[name], api);
}

const type_name = (schema) => {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  if (schema.type === "array" && schema.items?.type) return `array of ${schema.items.type}s`;
  return [schema.type ?? "any"].flat().join(" or ");
};

function type_text(api, schema) {
  if (!schema.oneOf) return type_name(schema);
  return [...new Set(schema.oneOf.map((one) => type_text(api, resolved(api, one))))].join(" or ");
}

const range_of = (schema) => {
  const { minimum, maximum } = schema.oneOf?.find((one) => one.minimum !== undefined) ?? schema;
  if (minimum === undefined && maximum === undefined) return "";
  if (minimum === undefined) return `up to ${maximum}`;
  if (maximum === undefined) return `${minimum} and up`;
  return `${minimum} to ${maximum}`;
};

// [{path, schema, required}, ...]: the members of a schema and of what it holds.
export function members(api, node, prefix = "", into = []) {
  const schema = resolved(api, node);
  for (const part of [...(schema.allOf ?? []), ...(schema.oneOf ?? [])]) members(api, part, prefix, into);
  if (schema.items) members(api, schema.items, `${prefix.replace(/\.$/, "")}[].`, into);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const path = prefix.replace(/^\[\]\./, "") + name;
    if (!into.some((known) => known.path === path)) {
      into.push({ path, schema: resolved(api, property), required: schema.required?.includes(name) ?? false });
    }
    members(api, property, `${prefix}${name}.`, into);
  }
  return into;
}

function row(api, { path, schema, required }) {
  const clamp = schema["x-clamp"] ? " (else the nearest bound)" : "";
  const range = range_of(schema);
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, make("code", {}, path), required ? make("span", { class: "required" }, " required") : null),
    make("td", {}, type_text(api, schema)),
    make("td", {}, schema.default === undefined ? "" : JSON.stringify(schema.default)),
    make("td", {}, range + (range && clamp)),
    make("td", {}, ...prose(schema.description ?? "")),
  );
}

export function member_table(api, node) {
  const rows = members(api, node);
  if (rows.length === 0) return make("p", { class: "about" }, type_text(api, resolved(api, node)));
  const head = ["member", "type", "default", "range", "what"].map((name) => make("th", { scope: "col" }, name));
  const body = make("tbody", {}, ...rows.map((member) => row(api, member)));
  return make("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": "Members" }, make("table", {}, make("thead", {}, make("tr", {}, ...head)), body));
}
