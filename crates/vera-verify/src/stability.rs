//! Whether proofs are up to the luck of a solver.
//!
//! A solver makes arbitrary choices, which harmless edits of a program change too. What it
//! proves under some seeds of these choices only is proved today and may not be tomorrow.

use std::collections::HashMap;

use vera_check::typed::Program;
use vera_diagnostics::{FileSpan, Sources};

use crate::solver::Seeded;
use crate::{Cache, Kind, Means, Options, Record, Status, verify_with};

/// How proofs fare under several seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stability {
    pub seeds: u32,
    /// How many obligations there are.
    pub obligations: usize,
    /// Those that are proved under some seeds and not under others, in source order.
    pub fragile: Vec<Fragile>,
}

/// An obligation whose proof is up to luck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragile {
    pub kind: Kind,
    pub at: FileSpan,
    pub function: String,
    /// The clause or expression, as written.
    pub text: String,
    /// Under so many seeds it is proved.
    pub proved: u32,
}

/// Proves a program under the seeds `1..=seeds`; nothing is run.
pub fn stability(
    program: &Program,
    sources: &Sources,
    options: &Options,
    cache: &dyn Cache,
    seeds: u32,
) -> Stability {
    let mut proved: HashMap<(String, Kind, FileSpan, String), u32> = HashMap::new();
    let mut order: Vec<(String, Kind, FileSpan, String)> = Vec::new();
    for seed in 1..=seeds {
        let means = Means { solver: &Seeded(seed), cache, ..Means::default() };
        let verification = verify_with(program, sources, options, &means);
        for Record { function, kind, at, text, status, .. } in verification.records {
            let key = (function, kind, at, text);
            let count = proved.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                0
            });
            *count += u32::from(status == Status::Verified);
        }
    }
    let fragile = |key: &(String, Kind, FileSpan, String)| {
        let count = proved[key];
        let (function, kind, at, text) = key.clone();
        (count > 0 && count < seeds).then_some(Fragile { kind, at, function, text, proved: count })
    };
    let obligations = order.len();
    Stability { seeds, obligations, fragile: order.iter().filter_map(fragile).collect() }
}
