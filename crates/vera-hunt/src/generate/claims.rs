//! Contracts.

use super::Gen;
use super::types::{Eff, Ty};

/// Texts that claims are about.
const TEXTS: [&str; 5] = ["\"é\"", "\"日\"", "\"a\"", "\"ab\"", "\"🍎\""];

impl Gen {
    /// A precondition over the parameters. What keeps numbers small comes first.
    pub(super) fn requires(&mut self, params: &[Ty]) -> String {
        self.scope = params.to_vec();
        self.row.clear();
        self.budget = 3;
        let mut parts = Vec::new();
        for at in 0..params.len() {
            if self.rng.chance(self.style.claims.max(15))
                && let Some(part) = self.bound(at)
            {
                parts.push(part);
            }
        }
        match self.rng.below(16) {
            0 => parts.push(format!("({} || true)", self.expr(&Ty::Bool, 1))),
            1 => parts.push(format!("({})", self.expr(&Ty::Bool, 1))),
            _ => {}
        }
        if parts.is_empty() { "true".into() } else { parts.join(" && ") }
    }

    /// A bound on a slot in scope.
    fn bound(&mut self, at: usize) -> Option<String> {
        let slot = self.slot(at);
        Some(match self.scope[at] {
            Ty::Int | Ty::Small => {
                let high = self.rng.pick(&[3, 9, 100, 100_000]);
                let low = self.rng.pick(&["0", "1", "(-3)", "(-9)", "(-100)"]);
                format!("{slot} >= {low} && {slot} <= {high}")
            }
            Ty::Nat => format!("{slot} <= {}", self.rng.pick(&[2, 9, 1000])),
            Ty::Str => {
                let text = self.claimed_text();
                match self.rng.below(5) {
                    0 => format!("string_starts_with({text}, {slot})"),
                    1 => format!("string_starts_with({slot}, {text})"),
                    2 => format!("string_length({slot}) <= {}", self.rng.below(4)),
                    3 => format!("string_ends_with({text}, {slot}) && {slot} != \"\""),
                    _ => format!("string_starts_with({text}, {slot}) && {slot} != \"\""),
                }
            }
            Ty::Float => format!("{slot} <= {}.5", self.rng.below(9)),
            Ty::Array(_) => format!("array_length({slot}) > {}", self.rng.below(3)),
            Ty::Map(..) | Ty::Set(_) => self.about_collection()?,
            _ => return None,
        })
    }

