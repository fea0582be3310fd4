// What the status bar says, apart from the editor.

/// A code lens of the server: of each function there is first how it is proved, then the
/// commands, which name it.
export interface Lens {
  line: number;
  title: string;
  command: string;
  name: string;
}

const ICONS: Record<string, string> = {
  proved: "$(verified-filled)",
  "nothing to prove": "$(verified)",
  "checked at run time": "$(shield)",
  "not proved": "$(error)",
  "being proved": "$(sync~spin)",
};

/// How the function is proved that a line is in: the last that begins at it or before.
export function statusAt(lenses: Lens[], line: number): string | undefined {
  const before = lenses.filter((lens) => lens.line <= line);
  const proof = before.filter((lens) => lens.command === "").pop();
  const name = before.filter((lens) => lens.name !== "").pop()?.name;
  if (!proof || !name) {
    return undefined;
  }
  return `${ICONS[proof.title] ?? "$(question)"} ${name}: ${proof.title}`;
}
