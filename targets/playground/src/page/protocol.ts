// What is used of the language server's protocol, and its positions as the editor's.

import type { Text } from "@codemirror/state";

export interface Position { line: number; character: number }
export interface Range { start: Position; end: Position }
export interface TextEdit { range: Range; newText: string }

export interface Report {
  range: Range;
  severity: 1 | 2 | 3 | 4;
  code?: string;
  message: string;
}

export interface Action {
  title: string;
  kind?: string;
  diagnostics?: Report[];
  isPreferred?: boolean;
  edit?: { changes?: Record<string, TextEdit[]> };
}

export interface Hover { contents: { value: string }; range?: Range }

export interface Item {
  label: string;
  kind?: number;
  detail?: string;
  documentation?: string | { value: string };
  insertText?: string;
  sortText?: string;
  textEdit?: TextEdit;
}

export interface Hint { position: Position; label: string }

/** Positions count UTF-16 units, as the editor does. One beyond the text is its end. */
export function offset(doc: Text, { line, character }: Position): number {
  if (line >= doc.lines) return doc.length;
  const at = doc.line(line + 1);
  return Math.min(at.from + character, at.to);
}

export function position(doc: Text, at: number): Position {
  const line = doc.lineAt(at);
  return { line: line.number - 1, character: at - line.from };
}

export function changes(doc: Text, edits: readonly TextEdit[]): { from: number; to: number; insert: string }[] {
  return edits.map(({ range, newText }) => ({ from: offset(doc, range.start), to: offset(doc, range.end), insert: newText }));
}
