//! What can be asked.
//!
//! | method | parameters | answer |
//! |---|---|---|
//! | `version` | | `version` |
//! | `enter` | `directory` | |
//! | `file` | `path`, `text` or `null` | |
//! | `runtime` | `name`; bytes | |
//! | `update` | `uri`, `version`, `text` | `diagnostics` of the protocol |
//! | `check` | `file`, `text` | the envelope of `vera check --json`, `rendered` |
//! | `prove` | `uri`, `solver`, `timeout_ms` | `functions`, `diagnostics`, `lines`, `questions`, `answered` |
//! | `verify` | `file`, `text`, `solver`, `timeout_ms` | the envelope of `vera verify --json`, `rendered`, `lines`, `questions` |
//! | `solved` | `question`, `outcome`, `model`, `interrupted` | |
//! | `format` | `file`, `text` | `text`, or the envelope of what is wrong |
//! | `compile` | `file`, `text` | the envelope, `exports`, `size`, `interface`, or `runtime`; the module |
//! | `wat` | a module's bytes | `text` |
//! | `interface` | `text` | `items` |
//! | `explain` | `code` | `text`, and as `vera explain --json` |
//! | `textDocument/…`, `workspace/…`, `callHierarchy/…` | as the protocol has them | `result` |
//!
//! Any answer may have `wanted`, paths of files to hand in by `file`; a request that was
//! refused has `error`, with the protocol's `code` and a `message`.

use std::path::Path;

use serde_json::{Value, json};
use vera_check::Checked;
use vera_diagnostics::{Diagnostic, Severity, SourceFile, Sources, envelope, render_text};
use vera_session::Modules;

use crate::{Answer, Compiler};

/// The protocol's numbers for what is wrong with a request.
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;

/// Why a request has no answer.
pub type Refusal = (i32, String);

pub fn invalid(message: impl Into<String>) -> Refusal {
    (INVALID_PARAMS, message.into())
}

pub fn string<'v>(params: &'v Value, key: &str) -> Result<&'v str, Refusal> {
    params[key].as_str().ok_or_else(|| invalid(format!("'{key}' must be a string")))
}

/// An answer that says nothing but that it is done.
fn done(_: ()) -> Answer {
    json!({}).into()
}

impl Compiler {
    /// Answers a request; see the table in `requests`.
    pub fn answer(&mut self, method: &str, params: &Value, bytes: Vec<u8>) -> Answer {
        let answered = self.answered(method, params, bytes);
        let mut answer = answered.unwrap_or_else(|(code, message)| {
            json!({ "error": { "code": code, "message": message } }).into()
        });
        let wanted = self.files.wanted();
        if !wanted.is_empty() {
            answer.document["wanted"] = json!(wanted);
        }
        answer
    }

    fn answered(
        &mut self,
        method: &str,
        params: &Value,
        bytes: Vec<u8>,
    ) -> Result<Answer, Refusal> {
        match method {
            "version" => Ok(json!({ "version": env!("CARGO_PKG_VERSION") }).into()),
            "enter" => Ok(done(self.files.enter(string(params, "directory")?))),
            "file" => {
                let text = params["text"].as_str().map(str::to_owned);
                Ok(done(self.files.put(string(params, "path")?, text)))
            }
            "check" => {
                let text = Text::of(params)?;
                let checked = text.checked(self);
                Ok(text.reported(&checked.diagnostics, &checked.sources).into())
            }
            _ => self.of_a_part(method, params, bytes),
        }
    }

    fn of_a_part(
        &mut self,
        method: &str,
        params: &Value,
        bytes: Vec<u8>,
    ) -> Result<Answer, Refusal> {
        #[cfg(feature = "codegen")]
        match method {
            "runtime" => return crate::codegen::provide(string(params, "name")?, bytes).map(done),
            "compile" => return Ok(crate::codegen::compile(self, &Text::of(params)?)),
            "wat" => return crate::codegen::text(&bytes),
            _ => {}
        }
        #[cfg(feature = "editor")]
        if let Some(answered) = crate::editor::answer(self, method, params) {
            return answered;
        }
        _ = (params, bytes);
        Err((METHOD_NOT_FOUND, format!("there is no method `{method}`")))
    }
}

/// A text under the name that reports have for it.
pub struct Text<'p> {
    pub file: &'p str,
    pub text: &'p str,
}

impl<'p> Text<'p> {
    pub fn of(params: &'p Value) -> Result<Text<'p>, Refusal> {
        let (file, text) = (string(params, "file")?, string(params, "text")?);
        Ok(Text { file, text: text.strip_prefix('\u{feff}').unwrap_or(text) })
    }

    pub fn source(&self) -> SourceFile {
        SourceFile::new(self.file, self.text)
    }

    /// Where its imports are looked for.
    pub fn directory(&self) -> &'p Path {
        let parent = Path::new(self.file).parent();
        parent.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    pub fn checked(&self, compiler: &Compiler) -> Checked {
        let mut modules = Modules::new(&*compiler.files, self.directory());
        vera_check::check(self.source(), &mut modules)
    }

    /// The envelope of reports, and their text: warnings, then errors.
    pub fn reported(&self, diagnostics: &[Diagnostic], sources: &Sources) -> Value {
        let mut document = envelope(self.file, diagnostics, sources);
        let of = |severity| diagnostics.iter().filter(move |report| report.severity == severity);
        let all = of(Severity::Warning).chain(of(Severity::Error));
        let rendered: String = all.map(|report| render_text(report, sources)).collect();
        document["rendered"] = rendered.into();
        document
    }
}
