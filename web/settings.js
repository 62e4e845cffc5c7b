// What the user chose, in localStorage; the API key in sessionStorage. Works without either.
const kName = "samovar.settings";
const kKeyName = "samovar.key";
const kDefaults = { language: "", theme: "", model: "", system: "", sampling: {}, sidebar: true };

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(kName) ?? "{}");
    const known = Object.keys(kDefaults).filter((name) => typeof kept?.[name] === typeof kDefaults[name]);
    return { ...kDefaults, ...Object.fromEntries(known.map((name) => [name, kept[name] ?? kDefaults[name]])) };
  } catch {
    return { ...kDefaults };
  }
}

export const settings = read();

export function change_settings(changes) {
  Object.assign(settings, changes);
  try {
    localStorage.setItem(kName, JSON.stringify(settings));
  } catch {
    // full or forbidden: the choice lasts as long as the page
  }
}

// Another tab chose.
addEventListener("storage", (event) => event.key === kName && Object.assign(settings, read()));

let key = "";
try {
  key = sessionStorage.getItem(kKeyName) ?? "";
} catch {
  // forbidden: the key lasts as long as the page
}

export const api_key = () => key;

export function set_api_key(value) {
  key = value;
  try {
    if (value) sessionStorage.setItem(kKeyName, value);
    else sessionStorage.removeItem(kKeyName);
  } catch {
    // as above
  }
}
