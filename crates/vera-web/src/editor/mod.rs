//! What a text says: the requests of editors, proofs, form, explanations.

mod proofs;
mod runs;

use std::sync::Arc;

use serde_json::{Value, json};
use vera_check::Checked;
use vera_diagnostics::{Code, Diagnostic, Sources};
use vera_lsp::{Prover, Workspace};
use vera_session::{Files, Strict, StrictName, project_of};
use vera_verify::{DEFAULT_TIMEOUT_MS, NoProgress, Options, Overview};

use crate::files::Given;
use crate::front::Text;
use crate::requests::{Answered, Refusal, invalid, string};
use crate::solver::Elsewhere;
use crate::{Answer, Compiler};
use proofs::Remote;
use runs::Runs;

/// Open texts, and what the solver said so far.
#[derive(Default)]
pub struct Editor {
    /// Made at the first request, over the files of the compiler.
    workspace: Option<Workspace>,
    solver: Elsewhere,
    runs: Runs,
}

impl Editor {
    fn workspace(&mut self, files: &Arc<Given>) -> &mut Workspace {
        self.workspace.get_or_insert_with(|| {
            let below: Arc<dyn Files> = Arc::clone(files) as Arc<dyn Files>;
            Workspace::new(below)
        })
    }
}

/// Answers a request of this part; `None` of another one.
pub fn answer(compiler: &mut Compiler, method: &str, params: &Value) -> Answered {
    let answered = match method {
        "update" => update(compiler, params),
        "prove" => prove(compiler, params),
        "solved" => compiler.editor.solver.answer(params).map(|()| json!({})).map_err(invalid),
        "ran" => compiler.editor.runs.answer(params).map(|()| json!({})).map_err(invalid),
        "verify" => verify(compiler, params),
        "format" => format(params),
        "interface" => string(params, "text").map(interface),
        #[cfg(feature = "explain")]
        "explain" => explain(params),
        _ if ["textDocument/", "workspace/", "callHierarchy/"]
            .iter()
            .any(|p| method.starts_with(p)) =>
        {
            let Compiler { files, editor, .. } = compiler;
            let result = editor.workspace(files).answer(method, params);
            result.map(|result| json!({ "result": result }))
        }
        _ => return None,
    };
    Some(answered.map(Answer::from))
}

fn update(compiler: &mut Compiler, params: &Value) -> Result<Value, Refusal> {
    let uri = string(params, "uri")?;
    let version = params["version"].as_i64().and_then(|version| i32::try_from(version).ok());
    let text = string(params, "text")?.to_owned();
    let workspace = compiler.editor.workspace(&compiler.files);
    workspace.update(uri, version.unwrap_or_default(), text).map_err(invalid)?;
    let ok = workspace.checked(uri).is_some_and(|checked| !checked.has_errors());
    Ok(json!({ "ok": ok, "diagnostics": workspace.published(uri) }))
}

fn prove(compiler: &mut Compiler, params: &Value) -> Result<Value, Refusal> {
    let uri = string(params, "uri")?;
    let options = Options { timeout_ms: timeout(params)?, ..Options::default() };
    compiler.editor.workspace(&compiler.files);
    let Editor { workspace, solver, runs } = &mut compiler.editor;
    let workspace = workspace.as_mut().filter(|workspace| workspace.checked(uri).is_some());
    let workspace = workspace.ok_or_else(|| invalid("the document is not open"))?;
    solver.begin(params["solver"].as_str());
    runs.begin(params["runs"] == json!(true));
    workspace.prove(uri, &Remote { solver, runs, options });
    let proofs = workspace.proofs(uri).zip(workspace.checked(uri));
    let found = proofs.map(|((verification, overview), checked)| {
        let functions = proofs::functions(verification, overview, &checked.sources);
        let unsolved = if solver.is_there() { 0 } else { proofs::unsolved(verification) };
        (proofs::lines(verification, overview), functions, unsolved)
    });
    let (lines, functions, unsolved) = found.unwrap_or_default();
    let mut diagnostics = workspace.published(uri);
    if unsolved > 0
        && let Some(reports) = diagnostics.as_array_mut()
    {
        // Nothing of the program is wrong: who asks has no solver so far, and is told.
        reports.retain(|report| report["code"] != Code::E542.as_str());
    }
    let questions = solver.questions();
    Ok(json!({
        "lines": lines,
        "functions": functions,
        "diagnostics": diagnostics,
        "unsolved": unsolved,
        "runs": runs.open(&questions),
        "questions": questions,
        "answered": solver.answered(),
    }))
}

