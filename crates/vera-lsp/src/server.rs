//! The conversation with the client: texts come and go, requests are answered, workers
//! report.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    PublishDiagnosticsParams, Uri,
};
use serde_json::{Value, json};
use vera_session::Files;
use vera_verify::Cancel;

use crate::custom::Wish;
use crate::document::{Document, Open};
use crate::positions::Lines;
use crate::proposals::Outcome;
use crate::work::{self, Change, Event, Proposal};
use crate::workspace::Workspace;
use crate::{Surroundings, reports, requests, uris};

/// How long a text rests before it is proved.
const REST: Duration = Duration::from_millis(100);

/// A proof that takes longer is told of.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a client may take to make an edit.
const EDIT_TIME: Duration = Duration::from_secs(60);

/// What the client asks for beside the protocol.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Prove after every change.
    pub verify_on_change: bool,
    /// The client can make edits of versions of documents.
    pub can_edit: bool,
    /// It asks anew for code lenses when told to.
    refreshes_lenses: bool,
    /// And for inlay hints.
    refreshes_hints: bool,
    /// It shows how far work is.
    shows_progress: bool,
}

/// A proof that runs.
struct Proving {
    uri: String,
    cancel: Cancel,
    /// When the client is told of it, if it still runs.
    told_at: Instant,
    /// By which the client knows it, once it is told.
    token: Option<String>,
}

/// An edit that the client was asked to make.
struct Pending {
    request: RequestId,
    answer: Value,
    until: Instant,
}

pub struct Server {
    sender: Sender<Message>,
    events: (Sender<Event>, Receiver<Event>),
    surroundings: Surroundings,
    pub workspace: Workspace,
    settings: Settings,
    /// Documents to prove, and when their texts have rested.
    waiting: HashMap<String, Instant>,
    /// What a worker proves.
    proving: Option<Proving>,
    /// Proposals being proved: whether to make the edit, forced or not, and what to add to
    /// the answer.
    proposals: HashMap<RequestId, (Option<bool>, Value, Cancel)>,
    edits: HashMap<RequestId, Pending>,
    next_id: i32,
}

/// Serves until `exit`.
pub fn run(connection: Connection, surroundings: Surroundings) -> Result<(), String> {
    let failed = |error: lsp_server::ProtocolError| error.to_string();
    let (id, params) = connection.initialize_start().map_err(failed)?;
    let answer = json!({
        "capabilities": requests::capabilities(),
        "serverInfo": { "name": "vera-lsp", "version": surroundings.version },
    });
    connection.initialize_finish(id, answer).map_err(failed)?;
    let mut server = Server {
        sender: connection.sender.clone(),
        events: unbounded(),
        workspace: workspace(&surroundings, &params),
        surroundings,
        settings: settings(&params),
        waiting: HashMap::new(),
        proving: None,
        proposals: HashMap::new(),
        edits: HashMap::new(),
        next_id: 0,
    };
    server.serve(&connection)
}

fn workspace(surroundings: &Surroundings, params: &Value) -> Workspace {
    let mut workspace = Workspace::new(Arc::clone(&surroundings.files));
    workspace.folders = folders(params);
    workspace.read_settings(&params["initializationOptions"]);
    workspace
}

/// The folders that the client has opened.
fn folders(params: &Value) -> Vec<PathBuf> {
    let named = params["workspaceFolders"].as_array().into_iter().flatten();
    let named = named.filter_map(|folder| folder["uri"].as_str());
    let uris = named.chain(params["rootUri"].as_str());
    uris.filter_map(|uri| uris::path(&Uri::from_str(uri).ok()?)).collect()
}

fn settings(params: &Value) -> Settings {
    let can = |path: &str| params.pointer(path) == Some(&Value::Bool(true));
    let mut settings = Settings {
        verify_on_change: true,
        can_edit: can("/capabilities/workspace/applyEdit")
            && can("/capabilities/workspace/workspaceEdit/documentChanges"),
        refreshes_lenses: can("/capabilities/workspace/codeLens/refreshSupport"),
        refreshes_hints: can("/capabilities/workspace/inlayHint/refreshSupport"),
        shows_progress: can("/capabilities/window/workDoneProgress"),
    };
    settings.read(&params["initializationOptions"]);
    settings
}

