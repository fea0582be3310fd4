//! Tools: from the arguments of a call to its result.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool as Listed, ToolAnnotations};
use serde_json::{Value as Json, json};
use tokio::sync::{Semaphore, watch};
use vera_abi::interface::{CALL, HostTy};
use vera_abi::trap::TrapKind;
use vera_diagnostics::Sources;
use vera_host::json::{from_json, to_json};
use vera_host::{Module, Outcome, Value, report};
use vera_serve::{Call, Done, Lost, Workers};

/// A function as a model reads of it.
#[derive(Clone, Debug)]
pub struct Described {
    /// Of the function, and of the tool.
    pub name: String,
    pub description: String,
    /// The key of each parameter's argument; `None` for one of type `Unit`.
    pub keys: Vec<Option<String>>,
    /// JSON Schema of the object of arguments.
    pub input: Json,
    /// JSON Schema of the object that has the result under `result_key`.
    pub output: Json,
    pub result_key: String,
    /// Nothing but the result comes of a call.
    pub read_only: bool,
    /// The same arguments give the same result.
    pub repeatable: bool,
}

/// A described function that the program does not export in parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown(pub String);

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the program exports no function {} that takes its arguments in parts", self.0)
    }
}

/// A compiled program whose functions are tools.
pub struct Program {
    module: Module,
    sources: Sources,
    tools: Vec<Tool>,
}

struct Tool {
    /// As clients read of it.
    listed: Listed,
    keys: Vec<Option<String>>,
    result_key: String,
    entry: String,
    params: Vec<HostTy>,
    result: HostTy,
}

impl Program {
    /// The described functions of a module.
    ///
    /// # Errors
    /// See [`Unknown`].
    pub fn new(
        module: Module,
        sources: Sources,
        described: Vec<Described>,
    ) -> Result<Program, Unknown> {
        let tool = |described: Described| {
            let entry = format!("{}{CALL}", described.name);
            let export = module.export(&entry).ok_or_else(|| Unknown(described.name.clone()))?;
            let (params, result) = (export.params.clone(), export.result.clone());
            let listed = listed(&described);
            let Described { keys, result_key, .. } = described;
            Ok(Tool { listed, keys, result_key, entry, params, result })
        };
        let tools = described.into_iter().map(tool).collect::<Result<_, _>>()?;
        Ok(Program { module, sources, tools })
    }

    /// The tools as clients list them.
    pub(crate) fn listed(&self) -> Vec<Listed> {
        self.tools.iter().map(|tool| tool.listed.clone()).collect()
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&Listed> {
        self.find(name).map(|tool| &tool.listed)
    }

    fn find(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.listed.name == name)
    }
}

fn listed(described: &Described) -> Listed {
    let object = |json: &Json| -> Arc<JsonObject> {
        Arc::new(json.as_object().cloned().unwrap_or_default())
    };
    let annotations = ToolAnnotations::from_raw(
        None,
        Some(described.read_only),
        None,
        Some(described.repeatable),
        Some(!described.read_only),
    );
    Listed::new(described.name.clone(), described.description.clone(), object(&described.input))
        .with_raw_output_schema(object(&described.output))
        .with_annotations(annotations)
}

/// How a program is offered.
#[derive(Clone, Debug)]
pub struct Offering {
    /// What clients call the program.
    pub name: String,
    /// Calls that are under way at a time; others fail.
    pub max_calls: usize,
    /// Models are not told what is wrong inside the program.
    pub production: bool,
    /// Another version may take the program's place; clients are told when one does.
    pub changes: bool,
}

/// The tools of the program in force, and the threads that run it.
pub struct Tools {
    pub(crate) offering: Offering,
    /// Whoever watches it learns of each new version.
    program: watch::Sender<Arc<Program>>,
    workers: Workers,
    /// Room for calls.
    calls: Semaphore,
}

impl Tools {
    pub fn new(offering: Offering, program: Program, workers: Workers) -> Tools {
        let calls = Semaphore::new(offering.max_calls);
        let (program, _) = watch::channel(Arc::new(program));
        Tools { offering, program, workers, calls }
    }