    /// One of few texts, so that several places speak of the same.
    fn claimed_text(&mut self) -> &'static str {
        match self.rng.chance(75) {
            true => TEXTS[self.text],
            false => self.rng.pick(&TEXTS),
        }
    }

    /// A comparison of a text in scope.
    pub(super) fn about_text(&mut self) -> Option<String> {
        let known: Vec<usize> =
            (0..self.scope.len()).filter(|at| self.scope[*at] == Ty::Str).collect();
        if known.is_empty() {
            return None;
        }
        let at = self.rng.pick(&known);
        let (slot, text) = (self.slot(at), self.claimed_text());
        Some(match self.rng.below(7) {
            0..3 => format!("({slot} == {text})"),
            3 => format!("({slot} == \"\")"),
            4 => format!("string_starts_with({slot}, {text})"),
            5 => format!("string_contains({text}, {slot})"),
            _ => format!("({slot} == string_slice({text}, 0, {}))", self.rng.below(3)),
        })
    }

    /// A postcondition of a function with this body. `free`: nobody relies on it, so
    /// it may be wrong.
    pub(super) fn ensures(
        &mut self,
        params: &[Ty],
        ret: &Ty,
        row: &[Eff],
        body: &str,
        free: bool,
    ) -> String {
        self.scope = params.to_vec();
        self.row.clear();
        self.budget = 3;
        let result = format!("@{}.result", self.text(ret));
        if !self.rng.chance(self.style.claims.max(25)) {
            return "true".into();
        }
        let cell = row.iter().find(|e| matches!(e, Eff::State(Ty::Int)));
        if cell.is_some() && self.rng.chance(50) {
            return "new(State<Int>) > old(State<Int>) - 1000".into();
        }
        if self.rng.chance(self.style.assumptions) {
            let known = self.result.replace(ret.clone());
            let claim = self.expr(&Ty::Bool, 1);
            self.result = known;
            return format!("{{ assume({claim}); true }}");
        }
        let comparable = self.is_comparable(ret) && !self.has_float(ret);
        // Contracts compare arrays and tuples, too.
        let stated = self.is_plain(ret) && !self.has_float(ret);
        let honest = row.is_empty() && stated && body.len() < 400;
        let like = params.iter().position(|p| p == ret).filter(|_| stated && !comparable);
        match (ret, self.rng.below(6)) {
            (_, 0 | 1) if honest => format!("{result} == {body}"),
            (_, 2 | 3) if free && like.is_some() => {
                format!("{result} == {}", self.slot(like.unwrap_or_default()))
            }
            (_, 2) if comparable => format!("eq({result}, {result})"),
            (_, 3..) if free => {
                let known = self.result.replace(ret.clone());
                let claim = self.expr(&Ty::Bool, 2);
                self.result = known;
                claim
            }
            (Ty::Int, _) if self.rng.chance(5) => format!("{result} > -5"),
            (Ty::Int, _) => format!("{result} > -1000000"),
            (Ty::Nat, _) => format!("{result} >= 0"),
            (Ty::Str, _) => format!("string_length({result}) < 200"),
            (Ty::Array(_), _) => format!("array_length({result}) >= 0"),
            (Ty::Map(..), _) => format!("map_size({result}) >= 0"),
            (Ty::Set(_), _) => format!("set_size({result}) < 1000"),
            (Ty::Bool, _) => format!("{result} || !{result}"),
            _ => "true".into(),
        }
    }

    /// The result as an expression, in a postcondition.
    pub(super) fn result_slot(&mut self, ty: &Ty) -> Option<String> {
        let found = self.result.as_ref().is_some_and(|t| t == ty);
        (found && self.rng.chance(60)).then(|| format!("@{}.result", self.text(ty)))
    }

    /// A public function that a host can call; nothing in the program does.
    pub(super) fn entry(&mut self, n: usize) -> String {
        let scalar = |t: &Ty| {
            matches!(t, Ty::Int | Ty::Nat | Ty::Bool | Ty::Float | Ty::Str | Ty::Byte | Ty::Small)
        };
        let mut params: Vec<Ty> = (0..self.rng.below(4)).map(|_| self.scalar(&scalar)).collect();
        if self.rng.chance(self.style.deep) {
            params.push(self.deep());
        }
        if self.rng.chance(self.style.collections) {
            let (key, of) =
                (self.rng.pick(&[Ty::Int, Ty::Str]), self.rng.pick(&[Ty::Int, Ty::Str]));
            params.push(match self.rng.below(4) {
                0 => Ty::Set(Box::new(key)),
                1 => Ty::array(of),
                _ => Ty::Map(Box::new(key), Box::new(of)),
            });
        }
        let ret = match self.rng.chance(80) {
            true => self.scalar(&scalar),
            false => self.ty(1),
        };
        let row = match self.rng.chance(self.style.rows / 3) {
            true => {
                vec![self.rng.pick(&[Eff::State(Ty::Int), Eff::Exn(Ty::Int), Eff::State(Ty::Nat)])]
            }
            false => Vec::new(),
        };
        self.scope = params.clone();
        self.row = row.clone();
        self.budget = self.some_budget();
        let direct = match self.rng.chance(40) {
            true => self.theme(&ret),
            false => None,
        };
        let body = direct.unwrap_or_else(|| self.block(&ret, self.style.depth));
        let head = self.head(&format!("public fn p{n}"), &params, &ret);
        let requires = self.requires(&params);
        let ensures = self.ensures(&params, &ret, &row, &body, true);
        let row = self.row_text(&row);
        format!("\n{head}\n  requires({requires})\n  ensures({ensures})\n  {row}\n{body}\n")
    }

    /// A body that is nothing but the theme of the program: small enough for the prover
    /// to see through all of it.
    pub(super) fn theme(&mut self, ret: &Ty) -> Option<String> {
        if self.rng.chance(self.style.nests) {
            // With clauses that are simple.
            self.budget = self.rng.below(3);
            let count = 2 + self.rng.below(2);
            return Some(format!("{{ {} }}", self.nest(count, ret, 2)));
        }
        if self.rng.chance(self.style.texts) {
            let test = self.about_text()?;
            let (a, b) = (self.leaf(ret, 0), self.leaf(ret, 0));
            return Some(format!("{{ if {test} then {{ {a} }} else {{ {b} }} }}"));
        }
        match ret {
            _ if self.rng.chance(self.style.collections) => {
                let test = self.about_collection()?;
                let (a, b) = (self.leaf(ret, 0), self.leaf(ret, 0));
                Some(format!("{{ if {test} then {{ {a} }} else {{ {b} }} }}"))
            }
            Ty::Bool if self.rng.chance(2 * self.style.deep) => {
                self.about_whole().map(|test| format!("{{ {test} }}"))
            }
            Ty::Bool if self.rng.chance(self.style.quantifiers) => {
                Some(format!("{{ {} }}", self.quantified(1)))
            }
            Ty::Int if self.rng.chance(self.style.narrowing) => {
                self.function_trip(1).map(|trip| format!("{{ {trip} }}"))
            }
            _ => None,
        }
    }

    fn scalar(&mut self, scalar: &dyn Fn(&Ty) -> bool) -> Ty {
        loop {
            let ty = self.rng.pick(self.style.simple);
            if scalar(&ty) {
                return ty;
            }
        }
    }

    /// `private fn f(@A, @B -> @C)`
    pub(super) fn head(&self, start: &str, params: &[Ty], ret: &Ty) -> String {
        let written: Vec<String> = params.iter().map(|t| format!("@{}", self.text(t))).collect();
        let params = if written.is_empty() { "@Unit".into() } else { written.join(", ") };
        format!("{start}({params} -> @{})", self.text(ret))
    }
}
