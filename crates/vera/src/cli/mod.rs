//! The command line's grammar: one struct for each command, with its flags.

mod groups;
mod parse;
mod usage;
mod values;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use groups::{Inputs, Json, Permissions, Program, Proving, RunLimits};
pub(crate) use parse::{Parsed, Refusal, parse};
pub(crate) use usage::{command, usage};
pub(crate) use values::{Size, bad, milliseconds};

/// The tool, as `clap` sees it.
#[derive(Debug, Parser)]
#[command(
    name = "vera",
    about = "The toolchain of Vera, a language that language models write",
    override_usage = "vera <command> [options] <file>",
    disable_version_flag = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Where words are coloured: on terminals, everywhere or nowhere
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto,
          global = true)]
    pub color: ColorWhen,
}

/// Where words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On terminals, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

/// What can be asked of the tool. The order is that of the usage text.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check types, effects and contracts for form (also: typecheck)
    #[command(alias = "typecheck")]
    Check(Check),
    /// Check, then prove the contracts
    Verify(Verify),
    /// Verify, then run public functions on generated inputs
    Test(Test),
    /// Compile and run a program
    Run(Box<Run>),
    /// Answer HTTP requests with the function `handle`
    Serve(Box<Serve>),
    /// Compile to WebAssembly
    Compile(Compile),
    /// Apply the repairs that reports offer as safe
    Fix(Fix),
    /// Print the canonical form, or put files into it
    Fmt(Fmt),
    /// Print the parse tree
    Parse(Tree),
    /// Print the syntax tree
    Ast(Ast),
    /// List the built-in functions; with a name, say what that one does
    Builtins(Builtins),
    /// List the effects and abilities
    Effects(Listing),
    /// List the diagnostic codes
    Errors(Listing),
    /// Say what a diagnostic code means, with an example
    Explain(Explain),
    /// Write the public interface of files: signatures, contracts, comments, proofs
    Doc(Doc),
    /// Make a project to begin with
    New(New),
    /// Print how to write Vera, for the prompt of a model
    Guide,
    /// Print a script that completes commands and flags in a shell
    Completions(Completions),
    /// Print a manual page: of the tool, or of one command
    Man(Man),
    /// Print the version and that of the solver
    Version,
    /// Describe a project in few words, for the prompt of a model
    Context(Context),
    /// Say which tokens can continue a beginning of a program
    Next(Next),
    /// Print the grammar, for samplers and parser generators
    Grammar(Grammar),
    /// Serve an editor over standard input and output (Language Server Protocol)
    Lsp,
    /// Serve a model over standard input and output (Model Context Protocol)
    Mcp(Mcp),
}

/// `vera check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub json: Json,
    /// Print no lines of success
    #[arg(long)]
    pub quiet: bool,
    /// Print what each slot of each function's parameters names
    #[arg(long)]
    pub explain_slots: bool,
    /// Check anew whenever a program changes, until interrupted
    #[arg(long)]
    pub watch: bool,
}

/// `vera verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub json: Json,
    /// Print no lines of success
    #[arg(long)]
    pub quiet: bool,
    /// The only function to verify; contracts of others are trusted
    #[arg(long = "fn", value_name = "NAME", allow_hyphen_values = true)]
    pub function: Option<String>,
    #[command(flatten)]
    pub proving: Proving,
    /// Budget of a proof query in milliseconds
    // Without a value, which has a refusal of its own, it is an empty text.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "",
          allow_hyphen_values = true, value_parser = values::timeout_ms)]
    pub timeout_ms: Option<u32>,
    /// Undecided obligations are errors; `--strict=all`: those of overflow, too
    #[arg(long, value_name = "all", num_args = 0..=1, require_equals = true,
          default_missing_value = "", value_parser = values::strict)]
    pub strict: Option<Strict>,
    /// Compare claims of run-time checks with the compiled module (the default)
    #[arg(long, conflicts_with = "no_reconcile")]
    pub reconcile: bool,
    /// Do not compare claims of run-time checks with the compiled module
    #[arg(long)]
    pub no_reconcile: bool,
    /// Write each obligation as an SMT-LIB 2 file
    #[arg(long, value_name = "DIR", allow_hyphen_values = true)]
    pub dump_smt: Option<String>,
    /// A program that reads SMT-LIB 2, such as cvc5, for what Z3 leaves open
    #[arg(long, value_name = "PROGRAM")]
    pub solver: Option<String>,
    /// Prove under so many seeds of the solver too, and list what only some of them prove
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub stability: Option<u32>,
    /// Say of each proof which premises it uses
    #[arg(long)]
    pub explain_proof: bool,
    /// Verify anew whenever a program changes, until interrupted
    #[arg(long)]
    pub watch: bool,
}