    /// Calls from now on go to this program, and clients are told; those under way end with
    /// the old one.
    pub fn replace(&self, program: Program) {
        self.program.send_replace(Arc::new(program));
    }

    /// The program in force.
    pub(crate) fn program(&self) -> Arc<Program> {
        Arc::clone(&self.program.borrow())
    }

    /// Learns of each program that comes into force from now on.
    pub(crate) fn versions(&self) -> watch::Receiver<Arc<Program>> {
        self.program.subscribe()
    }

    /// Calls a tool; `None` if there is none of this name.
    pub(crate) async fn call(&self, name: &str, arguments: JsonObject) -> Option<CallToolResult> {
        let program = self.program();
        let tool = program.find(name)?;
        let args = match program.values(tool, arguments) {
            Ok(args) => args,
            Err(why) => return Some(refused(&why)),
        };
        let Ok(_room) = self.calls.try_acquire() else {
            return Some(failed("too many calls are under way; try again later".to_owned()));
        };
        let (module, entry) = (program.module.clone(), tool.entry.clone());
        let call = Call { module, entry, args, io: self.workers.io() };
        Some(match self.workers.run(call).await {
            Ok(done) => program.result(tool, &done, self.offering.production),
            Err(Lost::Late) => failed(TrapKind::TimeLimit.message().to_owned()),
            Err(Lost::Refused(why)) => refused(&why.to_string()),
            Err(Lost::Broken) => failed("internal error".to_owned()),
        })
    }
}

impl Program {
    /// The values of the arguments; the error says what is wrong with them.
    fn values(&self, tool: &Tool, mut arguments: JsonObject) -> Result<Vec<Value>, String> {
        let mut values = Vec::with_capacity(tool.params.len());
        for (key, ty) in tool.keys.iter().zip(&tool.params) {
            let Some(key) = key else {
                values.push(Value::Unit);
                continue;
            };
            let argument = arguments.remove(key).ok_or_else(|| format!("{key} is missing"))?;
            let value = from_json(self.module.interface(), ty, &argument);
            values.push(value.map_err(|misfit| format!("{key}: {misfit}"))?);
        }
        match arguments.keys().next() {
            Some(unknown) => Err(format!("there is no argument {unknown}")),
            None => Ok(values),
        }
    }

    /// What a run that came to an end is to the model.
    fn result(&self, tool: &Tool, done: &Done, production: bool) -> CallToolResult {
        let mut result = match &done.run.outcome {
            Outcome::Returned(value) => {
                let keep = |text: &str| text.to_owned();
                match to_json(self.module.interface(), &tool.result, value, &keep) {
                    Ok(json) => {
                        let key = tool.result_key.as_str();
                        CallToolResult::structured(json!({ key: json }))
                    }
                    Err(why) => failed(format!("The result cannot be told: {why}")),
                }
            }
            Outcome::Exited(code) => failed(format!("The program ended itself: IO.exit({code})")),
            Outcome::Trapped(trap) if !done.run.admission.admitted => match trap.kind {
                TrapKind::ContractViolation => refused(&trap.message),
                // A value of another kind of type, say a set with an element twice.
                _ => failed(trap.message.clone()),
            },
            Outcome::Trapped(_) if production => failed("The call failed".to_owned()),
            Outcome::Trapped(trap) => {
                failed(report::render_trap_text(trap, &self.sources).trim_end().to_owned())
            }
        };
        let printed = done.io.captured_stdout();
        if !printed.is_empty() {
            result.content.push(ContentBlock::text(format!("Printed:\n{printed}")));
        }
        let errors = done.io.captured_stderr();
        if !errors.is_empty() {
            eprint(&errors);
        }
        result
    }
}

/// What a program writes to its error stream is for whoever runs the server.
fn eprint(text: &str) {
    use std::io::Write;
    // A closed stream is no reason to stop.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// The arguments are to blame.
fn refused(why: &str) -> CallToolResult {
    failed(format!("The arguments are refused: {why}"))
}

fn failed(why: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why)])
}
