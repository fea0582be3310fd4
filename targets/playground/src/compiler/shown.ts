// Values of a program for people.

/** A value as text; nothing of `()`. `type` is the printed form of its type. */
export function shown(value: unknown, type = ""): string {
  if (value === undefined) return "";
  if (typeof value === "number" && type === "Float64" && Number.isInteger(value) && Math.abs(value) < 1e21) return `${value}.0`;
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((each) => shown(each)).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([key, held]) => `${shown(key)}: ${shown(held)}`).join(", ")}}`;
  if (value instanceof Set) return `{${[...value].map((each) => shown(each)).join(", ")}}`;
  const { tag, fields } = value as { tag: string; fields: unknown[] };
  return fields.length === 0 ? tag : `${tag}(${fields.map((each) => shown(each)).join(", ")})`;
}
