//! What is open: texts over files, and what is known of each.
//!
//! Answers about texts need nothing else. The server keeps one beside its workers; who has
//! neither workers nor messages, as a page, keeps one of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use lsp_types::Uri;
use serde_json::{Value, json};
use vera_check::Checked;
use vera_session::{Files, Kept, Overlay};
use vera_verify::{NoProgress, Overview, Verification};

use crate::document::{Document, Open, Proofs};
use crate::requests::{self, Refusal};
use crate::{Prover, reports, uris};

/// Open texts, and the files under them.
pub struct Workspace {
    /// The files under the open texts.
    pub(crate) files: Overlay<Kept<Arc<dyn Files>>>,
    /// By URI.
    pub(crate) open: HashMap<String, Open>,
    /// What the client has opened.
    pub(crate) folders: Vec<PathBuf>,
    /// Report how each function is proved.
    pub(crate) tier_hints: bool,
}

impl Workspace {
    /// Nothing open, over these files.
    pub fn new(files: Arc<dyn Files>) -> Workspace {
        let (open, folders) = (HashMap::new(), Vec::new());
        Workspace { files: Overlay::new(Kept::new(files)), open, folders, tier_hints: true }
    }

    /// Opens a text, or puts another one in its place, and checks it.
    ///
    /// # Errors
    /// The URI is none.
    pub fn update(&mut self, uri: &str, version: i32, text: String) -> Result<(), String> {
        let uri = Uri::from_str(uri).map_err(|error| format!("{uri}: {error}"))?;
        if let Some(path) = uris::path(&uri) {
            self.files.put(&path, text.clone());
        }
        let document = Document::new(&self.files, uri.clone(), version, text);
        let open = Open { document: Arc::new(document), proofs: None };
        self.open.insert(uri.as_str().to_owned(), open);
        Ok(())
    }

    /// Proves an open text, while the caller waits; what can be proved of it, where it has
    /// mistakes.
    pub fn prove(&mut self, uri: &str, prover: &dyn Prover) {
        let Some(open) = self.open.get_mut(uri) else { return };
        let document = &open.document;
        open.proofs = document.provable().map(|program| {
            let verification = prover.verify(&program, &document.checked.sources, &NoProgress);
            let overview = Overview::new(&program, &verification, &[]);
            Arc::new(Proofs { verification, overview })
        });
    }

    /// What the prover says of an open text; `None` where nothing of it can be proved, or it
    /// was not asked.
    pub fn proofs(&self, uri: &str) -> Option<(&Verification, &Overview)> {
        let proofs = self.open.get(uri)?.proofs.as_deref()?;
        Some((&proofs.verification, &proofs.overview))
    }

    /// What a client says in the words of the server's settings.
    pub(crate) fn read_settings(&mut self, options: &Value) {
        self.tier_hints = options["tierHints"].as_bool().unwrap_or(self.tier_hints);
    }

    /// What the checker makes of an open text.
    pub fn checked(&self, uri: &str) -> Option<&Checked> {
        self.open.get(uri).map(|open| &open.document.checked)
    }

    /// What an editor shows of an open text: the protocol's diagnostics, those of the
    /// prover among them once it is proved.
    pub fn published(&self, uri: &str) -> Value {
        let Some(Open { document, proofs }) = self.open.get(uri) else { return json!([]) };
        json!(reports::published(document, proofs.as_deref(), self.tier_hints))
    }

    /// Answers a request of the protocol, as the server would.
    ///
    /// # Errors
    /// The protocol's number for what is wrong with the request, and why.
    pub fn answer(&self, method: &str, params: &Value) -> Result<Value, (i32, String)> {
        requests::about_texts(self, method, params)
            .map_err(|(code, message): Refusal| (code as i32, message))
    }
}
