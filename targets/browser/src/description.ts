// What a module says of itself: the custom section `vera.interface`, written by
// `crates/vera-targets/src/description.rs`.

/** A type: a name, the number of a type with parts, or one whose values do not cross. */
export type TypeRef =
  | "Unit" | "Int" | "Nat" | "Byte" | "Bool" | "Float64" | "String" | "Decimal"
  | number
  | { opaque: string };

export interface Constructor { name: string; fields: TypeRef[] }

/** A type with parts, or with constructors. */
export type Compound =
  | { name: string; kind: "array"; element: TypeRef }
  | { name: string; kind: "set"; elements: TypeRef }
  | { name: string; kind: "map"; keys: TypeRef; values: TypeRef }
  | { name: string; kind: "tuple"; parts: TypeRef[] }
  | { name: string; kind: "data"; constructors: Constructor[] }
  | { name: string; kind: "enum"; constructors: Constructor[] };

export interface Func {
  name: string;
  params: TypeRef[];
  result: TypeRef;
  /** The wasm export to call. */
  export: string;
  /** Arguments and result cross in parts; otherwise as numbers, and texts as address and length. */
  in_parts: boolean;
}

export interface Operation { effect: string; name: string; params: TypeRef[]; result: TypeRef }

export interface Task { export: string; params: TypeRef[]; result: TypeRef; database: boolean }

/** A state cell that is kept between calls. */
export interface Cell { name: string; type: TypeRef }

export interface Description {
  version: number;
  types: Compound[];
  functions: Func[];
  operations: Operation[];
  tasks: Task[];
  cells: Cell[];
}

const SECTION = "vera.interface";
const VERSION = 1;

/** Reads the description out of a compiled module. */
export function describe(module: WebAssembly.Module): Description {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  if (section === undefined) {
    throw new Error(`the module has no section \`${SECTION}\`: compile it with \`vera compile\``);
  }
  const description = JSON.parse(new TextDecoder().decode(section)) as Description;
  if (description.version !== VERSION) {
    throw new Error(`the module was compiled for version ${description.version} of the runtime, this is version ${VERSION}`);
  }
  return description;
}

/** The compound that a type is, if it is one. */
export function compound(d: Description, ty: TypeRef): Compound | undefined {
  return typeof ty === "number" ? d.types[ty] : undefined;
}

/** The printed form of a type. */
export function typeName(d: Description, ty: TypeRef): string {
  if (typeof ty === "string") return ty;
  if (typeof ty === "number") return d.types[ty]?.name ?? "?";
  return ty.opaque;
}

/** Bytes of an element in an array that crosses as one part; 0 where its elements are nodes or texts. */
export function packed(d: Description, ty: TypeRef): 0 | 1 | 4 | 8 {
  switch (ty) {
    case "Unit": case "Byte": case "Bool": return 1;
    case "Int": case "Nat": case "Float64": return 8;
    case "String": case "Decimal": return 0;
  }
  return compound(d, ty)?.kind === "enum" ? 4 : 0;
}

/** Whether values of the type are at most one part, and so no nodes. */
export function isInline(d: Description, ty: TypeRef): boolean {
  const type = compound(d, ty);
  if (type === undefined || type.kind === "enum") return true;
  return type.kind === "array" && packed(d, type.element) !== 0;
}
