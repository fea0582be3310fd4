//! Whether proofs are up to the luck of a solver.
//!
//! A solver makes arbitrary choices, which harmless edits of a program change too. What it
//! proves under some seeds of these choices only is proved today and may not be tomorrow.

use std::collections::{BTreeMap, BTreeSet};

use vera_check::typed::Program;
use vera_diagnostics::{FileSpan, Sources};

use crate::solver::{Seeded, Solver};
use crate::{Cache, Kind, Means, Options, Status, verify_with};

/// How proofs fare under several seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stability {
    pub seeds: u32,
    /// How many obligations there are, but for preconditions of calls that every seed
    /// proves: those have no record.
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
    let solvers: Vec<Seeded> = (1..=seeds).map(Seeded).collect();
    under(program, sources, options, cache, solvers.iter().map(|seeded| seeded as &dyn Solver))
}

fn under<'s>(
    program: &Program,
    sources: &Sources,
    options: &Options,
    cache: &dyn Cache,
    solvers: impl Iterator<Item = &'s dyn Solver>,
) -> Stability {
    // A precondition that is proved has no record, so what counts is who fails to prove.
    let mut failed: BTreeMap<(FileSpan, Kind, String, String), u32> = BTreeMap::new();
    let mut seeds = 0;
    for solver in solvers {
        seeds += 1;
        let means = Means { solver, cache, ..Means::default() };
        let mut unproved = BTreeSet::new();
        for record in verify_with(program, sources, options, &means).records {
            let key = (record.at, record.kind, record.function, record.text);
            failed.entry(key.clone()).or_default();
            if record.status != Status::Verified {
                unproved.insert(key);
            }
        }
        unproved.into_iter().for_each(|key| *failed.entry(key).or_default() += 1);
    }
    let obligations = failed.len();
    let is_fragile = |(_, count): &(_, u32)| *count > 0 && *count < seeds;
    let fragile =
        failed.into_iter().filter(is_fragile).map(|((at, kind, function, text), count)| Fragile {
            kind,
            at,
            function,
            text,
            proved: seeds - count,
        });
    Stability { seeds, obligations, fragile: fragile.collect() }
}

#[cfg(test)]
mod tests {
    use vera_check::NoModules;
    use vera_diagnostics::SourceFile;

    use super::*;
    use crate::NoCache;
    use crate::solver::{Limits, Missing, Reply, Script, Z3};

    /// A seed under which nothing is found.
    struct Unlucky;

    impl Solver for Unlucky {
        fn version(&self) -> String {
            "unlucky".to_owned()
        }

        fn check(&self, _: &Script, _: &Limits) -> Reply {
            Reply { interrupted: false, ..Reply::NONE }
        }

        fn missing(&self) -> Option<Missing> {
            None
        }
    }

    const PROGRAM: &str = "private fn g(@Int -> @Int)
  requires(@Int.0 != 0)
  ensures(true)
  effects(pure)
{
  @Int.0
}

public fn f(@Int -> @Int)
  requires(@Int.0 > 3 || @Int.0 < -3)
  ensures(@Int.result * @Int.result >= 0)
  effects(pure)
{
  g(@Int.0)
}
";

    #[test]
    fn what_only_some_seeds_prove_is_fragile() {
        let checked = vera_check::check(SourceFile::new("t.vera", PROGRAM), &mut NoModules);
        let program = checked.program.expect("nothing is wrong");
        let found = |solvers: &[&dyn Solver]| {
            let options = Options::default();
            let solvers = solvers.iter().copied();
            let found = under(&program, &checked.sources, &options, &NoCache, solvers);
            found.fragile.into_iter().map(|f| (f.kind, f.proved)).collect::<Vec<_>>()
        };
        // The precondition of the call has a record only where it is not proved.
        assert!(found(&[&Z3, &Unlucky, &Z3]).contains(&(Kind::CallPre, 2)));
        assert_eq!(found(&[&Z3, &Z3]), []);
        assert_eq!(found(&[&Unlucky, &Unlucky]), []);
    }
}
