//! Requests and their answers.

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{CallHierarchyItem, Position, Range};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::document::{Document, Proofs};
use crate::server::Server;
use crate::workspace::Workspace;
use crate::{
    actions, calls, completion, custom, formatting, hierarchy, hover, navigation, outline, project,
    reports, tokens,
};

/// Why a request has no answer.
pub type Refusal = (ErrorCode, String);

/// An answer; `None` where a worker gives it.
pub type Answer = Result<Option<Value>, Refusal>;

/// Answers a request about a document.
type AboutDocument<'f> = dyn Fn(&Document) -> Result<Value, Refusal> + 'f;

/// What the server can do.
pub fn capabilities() -> Value {
    json!({
        "positionEncoding": "utf-16",
        "textDocumentSync": { "openClose": true, "change": 2, "save": false },
        "completionProvider": { "triggerCharacters": ["?", "@", "."] },
        "hoverProvider": true,
        "definitionProvider": true,
        "typeDefinitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "documentFormattingProvider": true,
        "documentRangeFormattingProvider": true,
        "callHierarchyProvider": true,
        "renameProvider": { "prepareProvider": true },
        "foldingRangeProvider": true,
        "selectionRangeProvider": true,
        "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
        "inlayHintProvider": true,
        "codeLensProvider": {},
        "codeActionProvider": { "codeActionKinds": actions::KINDS },
        "diagnosticProvider": { "interFileDependencies": true, "workspaceDiagnostics": false },
        "semanticTokensProvider": {
            "legend": { "tokenTypes": tokens::TYPES, "tokenModifiers": tokens::MODIFIERS },
            "full": true,
        },
        "executeCommandProvider": { "commands": [] },
        "workspace": {
            "workspaceFolders": { "supported": true, "changeNotifications": true },
            "fileOperations": {},
        },
    })
}

pub fn invalid(message: impl Into<String>) -> Refusal {
    (ErrorCode::InvalidParams, message.into())
}

/// Answers a request.
pub fn answer(server: &mut Server, id: &RequestId, method: &str, params: Value) -> Answer {
    if let Some(own) = method.strip_prefix("vera/") {
        return custom::answer(server, id, own, &params);
    }
    about_texts(&server.workspace, method, &params).map(Some)
}

/// Answers a request that asks nothing but what the texts say.
pub fn about_texts(workspace: &Workspace, method: &str, params: &Value) -> Result<Value, Refusal> {
    let unknown = || (ErrorCode::MethodNotFound, format!("Method Not Found: {method}"));
    if method == "workspace/symbol" {
        return Ok(workspace_symbols(workspace, params["query"].as_str().unwrap_or_default()));
    }
    if let Some(way) = method.strip_prefix("callHierarchy/") {
        let item: CallHierarchyItem = read(&params["item"], "item")?;
        return match way {
            "incomingCalls" => Ok(json!(hierarchy::incoming(workspace, &item))),
            "outgoingCalls" => Ok(json!(hierarchy::outgoing(workspace, &item))),
            _ => Err(unknown()),
        };
    }
    let open = workspace.open.get(params["textDocument"]["uri"].as_str().unwrap_or_default());
    let document = open.map(|open| &*open.document);
    let proofs = open.and_then(|open| open.proofs.as_deref());
    of_document(method, params, document, proofs, workspace)?.ok_or_else(unknown)
}

pub fn position(params: &Value) -> Result<Position, Refusal> {
    read(&params["position"], "position")
}

fn read<T: DeserializeOwned>(value: &Value, what: &str) -> Result<T, Refusal> {
    serde_json::from_value(value.clone()).map_err(|error| invalid(format!("{what}: {error}")))
}

