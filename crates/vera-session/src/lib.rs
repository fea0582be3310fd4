//! What commands and servers share before a program is checked: where texts come from,
//! what a project is, where its modules are, and what a file offers.
//!
//! Pure: files are seen through [`Files`], which the caller provides. Nothing here knows
//! of terminals, arguments or protocols.
#![forbid(unsafe_code)]

mod files;
mod interface;
mod kept;
mod modules;
mod project;

pub use files::{Files, Overlay, ReadError, shown};
pub use interface::{Interface, Item, ItemKind, comment_above, interface};
pub use kept::Kept;
pub use modules::Modules;
pub use project::{
    Dependency, MANIFEST, ManifestError, Project, ProverSettings, Strict, StrictName,
    is_package_name, project_of,
};
