//! What every part knows: files that are handed in, and texts, checked.

use std::path::Path;

use serde_json::{Value, json};
use vera_check::Checked;
use vera_diagnostics::{Diagnostic, Severity, SourceFile, Sources, envelope, render_text};
use vera_session::Modules;

use crate::requests::{Answered, Refusal, string};
use crate::{Answer, Compiler};

/// Answers a request about files, and `check`.
pub fn answer(compiler: &Compiler, method: &str, params: &Value) -> Answered {
    let answered = match method {
        "enter" => string(params, "directory").map(|directory| {
            compiler.files.enter(directory);
            json!({})
        }),
        "file" => string(params, "path").map(|path| {
            compiler.files.put(path, params["text"].as_str().map(str::to_owned));
            json!({})
        }),
        "check" => Text::of(params).map(|text| {
            let checked = text.checked(compiler);
            text.reported(&checked.diagnostics, &checked.sources)
        }),
        _ => return None,
    };
    Some(answered.map(Answer::from))
}

impl Compiler {
    /// Adds the files that answering would have needed.
    pub fn say_wanted(&self, answer: &mut Answer) {
        let wanted = self.files.wanted();
        if !wanted.is_empty() {
            answer.document["wanted"] = json!(wanted);
        }
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