/// Which undecided obligations are errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strict {
    AllButOverflow,
    All,
}

/// `vera test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub json: Json,
    /// The only function to test
    #[arg(long = "fn", value_name = "NAME", allow_hyphen_values = true)]
    pub function: Option<String>,
    /// Inputs for each function
    #[arg(long, value_name = "N", default_value_t = vera_test::DEFAULT_TRIALS,
          allow_hyphen_values = true, value_parser = values::trials)]
    pub trials: usize,
    /// Where random inputs start
    #[arg(long, value_name = "N", default_value_t = 0, allow_hyphen_values = true,
          value_parser = values::seed)]
    pub seed: u64,
    /// Run proved functions too
    #[arg(long)]
    pub distrust: bool,
    #[command(flatten)]
    pub proving: Proving,
    /// Replay each recording in a directory
    #[arg(long, value_name = "DIR", allow_hyphen_values = true)]
    pub replay: Option<String>,
}

/// `vera run`.
#[derive(Debug, Args)]
#[command(override_usage = "vera run [options] <file> [-- <arguments>]")]
pub(crate) struct Run {
    #[command(flatten)]
    pub program: Program,
    /// Arguments for the program: what stands after `--`. `None`: there is no `--`
    #[arg(skip)]
    pub arguments: Option<Vec<String>>,
    #[command(flatten)]
    pub json: Json,
    /// The function to run, instead of `main`
    #[arg(long = "fn", value_name = "NAME", allow_hyphen_values = true)]
    pub function: Option<String>,
    /// Which run-time checks to compile
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Checks::All)]
    pub checks: Checks,
    #[command(flatten)]
    pub limits: RunLimits,
    #[command(flatten)]
    pub permissions: Permissions,
    /// Write every operation and its answer to a file
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, conflicts_with = "replay")]
    pub record: Option<String>,
    /// Answer from a recording, and tell of the first difference
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub replay: Option<String>,
    /// Print the recording as handlers and a call inside them
    #[arg(long, requires = "replay")]
    pub as_handler: bool,
    #[command(flatten)]
    pub target: Target,
}

/// Which run-time checks a module holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Checks {
    /// Every check
    All,
    /// All but those that are proved never to fail
    Unproved,
}

/// `vera serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub program: Program,
    /// Write the log as JSON
    #[command(flatten)]
    pub json: Json,
    /// Where to listen; port 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 8000, allow_hyphen_values = true,
          value_parser = values::port)]
    pub port: i64,
    /// Where to listen
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1", allow_hyphen_values = true)]
    pub host: String,
    /// Threads that run the program
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = values::workers)]
    pub workers: Option<usize>,
    /// Requests in progress; others get 503
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = values::max_requests)]
    pub max_requests: Option<usize>,
    /// Size of a request's body: 10M unless said otherwise
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, value_parser = values::max_body)]
    pub max_body: Option<Size>,
    /// Size of a request's head: 64K unless said otherwise
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, value_parser = values::max_head)]
    pub max_head: Option<Size>,
    #[command(flatten)]
    pub limits: RunLimits,
    #[command(flatten)]
    pub permissions: Permissions,
    /// Clients are not told what went wrong
    #[arg(long)]
    pub production: bool,
    /// Status where a request breaks a `requires` of `handle`: 500 unless said otherwise
    #[arg(long, value_name = "N", allow_hyphen_values = true,
          value_parser = values::precondition_status)]
    pub precondition_status: Option<u16>,
    /// The public functions are tools for models: over HTTP, or the standard streams
    #[arg(long, value_name = "stdio", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    pub mcp: Option<Transport>,
    /// Serve the program anew when it changes; versions with proof errors are refused
    #[arg(long)]
    pub watch: bool,
    /// Refuse a program that has proof errors
    #[arg(long)]
    pub verify: bool,
    /// Serve HTTPS: the file with the certificates
    #[arg(long, value_name = "FILE", requires = "tls_key", allow_hyphen_values = true)]
    pub tls_cert: Option<String>,
    /// Serve HTTPS: the file with the key
    #[arg(long, value_name = "FILE", requires = "tls_cert", allow_hyphen_values = true)]
    pub tls_key: Option<String>,
}

/// How models reach tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    Http,
    Stdio,
}

