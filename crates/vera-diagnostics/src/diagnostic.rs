//! The one shape every report has.

use crate::codes::Code;
use crate::fix::Fix;
use crate::source::FileSpan;

/// Whether a diagnostic makes the command fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Severity {
    Error,
    Warning,
}

/// A report to the author of the program: what is wrong, why the language says
/// so, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Absent only for the few reports the language leaves without a code.
    pub code: Option<Code>,
    /// What is wrong, naming what was found and what was expected.
    pub description: String,
    /// Absent for reports without a position (shown as line 0, column 0).
    pub location: Option<FileSpan>,
    /// The rule of the language behind it; may be empty.
    pub rationale: String,
    /// What to write instead, in code where possible; may be empty.
    pub fix: String,
    /// Chapter and section of the language reference; may be empty.
    pub spec_ref: String,
    /// 3 on reports that a check moved to run time.
    pub tier: Option<u8>,
    /// Other places that have to do with it.
    pub related: Vec<Related>,
    /// Ways to repair it, the likeliest first.
    pub fixes: Vec<Fix>,
}

/// A place that a report refers to.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Related {
    pub at: FileSpan,
    /// What stands there: `the first declaration`.
    pub label: String,
}

impl Diagnostic {
    /// An error with a code at a place.
    pub fn error(code: Code, location: FileSpan, description: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: Some(code),
            description: description.into(),
            location: Some(location),
            rationale: String::new(),
            fix: String::new(),
            spec_ref: String::new(),
            tier: None,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// A warning with a code at a place.
    pub fn warning(code: Code, location: FileSpan, description: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, location, description) }
    }

    /// An error at a place that the language gives no code.
    pub fn uncoded(location: FileSpan, description: impl Into<String>) -> Diagnostic {
        Diagnostic { code: None, ..Diagnostic::error(Code::E699, location, description) }
    }

    pub fn rationale(mut self, text: impl Into<String>) -> Diagnostic {
        self.rationale = text.into();
        self
    }

    pub fn fix(mut self, text: impl Into<String>) -> Diagnostic {
        self.fix = text.into();
        self
    }

    pub fn spec(mut self, reference: impl Into<String>) -> Diagnostic {
        self.spec_ref = reference.into();
        self
    }

    /// Names a place that has to do with it.
    pub fn related(mut self, at: FileSpan, label: impl Into<String>) -> Diagnostic {
        self.related.push(Related { at, label: label.into() });
        self
    }

    /// Adds a way to repair it.
    pub fn repair(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
