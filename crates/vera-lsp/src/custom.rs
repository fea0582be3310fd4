//! The requests of this server alone: edits with what they do to the proofs, and changes of
//! signatures (language reference, chapters 17.8 and 17.10).

use std::path::Path;
use std::sync::Arc;

use lsp_server::RequestId;
use serde_json::{Value, json};
use vera_session::Modules;

use crate::document::Document;
use crate::index::Target;
use crate::proposals::Pairing;
use crate::requests::{Answer, Refusal, invalid};
use crate::server::Server;
use crate::slots::{Parameter, changed_calls, changed_signature, function_named};
use crate::work::Change;
use crate::workspace::Workspace;
use crate::{effects, project, proposals, uris};

/// A proposal, before it is proved.
pub struct Wish {
    /// The text of the document that was asked about first.
    pub changes: Vec<Change>,
    /// Whether the edit is to be made, forced or not.
    pub make: Option<bool>,
    pub pairing: Pairing,
    /// What the answer has besides.
    pub more: Value,
}

/// Answers a request whose name begins with `vera/`.
pub fn answer(server: &mut Server, id: &RequestId, method: &str, params: &Value) -> Answer {
    if method == "next" {
        return next(server, params).map(Some);
    }
    let known =
        ["speculativeEdit", "proposeEdit", "strengthenContract", "addEffect", "changeSignature"];
    if !known.contains(&method) {
        let message = format!("Method Not Found: vera/{method}");
        return Err((lsp_server::ErrorCode::MethodNotFound, message));
    }
    let uri = string(params, "uri")?;
    let arguments = arguments(method, params)?;
    let document = document(server, &uri, params)?;
    let force = params["force"] == json!(true);
    let of_text = |text: String, make: Option<bool>, more: Value| Wish {
        changes: vec![Change::of_open(&document, text)],
        make,
        pairing: Pairing::ByText,
        more,
    };
    let wish = match method {
        "speculativeEdit" => of_text(arguments[0].clone(), None, Value::Null),
        "proposeEdit" => of_text(arguments[0].clone(), Some(force), Value::Null),
        "strengthenContract" => {
            let [function, kind, expr] = &arguments[..] else { unreachable!("three are read") };
            if !["requires", "ensures"].contains(&kind.as_str()) {
                return Err(invalid("'kind' must be \"requires\" or \"ensures\""));
            }
            let text = proposals::strengthened(&document, function, kind, expr);
            of_text(text.map_err(invalid)?, Some(false), Value::Null)
        }
        "addEffect" => {
            let (name, effect) = (&arguments[0], arguments[1].trim());
            match with_effect(server, &document, name, effect, &params["workspace"])? {
                Some(wish) => wish,
                None => {
                    return Ok(Some(json!({
                        "applied": false, "ok": true, "proof_delta": null, "diagnostics": 0,
                        "client": null, "client_reason": null, "rewritten": [],
                    })));
                }
            }
        }
        _ => signature(&server.workspace, &document, &arguments[0], params)?,
    };
    server.propose(id.clone(), &uri, wish);
    Ok(None)
}

/// `vera/next`: what can continue the text before a position.
fn next(server: &Server, params: &Value) -> Result<Value, Refusal> {
    let document = document(server, &string(params, "uri")?, params)?;
    let at = crate::requests::position(params)?;
    let offset = document.lines.offset(&document.text, at);
    let before = &document.text[..offset as usize];
    let path = uris::path(&document.uri);
    let found = match path.as_deref().and_then(Path::parent) {
        Some(dir) => vera_next::next(before, &mut Modules::new(&server.workspace.files, dir)),
        None => vera_next::next(before, &mut vera_check::NoModules),
    };
    Ok(found.json())
}

/// The strings that a method takes.
fn arguments(method: &str, params: &Value) -> Result<Vec<String>, Refusal> {
    let named: &[&str] = match method {
        "strengthenContract" => &["fn", "kind", "expr"],
        "addEffect" => &["fn", "effect"],
        "changeSignature" => &["fn"],
        _ => &["text"],
    };
    named.iter().map(|key| string(params, key)).collect()
}

