// Values as JavaScript has them, and their parts as they cross to the program and back.
// `vera_abi::interface` says in which order; neither side recurses, so depth has no limit.

import { type Description, type TypeRef, compound, isInline, packed, typeName } from "./description.ts";

/** A data value: the name of its constructor, and its fields. */
export interface Data { tag: string; fields: Value[] }

/**
 * A value of a program: `Int` and `Nat` are bigints, `Byte` and `Float64` numbers,
 * `Decimal` is its text, `Array<Byte>` a `Uint8Array`, a tuple an array.
 */
export type Value =
  | undefined | bigint | number | boolean | string | Uint8Array
  | Value[] | Map<Value, Value> | Set<Value> | Data;

/** A part: a word, a float, or bytes. */
export type Part = bigint | number | Uint8Array;

/** A value that is none of its type, with the way to it. */
export class Mismatch extends Error {
  constructor(readonly expected: string, readonly found: string, readonly path: string) {
    super(`expected ${expected}${path === "" ? "" : ` ${path}`}, got ${found}`);
  }
}

/** The program and its description disagree: a defect. */
export class Broken extends Error {
  constructor() { super("program and host disagree about the parts of a value"); }
}

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { ignoreBOM: true });

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

/** What a value looks like, for whoever passed a wrong one. */
function shown(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (typeof value === "number" || typeof value === "boolean") return `the ${typeof value} ${value}`;
  if (typeof value === "bigint") return `the bigint ${value}n`;
  if (typeof value === "undefined" || typeof value === "symbol") return typeof value;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const tag = (value as { tag?: unknown }).tag;
  if (typeof tag === "string") return `a value with the tag ${JSON.stringify(tag)}`;
  return `an object of ${(value as object).constructor?.name ?? "no class"}`;
}

/** The integer that a value of JavaScript stands for, if it is one. */
function integer(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return undefined;
}

/** What is left to hand over: a value, its type, and the way to it. */
interface Left { ty: TypeRef; value: unknown; path: string }

/**
 * The parts of a value, in the order in which the program takes them.
 *
 * @throws {Mismatch} when it is no value of the type.
 */
export function toParts(d: Description, ty: TypeRef, value: unknown): Part[] {
  if (isInline(d, ty)) return inline(d, { ty, value, path: "" });
  const nodes: Part[][] = [];
  const work: Left[] = [{ ty, value, path: "" }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) nodes.push(node(d, next, work));
  return [BigInt(nodes.length), ...nodes.reverse().flat()];
}

/** The parts of one node; what is below it is left to do. */
function node(d: Description, at: Left, work: Left[]): Part[] {
  const type = compound(d, at.ty);
  if (type === undefined) throw new Broken();
  const wrong = () => new Mismatch(type.name, shown(at.value), at.path);
  let number = 0;
  let fields: Left[];
  const inside = (ty: TypeRef, value: unknown, step: string): Left =>
    ({ ty, value, path: at.path === "" ? step : `${step} ${at.path}` });
  switch (type.kind) {
    case "array": {
      if (!Array.isArray(at.value)) throw wrong();
      number = at.value.length;
      fields = at.value.map((v, i) => inside(type.element, v, `as element ${i}`));
      break;
    }
    case "set":
      if (!(at.value instanceof Set)) throw wrong();
      fields = [inside(type.elements, [...at.value], "in the set")];
      break;
    case "map":
      if (!(at.value instanceof Map)) throw wrong();
      fields = [
        inside(type.keys, [...at.value.keys()], "in the keys"),
        inside(type.values, [...at.value.values()], "in the values"),
      ];
      break;
    case "tuple": {
      const parts = at.value;
      if (!Array.isArray(parts) || parts.length !== type.parts.length) throw wrong();
      fields = type.parts.map((ty, i) => inside(ty, parts[i], `as part ${i + 1} of a tuple`));
      break;
    }
    case "data": case "enum": {
      const { tag, fields: given = [] } = (at.value ?? {}) as Partial<Data>;
      number = type.constructors.findIndex((c) => c.name === tag);
      const declared = type.constructors[number];
      if (declared === undefined || !Array.isArray(given)) throw wrong();
      if (declared.fields.length !== given.length) {
        throw new Mismatch(`${declared.fields.length} field(s) of ${declared.name}`, `${given.length}`, at.path);
      }
      fields = declared.fields.map((ty, i) => inside(ty, given[i], `as field ${i + 1} of ${declared.name}`));
      break;
    }
  }
  const parts: Part[] = [(BigInt(at.ty as number) << 32n) | BigInt(number)];
  for (const field of fields) {
    if (isInline(d, field.ty)) parts.push(...inline(d, field));
    else work.push(field);
  }
  return parts;
}

/** The part that an inline value is, if it is one. */
function inline(d: Description, { ty, value, path }: Left): Part[] {
  const wrong = () => new Mismatch(typeName(d, ty), shown(value), path);
  switch (ty) {
    case "Unit":
      if (value !== undefined && value !== null) throw wrong();
      return [];
    case "Int": case "Nat": case "Byte": {
      const n = integer(value);
      if (n === undefined) throw wrong();
      const [low, high] = ty === "Int" ? [LEAST, GREATEST] : ty === "Nat" ? [0n, GREATEST] : [0n, 255n];
      if (n < low || n > high) throw wrong();
      return [n];
    }
    case "Bool":
      if (typeof value === "boolean") return [value ? 1n : 0n];
      if (value === 0 || value === 1) return [BigInt(value)];
      throw wrong();
    case "Float64":
      if (typeof value !== "number") throw wrong();
      return [value];
    case "String": case "Decimal":
      if (typeof value !== "string") throw wrong();
      return [utf8.encode(value)];
  }
  const type = compound(d, ty);
  if (type?.kind === "enum") {
    const number = type.constructors.findIndex((c) => c.name === (value as Partial<Data> | null)?.tag);
    if (number < 0) throw wrong();
    return [BigInt(number)];
  }
  if (type?.kind !== "array") throw wrong();
  return [pack(d, type.element, value, path, wrong)];
}

