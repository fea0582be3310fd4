//! Source text, spans, the registry of diagnostic codes, and the rendering of
//! diagnostics as text and JSON. Knows nothing of syntax, types or files on disk.
#![forbid(unsafe_code)]

pub mod codes;
mod diagnostic;
mod fix;
mod render;
mod source;
mod styles;

pub use codes::{Code, Phase};
pub use diagnostic::{Diagnostic, Related, Severity};
pub use fix::{Applicability, Edit, Fix, apply};
pub use render::{
    envelope, json_list, json_text, plain_diagnostic, render_styled, render_text, to_json,
};
pub use source::{Excerpt, FileId, FileSpan, LineCol, SourceFile, Sources, Span};
pub use styles::Styles;
