// Files in memory: a flat table of paths.

/** Why an operation on files failed, in the words of the native host. */
export class FileError extends Error {}

const utf8 = new TextEncoder();

/** A path without `.`, empty parts and `..`; absolute and relative ones are the same. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Where files are kept between visits; what `localStorage` offers. */
export interface Storage { getItem(key: string): string | null; setItem(key: string, value: string): void }

export class Files {
  private readonly contents = new Map<string, Uint8Array>();
  private readonly dirs = new Set<string>([""]);
  private temporary = 0;

  constructor(given: Iterable<[string, string | Uint8Array]>, private readonly changed: () => void = () => undefined) {
    for (const [path, text] of given) {
      const at = normal(path);
      this.makeDirs(parent(at));
      this.contents.set(at, typeof text === "string" ? utf8.encode(text) : text);
    }
  }

  /** All files. */
  all(): Record<string, Uint8Array> { return Object.fromEntries(this.contents); }

  read(path: string): Uint8Array {
    const at = normal(path);
    const found = this.contents.get(at);
    if (found !== undefined) return found;
    throw this.dirs.has(at) ? new FileError(`is a directory: ${path}`) : new FileError(`not found: ${path}`);
  }

  write(path: string, bytes: Uint8Array, append: boolean): void {
    const at = normal(path);
    if (this.dirs.has(at)) throw new FileError(`is a directory: ${path}`);
    if (!this.dirs.has(parent(at))) throw this.missing(path, parent(at));
    const before = append ? this.contents.get(at) : undefined;
    const all = new Uint8Array((before?.length ?? 0) + bytes.length);
    if (before !== undefined) all.set(before);
    all.set(bytes, before?.length ?? 0);
    this.contents.set(at, all);
    this.changed();
  }

  private missing(path: string, dir: string): FileError {
    for (let at = dir; at !== ""; at = parent(at)) if (this.contents.has(at)) return new FileError(`io error: ${path}`);
    return new FileError(`not found: ${path}`);
  }

  exists(path: string): boolean { return this.contents.has(normal(path)) || this.isDir(path); }

  isDir(path: string): boolean { return this.dirs.has(normal(path)); }

  size(path: string): number { return this.read(path).length; }

  list(path: string): string[] {
    const at = normal(path);
    if (!this.dirs.has(at)) throw this.contents.has(at) ? new FileError(`io error: ${path}`) : new FileError(`not found: ${path}`);
    const inside = (entry: string) => entry !== "" && parent(entry) === at;
    const names = [...this.contents.keys(), ...this.dirs].filter(inside).map((entry) => entry.slice(at === "" ? 0 : at.length + 1));
    return names.sort();
  }

  createDir(path: string): void {
    const at = normal(path);
    for (let dir = at; dir !== ""; dir = parent(dir)) if (this.contents.has(dir)) throw new FileError(`io error: ${path}`);
    this.makeDirs(at);
    this.changed();
  }

  delete(path: string): void {
    const at = normal(path);
    if (this.dirs.has(at)) {
      if (at === "" || this.list(path).length > 0) throw new FileError(`io error: ${path}`);
      this.dirs.delete(at);
    } else if (!this.contents.delete(at)) {
      throw new FileError(`not found: ${path}`);
    }
    this.changed();
  }

  rename(from: string, to: string): void {
    const [a, b] = [normal(from), normal(to)];
    if (!this.exists(from)) throw new FileError(`not found: ${from}`);
    if (!this.dirs.has(parent(b))) throw this.missing(to, parent(b));
    if (a === b) return;
    if (this.isDir(from) ? this.exists(to) || b.startsWith(`${a}/`) : this.isDir(to)) {
      throw new FileError(this.isDir(to) && !this.isDir(from) ? `is a directory: ${to}` : `io error: ${to}`);
    }
    const moved = (entry: string) => entry === a || entry.startsWith(`${a}/`);
    for (const [path, bytes] of [...this.contents].filter(([path]) => moved(path))) {
      this.contents.delete(path);
      this.contents.set(b + path.slice(a.length), bytes);
    }
    for (const dir of [...this.dirs].filter(moved)) {
      this.dirs.delete(dir);
      this.dirs.add(b + dir.slice(a.length));
    }
    this.changed();
  }

  /** Makes a file or a directory of a name that no other has. */
  temp(isDir: boolean): string {
    this.makeDirs("tmp");
    for (;;) {
      const path = `/tmp/vera-${(this.temporary++).toString(16).padStart(16, "0")}`;
      if (this.exists(path)) continue;
      if (isDir) this.createDir(path);
      else this.write(path, new Uint8Array(0), false);
      return path;
    }
  }

  private makeDirs(at: string): void { for (let dir = at; dir !== ""; dir = parent(dir)) this.dirs.add(dir); }
}

function parent(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "" : path.slice(0, at);
}

/** The files kept under a key of the storage. */
export function kept(storage: Storage, key: string): [string, Uint8Array][] {
  const text = storage.getItem(key);
  if (text === null) return [];
  const entries = Object.entries(JSON.parse(text) as Record<string, string>);
  return entries.map(([path, coded]) => [path, Uint8Array.from(atob(coded), (c) => c.charCodeAt(0))]);
}

export function keep(storage: Storage, key: string, files: Record<string, Uint8Array>): void {
  const coded = (bytes: Uint8Array) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  storage.setItem(key, JSON.stringify(Object.fromEntries(Object.entries(files).map(([path, b]) => [path, coded(b)]))));
}
