//! Flags that several commands share.

use std::time::Duration;

use clap::Args;

use super::values::{self, Size};

/// The files a command works on.
#[derive(Debug, Clone, Args)]
pub(crate) struct Inputs {
    /// Programs, and directories with programs below them; `-` is standard input. The
    /// entry points of the project unless any is given
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
}

/// The one file a command works on.
#[derive(Debug, Clone, Args)]
pub(crate) struct Program {
    /// The program; `-` is standard input. The first entry point of the project unless
    /// one is given
    pub file: Option<String>,
}

/// How results are written.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// Write one JSON document to standard output
    #[arg(long = "json")]
    pub on: bool,
}

/// How proofs are made.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Proving {
    /// Prove anew what an earlier run has proved
    #[arg(long)]
    pub no_cache: bool,
    /// Trust the contracts of imported modules instead of verifying them too
    #[arg(long)]
    pub entry_only: bool,
}

/// Limits of a run, or of the handling of a request.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunLimits {
    /// End what needs more than so much work
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = values::fuel)]
    pub fuel: Option<u64>,
    /// End what needs more bytes of memory; 64M and 1G count too
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, value_parser = values::max_memory)]
    pub max_memory: Option<Size>,
    /// End what takes longer than so many seconds
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, value_parser = values::timeout)]
    pub timeout: Option<Duration>,
}

/// What flags allow a program to reach. Of a kind that no flag names, everything is
/// allowed, and nothing under `--sandbox`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Permissions {
    /// Let the program read and write files there only; repeatable
    #[arg(long = "allow-dir", value_name = "DIR", allow_hyphen_values = true)]
    pub dirs: Vec<String>,
    /// Let the program send requests there only; repeatable
    #[arg(long = "allow-net", value_name = "HOST[:PORT]", allow_hyphen_values = true)]
    pub net: Vec<String>,
    /// Let the program open this database only; repeatable
    #[arg(long = "allow-db", value_name = "PATH", allow_hyphen_values = true)]
    pub db: Vec<String>,
    /// Let the program read this variable only; repeatable
    #[arg(long = "allow-env", value_name = "NAME", allow_hyphen_values = true)]
    pub env: Vec<String>,
    /// Let the program ask language models, under `--sandbox`
    #[arg(long = "allow-inference")]
    pub inference: bool,
    /// Allow nothing but what such flags allow
    #[arg(long)]
    pub sandbox: bool,
}
