// The sampling settings: their fields, ranges and what of them goes into a request.
import { settings } from "./settings.js";

// [name, lowest, highest, step]
export const kSampling = [
  ["temperature", 0, 2, 0.05],
  ["top_p", 0, 1, 0.01],
  ["top_k", 0, 1000, 1],
  ["min_p", 0, 1, 0.01],
  ["repeat_penalty", 0.5, 2, 0.01],
  ["max_tokens", 1, 1_000_000, 1],
  ["seed", 0, 4_294_967_294, 1],
];

// The value as a number inside its range, or undefined for an empty or odd field.
export function sampling_value(name, text) {
  const [, low, high, step] = kSampling.find(([known]) => known === name);
  const value = Number(String(text).trim().replace(",", "."));
  if (String(text).trim() === "" || !Number.isFinite(value)) return undefined;
  const bounded = Math.min(Math.max(value, low), high);
  return step === 1 ? Math.round(bounded) : bounded;
}

export function sampling_fields() {
  const fields = {};
  for (const [name] of kSampling) {
    const value = sampling_value(name, settings.sampling[name] ?? "");
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}
