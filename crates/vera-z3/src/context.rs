//! Contexts and the solvers in them.
//!
//! The library keeps counts of references; each of our values owns one reference and
//! gives it back when dropped. No handler of errors is set, so that a failed call leaves
//! a code in its context and returns null or an empty result.

use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::api::{self, Functions};
use crate::{Library, Outcome, Strategy};

/// What everything else lives in; used by one thread at a time.
pub struct Context {
    library: &'static Library,
    raw: NonNull<api::Context>,
}

impl Context {
    /// A new context; `None` where the library has no memory for one.
    pub fn new(library: &'static Library) -> Option<Context> {
        let f = &library.functions;
        // SAFETY: a configuration is needed while the context is made, and no longer.
        let raw = unsafe {
            let config = (f.mk_config)();
            let raw = (f.mk_context_rc)(config);
            (f.del_config)(config);
            raw
        };
        let raw = NonNull::new(raw)?;
        // SAFETY: the context lives.
        unsafe { (f.set_error_handler)(raw.as_ptr(), None) };
        Some(Context { library, raw })
    }

    fn f(&self) -> &'static Functions {
        &self.library.functions
    }

    /// What ends a check in this context from another thread.
    pub fn interrupt(&self) -> Interrupt<'_> {
        Interrupt { library: self.library, raw: self.raw, context: PhantomData }
    }

    /// A solver; `None` where the library refuses.
    pub fn solver(&self, strategy: Strategy) -> Option<Solver<'_>> {
        let (f, context) = (self.f(), self.raw.as_ptr());
        // SAFETY: the context lives; a tactic is held while a solver is made of it.
        let raw = unsafe {
            match strategy {
                Strategy::Portfolio => (f.mk_solver)(context),
                Strategy::Core => {
                    let tactic = NonNull::new((f.mk_tactic)(context, c"smt".as_ptr()))?.as_ptr();
                    (f.tactic_inc_ref)(context, tactic);
                    let solver = (f.mk_solver_from_tactic)(context, tactic);
                    if !solver.is_null() {
                        (f.solver_inc_ref)(context, solver);
                    }
                    (f.tactic_dec_ref)(context, tactic);
                    return Some(Solver { context: self, raw: NonNull::new(solver)? });
                }
            }
        };
        let raw = NonNull::new(raw)?;
        // SAFETY: both live.
        unsafe { (f.solver_inc_ref)(context, raw.as_ptr()) };
        Some(Solver { context: self, raw })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: whatever lives in the context borrows it.
        unsafe { (self.f().del_context)(self.raw.as_ptr()) };
    }
}

/// Ends a check of a context, from any thread.
#[derive(Clone, Copy)]
pub struct Interrupt<'c> {
    library: &'static Library,
    raw: NonNull<api::Context>,
    context: PhantomData<&'c Context>,
}

// SAFETY: the one function called is made to be called from other threads.
unsafe impl Send for Interrupt<'_> {}
// SAFETY: as above.
unsafe impl Sync for Interrupt<'_> {}

impl Interrupt<'_> {
    /// A check that is going ends without an answer; one that is to come does not.
    pub fn now(&self) {
        // SAFETY: the context lives.
        unsafe { (self.library.functions.interrupt)(self.raw.as_ptr()) };
    }
}

/// A solver of assertions.
pub struct Solver<'c> {
    context: &'c Context,
    raw: NonNull<api::Solver>,
}

