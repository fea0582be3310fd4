//! The literals of a function: values that its code tells apart.

use std::collections::HashSet;

use vera_check::typed::{ExprKind, FnId, Function, PatternKind, Program};

/// So many literals of a kind are kept.
const MOST: usize = 32;

/// Literals of a function, and then those of what it calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constants {
    pub ints: Vec<i64>,
    pub floats: Vec<f64>,
    pub texts: Vec<String>,
}

impl Constants {
    /// Those of a function of a program.
    pub fn of(program: &Program, function: FnId) -> Constants {
        let mut out = Constants::default();
        let mut met = HashSet::from([function]);
        let mut work = std::collections::VecDeque::from([function]);
        while let Some(id) = work.pop_front() {
            let function = program.function(id);
            out.add(function);
            for expr in &function.body.exprs {
                if let ExprKind::Call { callee, .. } = &expr.kind
                    && !program.is_prelude(program.function(*callee).module)
                    && met.insert(*callee)
                {
                    work.push_back(*callee);
                }
            }
        }
        out
    }

    fn add(&mut self, function: &Function) {
        for expr in &function.body.exprs {
            self.literal(&expr.kind);
            if let ExprKind::Match { arms, .. } = &expr.kind {
                arms.iter().for_each(|arm| self.pattern(&arm.pattern.kind));
            }
        }
    }

    fn pattern(&mut self, kind: &PatternKind) {
        match kind {
            PatternKind::Int(n) => self.literal(&ExprKind::Int(*n)),
            PatternKind::Str(text) => self.literal(&ExprKind::Str(text.clone())),
            PatternKind::Wildcard
            | PatternKind::Bind(_)
            | PatternKind::Ctor { .. }
            | PatternKind::Tuple(_)
            | PatternKind::Bool(_) => {}
        }
    }

    fn literal(&mut self, kind: &ExprKind) {
        fn keep<T: PartialEq>(all: &mut Vec<T>, value: T) {
            if all.len() < MOST && !all.contains(&value) {
                all.push(value);
            }
        }
        match kind {
            ExprKind::Int(n) => keep(&mut self.ints, *n),
            ExprKind::Float(x) => keep(&mut self.floats, *x),
            ExprKind::Str(text) => keep(&mut self.texts, text.to_string()),
            _ => {}
        }
    }
}
