//! What workers do, and what they report.

use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use lsp_server::RequestId;
use lsp_types::Uri;
use vera_session::{Files, Overlay};
use vera_verify::{Cancel, Overview, Progress};

use crate::Prover;
use crate::custom::{self, Wish};
use crate::document::{Document, ENTRY, Proofs};
use crate::proposals::{self, Outcome, Pairing};
use crate::uris;
use crate::workspace::Workspace;

/// Something a worker has done.
pub enum Event {
    /// Of the document that is being proved, so many obligations of so many are settled.
    Settled { done: usize, total: usize },
    /// A document is proved; `None` where nothing of it can be.
    Proved { uri: Uri, version: i32, proofs: Option<Arc<Proofs>> },
    /// Proposed texts are proved.
    /// One outcome for each change.
    Proposed { request: RequestId, changes: Vec<Change>, outcomes: Vec<Outcome> },
}

/// Terms nest as deep as programs do.
const STACK: usize = 256 << 20;

/// How often a verification tells how far it is, at most.
const PAUSE: Duration = Duration::from_millis(250);

/// Looks after a verification: tells how far it is, and that it is not wanted any more.
struct Watch {
    cancel: Cancel,
    /// Who is told; nobody of proposals.
    events: Option<Sender<Event>>,
    /// When more is to be told.
    next: Mutex<Instant>,
}

impl Watch {
    fn new(cancel: Cancel, events: Option<Sender<Event>>) -> Watch {
        Watch { cancel, events, next: Mutex::new(Instant::now() + PAUSE) }
    }
}

impl Progress for Watch {
    fn settled(&self, done: usize, total: usize) {
        let Some(events) = &self.events else { return };
        // Who finds it taken need not wait: another one is telling.
        let Ok(mut next) = self.next.try_lock() else { return };
        let now = Instant::now();
        if now >= *next {
            *next = now + PAUSE;
            _ = events.send(Event::Settled { done, total });
        }
    }

    fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }
}

/// Runs work beside the server. Where there is no thread for it, it is not done.
fn spawn(work: impl FnOnce() + Send + 'static) {
    let worker = std::thread::Builder::new().name("vera-lsp".into()).stack_size(STACK);
    if let Err(error) = worker.spawn(work) {
        eprintln!("vera lsp: cannot start a worker: {error}");
    }
}

/// Proves a document.
pub fn prove(
    document: Arc<Document>,
    prover: Arc<dyn Prover>,
    cancel: Cancel,
    events: Sender<Event>,
) {
    spawn(move || {
        let (uri, version) = (document.uri.clone(), document.version);
        let watch = Watch::new(cancel, Some(events.clone()));
        let proofs = proofs(&document, &*prover, &watch).map(Arc::new);
        // Nobody listens any more where the server has ended.
        _ = events.send(Event::Proved { uri, version, proofs });
    });
}

/// What the prover says of as much of a document as is sound.
fn proofs(document: &Document, prover: &dyn Prover, watch: &Watch) -> Option<Proofs> {
    let program = document.provable()?;
    let verified =
        std::panic::AssertUnwindSafe(|| prover.verify(&program, &document.checked.sources, watch));
    let verification =
        std::panic::catch_unwind(verified).ok().filter(|_| !watch.cancel.is_set())?;
    let overview = Overview::new(&program, &verification, &[]);
    Some(Proofs { verification, overview })
}

/// Another text for a document.
pub struct Change {
    pub document: Arc<Document>,
    /// As the client counts, where it is open.
    pub version: Option<i32>,
    pub text: String,
}

impl Change {
    pub fn of_open(document: &Arc<Document>, text: String) -> Change {
        Change { document: Arc::clone(document), version: Some(document.version), text }
    }
}

/// Texts that are proposed together.
pub struct Proposal {
    pub request: RequestId,
    /// That of the document that was asked about first.
    pub changes: Vec<Change>,
    /// Of the first document, where they are known already.
    pub proofs: Option<Arc<Proofs>>,
    pub pairing: Pairing,
    /// Set when nobody waits for it.
    pub cancel: Cancel,
}

/// Compares the proofs of proposed texts with those of the documents.
pub fn propose<F: Files + Clone + 'static>(
    proposal: Proposal,
    files: Overlay<F>,
    prover: Arc<dyn Prover>,
    events: Sender<Event>,
) {
    spawn(move || {
        let Proposal { request, changes, proofs, pairing, cancel } = proposal;
        let watch = Watch::new(cancel, None);
        let outcomes = outcomes(&changes, proofs, files, (&*prover, &watch), pairing);
        _ = events.send(Event::Proposed { request, changes, outcomes });
    });
}

