// Values as Vera writes them.

import { type Description, type TypeRef, compound } from "../../../browser/src/description.ts";
import type { Data, Value } from "../../../browser/src/values.ts";

/** A value of a type as an expression, as far as there is one. */
export function literal(d: Description, ty: TypeRef, value: Value): string {
  switch (ty) {
    case "Unit": return "()";
    case "Int": case "Nat": case "Byte": case "Bool": case "Decimal": return String(value);
    case "Float64": return float(value as number);
    case "String": return text(value as string);
    default:
  }
  if (typeof ty === "object") return "…";
  const type = compound(d, ty);
  if (type === undefined) return "…";
  const each = (values: Iterable<Value>, of: TypeRef): string => [...values].map((one) => literal(d, of, one)).join(", ");
  switch (type.kind) {
    case "array": return `[${each(value as Iterable<Value>, type.element)}]`;
    case "set": return `{${each(value as Set<Value>, type.elements)}}`;
    case "map": {
      const entries = [...(value as Map<Value, Value>)];
      return `{${entries.map(([key, held]) => `${literal(d, type.keys, key)}: ${literal(d, type.values, held)}`).join(", ")}}`;
    }
    case "tuple": return `Tuple(${type.parts.map((part, i) => literal(d, part, (value as Value[])[i])).join(", ")})`;
    case "data": case "enum": {
      const { tag, fields } = value as Data;
      const declared = type.constructors.find((constructor) => constructor.name === tag);
      if (declared === undefined || fields.length === 0) return tag;
      return `${tag}(${declared.fields.map((field, i) => literal(d, field, fields[i])).join(", ")})`;
    }
  }
}

function float(value: number): string {
  if (Number.isNaN(value)) return "nan()";
  if (!Number.isFinite(value)) return value > 0 ? "infinity()" : "-infinity()";
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r" };

function text(value: string): string {
  const plain = value.replace(/["\\\n\t\r]|[\x00-\x1f\x7f]/g, (char) => ESCAPES[char] ?? `\\u{${char.charCodeAt(0).toString(16)}}`);
  return `"${plain}"`;
}
