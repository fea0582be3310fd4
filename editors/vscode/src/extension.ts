// The extension: starts `vera lsp`, offers the commands that its lenses name, and shows in
// the status bar how the function under the cursor is proved.

import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";
import { commandLine, parameters } from "./commands";
import { Lens, statusAt } from "./status";

let client: LanguageClient | undefined;
let status: vscode.StatusBarItem;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
  status.command = "vera.verify";
  context.subscriptions.push(
    status,
    vscode.commands.registerCommand("vera.verify", (uri?: string, name?: string) =>
      inTerminal("verify", uri, name),
    ),
    vscode.commands.registerCommand("vera.test", (uri?: string, name?: string) =>
      inTerminal("test", uri, name),
    ),
    vscode.commands.registerCommand("vera.run", () => inTerminal("run")),
    vscode.commands.registerCommand("vera.changeSignature", changeSignature),
    vscode.commands.registerCommand("vera.restart", () => client?.restart()),
    vscode.window.onDidChangeTextEditorSelection(() => void showStatus()),
    vscode.window.onDidChangeActiveTextEditor(() => void showStatus()),
    vscode.languages.onDidChangeDiagnostics(() => void showStatus()),
  );
  await start();
}

export function deactivate(): Thenable<void> | undefined {
  return client?.stop();
}

function setting<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration("vera").get<T>(name, otherwise);
}

async function start(): Promise<void> {
  const server: ServerOptions = { command: setting("path", "vera"), args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "vera" }],
    initializationOptions: {
      tierHints: setting("tierHints", true),
      verifyOnChange: setting("verifyOnChange", true),
    },
    synchronize: {
      configurationSection: "vera",
      fileEvents: vscode.workspace.createFileSystemWatcher("**/*.vera"),
    },
  };
  client = new LanguageClient("vera", "Vera", server, options);
  try {
    await client.start();
  } catch (error) {
    const message = `Vera: cannot start \`${setting("path", "vera")} lsp\`: ${String(error)}. Set vera.path.`;
    void vscode.window.showErrorMessage(message);
  }
}

/// Runs a command of the tool on a document, and one function of it if one is named.
function inTerminal(command: "verify" | "test" | "run", uri?: string, name?: string): void {
  const document = uri ? vscode.Uri.parse(uri) : vscode.window.activeTextEditor?.document.uri;
  if (!document || document.scheme !== "file") {
    void vscode.window.showInformationMessage("Vera: open a file first.");
    return;
  }
  const existing = vscode.window.terminals.find((terminal) => terminal.name === "Vera");
  const terminal = existing ?? vscode.window.createTerminal("Vera");
  terminal.show(true);
  terminal.sendText(commandLine(setting("path", "vera"), command, document.fsPath, name));
}

/// Asks for the parameters and has the server rewrite every call.
async function changeSignature(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!client || !editor || editor.document.languageId !== "vera") {
    return;
  }
  const uri = editor.document.uri.toString();
  const name = await vscode.window.showInputBox({
    prompt: "Function",
    value: lensAt(await lenses(), editor.selection.active.line)?.name ?? "",
  });
  const list = name && (await vscode.window.showInputBox({
    prompt: "Its parameters: numbers of the old ones from 0, new ones as Type = argument",
    placeHolder: "1, 0, Int = 7",
  }));
  if (!name || list === undefined) {
    return;
  }
  try {
    const params = { uri, fn: name, params: parameters(list), version: editor.document.version };
    const answer = await client.sendRequest<{ applied: boolean | null; diagnostics: number }>(
      "vera/changeSignature",
      params,
    );
    if (answer.applied !== true) {
      const why = answer.diagnostics > 0 ? "it would be a mistake" : "proofs would be lost";
      void vscode.window.showWarningMessage(`Vera: not changed: ${why}.`);
    }
  } catch (error) {
    void vscode.window.showErrorMessage(`Vera: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function lenses(): Promise<Lens[]> {
  const editor = vscode.window.activeTextEditor;
  if (!client?.isRunning() || editor?.document.languageId !== "vera") {
    return [];
  }
  const params = { textDocument: { uri: editor.document.uri.toString() } };
  type Answer = { range: { start: { line: number } }; command?: { title: string; command: string; arguments?: unknown[] } }[];
  const answer = (await client.sendRequest<Answer | null>("textDocument/codeLens", params)) ?? [];
  return answer.map((lens) => ({
    line: lens.range.start.line,
    title: lens.command?.title ?? "",
    command: lens.command?.command ?? "",
    name: String(lens.command?.arguments?.[1] ?? ""),
  }));
}

function lensAt(all: Lens[], line: number): Lens | undefined {
  return all.filter((lens) => lens.name !== "" && lens.line <= line).pop();
}

async function showStatus(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const shown = editor && statusAt(await lenses(), editor.selection.active.line);
  if (!shown) {
    status.hide();
    return;
  }
  status.text = shown;
  status.tooltip = "How this function is proved. Click to verify the file.";
  status.show();
}
