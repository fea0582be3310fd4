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
use crate::document::{Document, ENTRY, Proofs};
use crate::proposals::{self, Outcome, Pairing};
use crate::uris;

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
        let Proposal { request, changes, mut proofs, pairing, cancel } = proposal;
        let watch = Watch::new(cancel, None);
        let mut then = files.clone();
        for change in &changes {
            if let Some(path) = uris::path(&change.document.uri) {
                then.put(&path, change.text.clone());
            }
        }
        let weighed = changes.iter().map(|Change { document, text, .. }| {
            let uri = document.uri.clone();
            let new = Document::new(&then, uri, document.version, text.clone());
            outcome(document, proofs.take(), &new, (&*prover, &watch), pairing)
        });
        let outcomes = weighed.collect();
        _ = events.send(Event::Proposed { request, changes, outcomes });
    });
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
