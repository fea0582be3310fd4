//! `vera mcp`: the toolchain as tools of the Model Context Protocol, over the standard
//! streams.
//!
//! A call runs this very program once more, with `--json` and within limits: so a model
//! sees what the command line says, nothing that a program prints gets between the messages
//! of the protocol, and what hangs is ended.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use serde_json::{Map, Value, json};
use vera_lsp::Surroundings;
use vera_mcp::toolbox::{Answer, Offered, Readable, Toolbox, serve};

use super::explain;
use super::lsp::surroundings;
use crate::child;
use crate::cli::Mcp;
use crate::output;
use crate::replace::replace;

/// What a model should know before its first call.
const INSTRUCTIONS: &str = "The toolchain of Vera. Write a program, `check` it, `verify` its \
    contracts, `test` and `run` it; each report says how to repair what is wrong, and `fix` makes \
    the repairs that are safe. A program is given as `text`, or as `path` below the root. The \
    resource vera://guide tells how Vera is written: read it first.";

/// How long a call may take unless it says otherwise.
const TIME: Duration = Duration::from_secs(60);

/// Limits of a program that is run.
const LIMITS: [&str; 7] =
    ["--sandbox", "--timeout", "10", "--max-memory", "512M", "--fuel", "20000000000"];

/// So many characters a token has, about.
const CHARACTERS_PER_TOKEN: usize = 4;

/// The chapters of the reference.
static REFERENCE: include_dir::Dir<'_> =
    include_dir::include_dir!("$CARGO_MANIFEST_DIR/../../docs/reference");

