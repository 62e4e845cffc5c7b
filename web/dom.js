// Makes and finds elements. Text is only ever set as text.
const kSvg = "http://www.w3.org/2000/svg";

export const find = (id) => document.getElementById(id);

// make("button", {class: "x", on_click: f, title: "t"}, ...children): `null` children and attributes are left out.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on_")) {
      element.addEventListener(name.slice(3), value);
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(kSvg, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(kSvg, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function icon_button(name, label, on_click, attributes = {}) {
  return make(
    "button",
    { type: "button", class: "icon-button small", "aria-label": label, title: label, on_click, ...attributes },
    icon(name),
  );
}

export function button(label, on_click, attributes = {}) {
  return make("button", { type: "button", class: "button", on_click, ...attributes }, label);
}