/// Answers about one document: `null` where it is not open or says nothing, and nothing
/// where the method is unknown.
fn of_document(
    method: &str,
    params: &Value,
    document: Option<&Document>,
    proofs: Option<&Proofs>,
    workspace: &Workspace,
) -> Result<Option<Value>, Refusal> {
    let at = || position(params);
    // The methods about a place, in the order of the protocol's chapters.
    let with = |f: &AboutDocument<'_>| {
        document.map_or(Ok(Some(Value::Null)), |document| f(document).map(Some))
    };
    match method {
        "textDocument/definition" => {
            let at = at()?;
            with(&|d| Ok(json!(navigation::definition(d, at))))
        }
        "textDocument/typeDefinition" => {
            let at = at()?;
            with(&|d| Ok(json!(navigation::type_definition(d, at))))
        }
        "textDocument/references" => {
            let at = at()?;
            let declaration = params["context"]["includeDeclaration"] == json!(true);
            with(&|d| Ok(json!(project::references(workspace, d, at, declaration))))
        }
        "textDocument/documentHighlight" => {
            let at = at()?;
            with(&|d| Ok(json!(navigation::highlights(d, at))))
        }
        "textDocument/hover" => {
            let at = at()?;
            with(&|d| Ok(json!(hover::hover(d, proofs, at))))
        }
        "textDocument/codeLens" => with(&|d| Ok(json!(outline::lenses(d, proofs)))),
        "textDocument/foldingRange" => with(&|d| Ok(json!(outline::folds(d)))),
        "textDocument/selectionRange" => {
            let places: Vec<Position> = read(&params["positions"], "positions")?;
            with(&|d| {
                let ranges = places.iter().filter_map(|at| outline::selection(d, *at));
                Ok(json!(ranges.collect::<Vec<_>>()))
            })
        }
        "textDocument/documentSymbol" => with(&|d| Ok(json!(outline::symbols(d)))),
        "textDocument/semanticTokens/full" => {
            with(&|d| Ok(json!({ "data": flat(&tokens::tokens(d)) })))
        }
        "textDocument/inlayHint" => {
            let range: Range = read(&params["range"], "range")?;
            with(&|d| Ok(json!(outline::hints(d, proofs, range))))
        }
        "textDocument/completion" => {
            let at = at()?;
            with(&|d| {
                let items = completion::completion(d, at);
                Ok(items
                    .map_or(Value::Null, |items| json!({ "isIncomplete": false, "items": items })))
            })
        }
        "textDocument/diagnostic" => with(&|d| {
            let items = reports::published(d, proofs, workspace.tier_hints);
            Ok(json!({ "kind": "full", "items": items }))
        }),
        "textDocument/signatureHelp" => {
            let at = at()?;
            with(&|d| Ok(json!(calls::signature(d, at))))
        }
        "textDocument/codeAction" => {
            let range: Range = read(&params["range"], "range")?;
            with(&|d| Ok(json!(actions::actions(&workspace.files, d, proofs, range))))
        }
        "textDocument/formatting" => with(&|d| Ok(json!(formatting::whole(d)))),
        "textDocument/rangeFormatting" => {
            let range: Range = read(&params["range"], "range")?;
            with(&|d| Ok(json!(formatting::range(d, range))))
        }
        "textDocument/prepareCallHierarchy" => {
            let at = at()?;
            with(&|d| Ok(json!(hierarchy::prepare(d, at))))
        }
        "textDocument/prepareRename" => {
            let at = at()?;
            with(&|d| {
                let name = navigation::name(d, at);
                Ok(json!(name.map(|name| d.range(name.span))))
            })
        }
        "textDocument/rename" => {
            let at = at()?;
            let new: String = read(&params["newName"], "newName")?;
            with(&|d| {
                navigation::can_rename(d, at, &new)
                    .map_err(|why| (ErrorCode::RequestFailed, why))?;
                let places = project::references(workspace, d, at, true);
                Ok(json!(navigation::renamed(places, &new)))
            })
        }
        _ => Ok(None),
    }
}

/// Tokens as the protocol writes them: five numbers each.
fn flat(tokens: &[lsp_types::SemanticToken]) -> Vec<u32> {
    let numbers = |t: &lsp_types::SemanticToken| {
        [t.delta_line, t.delta_start, t.length, t.token_type, t.token_modifiers_bitset]
    };
    tokens.iter().flat_map(numbers).collect()
}

fn workspace_symbols(workspace: &Workspace, query: &str) -> Value {
    let query = query.to_ascii_lowercase();
    let mut out = Vec::new();
    for open in workspace.open.values() {
        for symbol in outline::symbols(&open.document) {
            if symbol.name.to_ascii_lowercase().contains(&query) {
                out.push(json!({
                    "name": symbol.name,
                    "kind": symbol.kind,
                    "location": {
                        "uri": open.document.uri.as_str(),
                        "range": symbol.selection_range,
                    },
                }));
            }
        }
    }
    Value::Array(out)
}