impl Solver<'_> {
    /// Sets parameters, which are numbers.
    pub fn set(&self, parameters: &[(&CStr, u32)]) {
        let (f, context) = (self.context.f(), self.context.raw.as_ptr());
        // SAFETY: context and solver live; the parameters are held while they are used.
        unsafe {
            let Some(params) = NonNull::new((f.mk_params)(context)) else { return };
            (f.params_inc_ref)(context, params.as_ptr());
            for (name, value) in parameters {
                let symbol = (f.mk_string_symbol)(context, name.as_ptr());
                (f.params_set_uint)(context, params.as_ptr(), symbol, *value);
            }
            (f.solver_set_params)(context, self.raw.as_ptr(), params.as_ptr());
            (f.params_dec_ref)(context, params.as_ptr());
        }
    }

    /// Reads declarations and assertions in SMT-LIB 2, and tells how many assertions
    /// there are now; `None` where the library cannot read the text.
    pub fn read(&self, text: &str) -> Option<usize> {
        let text = CString::new(text).ok()?;
        let (f, context) = (self.context.f(), self.context.raw.as_ptr());
        // SAFETY: context and solver live, and so does the vector while it is held.
        unsafe {
            (f.solver_from_string)(context, self.raw.as_ptr(), text.as_ptr());
            if (f.get_error_code)(context) != 0 {
                return None;
            }
            let all = NonNull::new((f.solver_get_assertions)(context, self.raw.as_ptr()))?;
            (f.ast_vector_inc_ref)(context, all.as_ptr());
            let count = (f.ast_vector_size)(context, all.as_ptr());
            (f.ast_vector_dec_ref)(context, all.as_ptr());
            usize::try_from(count).ok()
        }
    }

    /// Whether the assertions have a model.
    pub fn check(&self) -> Outcome {
        let (f, context) = (self.context.f(), self.context.raw.as_ptr());
        // SAFETY: both live.
        match unsafe { (f.solver_check)(context, self.raw.as_ptr()) } {
            1 => Outcome::Satisfiable,
            -1 => Outcome::Unsatisfiable,
            _ => Outcome::Unknown,
        }
    }

    /// The model of the last check, in the library's notation.
    pub fn model(&self) -> Option<String> {
        let (f, context) = (self.context.f(), self.context.raw.as_ptr());
        // SAFETY: both live; the text belongs to the context until its next call.
        unsafe {
            let model = NonNull::new((f.solver_get_model)(context, self.raw.as_ptr()))?.as_ptr();
            (f.model_inc_ref)(context, model);
            let text = (f.model_to_string)(context, model);
            let text =
                (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned());
            (f.model_dec_ref)(context, model);
            text
        }
    }
}

impl Drop for Solver<'_> {
    fn drop(&mut self) {
        // SAFETY: both live, and the reference is ours.
        unsafe {
            (self.context.f().solver_dec_ref)(self.context.raw.as_ptr(), self.raw.as_ptr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    /// The system's library; tests of the prover need it anyway.
    fn context() -> Context {
        let library = library().expect("Z3 is installed");
        Context::new(library).expect("there is memory")
    }

    const TEXT: &str = "(declare-const x Int) (assert (> x 3)) (assert (< x 5))";

    #[test]
    fn a_text_is_read_checked_and_has_its_model_printed() {
        let context = context();
        for strategy in [Strategy::Core, Strategy::Portfolio] {
            let solver = context.solver(strategy).expect("a solver");
            solver.set(&[(c"random_seed", 0), (c"rlimit", 100_000)]);
            assert_eq!(solver.read(TEXT), Some(2));
            assert_eq!(solver.check(), Outcome::Satisfiable);
            assert_eq!(solver.model().as_deref().map(str::trim), Some("x -> 4"));
            assert_eq!(solver.read("(assert (< x 0))"), None, "each text has its own names");
        }
    }

    #[test]
    fn what_cannot_be_read_or_has_no_model() {
        let context = context();
        let solver = context.solver(Strategy::Core).expect("a solver");
        assert_eq!(solver.read("(assert (= x"), None);
        assert_eq!(solver.read("a\0b"), None);
        let other = context.solver(Strategy::Core).expect("a solver");
        assert_eq!(other.read("(assert false)"), Some(1));
        assert_eq!(other.check(), Outcome::Unsatisfiable);
        assert_eq!(other.model(), None);
    }

    #[test]
    fn an_interrupt_from_another_thread_ends_a_check() {
        let context = context();
        let solver = context.solver(Strategy::Portfolio).expect("a solver");
        // A sum of three cubes that nobody knows.
        let text = "(declare-const a Int) (declare-const b Int) (declare-const c Int)
            (assert (= (+ (* a a a) (* b b b) (* c c c)) 114))";
        assert_eq!(solver.read(text), Some(1));
        let interrupt = context.interrupt();
        let (done, waiting) = std::sync::mpsc::channel::<()>();
        let outcome = std::thread::scope(|scope| {
            scope.spawn(move || {
                use std::sync::mpsc::RecvTimeoutError::Timeout;
                let pause = std::time::Duration::from_millis(20);
                while waiting.recv_timeout(pause) == Err(Timeout) {
                    interrupt.now();
                }
            });
            let outcome = solver.check();
            drop(done);
            outcome
        });
        assert_eq!(outcome, Outcome::Unknown);
    }
}
