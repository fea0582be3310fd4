//! The call graph of bodies: which functions lie on a common cycle.

use vera_check::typed::{ExprKind, FnId, Program};

use super::visit;

/// The cycles of a program's calls.
pub(super) struct Cycles {
    /// `reaches[f]` holds the functions `f` reaches by one call or more.
    reaches: Vec<Vec<bool>>,
}

impl Cycles {
    pub fn new(program: &Program) -> Cycles {
        let calls: Vec<Vec<FnId>> = program
            .fns
            .iter()
            .map(|f| {
                let mut out = Vec::new();
                visit::all(&f.body, f.result, &mut |e| {
                    if let ExprKind::Call { callee, .. } = &f.body[e].kind {
                        out.push(*callee);
                    }
                });
                out.sort();
                out.dedup();
                out
            })
            .collect();
        let reaches = (0..calls.len()).map(|f| reach(&calls, FnId(f as u32))).collect();
        Cycles { reaches }
    }

    /// Whether a call of `callee` in `caller` closes a cycle.
    pub fn contains(&self, caller: FnId, callee: FnId) -> bool {
        self.reaches[caller.index()][callee.index()] && self.reaches[callee.index()][caller.index()]
    }

    pub fn is_recursive(&self, f: FnId) -> bool {
        self.reaches[f.index()][f.index()]
    }
}

fn reach(calls: &[Vec<FnId>], from: FnId) -> Vec<bool> {
    let mut seen = vec![false; calls.len()];
    let mut work = calls[from.index()].clone();
    while let Some(f) = work.pop() {
        if !std::mem::replace(&mut seen[f.index()], true) {
            work.extend(&calls[f.index()]);
        }
    }
    seen
}
