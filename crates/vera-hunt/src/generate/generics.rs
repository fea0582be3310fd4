//! Generic functions with bodies of their own.

use super::types::{Eff, Ty};
use super::{Gen, Needs, Recursion, Sig};

impl Gen {
    pub(super) fn generic(&mut self, n: usize) -> String {
        self.type_params = 1;
        let param = Ty::Param(0);
        let polymorphic = self.rng.chance(20);
        // What predicates of refinements may say.
        let relation = !polymorphic && self.rng.chance(35 + self.style.generics / 4);
        let mut params = if polymorphic { vec![Ty::Nat] } else { Vec::new() };
        params.extend(vec![param.clone(); 1 + self.rng.below(2)]);
        if !polymorphic && !relation && self.rng.chance(40) {
            params.push(self.rng.pick(&[Ty::Int, Ty::Bool, Ty::array(param.clone())]));
        }
        let ret = match self.rng.below(7) {
            _ if relation => Ty::Bool,
            0 if !polymorphic => param.clone(),
            1 if !polymorphic => Ty::option(param.clone()),
            5 | 6 if !polymorphic => param.clone(),
            0..3 => Ty::Str,
            3 => Ty::Bool,
            _ => Ty::Int,
        };
        let row = match self.rng.below(8) {
            _ if relation => Vec::new(),
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
            false if relation => {
                let asked = self.asked(&ret).unwrap_or_else(|| "true".to_owned());
                format!("{{ {asked} }}")
            }
            false => {
                let theme = if self.rng.chance(50) { self.theme(&ret) } else { None };
                theme.unwrap_or_else(|| self.block(&ret, self.style.depth))
            }
        };
        let constraint = self.rng.pick(&["", "", " where Eq<A>, Show<A>, Hash<A>"]);
        let head = self.head(&format!("private forall<A{constraint}> fn {name}"), &params, &ret);
        let requires = match polymorphic || relation {
            true => "true".to_owned(),
            false => self.requires(&params),
        };
        let ensures = match (&ret, self.rng.below(4)) {
            (Ty::Bool, 0) => "@Bool.result".to_owned(),
            (Ty::Bool, 1 | 2) if relation => "@Bool.result".to_owned(),
            (Ty::Bool, 1) => "@Bool.result || !@Bool.result".to_owned(),
            _ if polymorphic => "true".to_owned(),
            (Ty::Param(_), 0 | 1) => {
                let at = self.scope.iter().position(|t| *t == param).unwrap_or(0);
                format!("@A.result == {}", self.slot(at))
            }
            _ => self.ensures(&params, &ret, &row, &body, false),
        };
        let decreases = if polymorphic { "\n  decreases(@Nat.0)" } else { "" };
        let text = format!(
            "\n{head}\n  requires({requires})\n  ensures({ensures}){decreases}\n  {}\n{body}\n",
            self.row_text(&row)
        );
        self.type_params = 0;
        let recursion = match polymorphic {
            true => Recursion::Countdown,
            false => Recursion::Never,
        };
        let needs = Needs::Equality;
        self.sigs.push(Sig {
            name,
            generics: 1,
            params,
            ret,
            row,
            recursion,
            needs,
            first: Vec::new(),
        });
        text
    }

    /// What an ability says of a value of the type parameter.
    pub(super) fn asked(&mut self, ty: &Ty) -> Option<String> {
        let known: Vec<usize> =
            (0..self.scope.len()).filter(|at| self.scope[*at] == Ty::Param(0)).collect();
        if known.is_empty() {
            return None;
        }
        let (a, b) = (self.rng.pick(&known), self.rng.pick(&known));
        let (a, b) = (self.slot(a), self.slot(b));
        Some(match ty {
            Ty::Str => format!("show({a})"),
            Ty::Int => match self.rng.chance(50) {
                true => format!("(hash({a}) % 1000)"),
                false => format!("set_size(set_add(set_add(set_new(), {a}), {b}))"),
            },
            Ty::Bool => self.rng.pick(&[
                format!("({a} == {b})"),
                format!("eq({a}, {b})"),
                format!("(Some({a}) != Some({b}))"),
            ]),
            _ => return None,
        })
    }

    /// A call of a generic function at some type, bound by a `let`.
    pub(super) fn generic_call(&mut self, depth: usize) -> Option<String> {
        let fits = |s: &&Sig| s.generics == 1 && s.row.is_empty() && s.name.len() == 2;
        let known: Vec<Sig> = self.sigs.iter().filter(fits).cloned().collect();
        if known.is_empty() {
            return None;
        }
        let sig = self.rng.pick(&known);
        let args = vec![self.argument(sig.needs)];
        let first = (sig.recursion == Recursion::Countdown).then(|| self.rng.below(4).to_string());
        // What the parts leave open, the types say.
        let mut parts: Vec<String> = first.into_iter().collect();
        for param in &sig.params[parts.len()..] {
            let ty = param.subst(&args);
            let value = self.expr(&ty, depth.min(1));
            parts.push(self.typed(&ty, &value));
        }
        let ret = sig.ret.subst(&args);
        self.scope.push(ret.clone());
        Some(format!("let @{} = {}({}); ", self.text(&ret), sig.name, parts.join(", ")))
    }

    /// A body that calls the function at a larger type.
    fn larger_and_larger(&mut self, name: &str, params: &[Ty], ret: &Ty) -> String {
        let base = match self.rng.chance(80) {
            true => self.asked(ret).unwrap_or_else(|| self.expr(ret, 2)),
            false => self.expr(ret, 2),
        };
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
