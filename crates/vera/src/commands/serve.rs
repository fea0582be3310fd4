//! `vera serve`: a program's `handle` answers HTTP requests.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use vera_abi::interface::CALL;
use vera_check::typed::{self, FnId, Visibility};
use vera_check::types::{Ty, TyKind};
use vera_diagnostics::{Diagnostic, Severity, Sources};
use vera_host::{CacheDir, Host, Io, Limits, Pool};
use vera_mir::lower::Options;
use vera_serve::{
    Bounds, Handler, Handling, LogForm, Program, RequestForm, ResponseForm, ServeError, Server,
    Settings, Stop, Tls,
};

use super::build::compiled;
use super::inputs::one;
use super::permissions::permit;
use super::watch::{Watched, anew, paths};
use super::{checked, verify};
use crate::cli::{Checks, Serve, Size};
use crate::input::Entry;
use crate::output;

/// The function that answers.
const HANDLE: &str = "handle";

/// Bytes of address space for an instance, which costs nothing until it is used.
const ADDRESS_SPACE: usize = 4 << 30;

/// Instances beyond those of the workers, for workers that hang.
const SPARE: usize = 64;

/// Why a program cannot be served.
pub(super) enum Refusal {
    Reports(Vec<Diagnostic>, Sources),
    Text(String),
}

pub(super) fn serve(args: &Serve) -> ExitCode {
    one(&args.program, None, |entry| serve_file(entry, args))
}

