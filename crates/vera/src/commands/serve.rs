//! `vera serve`: a program's `handle` answers HTTP requests.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vera_abi::interface::CALL;
use vera_check::typed::{self, FnId, Visibility};
use vera_check::types::TyKind;
use vera_diagnostics::{Diagnostic, Severity, Sources};
use vera_host::{CacheDir, Host, Io, Limits, Pool};
use vera_mir::lower::Options;
use vera_serve::{LogForm, Program, Replace, ServeError, Server, Settings, Stop, Tls};

use super::build::compiled;
use super::inputs::one;
use super::permissions::permit;
use super::{checked, verify};
use crate::cli::{Checks, Serve, Size};
use crate::input::{self, Entry};
use crate::output;

/// The function that answers.
const HANDLE: &str = "handle";

/// How often `--watch` looks at the files.
const LOOK: Duration = Duration::from_millis(200);

/// Bytes of address space for an instance, which costs nothing until it is used.
const ADDRESS_SPACE: usize = 4 << 30;

/// Instances beyond those of the workers, for workers that hang.
const SPARE: usize = 64;

/// Why a program cannot be served.
enum Refusal {
    Reports(Vec<Diagnostic>, Sources),
    Text(String),
}

pub(super) fn serve(args: &Serve) -> ExitCode {
    one(&args.program, None, |entry| serve_file(entry, args))
}

fn serve_file(entry: &Entry, args: &Serve) -> ExitCode {
    match start(entry, args) {
        Ok((server, host, sources)) => {
            let name = PathBuf::from(&entry.word);
            let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            output::print(&format!("Serving {name} on {} (Ctrl-C to stop)\n", server.url()));
            if args.watch {
                watch(entry.word.clone(), args.clone(), server.replace(), host, sources);
            }
            let stop = server.run();
            output::eprint("Stopped.\n");
            match stop {
                Stop::Interrupted => ExitCode::from(130),
                Stop::Terminated => ExitCode::SUCCESS,
            }
        }
        Err(refusal) => {
            show(&refusal);
            ExitCode::FAILURE
        }
    }
}

fn show(refusal: &Refusal) {
    match refusal {
        Refusal::Reports(reports, sources) => {
            output::print_severity(reports, sources, Severity::Error);
        }
        Refusal::Text(text) => output::error(text),
    }
}

/// The files of a program, to be looked at for changes.
type Watched = Vec<PathBuf>;

fn start(entry: &Entry, args: &Serve) -> Result<(Server, Host, Watched), Refusal> {
    let settings = settings(args).map_err(Refusal::Text)?;
    let pool = Pool {
        instances: u32::try_from(settings.workers + SPARE).unwrap_or(u32::MAX),
        memory: ADDRESS_SPACE,
    };
    let limits = Limits { time: true, pool: Some(pool), ..Limits::default() };
    let host = Host::with_limits(&CacheDir::Default, limits)
        .map_err(|error| Refusal::Text(error.to_string()))?;
    let program = program(entry, args, &host)?;
    let files = paths(&program.sources);
    let server = Server::bind(settings, host.clone(), program).map_err(|error| {
        Refusal::Text(match error {
            ServeError::Bind { .. } => error.to_string(),
            ServeError::Tls(_) | ServeError::Thread(_) => format!("vera serve: {error}"),
        })
    })?;
    Ok((server, host, files))
}

/// Compiles the program, whose `handle` has the type that is served.
fn program(entry: &Entry, args: &Serve, host: &Host) -> Result<Program, Refusal> {
    let checked = checked(entry);
    let Some(mut program) = checked.program else {
        return Err(Refusal::Reports(checked.diagnostics, checked.sources));
    };
    let sources = checked.sources;
    let handle = handle(&program).map_err(|why| Refusal::Text(format!("vera serve: {why}")))?;
    if args.verify {
        let mut reports = verify::reports(&program, &sources);
        reports.retain(Diagnostic::is_error);
        if !reports.is_empty() {
            return Err(Refusal::Reports(reports, sources));
        }
    }
    let options =
        Options { calls: true, private_functions: false, only: Some(&[handle]), recorded: false };
    let artifact = match compiled(&mut program, &sources, &options, Checks::All) {
        Ok(artifact) => artifact,
        Err(reports) => return Err(Refusal::Reports(reports, sources)),
    };
    let module = host.load(&artifact).map_err(|error| Refusal::Text(error.to_string()))?;
    Ok(Program { module, entry: format!("{HANDLE}{CALL}"), sources })
}

