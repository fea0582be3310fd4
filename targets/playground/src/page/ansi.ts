// Colours and styles of a terminal (ECMA-48, "select graphic rendition"), for output that is
// a text: it grows at its end, and can be read and searched. What moves a cursor is left out.

/** How a piece of output looks. */
export interface Look { classes: string[]; colour: string | undefined; ground: string | undefined }

export interface Piece { text: string; look: Look }

/** An escape sequence, whole: of a control, of a title and its like, or of two characters. */
const SEQUENCE = /\x1b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_=>78]|[ -/]+[0-~])/g;

/** A sequence whose end has not come. */
const BEGUN = /\x1b(?:\[[0-9;:?<=>]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/]*)?$/;

/** So long a sequence is none. */
const LONGEST = 4096;

/** What switches a style on, and what all of a group off. */
const ON: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 8: "conceal", 9: "struck", 21: "underline" };
const OFF: Record<number, string[]> = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 28: ["conceal"], 29: ["struck"] };

/** The levels of the cube of 6 × 6 × 6 colours. */
const LEVELS = [0, 95, 135, 175, 215, 255];

/** One of 256 colours; the first 16 are the page's. */
function indexed(index: number): string | undefined {
  if (!(index >= 0 && index < 256)) return undefined;
  if (index < 16) return `var(--ansi-${index})`;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const at = index - 16;
  return `rgb(${LEVELS[Math.floor(at / 36)]} ${LEVELS[Math.floor(at / 6) % 6]} ${LEVELS[at % 6]})`;
}

/** Reads output piece by piece; a sequence may be cut anywhere. */
export class Painter {
  private held = "";
  private styles = new Set<string>();
  private colour: string | undefined;
  private ground: string | undefined;
  /** Whether a sequence came that this page leaves out. */
  leftOut = false;

  read(text: string): Piece[] {
    const all = this.held + text;
    const begun = BEGUN.exec(all);
    this.held = begun === null || begun[0].length > LONGEST ? "" : begun[0];
    const whole = all.slice(0, all.length - this.held.length);
    const pieces: Piece[] = [];
    let from = 0;
    for (const found of whole.matchAll(SEQUENCE)) {
      this.push(pieces, whole.slice(from, found.index));
      from = found.index + found[0].length;
      const [, parameters, final] = found;
      if (final === "m" && /^[0-9;:]*$/.test(parameters ?? "")) this.select(parameters ?? "");
      else this.leftOut = true;
    }
    this.push(pieces, whole.slice(from));
    return pieces;
  }

  private push(pieces: Piece[], text: string): void {
    if (text !== "") pieces.push({ text, look: { classes: [...this.styles], colour: this.colour, ground: this.ground } });
  }

  private select(parameters: string): void {
    const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
    for (let at = 0; at < codes.length; at++) {
      const code = codes[at] as number;
      if (code === 38 || code === 48) {
        const [colour, used] = extended(codes.slice(at + 1));
        if (code === 38) this.colour = colour;
        else this.ground = colour;
        at += used;
      } else {
        this.apply(code);
      }
    }
  }

  private apply(code: number): void {
    const style = ON[code];
    if (code === 0) {
      this.styles.clear();
      this.colour = this.ground = undefined;
    } else if (style !== undefined) this.styles.add(style);
    else if (OFF[code] !== undefined) OFF[code].forEach((style) => this.styles.delete(style));
    else if (code >= 30 && code <= 37) this.colour = indexed(code - 30);
    else if (code === 39) this.colour = undefined;
    else if (code >= 40 && code <= 47) this.ground = indexed(code - 40);
    else if (code === 49) this.ground = undefined;
    else if (code >= 90 && code <= 97) this.colour = indexed(code - 90 + 8);
    else if (code >= 100 && code <= 107) this.ground = indexed(code - 100 + 8);
  }
}

/** The colour behind 38 or 48, and how many parameters it took. */
function extended(codes: readonly number[]): [string | undefined, number] {
  const [kind, ...rest] = codes;
  if (kind === 5) return [indexed(rest[0] ?? 0), 2];
  const channel = (at: number): number => Math.min(rest[at] ?? 0, 255);
  if (kind === 2) return [`rgb(${channel(0)} ${channel(1)} ${channel(2)})`, 4];
  return [undefined, codes.length];
}