impl Settings {
    fn read(&mut self, options: &Value) {
        let flag = |name: &str| options[name].as_bool();
        self.verify_on_change = flag("verifyOnChange").unwrap_or(self.verify_on_change);
    }
}

impl Server {
    fn serve(&mut self, connection: &Connection) -> Result<(), String> {
        loop {
            self.start_proofs();
            self.begin_progress();
            self.give_up_edits();
            let timer = crossbeam_channel::after(self.nap());
            let events = self.events.1.clone();
            select! {
                recv(connection.receiver) -> message => match message {
                    // The client is gone.
                    Err(_) => return Ok(()),
                    Ok(Message::Request(request)) => {
                        if connection.handle_shutdown(&request).map_err(|e| e.to_string())? {
                            return Ok(());
                        }
                        self.request(request);
                    }
                    Ok(Message::Notification(notification)) => {
                        if notification.method == "exit" {
                            return Ok(());
                        }
                        self.notification(notification);
                    }
                    Ok(Message::Response(response)) => self.response(response),
                },
                recv(events) -> event => {
                    if let Ok(event) = event {
                        self.event(event);
                    }
                }
                recv(timer) -> _ => {}
            }
        }
    }

    /// Until something is to be done that no message tells.
    fn nap(&self) -> Duration {
        let rests = self.waiting.values().filter(|_| self.proving.is_none());
        let edits = self.edits.values().map(|pending| &pending.until);
        let untold =
            self.proving.iter().filter(|p| self.settings.shows_progress && p.token.is_none());
        let next = rests.chain(edits).chain(untold.map(|proving| &proving.told_at)).min();
        let now = Instant::now();
        next.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(now))
    }

    pub fn send(&self, message: impl Into<Message>) {
        // A client that is gone is noticed where messages are read.
        _ = self.sender.send(message.into());
    }

    // Texts.

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(p) = serde_json::from_value::<DidOpenTextDocumentParams>(params) {
                    let document = p.text_document;
                    self.workspace.files.below().forget();
                    self.update(document.uri, document.version, document.text);
                }
            }
            "textDocument/didChange" => {
                if let Ok(p) = serde_json::from_value::<DidChangeTextDocumentParams>(params) {
                    self.change(p);
                }
            }
            "textDocument/didClose" => {
                if let Ok(p) = serde_json::from_value::<DidCloseTextDocumentParams>(params) {
                    self.close(&p.text_document.uri);
                }
            }
            "workspace/didChangeConfiguration" => {
                self.settings.read(&params["settings"]["vera"]);
                self.workspace.read_settings(&params["settings"]["vera"]);
                let uris: Vec<String> = self.workspace.open.keys().cloned().collect();
                uris.iter().for_each(|uri| self.publish(uri));
            }
            "workspace/didChangeWatchedFiles" => {
                self.workspace.files.below().forget();
                let changes = params["changes"].as_array().into_iter().flatten();
                let changed: Vec<String> =
                    changes.filter_map(|c| Some(c["uri"].as_str()?.to_owned())).collect();
                changed.iter().for_each(|uri| self.imported(uri));
            }
            "workspace/didChangeWorkspaceFolders" => {
                let gone = folders(&json!({ "workspaceFolders": params["event"]["removed"] }));
                self.workspace.folders.retain(|folder| !gone.contains(folder));
                let new = json!({ "workspaceFolders": params["event"]["added"] });
                self.workspace.folders.extend(folders(&new));
            }
            "$/cancelRequest" => self.cancel(&params["id"]),
            _ => {}
        }
    }

    /// Applies changes in order: of a range, or of the whole text.
    fn change(&mut self, params: DidChangeTextDocumentParams) {
        if params.content_changes.is_empty() {
            return;
        }
        let uri = params.text_document.uri;
        let open = self.workspace.open.get(uri.as_str());
        let mut text = open.map(|open| open.document.text.clone()).unwrap_or_default();
        for change in params.content_changes {
            let Some(range) = change.range else {
                text = change.text;
                continue;
            };
            let lines = Lines::new(&text);
            let (start, end) = (lines.offset(&text, range.start), lines.offset(&text, range.end));
            text.replace_range(start as usize..end.max(start) as usize, &change.text);
        }
        self.update(uri, params.text_document.version, text);
    }

    /// The text of a document is another one.
    fn update(&mut self, uri: Uri, version: i32, text: String) {
        if let Some(path) = uris::path(&uri) {
            self.workspace.files.put(&path, text.clone());
        }
        self.analyse(uri.clone(), version, text);
        self.imported(uri.as_str());
    }

    fn analyse(&mut self, uri: Uri, version: i32, text: String) {
        let key = uri.as_str().to_owned();
        self.cancel_proof(&key);
        let files = &self.workspace.files;
        let read =
            std::panic::AssertUnwindSafe(|| Document::new(files, uri.clone(), version, text));
        match std::panic::catch_unwind(read) {
            Ok(document) => {
                let open = Open { document: Arc::new(document), proofs: None };
                self.workspace.open.insert(key.clone(), open);
                if self.settings.verify_on_change {
                    self.waiting.insert(key.clone(), Instant::now() + REST);
                }
                self.publish(&key);
            }
            Err(_) => {
                self.workspace.open.remove(&key);
                self.waiting.remove(&key);
                self.publish_failure(uri);
            }
        }
    }

    /// Documents that import a file are read anew.
    fn imported(&mut self, changed: &str) {
        let Some(path) = Uri::from_str(changed).ok().and_then(|uri| uris::path(&uri)) else {
            return;
        };
        let identity = self.workspace.files.identity(&path);
        let importers: Vec<Arc<Document>> = self
            .workspace
            .open
            .iter()
            .filter(|(uri, _)| *uri != changed)
            .map(|(_, open)| &open.document)
            .filter(|document| {
                document.imports().any(|import| self.workspace.files.identity(&import) == identity)
            })
            .cloned()
            .collect();
        for document in importers {
            self.analyse(document.uri.clone(), document.version, document.text.clone());
        }
    }

    fn close(&mut self, uri: &Uri) {
        if let Some(path) = uris::path(uri) {
            self.workspace.files.remove(&path);
        }
        self.cancel_proof(uri.as_str());
        self.workspace.open.remove(uri.as_str());
        self.waiting.remove(uri.as_str());
        let params =
            PublishDiagnosticsParams { uri: uri.clone(), diagnostics: Vec::new(), version: None };
        self.send(Notification::new("textDocument/publishDiagnostics".to_owned(), params));
        self.imported(uri.as_str());
    }

    fn publish(&self, uri: &str) {
        let Some(Open { document, proofs }) = self.workspace.open.get(uri) else { return };
        let hints = self.workspace.tier_hints;
        let params = PublishDiagnosticsParams {
            uri: document.uri.clone(),
            diagnostics: reports::published(document, proofs.as_deref(), hints),
            version: Some(document.version),
        };
        self.send(Notification::new("textDocument/publishDiagnostics".to_owned(), params));
    }

    /// E699: the analysis came to no end.
    fn publish_failure(&self, uri: Uri) {
        let diagnostic = json!({
            "range": { "start": { "line": 0, "character": 0 },
                       "end": { "line": 0, "character": 1 } },
            "severity": 1, "code": "E699", "source": "vera",
            "message": "Internal compiler error: the analysis of this text failed. This is a bug in vera.",
        });
        let params = json!({ "uri": uri.as_str(), "diagnostics": [diagnostic] });
        self.send(Notification::new("textDocument/publishDiagnostics".to_owned(), params));
    }

    // Proofs.

    fn start_proofs(&mut self) {
        if self.proving.is_some() {
            return;
        }
        let now = Instant::now();
        let ready = self.waiting.iter().filter(|(_, at)| **at <= now).min_by_key(|(_, at)| **at);
        let Some(uri) = ready.map(|(uri, _)| uri.clone()) else { return };
        self.waiting.remove(&uri);
        if let Some(open) = self.workspace.open.get(&uri) {
            let cancel = Cancel::default();
            let told_at = Instant::now() + PATIENCE;
            self.proving = Some(Proving { uri, cancel: cancel.clone(), told_at, token: None });
            let document = Arc::clone(&open.document);
            let prover = Arc::clone(&self.surroundings.prover);
            work::prove(document, prover, cancel, self.events.0.clone());
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Proved { uri, version, proofs } => {
                self.end_progress();
                let current = self.workspace.open.get_mut(uri.as_str());
                // An answer about an older text is none.
                if let Some(open) = current
                    && open.document.version == version
                    && !self.waiting.contains_key(uri.as_str())
                {
                    open.proofs = proofs;
                    self.publish(uri.as_str());
                    self.refresh();
                }
            }
            Event::Settled { done, total } => self.progress(done, total),
            Event::Proposed { request, changes, outcomes } => {
                self.proposed(request, &changes, &outcomes);
            }
        }
    }

    /// Ends the proof of a document whose text is another one.
    fn cancel_proof(&self, uri: &str) {
        if let Some(proving) = self.proving.as_ref().filter(|proving| proving.uri == uri) {
            proving.cancel.set();
        }
    }

    /// Tells of a proof that takes long, if the client shows that.
    fn begin_progress(&mut self) {
        let shows = self.settings.shows_progress;
        let Some(proving) = self.proving.as_mut().filter(|_| shows) else { return };
        if proving.token.is_some() || Instant::now() < proving.told_at {
            return;
        }
        self.next_id += 1;
        let token = format!("proof-{}", self.next_id);
        proving.token = Some(token.clone());
        let id = RequestId::from(format!("create-{token}"));
        let method = "window/workDoneProgress/create".to_owned();
        self.send(Request::new(id, method, json!({ "token": token })));
        let value = json!({ "kind": "begin", "title": "Proving", "percentage": 0 });
        let params = json!({ "token": token, "value": value });
        self.send(Notification::new("$/progress".to_owned(), params));
    }

    /// Tells how far it is.
    fn progress(&self, done: usize, total: usize) {
        let Some(token) = self.proving.as_ref().and_then(|proving| proving.token.as_ref()) else {
            return;
        };
        let message = format!("{done} of {total} obligations");
        let percentage = done * 100 / total.max(1);
        let value = json!({ "kind": "report", "message": message, "percentage": percentage });
        let params = json!({ "token": token, "value": value });
        self.send(Notification::new("$/progress".to_owned(), params));
    }

    fn end_progress(&mut self) {
        if let Some(token) = self.proving.take().and_then(|proving| proving.token) {
            let params = json!({ "token": token, "value": { "kind": "end" } });
            self.send(Notification::new("$/progress".to_owned(), params));
        }
    }

    /// Has the client ask anew for what shows proofs.
    fn refresh(&mut self) {
        let Settings { refreshes_lenses, refreshes_hints, .. } = self.settings;
        for (wanted, what) in [(refreshes_lenses, "codeLens"), (refreshes_hints, "inlayHint")] {
            if wanted {
                self.next_id += 1;
                let id = RequestId::from(format!("refresh-{}", self.next_id));
                self.send(Request::new(id, format!("workspace/{what}/refresh"), Value::Null));
            }
        }
    }

    // Proposals.

    /// Has texts proved that are proposed.
    pub fn propose(&mut self, request: RequestId, open: &str, wish: Wish) {
        let proofs = self.workspace.open.get(open).and_then(|open| open.proofs.clone());
        let Wish { changes, make, pairing, more } = wish;
        let cancel = Cancel::default();
        self.proposals.insert(request.clone(), (make, more, cancel.clone()));
        let proposal = Proposal { request, changes, proofs, pairing, cancel };
        let prover = Arc::clone(&self.surroundings.prover);
        work::propose(proposal, self.workspace.files.clone(), prover, self.events.0.clone());
    }

    fn proposed(&mut self, request: RequestId, changes: &[Change], outcomes: &[Outcome]) {
        // It may have been cancelled.
        let Some((make, more, _)) = self.proposals.remove(&request) else { return };
        let Some(first) = outcomes.first() else { return };
        let mut answer = first.json();
        answer["ok"] = outcomes.iter().all(|outcome| outcome.ok).into();
        answer["diagnostics"] = outcomes.iter().map(|outcome| outcome.errors).sum::<usize>().into();
        let Some(forced) = make else {
            return self.send(Response::new_ok(request, answer));
        };
        if let (Some(answer), Some(more)) = (answer.as_object_mut(), more.as_object()) {
            answer.extend(more.clone());
        }
        if !forced && !outcomes.iter().all(Outcome::passes) {
            return self.settle(request, answer, (json!(false), json!(null), json!(null)));
        }
        if !self.settings.can_edit {
            let why = "the client cannot make edits of versioned documents";
            return self.settle(request, answer, (json!(false), json!("unsupported"), json!(why)));
        }
        self.next_id += 1;
        let id = RequestId::from(format!("edit-{}", self.next_id));
        let edit = |Change { document, version, text }: &Change| {
            let range = document.lines.all(&document.text);
            json!({
                "textDocument": { "uri": document.uri.as_str(), "version": version },
                "edits": [{ "range": range, "newText": text }],
            })
        };
        let edits: Vec<Value> = changes.iter().map(edit).collect();
        let params = json!({ "label": "vera", "edit": { "documentChanges": edits } });
        self.send(Request::new(id.clone(), "workspace/applyEdit".to_owned(), params));
        let until = Instant::now() + EDIT_TIME;
        self.edits.insert(id, Pending { request, answer, until });
    }

    /// Answers a proposal: whether it is applied, what the client said, and why.
    fn settle(&self, request: RequestId, mut answer: Value, how: (Value, Value, Value)) {
        answer["applied"] = how.0;
        answer["client"] = how.1;
        answer["client_reason"] = how.2;
        self.send(Response::new_ok(request, answer));
    }

    fn response(&mut self, response: Response) {
        let Some(Pending { request, answer, .. }) = self.edits.remove(&response.id) else { return };
        let response = serde_json::to_value(&response).unwrap_or_default();
        let how = if let Some(error) = response.get("error") {
            (json!(false), json!("failed"), error["message"].clone())
        } else {
            match response["result"]["applied"].as_bool() {
                Some(true) => (json!(true), json!("applied"), json!(null)),
                Some(false) => {
                    (json!(false), json!("declined"), response["result"]["failureReason"].clone())
                }
                None => {
                    let why = "the answer does not say whether the edit was made";
                    (json!(null), json!("failed"), json!(why))
                }
            }
        };
        self.settle(request, answer, how);
    }

    /// Answers proposals whose edits the client does not answer.
    fn give_up_edits(&mut self) {
        let now = Instant::now();
        let late: Vec<RequestId> =
            self.edits.iter().filter(|(_, p)| p.until <= now).map(|(id, _)| id.clone()).collect();
        for id in late {
            if let Some(Pending { request, answer, .. }) = self.edits.remove(&id) {
                let why = "the client did not answer";
                self.settle(request, answer, (json!(null), json!("timeout"), json!(why)));
            }
        }
    }

    fn cancel(&mut self, id: &Value) {
        let Ok(id) = serde_json::from_value::<RequestId>(id.clone()) else { return };
        let proposal = self.proposals.remove(&id);
        proposal.iter().for_each(|(_, _, cancel)| cancel.set());
        let waiting = proposal.is_some();
        let edit = self.edits.iter().find(|(_, p)| p.request == id).map(|(edit, _)| edit.clone());
        if let Some(edit) = &edit {
            self.edits.remove(edit);
        }
        if waiting || edit.is_some() {
            let code = ErrorCode::RequestCanceled as i32;
            self.send(Response::new_err(id, code, "cancelled".to_owned()));
        }
    }

    fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let answered =
            std::panic::AssertUnwindSafe(|| requests::answer(self, &id, &method, params));
        let response = match std::panic::catch_unwind(answered) {
            Ok(Ok(Some(value))) => Response::new_ok(id, value),
            // A worker answers.
            Ok(Ok(None)) => return,
            Ok(Err((code, message))) => Response::new_err(id, code as i32, message),
            Err(_) => {
                let code = ErrorCode::InternalError as i32;
                Response::new_err(id, code, "internal error: a bug in vera".to_owned())
            }
        };
        self.send(response);
    }
}