/// The function `handle`; the error says what is wrong with it.
fn handle(program: &typed::Program) -> Result<FnId, String> {
    let is_handle = |id: &&FnId| {
        let function = program.function(**id);
        function.name == HANDLE
            && function.visibility == Visibility::Public
            && function.type_params.is_empty()
    };
    let Some(id) = program.entry_fns.iter().find(is_handle) else {
        return Err(format!(
            "the program must export a public '{HANDLE}' function (public fn {HANDLE}(@Request -> @Response))"
        ));
    };
    let function = program.function(*id);
    let wrong = |what: String| {
        Err(format!(
            "'{HANDLE}' must take exactly one @Request parameter and return @Response — {what}"
        ))
    };
    let is = |ty, name| match program.types.kind(ty) {
        TyKind::Data(data, _) => program.prelude_data(name) == Some(*data),
        _ => false,
    };
    let shown = |ty| vera_check::types::Printer::message(program).ty(ty);
    let [parameter] = &function.params[..] else {
        return wrong(format!("it takes {} parameters", function.params.len()));
    };
    let parameter = function.body[*parameter].ty;
    let own = "; a type of the program's own that is called so is another one";
    if !is(parameter, "Request") {
        let own = if shown(parameter) == "Request" { own } else { "" };
        return wrong(format!("its parameter has type {}{own}", shown(parameter)));
    }
    if !is(function.ret, "Response") {
        let own = if shown(function.ret) == "Response" { own } else { "" };
        return wrong(format!("it returns {}{own}", shown(function.ret)));
    }
    Ok(*id)
}

fn settings(args: &Serve) -> Result<Settings, String> {
    let mut reached = Io::null();
    permit(&args.permissions, &mut reached)?;
    let (files, permissions) = (reached.files, reached.permissions);
    let io = move || Io { files: files.clone(), permissions: permissions.clone(), ..Io::null() };
    let mut settings = Settings::new(Arc::new(io));
    settings.host.clone_from(&args.host);
    settings.port = args.port.try_into().map_err(|_| {
        let port = args.port;
        format!("could not bind {}:{port} — a port is a number from 0 to 65535", settings.host)
    })?;
    let size = |given: Option<Size>, default: usize| {
        given.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX))
    };
    settings.workers = args.workers.unwrap_or(settings.workers);
    settings.max_requests = args.max_requests.unwrap_or(settings.max_requests);
    settings.max_body = size(args.max_body, settings.max_body);
    settings.max_head = size(args.max_head, settings.max_head);
    settings.max_memory = args.limits.max_memory;
    settings.handling_time = args.limits.timeout.unwrap_or(settings.handling_time);
    settings.precondition_status = args.precondition_status.unwrap_or(settings.precondition_status);
    settings.production = args.production;
    settings.log = if args.json.on { LogForm::Json } else { LogForm::Text };
    settings.tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificates), Some(key)) => {
            Some(Tls { certificates: certificates.into(), key: key.into() })
        }
        // Neither, as the grammar has it.
        _ => None,
    };
    Ok(settings)
}

/// The files that the program was read from.
fn paths(sources: &Sources) -> Watched {
    let names = sources.iter().map(|(_, file)| PathBuf::from(file.name()));
    names.filter(|path| path.is_file()).collect()
}

/// Serves the program anew whenever one of its files changes; a program that is refused
/// leaves the old one in force.
fn watch(word: String, args: Serve, replace: Replace, host: Host, mut files: Watched) {
    let mut seen = stamps(&files);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LOOK);
            let now = stamps(&files);
            if now == seen {
                continue;
            }
            seen = now;
            let read = input::read(&word).map_err(|error| Refusal::Text(error.text()));
            match read.and_then(|entry| program(&entry, &args, &host)) {
                Ok(program) => {
                    files = paths(&program.sources);
                    seen = stamps(&files);
                    replace.with(program);
                    output::eprint("Reloaded.\n");
                }
                Err(refusal) => {
                    show(&refusal);
                    output::eprint("Not reloaded: the version before is still served.\n");
                }
            }
        }
    });
}

/// What tells whether files have changed.
fn stamps(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let stamp = |path: &PathBuf| {
        let data = std::fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    files.iter().map(stamp).collect()
}