fn verify(compiler: &mut Compiler, params: &Value) -> Result<Value, Refusal> {
    let text = Text::of(params)?;
    let Checked { program, sources, mut diagnostics, .. } = text.checked(compiler);
    let Some(program) = program else { return Ok(text.reported(&diagnostics, &sources)) };
    let project = project_of(&*compiler.files, text.directory());
    let project = project.map_err(|error| invalid(error.to_string()))?;
    let settings = project.map(|project| project.prover).unwrap_or_default();
    let timeout_ms = match (&params["timeout_ms"], settings.timeout_ms) {
        (Value::Null, Some(chosen)) if chosen > 0 => chosen,
        _ => timeout(params)?,
    };
    let Editor { solver, runs, .. } = &compiler.editor;
    solver.begin(params["solver"].as_str());
    runs.begin(params["runs"] == json!(true));
    let remote = Remote { solver, runs, options: Options { timeout_ms, ..Options::default() } };
    let mut verification = remote.verify(&program, &sources, &NoProgress);
    match settings.strict {
        None | Some(Strict::Plain(false)) => {}
        Some(Strict::Plain(true)) => vera_verify::make_strict(&mut verification, false),
        Some(Strict::Named(StrictName::All)) => vera_verify::make_strict(&mut verification, true),
    }
    diagnostics.extend(verification.diagnostics.iter().cloned());
    let overview = Overview::new(&program, &verification, &[]);
    let mut document = text.reported(&diagnostics, &sources);
    vera_verify::to_json(&verification, &sources, &mut document);
    document["overview"] = overview.json();
    document["lines"] = json!(proofs::lines(&verification, &overview));
    let questions = solver.questions();
    document["runs"] = runs.open(&questions);
    document["questions"] = questions;
    document["answered"] = solver.answered().into();
    Ok(document)
}

fn timeout(params: &Value) -> Result<u32, Refusal> {
    let value = &params["timeout_ms"];
    if value.is_null() {
        return Ok(DEFAULT_TIMEOUT_MS);
    }
    let chosen = value.as_u64().and_then(|ms| u32::try_from(ms).ok()).filter(|ms| *ms > 0);
    chosen.ok_or_else(|| invalid("'timeout_ms' must be a positive number of milliseconds"))
}

fn format(params: &Value) -> Result<Value, Refusal> {
    let text = Text::of(params)?;
    let parsed = vera_syntax::parse(text.text);
    if !parsed.errors.is_empty() {
        let mut sources = Sources::default();
        let file = sources.add(text.source());
        let errors: Vec<Diagnostic> =
            parsed.errors.iter().map(|error| error.to_diagnostic(file)).collect();
        return Ok(text.reported(&errors, &sources));
    }
    Ok(match vera_fmt::format_checked(text.text, &parsed) {
        Ok(formatted) => json!({ "ok": true, "text": formatted }),
        Err(violation) => json!({
            "ok": false,
            "rendered": format!("Error: cannot format {}: {violation} (a bug in vera)\n", text.file),
        }),
    })
}

/// What a text declares.
fn interface(text: &str) -> Value {
    let interface = vera_session::interface(text, &vera_syntax::parse(text));
    let items = interface.items.iter().map(|item| {
        json!({
            "name": item.name, "kind": item.kind.as_str(), "public": item.public,
            "text": item.text, "doc": item.doc,
        })
    });
    json!({ "module": interface.module, "doc": interface.doc, "items": items.collect::<Vec<_>>() })
}

/// What a code means; its example is proved by the simplifier alone, and not compiled.
#[cfg(feature = "explain")]
fn explain(params: &Value) -> Result<Value, Refusal> {
    use vera_diagnostics::Phase;
    use vera_explain::Explanation;

    let code = string(params, "code")?;
    let known = Code::of(&code.to_ascii_uppercase());
    let code = known.ok_or_else(|| invalid(format!("there is no code {code}")))?;
    let (solver, runs) = (Elsewhere::default(), Runs::default());
    let explanation = Explanation::new(code, &|phase, program, sources| match phase {
        Phase::Verify | Phase::Warning => {
            let remote = Remote { solver: &solver, runs: &runs, options: Options::default() };
            remote.verify(program, sources, &NoProgress).diagnostics
        }
        Phase::Parse | Phase::Typecheck | Phase::Codegen | Phase::Test => Vec::new(),
    });
    let mut document = explanation.json();
    document["text"] = explanation.text().into();
    Ok(document)
}
