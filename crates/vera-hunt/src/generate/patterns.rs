//! `match` with nested patterns.

use super::Gen;
use super::types::Ty;

impl Gen {
    pub(super) fn match_expr(&mut self, ty: &Ty, depth: usize) -> String {
        let on = self.matched_type();
        let value = self.expr(&on, depth);
        let mut arms = Vec::new();
        for _ in 0..1 + self.rng.below(3) {
            let mut bound = Vec::new();
            let pattern = self.pattern(&on, 3, &mut bound);
            arms.push(self.arm(&pattern, &bound, ty, depth));
        }
        match self.rng.chance(30) {
            true => {
                let name = format!("@{}", self.text(&on));
                arms.push(self.arm(&name, &[on], ty, depth));
            }
            false => arms.push(self.arm("_", &[], ty, depth)),
        }
        format!("match {value} {{ {} }}", arms.join(", "))
    }

    fn arm(&mut self, pattern: &str, bound: &[Ty], ty: &Ty, depth: usize) -> String {
        let body = self.within(bound, |this| this.block(ty, depth));
        format!("{pattern} -> {body}")
    }

    /// A type worth taking apart, often one that is at hand.
    fn matched_type(&mut self) -> Ty {
        if !self.scope.is_empty() && self.rng.chance(50) {
            let known = self.rng.pick(&self.scope.clone());
            if !matches!(known, Ty::Fn(_)) {
                return known;
            }
        }
        self.ty(2)
    }

    fn pattern(&mut self, ty: &Ty, depth: usize, bound: &mut Vec<Ty>) -> String {
        if depth == 0 || self.rng.chance(20) {
            return match self.rng.chance(70) {
                true => {
                    bound.push(ty.clone());
                    format!("@{}", self.text(ty))
                }
                false => "_".into(),
            };
        }
        let (name, fields) = match ty {
            Ty::Option(t) => match self.rng.below(3) {
                0 => ("None", vec![]),
                _ => ("Some", vec![(**t).clone()]),
            },
            Ty::Result(t, e) => match self.rng.below(2) {
                0 => ("Ok", vec![(**t).clone()]),
                _ => ("Err", vec![(**e).clone()]),
            },
            Ty::Tuple(ts) => ("Tuple", ts.clone()),
            Ty::Data(data, args) => {
                let (name, fields) = self.rng.pick(&self.datas[*data].ctors.clone());
                (name, fields.iter().map(|f| f.subst(args)).collect())
            }
            Ty::Int | Ty::Nat | Ty::Small | Ty::Byte if self.rng.chance(40) => {
                return self.rng.below(6).to_string();
            }
            Ty::Bool if self.rng.chance(60) => return self.rng.chance(50).to_string(),
            Ty::Str if self.rng.chance(40) => {
                return self.rng.pick(&["\"\"", "\"a\"", "\"12\""]).into();
            }
            _ => return self.pattern(ty, 0, bound),
        };
        let parts: Vec<String> = fields.iter().map(|f| self.pattern(f, depth - 1, bound)).collect();
        match parts.len() {
            0 => name.into(),
            _ => format!("{name}({})", parts.join(", ")),
        }
    }
}
