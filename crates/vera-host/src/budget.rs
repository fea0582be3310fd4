//! The memory of a run: the program's own, and what the host holds for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vera_abi::layout::SHADOW_STACK_SIZE;
use vera_abi::trap::TrapKind;
use wasmtime::ResourceLimiter;

use crate::trap::End;

/// What a run may take without a limit of its own: as much as its memory could ever be,
/// so that the host is not asked for what the program can never have.
const UNLIMITED: u64 = 1 << 32;

/// How much a run has, and may have. The instances of one run share a limit.
#[derive(Debug)]
pub struct Budget {
    max: u64,
    /// What all instances have together.
    all: Arc<AtomicU64>,
    /// The share of this one.
    own: u64,
    heap: u64,
    /// Bytes read that the program has not fetched yet.
    pending: u64,
    /// Output that is collected.
    captured: u64,
    /// The run asked for more.
    refused: bool,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::new(None)
    }
}

impl Budget {
    /// `None` is no limit but that of wasm.
    pub(crate) fn new(max: Option<u64>) -> Budget {
        Budget::part_of(max.unwrap_or(UNLIMITED), Arc::default())
    }

    fn part_of(max: u64, all: Arc<AtomicU64>) -> Budget {
        Budget { max, all, own: 0, heap: 0, pending: 0, captured: 0, refused: false }
    }

    /// The budget of another instance of the run.
    pub(crate) fn shared(&self) -> Budget {
        Budget::part_of(self.max, Arc::clone(&self.all))
    }

    /// Whether the run asked for more than it may have.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    /// Bytes that the run may still have.
    pub(crate) fn left(&self) -> u64 {
        let all = self.all.load(Ordering::Relaxed).saturating_sub(self.pending);
        self.max.saturating_sub(all)
    }

    /// Sets how much is read and not fetched.
    pub(crate) fn set_pending(&mut self, bytes: usize) -> Result<(), End> {
        self.pending = bytes as u64;
        self.check()
    }

    pub(crate) fn add_captured(&mut self, bytes: usize) -> Result<(), End> {
        self.captured += bytes as u64;
        self.check()
    }

    /// Appends to what is read and not fetched.
    pub(crate) fn extend(&mut self, read: &mut Vec<u8>, more: &[u8]) -> Result<(), End> {
        self.set_pending(read.len() + more.len())?;
        read.try_reserve(more.len()).map_err(|_| self.refuse())?;
        read.extend_from_slice(more);
        Ok(())
    }

    fn check(&mut self) -> Result<(), End> {
        self.settle();
        let all = self.all.load(Ordering::Relaxed);
        if all <= self.max { Ok(()) } else { Err(self.refuse()) }
    }

    /// Brings the common sum up to date.
    fn settle(&mut self) {
        let own = self.heap.saturating_add(self.pending).saturating_add(self.captured);
        let before = std::mem::replace(&mut self.own, own);
        match own >= before {
            true => self.all.fetch_add(own - before, Ordering::Relaxed),
            false => self.all.fetch_sub(before - own, Ordering::Relaxed),
        };
    }

    fn refuse(&mut self) -> End {
        self.refused = true;
        let kind = TrapKind::HeapExhausted;
        End::Trap(kind, kind.message().to_owned())
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The shadow stack is address space; few programs touch much of it.
        let before = self.heap;
        self.heap = (desired as u64).saturating_sub(u64::from(SHADOW_STACK_SIZE));
        let granted = self.check().is_ok();
        if !granted {
            self.heap = before;
            self.settle();
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