fn serve_file(entry: &Entry, args: &Serve) -> ExitCode {
    match start(entry, args) {
        Ok(Started { server, handler, host, files }) => {
            let name = PathBuf::from(&entry.word);
            let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            output::print(&format!("Serving {name} on {} (Ctrl-C to stop)\n", server.url()));
            if args.watch {
                let (args, handler) = (args.clone(), Arc::clone(&handler));
                anew(entry.word.clone(), files, move |entry| {
                    let program = program(entry, &args, &host)?;
                    let files = paths(&program.sources);
                    handler.replace(program);
                    Ok(files)
                });
            }
            let stop = server.run(handler);
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

pub(super) fn show(refusal: &Refusal) {
    match refusal {
        Refusal::Reports(reports, sources) => {
            output::print_severity(reports, sources, Severity::Error);
        }
        Refusal::Text(text) => output::error(text),
    }
}

/// A server that listens, with what answers.
struct Started {
    server: Server,
    handler: Arc<Handler>,
    host: Host,
    files: Watched,
}

fn start(entry: &Entry, args: &Serve) -> Result<Started, Refusal> {
    let settings = settings(args).map_err(Refusal::Text)?;
    let bounds = bounds(args).map_err(Refusal::Text)?;
    let handling = handling(args, &settings);
    let host = host(&bounds)?;
    let program = program(entry, args, &host)?;
    let files = paths(&program.sources);
    let server = Server::bind(settings).map_err(unserved)?;
    let handler = Handler::new(host.clone(), bounds, handling, program).map_err(unserved)?;
    Ok(Started { server, handler: Arc::new(handler), host, files })
}

/// Why a server does not start, to the user.
pub(super) fn unserved(error: ServeError) -> Refusal {
    Refusal::Text(match error {
        ServeError::Bind { .. } => error.to_string(),
        ServeError::Tls(_) | ServeError::Thread(_) => format!("vera serve: {error}"),
    })
}

/// An engine with room for so many programs at a time.
pub(super) fn host(bounds: &Bounds) -> Result<Host, Refusal> {
    let pool = Pool {
        instances: u32::try_from(bounds.workers + SPARE).unwrap_or(u32::MAX),
        memory: ADDRESS_SPACE,
    };
    let fuel = bounds.fuel.is_some();
    let limits = Limits { time: true, fuel, pool: Some(pool), ..Limits::default() };
    Host::with_limits(&CacheDir::Default, limits).map_err(|error| Refusal::Text(error.to_string()))
}

/// Compiles the program, whose `handle` has the type that is served.
fn program(entry: &Entry, args: &Serve, host: &Host) -> Result<Program, Refusal> {
    let checked = checked(entry);
    let Some(program) = checked.program else {
        return Err(Refusal::Reports(checked.diagnostics, checked.sources));
    };
    let sources = checked.sources;
    let (handle, request, response) =
        handle(&program).map_err(|why| Refusal::Text(format!("vera serve: {why}")))?;
    let sources = proved(&program, sources, args)?;
    let options = Options { calls: true, only: Some(&[handle]), ..Options::default() };
    let artifact = match compiled(&program, &sources, &options, Checks::All) {
        Ok(artifact) => artifact,
        Err(reports) => return Err(Refusal::Reports(reports, sources)),
    };
    let module = host.load(&artifact).map_err(|error| Refusal::Text(error.to_string()))?;
    Ok(Program { module, entry: format!("{HANDLE}{CALL}"), request, response, sources })
}

/// The sources of a program that is served as far as its proofs go. A version that is to
/// take the place of another has to be proved like the first one.
pub(super) fn proved(
    program: &typed::Program,
    sources: Sources,
    args: &Serve,
) -> Result<Sources, Refusal> {
    if !args.verify && !args.watch {
        return Ok(sources);
    }
    let mut reports = verify::reports(program, &sources);
    reports.retain(Diagnostic::is_error);
    if reports.is_empty() { Ok(sources) } else { Err(Refusal::Reports(reports, sources)) }
}

/// The function `handle` and what it takes and yields; the error says what is wrong.
pub(super) fn handle(
    program: &typed::Program,
) -> Result<(FnId, RequestForm, ResponseForm), String> {
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
    let request = if is(parameter, "Request") {
        RequestForm::Text
    } else if is(parameter, "BytesRequest") {
        RequestForm::Bytes
    } else {
        let own = if shown(parameter) == "Request" { own } else { "" };
        return wrong(format!("its parameter has type {}{own}", shown(parameter)));
    };
    let response = if is(function.ret, "Response") || is(function.ret, "BytesResponse") {
        ResponseForm::Whole
    } else if function.ret == Ty::UNIT {
        ResponseForm::Streamed
    } else {
        let own = if shown(function.ret) == "Response" { own } else { "" };
        return wrong(format!("it returns {}{own}", shown(function.ret)));
    };
    Ok((*id, request, response))
}

/// What a request's run may take, and what it sees.
pub(super) fn bounds(args: &Serve) -> Result<Bounds, String> {
    let mut reached = Io::null();
    permit(&args.permissions, &mut reached)?;
    let (files, permissions) = (reached.files, reached.permissions);
    let io = move || Io { files: files.clone(), permissions: permissions.clone(), ..Io::null() };
    let mut bounds = Bounds::new(Arc::new(io));
    bounds.workers = args.workers.unwrap_or(bounds.workers);
    bounds.max_memory = args.limits.max_memory;
    bounds.fuel = args.limits.fuel;
    bounds.time = args.limits.timeout.unwrap_or(bounds.time);
    Ok(bounds)
}

/// How requests are dealt with.
pub(super) fn handling(args: &Serve, settings: &Settings) -> Handling {
    let default = Handling::default();
    Handling {
        max_requests: args.max_requests.unwrap_or(default.max_requests),
        max_body: sized(args.max_body, default.max_body),
        read_timeout: settings.read_timeout,
        production: args.production,
        precondition_status: args.precondition_status.unwrap_or(default.precondition_status),
        log: settings.log,
    }
}

fn sized(given: Option<Size>, default: usize) -> usize {
    given.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX))
}

/// How the server listens.
pub(super) fn settings(args: &Serve) -> Result<Settings, String> {
    let mut settings = Settings { host: args.host.clone(), ..Settings::default() };
    settings.port = args.port.try_into().map_err(|_| {
        let port = args.port;
        format!("could not bind {}:{port} — a port is a number from 0 to 65535", settings.host)
    })?;
    settings.max_head = sized(args.max_head, settings.max_head);
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