/// `vera compile`.
#[derive(Debug, Args)]
pub(crate) struct Compile {
    #[command(flatten)]
    pub program: Program,
    #[command(flatten)]
    pub json: Json,
    /// Output file: beside the program unless said otherwise
    #[arg(short = 'o', value_name = "PATH", allow_hyphen_values = true)]
    pub output: Option<String>,
    /// Print text-format WebAssembly, write nothing
    #[arg(long)]
    pub wat: bool,
    /// Which run-time checks to compile
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Checks::All)]
    pub checks: Checks,
    #[command(flatten)]
    pub target: Target,
    /// Write the types of the module's functions beside it: as JSON, and as WIT
    #[arg(long)]
    pub interface: bool,
    #[command(flatten)]
    pub bundle: Bundle,
}

/// How a bundle for browsers is made.
#[derive(Debug, Clone, Args)]
pub(crate) struct Bundle {
    /// With `--target browser`: no page
    #[arg(long)]
    pub no_html: bool,
    /// With `--target browser`: one page that holds module and runtime
    #[arg(long, value_name = "KIND", value_enum, allow_hyphen_values = true)]
    pub bundle: Option<BundleKind>,
    /// With `--target browser`: where the page finds module and runtime
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    pub base_url: Option<String>,
}

/// See [`Bundle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BundleKind {
    Single,
}

/// What a program is compiled for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Target {
    /// Where the module is to run
    #[arg(long, value_name = "TARGET", value_enum, default_value_t = TargetName::Wasm,
          allow_hyphen_values = true)]
    pub target: TargetName,
    /// The world of a component, with `--target wasi-p2`
    #[arg(long, value_name = "WORLD", value_enum, allow_hyphen_values = true)]
    pub world: Option<World>,
}

/// The kinds of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetName {
    Wasm,
    Browser,
    WasiP2,
}

/// The worlds of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum World {
    Cli,
    Server,
}

/// `vera fix`.
#[derive(Debug, Args)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub json: Json,
    /// Show what would change, as a diff
    #[arg(long)]
    pub dry_run: bool,
}

/// `vera fmt`.
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    #[command(flatten)]
    pub inputs: Inputs,
    /// Format in place
    #[arg(long)]
    pub write: bool,
    /// Say whether files are in canonical form, and change nothing
    #[arg(long)]
    pub check: bool,
}

/// `vera parse`.
#[derive(Debug, Args)]
pub(crate) struct Tree {
    #[command(flatten)]
    pub program: Program,
}

/// `vera ast`.
#[derive(Debug, Args)]
pub(crate) struct Ast {
    #[command(flatten)]
    pub program: Program,
    #[command(flatten)]
    pub json: Json,
}

/// `vera builtins`.
#[derive(Debug, Args)]
pub(crate) struct Builtins {
    /// The function to describe
    pub name: Option<String>,
    #[command(flatten)]
    pub json: Json,
}

/// `vera effects`, `vera errors`.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    pub json: Json,
}

/// `vera explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as E500
    pub code: String,
    #[command(flatten)]
    pub json: Json,
}

/// `vera doc`.
#[derive(Debug, Args)]
pub(crate) struct Doc {
    #[command(flatten)]
    pub inputs: Inputs,
    /// How it is written
    #[arg(long, value_name = "FORM", value_enum, default_value_t = DocForm::Markdown)]
    pub format: DocForm,
    /// Output file: standard output unless said otherwise
    #[arg(short = 'o', value_name = "PATH", allow_hyphen_values = true)]
    pub output: Option<String>,
}

/// The forms of `vera doc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocForm {
    Markdown,
    Html,
}

/// `vera context`.
#[derive(Debug, Args)]
pub(crate) struct Context {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub json: Json,
    /// How many tokens the description may have; what is used least is left out
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
}

/// `vera next`.
#[derive(Debug, Args)]
pub(crate) struct Next {
    /// The beginning of a program; `-` is standard input
    pub file: String,
    /// Where the beginning ends, unless it is all of the file
    #[arg(long, value_name = "LINE:COLUMN", value_parser = values::place)]
    pub at: Option<(u32, u32)>,
    #[command(flatten)]
    pub json: Json,
}

/// `vera grammar`.
#[derive(Debug, Args)]
pub(crate) struct Grammar {
    /// The notation
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = GrammarFormat::Ebnf)]
    pub format: GrammarFormat,
}

/// The notations of `vera grammar`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrammarFormat {
    Ebnf,
    Gbnf,
    Lark,
}

/// `vera mcp`.
#[derive(Debug, Args)]
pub(crate) struct Mcp {
    /// The directory that paths are relative to, and do not lead out of
    #[arg(long, value_name = "DIR", default_value = ".", allow_hyphen_values = true)]
    pub root: String,
}

/// `vera new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The directory to make; its name is the project's
    #[arg(value_name = "NAME")]
    pub path: String,
}

/// `vera completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `vera man`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command to describe, instead of all
    pub command: Option<String>,
}
