//! Generic functions with bodies of their own.

use super::types::{Eff, Ty};
use super::{Gen, Needs, Recursion, Sig};

impl Gen {
    pub(super) fn generic(&mut self, n: usize) -> String {
        // Predicates of refinements may call it.
        let refined = std::mem::take(&mut self.refined);
        self.type_params = 1;
        let param = Ty::Param(0);
        let polymorphic = self.rng.chance(20);
        let mut params = if polymorphic { vec![Ty::Nat] } else { Vec::new() };
        params.extend(vec![param.clone(); 1 + self.rng.below(2)]);
        if !polymorphic && self.rng.chance(40) {
            params.push(self.rng.pick(&[Ty::Int, Ty::Bool, Ty::array(param.clone())]));
        }
        let ret = match self.rng.below(5) {
            0 if !polymorphic => param.clone(),
            1 if !polymorphic => Ty::option(param.clone()),
            0..3 => Ty::Str,
            3 => Ty::Bool,
            _ => Ty::Int,
        };
        let row = match self.rng.below(8) {
            0 if !polymorphic => vec![Eff::State(param.clone())],
            1 if !polymorphic => vec![Eff::Exn(param.clone())],
            2 if !polymorphic => vec![Eff::State(Ty::Int)],
            _ => Vec::new(),
        };
        self.scope = params.clone();
        self.row = row.clone();
        self.budget = self.style.budget;
        let name = format!("g{n}");
        let body = match polymorphic {
            true => self.larger_and_larger(&name, &params, &ret),
            false => self.block(&ret, self.style.depth),
        };
        let constraint = self.rng.pick(&["", "", " where Eq<A>, Show<A>, Hash<A>"]);
        let head = self.head(&format!("private forall<A{constraint}> fn {name}"), &params, &ret);
        let requires = if polymorphic { "true".to_owned() } else { self.requires(&params) };
        let ensures = match (&ret, self.rng.below(4)) {
            (Ty::Bool, 0) => "@Bool.result".to_owned(),
            (Ty::Bool, 1) => "@Bool.result || !@Bool.result".to_owned(),
            _ if polymorphic => "true".to_owned(),
            _ => self.ensures(&params, &ret, &row, &body, false),
        };
        let decreases = if polymorphic { "\n  decreases(@Nat.0)" } else { "" };
        let text = format!(
            "\n{head}\n  requires({requires})\n  ensures({ensures}){decreases}\n  {}\n{body}\n",
            self.row_text(&row)
        );
        self.type_params = 0;
        self.refined = refined;
        let recursion = match polymorphic {
            true => Recursion::Countdown,
            false => Recursion::Never,
        };
        let needs = Needs::Equality;
        self.sigs.push(Sig { name, generics: 1, params, ret, row, recursion, needs, first: Vec::new() });
        text
    }

    /// A body that calls the function at a larger type.
    fn larger_and_larger(&mut self, name: &str, params: &[Ty], ret: &Ty) -> String {
        let base = self.expr(ret, 2);
        let shape = self.rng.below(4);
        let mut next = vec!["@Nat.0 - 1".to_owned()];
        for at in 1..params.len() {
            let value = self.slot(at);
            next.push(match shape {
                0 => format!("Some({value})"),
                1 => format!("Pair({value}, {value})"),
                2 => format!("Cons({value}, Nil)"),
                _ => format!("Some(Some({value}))"),
            });
        }
        if self.rng.chance(30) {
            next[1..].reverse();
        }
        format!("{{ if @Nat.0 == 0 then {{ {base} }} else {{ {name}({}) }} }}", next.join(", "))
    }
}
