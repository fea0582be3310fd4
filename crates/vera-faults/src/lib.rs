//! Faults the tool once had, each of which can be planted again.
//!
//! A search for faults that finds nothing says little unless it is known what it
//! would find. So the place that mended a fault keeps the faulty way behind
//! [`Fault::planted`], and `cargo xtask hunt --planted` shows that the search finds
//! each again (mutation testing with real mutants: DeMillo, Lipton, Sayward, 1978).
//!
//! Only a build with the feature `plant` can switch one on; in any other `planted`
//! is constantly false and costs nothing.
#![forbid(unsafe_code)]

#[cfg(feature = "plant")]
use std::sync::atomic::{AtomicUsize, Ordering};

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal;)+) => {
        /// A fault that can be planted. The text of each says what the tool then does wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Fault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Fault {
            pub const ALL: &[Fault] = &[$(Fault::$variant,)+];

            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Fault::$variant => $name,)+ }
            }

            /// What the tool does wrong while it is planted.
            pub fn text(self) -> &'static str {
                match self { $(Fault::$variant => concat!($($doc),+).trim_ascii_start(),)+ }
            }
        }
    };
}

faults! {
    /// The optimiser keeps a truth learnt in one branch after the branch has ended.
    TruthOutlivesBranch "truth-outlives-branch";
    /// Instances at ever larger types are shared although they depend on the type.
    SharedInstance "shared-instance";
    /// The handler of an operation is looked up again after substitution.
    HandlerLookedUpAgain "handler-looked-up-again";
    /// The range of a built-in operation's result holds under any handler, and none owes it.
    RangeOfHandledOperation "range-of-handled-operation";
    /// Strings are sequences of code points in proofs.
    StringsOfCodePoints "strings-of-code-points";
    /// A clause is walked in place though another cell may be reached.
    ClauseInPlace "clause-in-place";
    /// Claims about parts deeper than what is looked at count as true.
    DeepClaimIsTrue "deep-claim-is-true";
    /// Steps of a quantifier after the deciding one teach facts.
    LaterQuantifierSteps "later-quantifier-steps";
    /// Instances reached only from predicates are not verified.
    InstancesOfPredicates "instances-of-predicates";
    /// A callee's measure teaches its caller facts before its precondition is owed.
    MeasureTeaches "measure-teaches";
    /// Values of a sort that hides a float are compared by identity.
    HiddenFloat "hidden-float";
    /// An `assume` in a predicate or clause is not told and keeps no checks.
    AssumeInClause "assume-in-clause";
    /// Function values with narrower parameters have no obligation.
    FunctionParameter "function-parameter";
    /// Functions narrowed inside other values have no obligation.
    FunctionInside "function-inside";
    /// A cell that starts at zero has no obligation for its refinement.
    ZeroCell "zero-cell";
    /// Nothing is owed where a built-in operation is called.
    OperationPrecondition "operation-precondition";
    /// What an unproved measure would show about recursion is a fact.
    UnprovedMeasure "unproved-measure";
    /// What a call says that returned is taken for true of every call.
    UnguardedDefinition "unguarded-definition";
    /// A value of a callee's body without a model is the same at all arguments.
    SharedUnknown "shared-unknown";
}

#[cfg(feature = "plant")]
static PLANTED: AtomicUsize = AtomicUsize::new(usize::MAX);

impl Fault {
    pub fn from_name(name: &str) -> Option<Fault> {
        Fault::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// Whether the tool is to behave as if this had not been mended.
    #[cfg(feature = "plant")]
    pub fn planted(self) -> bool {
        PLANTED.load(Ordering::Relaxed) == self as usize
    }

    /// Whether the tool is to behave as if this had not been mended.
    #[cfg(not(feature = "plant"))]
    #[inline(always)]
    pub const fn planted(self) -> bool {
        false
    }
}

/// Plants this fault and no other, in the whole process.
#[cfg(feature = "plant")]
pub fn plant(fault: Option<Fault>) {
    PLANTED.store(fault.map_or(usize::MAX, |f| f as usize), Ordering::Relaxed);
}

/// Facts of the prover that can be turned into their opposite, by the place in its
/// source that states them: each such place is a kind of fact.
///
/// `VERA_NEGATED_FACT=file:line` negates one; `VERA_FACT_PLACES=path` appends the places
/// that state facts to a file.
pub mod facts {
    #[cfg(feature = "plant")]
    use std::collections::HashSet;
    #[cfg(feature = "plant")]
    use std::io::Write;
    use std::panic::Location;
    #[cfg(feature = "plant")]
    use std::sync::{Mutex, OnceLock};

    /// The variable that names the fact to negate.
    pub const NEGATED: &str = "VERA_NEGATED_FACT";
    /// The variable that names a file for the places.
    pub const PLACES: &str = "VERA_FACT_PLACES";

    /// Whether the fact stated at this place is to be negated.
    #[cfg(feature = "plant")]
    pub fn is_negated(at: &'static Location<'static>) -> bool {
        static WANTED: OnceLock<Option<String>> = OnceLock::new();
        static TOLD: Mutex<Option<HashSet<String>>> = Mutex::new(None);
        let name = || {
            let file = at.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{file}:{}", at.line())
        };
        if let Some(path) = std::env::var_os(PLACES)
            && let Ok(mut told) = TOLD.lock()
            && told.get_or_insert_default().insert(name())
            && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path)
        {
            // A place that is not told is not looked at: the caller counts them.
            let _ = writeln!(file, "{}", name());
        }
        let wanted = WANTED.get_or_init(|| std::env::var(NEGATED).ok());
        wanted.as_deref().is_some_and(|wanted| wanted == name())
    }

    /// Whether the fact stated at this place is to be negated.
    #[cfg(not(feature = "plant"))]
    #[inline(always)]
    pub const fn is_negated(_at: &'static Location<'static>) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn names_are_distinct() {
        for fault in Fault::ALL {
            assert_eq!(Fault::from_name(fault.name()), Some(*fault));
        }
    }
}