/// A string of the parameters.
fn string(params: &Value, key: &str) -> Result<String, Refusal> {
    let what = match &params[key] {
        Value::String(text) => return Ok(text.clone()),
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Err(invalid(format!("'{key}' must be a string, got {what}")))
}

/// The open document that a request is about, of the version that it says.
pub fn document(server: &Server, uri: &str, params: &Value) -> Result<Arc<Document>, Refusal> {
    let open = server.workspace.open.get(uri).ok_or_else(|| invalid("the document is not open"))?;
    match &params["version"] {
        Value::Null => {}
        Value::Number(version) if version.as_i64() == Some(open.document.version.into()) => {}
        Value::Number(_) => return Err(invalid("'version' is not that of the open document")),
        _ => return Err(invalid("'version' must be an integer")),
    }
    Ok(Arc::clone(&open.document))
}

/// `vera/addEffect`: the document's own functions, and with `workspace` those of all files of
/// the project. `None` where no row needs a change.
fn with_effect(
    server: &Server,
    document: &Arc<Document>,
    name: &str,
    effect: &str,
    everywhere: &Value,
) -> Result<Option<Wish>, Refusal> {
    if effect.is_empty() {
        return Err(invalid("'effect' must not be empty"));
    }
    let everywhere = match everywhere {
        Value::Null => false,
        Value::Bool(everywhere) => *everywhere,
        _ => return Err(invalid("'workspace' must be a boolean")),
    };
    let files = match everywhere {
        true => effects::in_project(&server.workspace, document, name, effect),
        false => effects::in_document(document, name, effect).map(|file| vec![file]),
    };
    let (mut changes, mut written): (Vec<Change>, Vec<Value>) = (Vec::new(), Vec::new());
    for (i, file) in files.map_err(invalid)?.into_iter().enumerate() {
        let (text, names) = file.rewritten(effect);
        if i == 0 || text != file.document.text {
            written.push(json!({ "uri": file.document.uri.as_str(), "rewritten": names }));
            changes.push(Change { document: file.document, version: file.version, text });
        }
    }
    if changes.iter().all(|change| change.text == change.document.text) {
        return Ok(None);
    }
    let mut more = json!({ "rewritten": written.first().map(|own| own["rewritten"].clone()) });
    if everywhere {
        more["files"] = written.into();
    }
    Ok(Some(Wish { changes, make: Some(false), pairing: Pairing::ByText, more }))
}

/// `vera/changeSignature`: the function's own file, and those that call it.
pub fn signature(
    workspace: &Workspace,
    document: &Arc<Document>,
    name: &str,
    params: &Value,
) -> Result<Wish, Refusal> {
    let parameters = parameters(&params["params"])?;
    let function = function_named(document, name)
        .ok_or_else(|| invalid(format!("there is no function `{name}`")))?;
    let text = changed_signature(&workspace.files, document, function, &parameters);
    let mut changes = vec![Change::of_open(document, text.map_err(invalid)?)];
    let declared = document.index().declaration(Target::Function(function));
    let place = declared
        .and_then(|o| document.location(vera_diagnostics::FileSpan { file: o.file, span: o.span }));
    let word = name.rsplit('.').next().unwrap_or(name);
    if let Some(place) = place.filter(|_| !name.contains('.')) {
        for neighbour in project::neighbours(workspace, document, word) {
            let Some(Target::Function(function)) = neighbour.document.index_at(&place) else {
                continue;
            };
            let text = changed_calls(&neighbour.document, function, &parameters);
            let text =
                text.map_err(|why| invalid(format!("{}: {why}", neighbour.document.uri.as_str())))?;
            if let Some(text) = text {
                let (document, version) = (neighbour.document, neighbour.version);
                changes.push(Change { document, version, text });
            }
        }
    }
    let files: Vec<&str> = changes.iter().map(|change| change.document.uri.as_str()).collect();
    let more = json!({ "files": files });
    let make = Some(params["force"] == json!(true));
    Ok(Wish { changes, make, pairing: Pairing::ByKind, more })
}

fn parameters(list: &Value) -> Result<Vec<Parameter>, Refusal> {
    let list = list.as_array().ok_or_else(|| invalid("'params' must be an array"))?;
    let text = |value: &Value, key: &str| match &value[key] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(invalid(format!("'{key}' of a parameter must be a string"))),
    };
    let parameter = |value: &Value| {
        let from = match &value["from"] {
            Value::Null => None,
            from => {
                let number = from.as_u64().and_then(|n| usize::try_from(n).ok());
                Some(number.ok_or_else(|| invalid("'from' must be a number from 0, or null"))?)
            }
        };
        Ok(Parameter { from, ty: text(value, "type")?, argument: text(value, "argument")? })
    };
    list.iter().map(parameter).collect()
}
