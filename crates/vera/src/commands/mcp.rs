//! `vera serve --mcp`: the public functions of a program are tools for models.
//!
//! Over HTTP this is a server like any other. Over the standard streams the client starts
//! the program and speaks to it alone, so standard output belongs to the protocol and
//! whatever else there is to say goes to standard error.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use vera_host::Host;
use vera_mcp::http::{Endpoint, Handling, PATH};
use vera_mcp::{Described, Offering, Program, Tools, stdio};
use vera_mir::lower::Options;
use vera_schema::{Function, LeftOut, Nature, RESULT};
use vera_serve::{Server, Stop, Workers};

use super::build::compiled;
use super::checked;
use super::inputs::one;
use super::serve::{Refusal, bounds, handling, host, proved, settings, show, unserved};
use super::watch::{Watched, anew, paths};
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
    let tools = start(entry, args)?;
    let failed = |why| Refusal::Text(format!("vera serve --mcp=stdio: {why}"));
    stdio::serve(tools).map(|()| ExitCode::SUCCESS).map_err(failed)
}

fn over_http(entry: &Entry, args: &Serve) -> Result<ExitCode, Refusal> {
    let settings = settings(args).map_err(Refusal::Text)?;
    let max_body = handling(args, &settings).max_body;
    let read_timeout = settings.read_timeout;
    let local = is_local(&settings.host);
    let tools = start(entry, args)?;
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

/// The tools of a program, and with `--watch` of each version of it that is one.
fn start(entry: &Entry, args: &Serve) -> Result<Arc<Tools>, Refusal> {
    let bounds = bounds(args).map_err(Refusal::Text)?;
    let settings = settings(args).map_err(Refusal::Text)?;
    let handling = handling(args, &settings);
    let host = host(&bounds)?;
    let (program, files) = program(entry, args, &host)?;
    let workers = Workers::start(host.clone(), bounds).map_err(unserved)?;
    let name = PathBuf::from(&entry.word);
    let offering = Offering {
        name: name.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        max_calls: handling.max_requests,
        production: handling.production,
        changes: args.watch,
    };
    let tools = Arc::new(Tools::new(offering, program, workers));
    if args.watch {
        let (args, tools) = (args.clone(), Arc::clone(&tools));
        anew(entry.word.clone(), files, move |entry| {
            let (program, files) = self::program(entry, &args, &host)?;
            tools.replace(program);
            Ok(files)
        });
    }
    Ok(tools)
}

/// Compiles the public functions, and tells which of them are left out; with the files.
fn program(entry: &Entry, args: &Serve, host: &Host) -> Result<(Program, Watched), Refusal> {
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
    let sources = proved(&program, sources, args)?;
    let ids: Vec<_> = functions.iter().map(|function| function.id).collect();
    let options = Options { calls: true, only: Some(&ids), ..Options::default() };
    let artifact = match compiled(&program, &sources, &options, Checks::All) {
        Ok(artifact) => artifact,
        Err(reports) => return Err(Refusal::Reports(reports, sources)),
    };
    let module = host.load(&artifact).map_err(|error| Refusal::Text(error.to_string()))?;
    let (files, described) = (paths(&sources), functions.into_iter().map(described).collect());
    let program = Program::new(module, sources, described);
    let program = program.map_err(|unknown| Refusal::Text(unknown.to_string()))?;
    Ok((program, files))
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
