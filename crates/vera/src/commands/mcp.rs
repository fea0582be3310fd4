//! `vera serve --mcp`: the public functions of a program are tools for models.
//!
//! Over HTTP this is a server like any other. Over the standard streams the client starts
//! the program and speaks to it alone, so standard output belongs to the protocol and
//! whatever else there is to say goes to standard error.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use vera_diagnostics::Diagnostic;
use vera_mcp::http::{Endpoint, Handling, PATH};
use vera_mcp::{Described, Tools, stdio};
use vera_mir::lower::Options;
use vera_schema::{Function, LeftOut, Nature, RESULT};
use vera_serve::{Server, Stop, Workers};

use super::build::compiled;
use super::inputs::one;
use super::serve::{Refusal, bounds, handling, host, settings, show, unserved};
use super::{checked, verify};
use crate::cli::{Checks, Serve, Transport};
use crate::input::Entry;
use crate::output;

pub(super) fn serve(args: &Serve) -> ExitCode {
    one(&args.program, None, |entry| {
        let served = match args.mcp {
            Some(Transport::Stdio) => over_streams(entry, args),
            Some(Transport::Http) | None => over_http(entry, args),
        };
        served.unwrap_or_else(|refusal| {
            show(&refusal);
            ExitCode::FAILURE
        })
    })
}

fn over_streams(entry: &Entry, args: &Serve) -> Result<ExitCode, Refusal> {
    let tools = tools(entry, args)?;
    let failed = |why| Refusal::Text(format!("vera serve --mcp=stdio: {why}"));
    stdio::serve(tools).map(|()| ExitCode::SUCCESS).map_err(failed)
}

fn over_http(entry: &Entry, args: &Serve) -> Result<ExitCode, Refusal> {
    let settings = settings(args).map_err(Refusal::Text)?;
    let max_body = handling(args, &settings).max_body;
    let read_timeout = settings.read_timeout;
    let local = is_local(&settings.host);
    let tools = tools(entry, args)?;
    let server = Server::bind(settings).map_err(unserved)?;
    let (name, url) = (file_name(entry), server.url());
    output::print(&format!("Serving {name} as tools on {url}{PATH} (Ctrl-C to stop)\n"));
    let endpoint = Endpoint::new(tools, Handling { max_body, read_timeout, local });
    let stop = server.run(Arc::new(endpoint));
    output::eprint("Stopped.\n");
    Ok(match stop {
        Stop::Interrupted => ExitCode::from(130),
        Stop::Terminated => ExitCode::SUCCESS,
    })
}

/// Whether a server at this place is for this machine alone.
fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Compiles the public functions, and tells which of them are left out.
fn tools(entry: &Entry, args: &Serve) -> Result<Arc<Tools>, Refusal> {
    let bounds = bounds(args).map_err(Refusal::Text)?;
    let settings = settings(args).map_err(Refusal::Text)?;
    let handling = handling(args, &settings);
    let checked = checked(entry);
    let Some(program) = checked.program else {
        return Err(Refusal::Reports(checked.diagnostics, checked.sources));
    };
    let sources = checked.sources;
    let (functions, left_out) = vera_schema::functions(&program, &sources);
    for LeftOut { name, why } in &left_out {
        output::eprint(&format!("Left out: {name} — {why}.\n"));
    }
    if functions.is_empty() {
        let why = "vera serve --mcp: the program has no public function that can be a tool";
        return Err(Refusal::Text(why.to_owned()));
    }
    if args.verify {
        let mut reports = verify::reports(&program, &sources);
        reports.retain(Diagnostic::is_error);
        if !reports.is_empty() {
            return Err(Refusal::Reports(reports, sources));
        }
    }
    let ids: Vec<_> = functions.iter().map(|function| function.id).collect();
    let options = Options { calls: true, only: Some(&ids), ..Options::default() };
    let artifact = match compiled(&program, &sources, &options, Checks::All) {
        Ok(artifact) => artifact,
        Err(reports) => return Err(Refusal::Reports(reports, sources)),
    };
    let host = host(&bounds)?;
    let module = host.load(&artifact).map_err(|error| Refusal::Text(error.to_string()))?;
    let workers = Workers::start(host, bounds).map_err(unserved)?;
    let described = functions.into_iter().map(described).collect();
    let name = PathBuf::from(&entry.word);
    let name = name.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (max_calls, production) = (handling.max_requests, handling.production);
    let tools = Tools::new(name, module, sources, described, workers, max_calls, production);
    tools.map(Arc::new).map_err(|unknown| Refusal::Text(unknown.to_string()))
}

fn described(function: Function) -> Described {
    let Function { name, parameters, description, input, output, nature, .. } = function;
    let keys = parameters.into_iter().map(|parameter| parameter.key).collect();
    let (read_only, repeatable) = match nature {
        Nature::Pure => (true, true),
        Nature::Random => (true, false),
        Nature::Effectful => (false, false),
    };
    let result_key = RESULT.to_owned();
    Described { name, description, keys, input, output, result_key, read_only, repeatable }
}

fn file_name(entry: &Entry) -> String {
    let name = PathBuf::from(&entry.word);
    name.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