pub(super) fn mcp(args: &Mcp) -> ExitCode {
    let root = match Path::new(&args.root).canonicalize() {
        Ok(root) if root.is_dir() => root,
        _ => {
            output::error(&format!("--root: no directory at {}", args.root));
            return ExitCode::FAILURE;
        }
    };
    let served = std::env::current_exe()
        .map_err(|error| error.to_string())
        .and_then(|tool| serve(Tools { root, tool, surroundings: surroundings()? }));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            output::error(&format!("vera mcp: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// The tools of one conversation.
struct Tools {
    /// What paths are relative to, and do not lead out of.
    root: PathBuf,
    /// This program.
    tool: PathBuf,
    surroundings: Surroundings,
}

/// What a command line came to.
struct Ran {
    stdout: String,
    stderr: String,
    ok: bool,
}

/// A program as it is given.
enum Given {
    Text(String),
    /// Below the root.
    Path(String),
}

impl Toolbox for Tools {
    fn describe(&self) -> (String, String, String) {
        ("vera".to_owned(), env!("CARGO_PKG_VERSION").to_owned(), INSTRUCTIONS.to_owned())
    }

    fn tools(&self) -> Vec<Offered> {
        offered()
    }

    fn call(&self, name: &str, arguments: &Map<String, Value>) -> Option<Answer> {
        if !offered().iter().any(|tool| tool.name == name) {
            return None;
        }
        let answer = self.answer(name, arguments).unwrap_or_else(|why| Answer {
            text: why,
            structured: None,
            failed: true,
        });
        Some(within(answer, arguments))
    }

    fn texts(&self) -> Vec<Readable> {
        let guide = Readable {
            uri: "vera://guide".to_owned(),
            name: "guide".to_owned(),
            description: "How Vera is written, on one page".to_owned(),
        };
        let chapters = chapters().map(|(name, text)| Readable {
            uri: format!("vera://reference/{name}"),
            name: name.to_owned(),
            description: text
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("# ")
                .to_owned(),
        });
        let codes = vera_diagnostics::Code::ALL.iter().map(|code| Readable {
            uri: format!("vera://code/{}", code.as_str()),
            name: code.as_str().to_owned(),
            description: code.title().to_owned(),
        });
        std::iter::once(guide).chain(chapters).chain(codes).collect()
    }

    fn read(&self, uri: &str) -> Option<String> {
        let what = uri.strip_prefix("vera://")?;
        if what == "guide" {
            return Some(super::guide::TEXT.to_owned());
        }
        if let Some(code) = what.strip_prefix("code/") {
            return explain::text(vera_diagnostics::Code::of(code)?).into();
        }
        let chapter = what.strip_prefix("reference/")?;
        chapters().find(|(name, _)| *name == chapter).map(|(_, text)| text.to_owned())
    }
}

/// Name without suffix and text of each chapter.
fn chapters() -> impl Iterator<Item = (&'static str, &'static str)> {
    REFERENCE.files().filter_map(|file| {
        let name = file.path().file_stem()?.to_str()?;
        Some((name, file.contents_utf8()?))
    })
}

/// What a change does to the proofs, in a line.
fn delta(weighed: &Value) -> String {
    let count = |key: &str| weighed["proof_delta"][key].as_array().map_or(0, Vec::len);
    if weighed["proof_delta"].is_null() {
        return "the new text has mistakes: `check` it".to_owned();
    }
    format!(
        "{} proofs more, {} obligations open, {} proofs lost, {} errors",
        count("newly_discharged"),
        count("newly_undischarged"),
        count("proof_regressions"),
        weighed["diagnostics"]
    )
}

/// The tools, and what they take.
fn offered() -> Vec<Offered> {
    let text = json!({ "type": "string", "description": "The program" });
    let path = json!({ "type": "string", "description": "A file, or a directory, below the root" });
    let budget = json!({ "type": "integer", "minimum": 100,
        "description": "How many tokens the answer may have" });
    let program = |more: Value| {
        let mut properties = json!({ "text": text, "path": path, "budget": budget });
        if let (Some(all), Some(more)) = (properties.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    };
    let function = json!({ "type": "string", "description": "Only this function" });
    let tool =
        |name, description, input, read_only| Offered { name, description, input, read_only };
    vec![
        tool(
            "check",
            "Types, effects, slots and exhaustiveness: every mistake, with how to repair it",
            program(json!({})),
            true,
        ),
        tool(
            "verify",
            "Proves the contracts; what does not hold is shown with inputs that break it",
            program(json!({
                "fn": function,
                "strict": { "type": "boolean", "description": "What is left to run time is an error" },
            })),
            true,
        ),
        tool(
            "test",
            "Runs public functions on generated inputs against their contracts",
            program(json!({
                "fn": function, "trials": { "type": "integer", "minimum": 1 },
            })),
            true,
        ),
        tool(
            "run",
            "Compiles and runs a function, `main` unless another is named; without network and files",
            program(json!({
                "fn": function,
                "arguments": { "type": "array", "items": { "type": "string" },
                    "description": "Vera literals, one for each parameter" },
                "stdin": { "type": "string" },
            })),
            true,
        ),
        tool("format", "The canonical text of a program", program(json!({})), true),
        tool(
            "fix",
            "The program with all safe repairs made; of a `path` the file is changed",
            program(json!({})),
            false,
        ),
        tool(
            "holes",
            "What fits each typed hole `?`: its type and the bindings in scope",
            program(json!({})),
            true,
        ),
        tool(
            "outline",
            "The public interface: signatures, contracts, comments, proofs",
            program(json!({})),
            true,
        ),
        tool(
            "context",
            "A project in few words: signatures with contracts, who calls whom",
            program(json!({})),
            true,
        ),
        tool(
            "next",
            "The tokens that can continue a beginning of a program: by grammar, and names that exist; \
             what `fits` is of the type wanted there",
            program(json!({
                "line": { "type": "integer", "minimum": 1,
                    "description": "Where the beginning ends, with `column`; the end of the text unless it is given" },
                "column": { "type": "integer", "minimum": 1 },
            })),
            true,
        ),
        tool(
            "explain",
            "What a diagnostic code means, with an example",
            json!({
                "type": "object", "required": ["code"], "additionalProperties": false,
                "properties": { "code": { "type": "string", "pattern": "^[EW][0-9]{3}$" } },
            }),
            true,
        ),
        tool(
            "lookup",
            "Built-in functions by name, or by what they take and give; effects with their operations",
            json!({
                "type": "object", "additionalProperties": false,
                "properties": {
                    "name": { "type": "string", "description": "A name, or a part of one" },
                    "takes": { "type": "string", "description": "A parameter's type: `Array<T>`" },
                    "gives": { "type": "string", "description": "The result's type: `Option<T>`" },
                    "budget": budget,
                },
            }),
            true,
        ),
        tool(
            "propose_edit",
            "What another text would do to the proofs of a program; changes nothing",
            json!({
                "type": "object", "required": ["new_text"], "additionalProperties": false,
                "properties": { "text": text, "path": path, "new_text": { "type": "string" }, "budget": budget },
            }),
            true,
        ),
        tool(
            "change_signature",
            "Other parameters of a function, with every call in the project and every slot counted \
             anew, and what that does to the proofs; with `write`, made where no proof is lost",
            json!({
                "type": "object", "required": ["fn", "params"], "additionalProperties": false,
                "properties": {
                    "text": text, "path": path, "budget": budget,
                    "fn": { "type": "string", "description": "The function" },
                    "params": {
                        "type": "array",
                        "description": "Its parameters from now on, in order",
                        "items": { "type": "object", "additionalProperties": false, "properties": {
                            "from": { "type": ["integer", "null"], "minimum": 0,
                                "description": "Which one it was, counted from 0; none: a new one" },
                            "type": { "type": "string", "description": "Its type; a new one needs it" },
                            "argument": { "type": "string",
                                "description": "What existing calls hand over for a new one" },
                        } },
                    },
                    "write": { "type": "boolean", "description": "Write the files" },
                },
            }),
            false,
        ),
    ]
}

impl Tools {
    fn answer(&self, name: &str, arguments: &Map<String, Value>) -> Result<Answer, String> {
        match name {
            "explain" => {
                let code = string(arguments, "code")?.ok_or("`code` is missing")?;
                self.json(&["explain".to_owned(), "--json".to_owned(), code], None)
            }
            "lookup" => Ok(lookup(arguments)),
            "propose_edit" => self.propose(arguments),
            "change_signature" => self.change_signature(arguments),
            "format" => self.printed("fmt", arguments),
            "outline" => self.printed("doc", arguments),
            _ => self.command(name, arguments),
        }
    }

    /// What a command prints that has no JSON document.
    fn printed(&self, command: &str, arguments: &Map<String, Value>) -> Result<Answer, String> {
        let given = self.given(arguments)?;
        let ran = self.run(&[command.to_owned(), word(&given)], stdin(&given))?;
        let text = if ran.ok { ran.stdout } else { ran.stderr };
        Ok(Answer { text, structured: None, failed: !ran.ok })
    }

    /// The tools that are commands with a JSON document.
    fn command(&self, name: &str, arguments: &Map<String, Value>) -> Result<Answer, String> {
        let given = self.given(arguments)?;
        let command = if name == "holes" { "check" } else { name };
        let mut line = vec![command.to_owned(), "--json".to_owned(), word(&given)];
        if let Some(function) = string(arguments, "fn")? {
            line.extend(["--fn".to_owned(), function]);
        }
        if arguments.get("strict") == Some(&Value::Bool(true)) {
            line.push("--strict".to_owned());
        }
        if let Some(trials) = arguments.get("trials").and_then(Value::as_u64) {
            line.extend(["--trials".to_owned(), trials.to_string()]);
        }
        if name == "fix" && matches!(given, Given::Text(_)) {
            line.push("--dry-run".to_owned());
        }
        let number = |key: &str| arguments.get(key).and_then(Value::as_u64);
        match (number("line"), number("column")) {
            (Some(at), Some(column)) => line.extend(["--at".to_owned(), format!("{at}:{column}")]),
            (None, None) => {}
            _ => return Err("`line` and `column` belong together".to_owned()),
        }
        let mut input = stdin(&given).map(str::to_owned);
        if name == "run" {
            line.extend(LIMITS.map(str::to_owned));
            // The program's own input; a text is then given as a file.
            if let Some(own) = string(arguments, "stdin")? {
                let Given::Path(_) = given else {
                    return Err("`stdin` needs the program as `path`".to_owned());
                };
                input = Some(own);
            }
            line.push("--".to_owned());
            for argument in
                arguments.get("arguments").and_then(Value::as_array).into_iter().flatten()
            {
                line.push(argument.as_str().ok_or("`arguments` are strings")?.to_owned());
            }
        }
        let mut answer = self.json(&line, input.as_deref())?;
        if name == "holes"
            && let Some(document) = &mut answer.structured
            && let Some(warnings) = document["warnings"].as_array_mut()
        {
            warnings.retain(|warning| warning["error_code"] == "W001");
            let said = |warning: &Value| {
                let part = |key: &str| warning[key].as_str().unwrap_or_default().to_owned();
                format!("{}\n{}", part("description"), part("fix"))
            };
            let texts: Vec<String> = warnings.iter().map(said).collect();
            answer.text = if texts.is_empty() { "no holes".to_owned() } else { texts.join("\n\n") };
        }
        Ok(answer)
    }

    fn propose(&self, arguments: &Map<String, Value>) -> Result<Answer, String> {
        let new = string(arguments, "new_text")?.ok_or("`new_text` is missing")?;
        let (path, old) = self.read_given(arguments)?;
        let weighed = vera_lsp::weigh(&self.surroundings, &path, &old, &new);
        Ok(Answer { text: delta(&weighed), structured: Some(weighed), failed: false })
    }

    fn change_signature(&self, arguments: &Map<String, Value>) -> Result<Answer, String> {
        let (path, text) = self.read_given(arguments)?;
        let params = Value::Object(arguments.clone());
        let file = (path.as_path(), text.as_str());
        let (mut changed, keeps) = vera_lsp::change_signature(&self.surroundings, file, &params)?;
        let mut text = delta(&changed);
        if arguments.get("write") == Some(&Value::Bool(true)) {
            let files = changed["files"].as_array().map(Vec::as_slice).unwrap_or_default();
            if arguments.contains_key("text") {
                return Err("`write` needs a `path`".to_owned());
            }
            if keeps {
                self.write(files)?;
            }
            text.push_str(if keeps { "; written" } else { "; not written" });
            changed["written"] = keeps.into();
        }
        Ok(Answer { text, structured: Some(changed), failed: false })
    }

    /// Writes files with their new texts, all of them below the root.
    fn write(&self, files: &[Value]) -> Result<(), String> {
        let named = files.iter().filter_map(|f| Some((f["path"].as_str()?, f["text"].as_str()?)));
        let named: Vec<(&str, &str)> = named.collect();
        if let Some((path, _)) = named.iter().find(|(path, _)| !self.holds(Path::new(path))) {
            return Err(format!("{path} is not below the root"));
        }
        for (path, text) in named {
            replace(Path::new(path), text.as_bytes()).map_err(|e| format!("{path}: {e}"))?;
        }
        Ok(())
    }

    /// Whether a file is below the root.
    fn holds(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| path.starts_with(&self.root))
    }

    /// The program that a call is about, as a text with its place.
    fn read_given(&self, arguments: &Map<String, Value>) -> Result<(PathBuf, String), String> {
        match self.given(arguments)? {
            Given::Text(text) => Ok((self.root.join("program.vera"), text)),
            Given::Path(path) => {
                let path = PathBuf::from(path);
                let read = std::fs::read_to_string(&path);
                let text = read.map_err(|error| format!("{}: {error}", path.display()))?;
                Ok((path, text))
            }
        }
    }

    /// The program that a call is about.
    fn given(&self, arguments: &Map<String, Value>) -> Result<Given, String> {
        match (string(arguments, "text")?, string(arguments, "path")?) {
            (Some(text), None) => Ok(Given::Text(text)),
            (None, Some(path)) => self.below(&path).map(Given::Path),
            _ => Err("give either `text` or `path`".to_owned()),
        }
    }

    /// A path that does not lead out of the root.
    fn below(&self, path: &str) -> Result<String, String> {
        let whole = self.root.join(path).canonicalize();
        let whole = whole.map_err(|_| format!("file not found: {path}"))?;
        if !whole.starts_with(&self.root) {
            return Err(format!("permission denied: {path} is not below the root"));
        }
        Ok(whole.to_string_lossy().into_owned())
    }

    /// Runs a command whose output is one JSON document.
    fn json(&self, line: &[String], input: Option<&str>) -> Result<Answer, String> {
        let ran = self.run(line, input)?;
        let document: Value = serde_json::from_str(&ran.stdout)
            .map_err(|_| format!("the command failed: {}{}", ran.stdout, ran.stderr))?;
        Ok(Answer { text: summary(&document), structured: Some(document), failed: false })
    }

    fn run(&self, line: &[String], input: Option<&str>) -> Result<Ran, String> {
        let mut command = Command::new(&self.tool);
        command.args(line).current_dir(&self.root);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("cannot start: {error}"))?;
        let written = child.stdin.take().zip(input.map(str::to_owned)).map(|(mut pipe, text)| {
            // A command that does not read its input has an answer all the same.
            std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())))
        });
        let stdout = collected(child.stdout.take());
        let stderr = collected(child.stderr.take());
        let ok = wait(&mut child)?;
        drop(written);
        let text = |reader: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
        };
        Ok(Ran { stdout: text(stdout), stderr: text(stderr), ok })
    }
}

