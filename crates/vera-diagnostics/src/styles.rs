//! How the parts of a report look where colours are shown.

use anstyle::{AnsiColor, Style};

use crate::Severity;

/// A style for each kind of part. What is written is the same in every style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Styles {
    pub error: Style,
    pub warning: Style,
    /// What is as it should be.
    pub success: Style,
    /// The titles inside of a report.
    pub heading: Style,
}

impl Styles {
    /// Nothing but the text.
    pub const PLAIN: Styles = Styles {
        error: Style::new(),
        warning: Style::new(),
        success: Style::new(),
        heading: Style::new(),
    };

    /// Escape sequences of ANSI terminals.
    pub const COLOURED: Styles = Styles {
        error: AnsiColor::Red.on_default().bold(),
        warning: AnsiColor::Yellow.on_default().bold(),
        success: AnsiColor::Green.on_default().bold(),
        heading: AnsiColor::Cyan.on_default().bold(),
    };

    /// The style of what a report is about.
    pub fn of(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
        }
    }
}
