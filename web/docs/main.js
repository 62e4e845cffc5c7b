// The description of the API (openapi.json) as a page: a list of routes at the side, and each of them.
import { find, make } from "../dom.js";
import { operation_view } from "./operation.js";
import { prose } from "./prose.js";

const methods = ["get", "post", "delete"];

// [{path, method, operation}, ...] under each tag, in the order of the description.
function by_tag(api) {
  const groups = new Map(api.tags.map((tag) => [tag.name, { ...tag, entries: [] }]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const operation = item[method];
      groups.get(operation.tags[0]).entries.push({ path, method, operation, id: operation.operationId });
    }
  }
  return [...groups.values()];
}

function nav_link({ path, method, id }) {
  return make("li", {}, make("a", { href: `#${id}` }, make("span", { class: `method ${method}` }, method), path));
}

function nav_group(group) {
  return [make("h2", {}, group.name), make("ul", {}, ...group.entries.map(nav_link))];
}

function group_view(api, group) {
  return make(
    "section",
    { "aria-label": group.name },
    make("h2", {}, group.name),
    make("p", { class: "about" }, ...prose(group.description)),
    ...group.entries.map((entry) => operation_view(api, entry)),
  );
}

function key_field() {
  const input = make("input", { id: "key", type: "password", autocomplete: "off", placeholder: "only if this server asks for one" });
  const stay = (event) => event.preventDefault();
  return make("form", { class: "key", on_submit: stay }, make("label", { for: "key" }, "API key"), input);
}

function intro(api) {
  return make(
    "header",
    {},
    make("h1", {}, `${api.info.title} ${api.info.version}`),
    make("p", { class: "about" }, ...prose(api.info.description)),
    make("p", { class: "about" }, "For programs: ", make("a", { href: "openapi.json" }, "openapi.json"), "."),
    key_field(),
  );
}

function open_linked() {
  const target = location.hash && find(location.hash.slice(1));
  if (!target) return;
  target.open = true;
  target.scrollIntoView();
}

async function start() {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const api = await answer.json();
  const groups = by_tag(api);
  find("nav").append(...groups.flatMap(nav_group));
  find("content").replaceChildren(intro(api), ...groups.map((group) => group_view(api, group)));
  window.addEventListener("hashchange", open_linked);
  open_linked();
}

start().catch((error) => find("content").replaceChildren(make("p", { role: "alert" }, `The description could not be read: ${error.message}`)));
