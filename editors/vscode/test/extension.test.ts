// The extension against an editor and a client that only record what they are asked.

import assert from "node:assert/strict";
import Module from "node:module";
import { test } from "node:test";

type Command = (...args: unknown[]) => unknown;

/// What the extension did, and what it is answered.
const commands = new Map<string, Command>();
const sent: string[] = [];
const messages: string[] = [];
const requests: [string, unknown][] = [];
const inputs: (string | undefined)[] = [];
const settings = new Map<string, unknown>();
const listeners: (() => void)[] = [];
const status = { text: "", tooltip: "", command: "", shown: false };
const client = { running: false, refuses: "", answer: {} as unknown, options: {} as unknown };
const lenses = [
  { range: { start: { line: 2 } }, command: { title: "proved", command: "" } },
  {
    range: { start: { line: 2 } },
    command: { title: "verify", command: "vera.verify", arguments: ["file:///p/a.vera", "f"] },
  },
];

const document = {
  languageId: "vera",
  version: 4,
  uri: { scheme: "file", fsPath: "/p/a b.vera", toString: () => "file:///p/a%20b.vera" },
};
const editor = { document, selection: { active: { line: 5 } } };

class Client {
  constructor(_id: string, _name: string, server: unknown, options: unknown) {
    client.options = { server, options };
  }
  async start(): Promise<void> {
    if (client.refuses) {
      throw new Error(client.refuses);
    }
    client.running = true;
  }
  isRunning(): boolean {
    return client.running;
  }
  async stop(): Promise<void> {
    client.running = false;
  }
  async restart(): Promise<void> {
    sent.push("restart");
  }
  async sendRequest(method: string, params: unknown): Promise<unknown> {
    if (method === "textDocument/codeLens") {
      return lenses;
    }
    requests.push([method, params]);
    if (client.answer instanceof Error) {
      throw client.answer;
    }
    return client.answer;
  }
}

const listen = (listener: () => void): object => {
  listeners.push(listener);
  return {};
};
const show = async (text: string): Promise<void> => void messages.push(text);
const terminal = { name: "Vera", show: () => undefined, sendText: (line: string) => sent.push(line) };

const vscode = {
  StatusBarAlignment: { Left: 1 },
  Uri: { parse: (text: string) => ({ scheme: text.split(":")[0], fsPath: text.replace("file://", "") }) },
  commands: {
    registerCommand: (name: string, command: Command) => {
      commands.set(name, command);
      return {};
    },
  },
  languages: { onDidChangeDiagnostics: listen },
  window: {
    activeTextEditor: editor as typeof editor | undefined,
    terminals: [] as object[],
    createTerminal: () => {
      vscode.window.terminals.push(terminal);
      return terminal;
    },
    createStatusBarItem: () => Object.assign(status, {
      show: () => (status.shown = true),
      hide: () => (status.shown = false),
    }),
    onDidChangeActiveTextEditor: listen,
    onDidChangeTextEditorSelection: listen,
    showInputBox: async () => inputs.shift(),
    showErrorMessage: show,
    showInformationMessage: show,
    showWarningMessage: show,
  },
  workspace: {
    createFileSystemWatcher: (glob: string) => glob,
    getConfiguration: () => ({
      get: (name: string, otherwise: unknown) => settings.get(name) ?? otherwise,
    }),
  },
};

/// The extension, which finds these in the place of the editor's modules.
function extension(): typeof import("../src/extension") {
  const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => {
    switch (name) {
      case "vscode":
        return vscode;
      case "vscode-languageclient/node":
        return { LanguageClient: Client };
      default:
        return load(name, ...rest);
    }
  };
  try {
    return require("../src/extension") as typeof import("../src/extension");
  } finally {
    loader._load = load;
  }
}

const run = (name: string, ...args: unknown[]): unknown => commands.get(name)?.(...args);

test("the extension starts the server and does what its commands say", async () => {
  const { activate, deactivate } = extension();
  settings.set("path", "/opt/vera tool/vera");
  settings.set("verifyOnChange", false);
  await activate({ subscriptions: [] } as unknown as Parameters<typeof activate>[0]);
  assert.deepEqual([...commands.keys()].sort(), [
    "vera.changeSignature",
    "vera.restart",
    "vera.run",
    "vera.test",
    "vera.verify",
  ]);
  assert.deepEqual(client.options, {
    server: { command: "/opt/vera tool/vera", args: ["lsp"] },
    options: {
      documentSelector: [{ language: "vera" }],
      initializationOptions: { tierHints: true, verifyOnChange: false },
      synchronize: { configurationSection: "vera", fileEvents: "**/*.vera" },
    },
  });

  // Lenses name the file and a function; the palette names none.
  run("vera.verify", "file:///p/a.vera", "f");
  run("vera.run");
  assert.deepEqual(sent.splice(0), [
    "'/opt/vera tool/vera' verify /p/a.vera --fn f",
    "'/opt/vera tool/vera' run '/p/a b.vera'",
  ]);
  assert.equal(vscode.window.terminals.length, 1);
  run("vera.test", "untitled:1");
  assert.deepEqual([messages.splice(0), sent], [["Vera: open a file first."], []]);

  // The status is that of the function around the cursor.
  listeners[0]?.();
  await new Promise(setImmediate);
  assert.deepEqual([status.shown, status.text], [true, "$(verified-filled) f: proved"]);
  editor.selection.active.line = 0;
  listeners[0]?.();
  await new Promise(setImmediate);
  assert.equal(status.shown, false);

  await run("vera.restart");
  assert.deepEqual(sent.splice(0), ["restart"]);
  await deactivate();
  assert.equal(client.running, false);
});

test("a signature is changed as the answers say", async () => {
  client.running = true;
  editor.selection.active.line = 5;
  inputs.push("f", "1, Int = 7");
  client.answer = { applied: true, diagnostics: 0 };
  await run("vera.changeSignature");
  assert.deepEqual(requests.splice(0), [
    [
      "vera/changeSignature",
      {
        uri: "file:///p/a%20b.vera",
        fn: "f",
        params: [{ from: 1 }, { from: null, type: "Int", argument: "7" }],
        version: 4,
      },
    ],
  ]);
  assert.deepEqual(messages, []);
  for (const [answer, message] of [
    [{ applied: false, diagnostics: 1 }, "Vera: not changed: it would be a mistake."],
    [{ applied: false, diagnostics: 0 }, "Vera: not changed: proofs would be lost."],
    [new Error("there is no function `g`"), "Vera: there is no function `g`"],
  ] as [unknown, string][]) {
    inputs.push("g", "0");
    client.answer = answer;
    await run("vera.changeSignature");
    assert.deepEqual(messages.splice(0), [message]);
  }
  requests.length = 0;
  // Whoever asks for nothing changes nothing.
  inputs.push("f", undefined);
  await run("vera.changeSignature");
  inputs.push(undefined);
  await run("vera.changeSignature");
  vscode.window.activeTextEditor = undefined;
  await run("vera.changeSignature");
  assert.deepEqual(requests, []);
  vscode.window.activeTextEditor = editor;
});

test("a tool that is not there is told of", async () => {
  const { activate } = extension();
  settings.set("path", "nowhere");
  client.refuses = "ENOENT";
  await activate({ subscriptions: [] } as unknown as Parameters<typeof activate>[0]);
  assert.deepEqual(messages.splice(0), [
    "Vera: cannot start `nowhere lsp`: Error: ENOENT. Set vera.path.",
  ]);
});