/// Reads a stream to its end, beside the others.
fn collected(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What came before an error is what there is.
            _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Whether the command succeeds; one that takes too long is ended.
fn wait(child: &mut Child) -> Result<bool, String> {
    match child::wait(child, TIME, || false) {
        Ok(Some(status)) => Ok(status.success()),
        Ok(None) => Err(format!("the call took longer than {} s and was ended", TIME.as_secs())),
        Err(error) => Err(error.to_string()),
    }
}

fn string(arguments: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match arguments.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` must be a string")),
    }
}

fn word(given: &Given) -> String {
    match given {
        Given::Text(_) => "-".to_owned(),
        Given::Path(path) => path.clone(),
    }
}

fn stdin(given: &Given) -> Option<&str> {
    match given {
        Given::Text(text) => Some(text),
        Given::Path(_) => None,
    }
}

/// A document in a few lines: whether all is well, and what is not.
fn summary(document: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(files) = document["files"].as_array().filter(|_| document.get("ok").is_some()) {
        lines.extend(files.iter().map(summary));
        return lines.join("\n");
    }
    if document["schema"] == "vera-next/1" {
        return continuations(document);
    }
    match document["ok"].as_bool() {
        Some(true) => lines.push("ok".to_owned()),
        Some(false) => lines.push("not ok".to_owned()),
        None => {}
    }
    for report in
        ["diagnostics", "warnings"].iter().filter_map(|key| document[*key].as_array()).flatten()
    {
        let at = &report["location"];
        let code = report["error_code"].as_str().or(report["trap_kind"].as_str()).unwrap_or("-");
        let what = report["description"].as_str().unwrap_or_default();
        lines.push(format!(
            "{code} {}:{} {}",
            at["line"],
            at["column"],
            what.lines().next().unwrap_or_default()
        ));
    }
    if let Some(overview) = document["overview"].as_object() {
        lines.push(format!(
            "{} proved, {} checked at run time, {} failed",
            overview["proved"], overview["runtime"], overview["failed"]
        ));
    }
    if let Some(value) = document.get("value") {
        lines.push(format!("value: {value}"));
    }
    if let Some(text) = document["stdout"].as_str() {
        lines.push(format!("stdout: {text}"));
    }
    lines.join("\n")
}

/// What can follow: what fits, and the rest.
fn continuations(document: &Value) -> String {
    let tokens = document["tokens"].as_array().map(Vec::as_slice).unwrap_or_default();
    let said = |fits: bool| {
        let some = tokens.iter().filter(|token| (token["fits"] == true) == fits);
        some.filter_map(|token| token["token"].as_str()).collect::<Vec<_>>().join(" ")
    };
    match document["inside"].as_str() {
        Some(inside) => format!("inside a {inside}: any text"),
        None if tokens.is_empty() => "nothing: there is an error before, `check` it".to_owned(),
        None => format!("fits: {}\nothers: {}", said(true), said(false)),
    }
}

/// Built-in functions and effects that answer a description.
fn lookup(arguments: &Map<String, Value>) -> Answer {
    let wanted = |key: &str| {
        let text = arguments.get(key).and_then(Value::as_str);
        text.map(|text| text.replace(char::is_whitespace, "").to_ascii_lowercase())
    };
    let (name, takes, gives) = (wanted("name"), wanted("takes"), wanted("gives"));
    let functions = vera_builtins::FUNCTIONS.iter().filter(|f| {
        let signature = f.signature.replace(char::is_whitespace, "").to_ascii_lowercase();
        // The last arrow is that of the function itself.
        let (from, to) = signature.rsplit_once("->").unwrap_or((&signature, ""));
        name.as_ref().is_none_or(|n| f.name.contains(n.as_str()))
            && takes.as_ref().is_none_or(|t| from.contains(t.as_str()))
            && gives.as_ref().is_none_or(|g| to.starts_with(g.as_str()))
    });
    let functions: Vec<Value> = functions
        .map(|f| json!({ "name": f.name, "signature": f.signature, "doc": f.doc }))
        .collect();
    let by_name = takes.is_none() && gives.is_none();
    let effects = vera_builtins::EFFECTS.iter().filter(|e| {
        by_name && name.as_ref().is_none_or(|n| e.name.to_ascii_lowercase().contains(n.as_str()))
    });
    let effects: Vec<Value> = effects
        .map(|e| json!({ "name": e.name, "ops": e.ops.iter().map(|op| op.name).collect::<Vec<_>>() }))
        .collect();
    let line = |f: &Value| {
        let part = |key: &str| f[key].as_str().unwrap_or_default().to_owned();
        format!("{} {} — {}", part("name"), part("signature"), part("doc"))
    };
    let mut text: Vec<String> = functions.iter().map(line).collect();
    text.extend(effects.iter().map(|e| format!("effect {}: {}", e["name"], e["ops"])));
    if text.is_empty() {
        text.push("nothing answers that".to_owned());
    }
    let structured = json!({ "functions": functions, "effects": effects });
    Answer { text: text.join("\n"), structured: Some(structured), failed: false }
}

/// The answer within the budget that the call gives: of what is too long the text alone, of
/// a text that is too long its beginning, and how to get the rest.
fn within(mut answer: Answer, arguments: &Map<String, Value>) -> Answer {
    let Some(budget) = arguments.get("budget").and_then(Value::as_u64) else { return answer };
    let budget = usize::try_from(budget).unwrap_or(usize::MAX).saturating_mul(CHARACTERS_PER_TOKEN);
    let structured = answer.structured.as_ref().map_or(0, |json| json.to_string().len());
    if answer.text.len() + structured > budget {
        answer.structured = None;
    }
    if answer.text.len() > budget {
        let whole = answer.text.len();
        let cut = answer.text.floor_char_boundary(budget.saturating_sub(80));
        answer.text.truncate(cut);
        answer.text.push_str(&format!(
            "\n… {cut} of {whole} characters: call again with a larger `budget`, or about less"
        ));
    } else if structured > 0 && answer.structured.is_none() {
        answer.text.push_str("\n(the reports in full need a larger `budget`)");
    }
    answer
}