/** The elements of an array one after the other. */
function pack(d: Description, element: TypeRef, value: unknown, path: string, wrong: () => Mismatch): Uint8Array {
  if (value instanceof Uint8Array && element === "Byte") return value.slice();
  const elements = value instanceof Float64Array || value instanceof BigInt64Array ? [...value] : value;
  if (!Array.isArray(elements)) throw wrong();
  const size = packed(d, element);
  const bytes = new Uint8Array(elements.length * size);
  const view = new DataView(bytes.buffer);
  elements.forEach((value: unknown, i) => {
    const step = `as element ${i}${path === "" ? "" : ` ${path}`}`;
    const [part] = inline(d, { ty: element, value, path: step });
    if (typeof part === "number") view.setFloat64(i * size, part, true);
    else if (typeof part !== "bigint") return; // Unit
    else if (size === 8) view.setBigInt64(i * size, part, true);
    else if (size === 4) view.setUint32(i * size, Number(part), true);
    else view.setUint8(i, Number(part));
  });
  return bytes;
}

/** Takes the next part that the program handed over. */
export type Take = () => Part | undefined;

/** The value that the program handed over. */
export function fromParts(d: Description, ty: TypeRef, take: Take): Value {
  if (isInline(d, ty)) return takeInline(d, ty, take);
  const nodes: Node[] = [];
  const work: TypeRef[] = [ty];
  for (let next = work.pop(); next !== undefined; next = work.pop()) nodes.push(takeNode(d, next, take, work));
  // From the last node on, what is below a node is finished before it.
  const finished: Value[] = [];
  for (const { fields, below, make } of nodes.reverse()) {
    for (const at of below) fields[at] = finished.pop();
    finished.push(make(fields));
  }
  return finished.pop();
}

interface Node { fields: Value[]; below: number[]; make: (fields: Value[]) => Value }

function takeNode(d: Description, ty: TypeRef, take: Take, work: TypeRef[]): Node {
  const type = compound(d, ty);
  const word = take();
  if (type === undefined || typeof word !== "bigint") throw new Broken();
  const number = Number(word);
  let types: TypeRef[];
  let make: (fields: Value[]) => Value;
  switch (type.kind) {
    case "array":
      types = new Array<TypeRef>(number).fill(type.element);
      make = (fields) => fields;
      break;
    case "set":
      types = [type.elements];
      make = ([elements]) => new Set(column(elements));
      break;
    case "map":
      types = [type.keys, type.values];
      make = ([keys, values]) => {
        const contents = column(values);
        return new Map(column(keys).map((key, i) => [key, contents[i]]));
      };
      break;
    case "tuple":
      types = type.parts;
      make = (fields) => fields;
      break;
    case "data": case "enum": {
      const declared = type.constructors[number];
      if (declared === undefined) throw new Broken();
      types = declared.fields;
      make = (fields) => ({ tag: declared.name, fields });
      break;
    }
  }
  const fields: Value[] = [];
  const below: number[] = [];
  types.forEach((ty, at) => {
    if (isInline(d, ty)) fields[at] = takeInline(d, ty, take);
    else below.push(at);
  });
  for (const at of [...below].reverse()) work.push(types[at] as TypeRef);
  return { fields, below, make };
}

/** The elements of a column of a map or set. */
function column(elements: Value): Value[] {
  return elements instanceof Uint8Array ? [...elements] : (elements as Value[]);
}

function takeInline(d: Description, ty: TypeRef, take: Take): Value {
  if (ty === "Unit" || (typeof ty === "object")) return undefined;
  const part = take();
  switch (ty) {
    case "Int": case "Nat": if (typeof part === "bigint") return part; break;
    case "Byte": if (typeof part === "bigint") return Number(part & 255n); break;
    case "Bool": if (typeof part === "bigint") return part !== 0n; break;
    case "Float64": if (typeof part === "number") return part; break;
    case "String": case "Decimal": if (part instanceof Uint8Array) return text.decode(part); break;
    default: {
      const type = compound(d, ty);
      if (type?.kind === "enum" && typeof part === "bigint") return enumerated(type.constructors, Number(part));
      if (type?.kind === "array" && part instanceof Uint8Array) return unpack(d, type.element, part);
    }
  }
  throw new Broken();
}

export function enumerated(constructors: { name: string }[], number: number): Data {
  const declared = constructors[number];
  if (declared === undefined) throw new Broken();
  return { tag: declared.name, fields: [] };
}

function unpack(d: Description, element: TypeRef, bytes: Uint8Array): Value {
  if (element === "Byte") return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = packed(d, element);
  const type = compound(d, element);
  return Array.from({ length: bytes.length / size }, (_, i): Value => {
    if (element === "Float64") return view.getFloat64(i * size, true);
    if (element === "Int" || element === "Nat") return view.getBigInt64(i * size, true);
    if (element === "Bool") return view.getUint8(i) !== 0;
    if (type?.kind === "enum") return enumerated(type.constructors, view.getUint32(i * size, true));
    return undefined;
  });
}