/// What changes that are made together do, each to its document. `proofs` are those of the
/// first one's old text, where they are known.
fn outcomes<F: Files + Clone>(
    changes: &[Change],
    mut proofs: Option<Arc<Proofs>>,
    mut files: Overlay<F>,
    by: (&dyn Prover, &Watch),
    pairing: Pairing,
) -> Vec<Outcome> {
    for change in changes {
        if let Some(path) = uris::path(&change.document.uri) {
            files.put(&path, change.text.clone());
        }
    }
    let weighed = changes.iter().map(|Change { document, text, .. }| {
        let new = Document::new(&files, document.uri.clone(), document.version, text.clone());
        outcome(document, proofs.take(), &new, by, pairing)
    });
    weighed.collect()
}

/// What other parameters of a function of a file do: `ok`, `proof_delta` of that file,
/// `diagnostics`, and `files`, which change with it, each with its `path` and `text`; and
/// whether nothing that was proved is lost. `params` are those of `vera/changeSignature`.
///
/// # Errors
/// Why they cannot be changed.
pub fn change_signature(
    files: Arc<dyn Files>,
    prover: &dyn Prover,
    (path, text): (&Path, &str),
    params: &serde_json::Value,
) -> Result<(serde_json::Value, bool), String> {
    let uri = uris::uri(path).ok_or_else(|| format!("no URI names {}", path.display()))?;
    let mut workspace = Workspace::new(files);
    workspace.update(uri.as_str(), 0, text.to_owned())?;
    let open = workspace.open.get(uri.as_str()).ok_or("the file is not open")?;
    let name = params["fn"].as_str().ok_or("`fn` is missing")?;
    let wish = custom::signature(&workspace, &open.document, name, params);
    let Wish { changes, pairing, .. } = wish.map_err(|(_, why)| why)?;
    let watch = Watch::new(Cancel::default(), None);
    let by = (prover, &watch);
    let outcomes = outcomes(&changes, None, workspace.files.clone(), by, pairing);
    let mut answer = outcomes.first().map(Outcome::json).unwrap_or_default();
    answer["ok"] = outcomes.iter().all(|outcome| outcome.ok).into();
    answer["diagnostics"] = outcomes.iter().map(|outcome| outcome.errors).sum::<usize>().into();
    let files = changes.iter().filter_map(|Change { document, text, .. }| {
        let path = uris::path(&document.uri)?;
        Some(serde_json::json!({ "path": path.to_string_lossy(), "text": text }))
    });
    answer["files"] = files.collect();
    Ok((answer, outcomes.iter().all(Outcome::passes)))
}

/// What a text does to the proofs of another one in the same place.
pub fn weigh(
    files: &dyn Files,
    prover: &dyn Prover,
    path: &Path,
    old: &str,
    new: &str,
) -> serde_json::Value {
    // A place that no URI names is no place of modules either.
    let uri = uris::uri(path).or_else(|| Uri::from_str("untitled:text").ok());
    let Some(uri) = uri else { return serde_json::Value::Null };
    let document = |text: &str| Document::new(files, uri.clone(), 0, text.to_owned());
    let watch = Watch::new(Cancel::default(), None);
    outcome(&document(old), None, &document(new), (prover, &watch), Pairing::ByText).json()
}

fn outcome(
    old: &Document,
    old_proofs: Option<Arc<Proofs>>,
    new: &Document,
    (prover, watch): (&dyn Prover, &Watch),
    pairing: Pairing,
) -> Outcome {
    let errors = new.checked.diagnostics.iter().filter(|d| d.is_error()).count();
    let unreadable = !vera_syntax::parse(new.checked.sources.get(ENTRY).text()).errors.is_empty();
    if errors > 0 {
        let errors = if unreadable { 1 } else { errors };
        return Outcome { ok: false, delta: None, errors };
    }
    let old_proofs = old_proofs.or_else(|| proofs(old, prover, watch).map(Arc::new));
    let Some(new_proofs) = proofs(new, prover, watch) else {
        return Outcome { ok: false, delta: None, errors: 1 };
    };
    let errors = new_proofs.verification.diagnostics.iter().filter(|d| d.is_error()).count();
    let before = old_proofs.as_ref().map(|proofs| (old, &proofs.verification));
    let delta = proposals::delta(before, (new, &new_proofs.verification), pairing);
    Outcome { ok: errors == 0, delta: Some(delta), errors }
}
