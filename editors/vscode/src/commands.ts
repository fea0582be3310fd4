// What the commands of the extension send, apart from the editor.

/// A parameter as `vera/changeSignature` takes it.
export interface Parameter {
  from: number | null;
  type?: string;
  argument?: string;
}

/// A word for a shell, which reads it as it is.
export function quoted(word: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}

/// The line that a terminal runs.
export function commandLine(tool: string, command: string, file: string, name?: string): string {
  const words = [tool, command, file];
  if (name) {
    words.push("--fn", name);
  }
  return words.map(quoted).join(" ");
}

/// `1, 0, Int = 7`: old parameters by number, new ones by type and argument. Commas inside
/// brackets belong to a type or an argument.
export function parameters(list: string): Parameter[] {
  return parts(list).map((part) => {
    if (/^[0-9]+$/.test(part)) {
      return { from: Number(part) };
    }
    const at = part.indexOf(" = ");
    const type = (at < 0 ? part : part.slice(0, at)).trim().replace(/^@/, "");
    const argument = at < 0 ? undefined : part.slice(at + 3).trim();
    return argument === undefined ? { from: null, type } : { from: null, type, argument };
  });
}

function parts(list: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let part = "";
  for (const c of list) {
    depth += "([{<".includes(c) ? 1 : ")]}>".includes(c) ? -1 : 0;
    if (c === "," && depth === 0) {
      out.push(part.trim());
      part = "";
    } else {
      part += c;
    }
  }
  out.push(part.trim());
  return out.filter((word) => word !== "");
}
