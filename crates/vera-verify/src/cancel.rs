//! Giving up a verification from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a verification is still wanted. Clones are one flag; once it is set, queries that
/// run are interrupted, none is begun, and what is found is of no use.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// The verification is no longer wanted.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
