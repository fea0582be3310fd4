//! Recursion on measures that say more than one slot does.

use super::types::Ty;
use super::{Gen, Needs, Recursion, Sig};

/// How a recursive function counts.
struct Counting {
    params: Vec<Ty>,
    requires: String,
    decreases: String,
    /// When it ends.
    base: String,
    /// Its arguments for the next call.
    next: Vec<String>,
    /// Arguments to begin with.
    first: Vec<String>,
}

impl Gen {
    /// A function that calls itself, or two that call each other.
    pub(super) fn measured(&mut self, n: usize) -> String {
        let counting = self.counting();
        let ret = self.rng.pick(&[Ty::Int, Ty::Int, Ty::Nat, Ty::Bool]);
        let names = match self.rng.chance(35) {
            true => vec![format!("m{n}"), format!("k{n}")],
            false => vec![format!("m{n}")],
        };
        let mut out = String::new();
        for (i, name) in names.iter().enumerate() {
            let callee = &names[(i + 1) % names.len()];
            out.push_str(&self.counting_function(name, callee, &counting, &ret));
        }
        let sig = Sig {
            name: names[0].clone(),
            generics: 0,
            params: counting.params,
            ret,
            row: Vec::new(),
            recursion: Recursion::Measured,
            needs: Needs::Nothing,
            first: counting.first,
        };
        self.sigs.push(sig);
        out
    }

    fn counting(&mut self) -> Counting {
        let least = self.rng.below(3);
        // Steps that are too long, or none, break the contract.
        let step = self.rng.pick(&[1, 1, 1, 2, 3, 50, 0]);
        let several = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        let start = self.rng.below(7).to_string();
        match self.rng.below(5) {
            0 => Counting {
                params: vec![Ty::Int, Ty::Int],
                requires: self
                    .rng
                    .pick(&["@Int.1 <= @Int.0", "true", "@Int.0 >= @Int.1 && @Int.0 < 1000"])
                    .into(),
                decreases: self
                    .rng
                    .pick(&[
                        "@Int.0 - @Int.1",
                        "{ let @Nat = @Int.0 - @Int.1; @Nat.0 }",
                        "max(0, @Int.0 - @Int.1)",
                    ])
                    .into(),
                base: "@Int.1 >= @Int.0".into(),
                next: vec![format!("@Int.1 + {step}"), "@Int.0".into()],
                first: vec!["0".into(), start],
            },
            1 => Counting {
                params: vec![Ty::Nat, Ty::Nat],
                requires: "true".into(),
                decreases: self.rng.pick(&["@Nat.1, @Nat.0", "@Nat.1 + @Nat.0", "@Nat.1"]).into(),
                base: "@Nat.1 == 0 || @Nat.0 == 0".into(),
                next: match self.rng.below(3) {
                    0 => several(&["@Nat.1", "@Nat.0 - 1"]),
                    1 => several(&["@Nat.1 - 1", "2"]),
                    _ => several(&["@Nat.1 - 1", "@Nat.0 - 1"]),
                },
                first: vec![start, self.rng.below(4).to_string()],
            },
            _ => {
                let measure = self.rng.pick(&[
                    "@Int.0".to_owned(),
                    format!("@Int.0 - {least}"),
                    format!("{{ let @Nat = @Int.0 - {least}; @Nat.0 }}"),
                    format!("{{ let @Nat = @Int.0; @Nat.0 + {least} }}"),
                    "if @Int.0 > 0 then { @Int.0 } else { 0 }".to_owned(),
                    "abs(@Int.0)".to_owned(),
                ]);
                let requires = match self.rng.below(4) {
                    0 => "true".to_owned(),
                    1 => format!("@Int.0 >= {least} && @Int.0 <= 1000"),
                    _ => format!("@Int.0 >= {least}"),
                };
                Counting {
                    params: vec![Ty::Int],
                    requires,
                    decreases: measure,
                    base: match self.rng.below(3) {
                        0 => format!("@Int.0 == {least}"),
                        _ => format!("@Int.0 <= {least}"),
                    },
                    next: vec![format!("@Int.0 - {step}")],
                    first: vec![(least + self.rng.below(6)).to_string()],
                }
            }
        }
    }

    fn counting_function(
        &mut self,
        name: &str,
        callee: &str,
        counting: &Counting,
        ret: &Ty,
    ) -> String {
        let Counting { params, requires, decreases, base, next, .. } = counting;
        self.scope = params.clone();
        self.row.clear();
        self.budget = 4;
        let result = self.expr(ret, 1);
        let call = format!("{callee}({})", next.join(", "));
        let ret_text = self.text(ret);
        let rest = self.within(std::slice::from_ref(ret), |this| this.expr(ret, 1));
        let step = match self.rng.chance(50) {
            true => call,
            false => format!("let @{ret_text} = {call}; {rest}"),
        };
        let body = format!("{{ if {base} then {{ {result} }} else {{ {step} }} }}");
        let head = self.head(&format!("private fn {name}"), params, ret);
        let ensures = match (ret, self.rng.below(4)) {
            (Ty::Int | Ty::Nat, 0) => format!("@{ret_text}.result >= 0"),
            (Ty::Int | Ty::Nat, 1) => {
                let known = self.result.replace(ret.clone());
                let claim = self.expr(&Ty::Bool, 1);
                self.result = known;
                format!("({claim}) || {}", self.rng.chance(80))
            }
            _ => "true".to_owned(),
        };
        format!(
            "\n{head}\n  requires({requires})\n  ensures({ensures})\n  decreases({decreases})\n  effects(pure)\n{body}\n"
        )
    }
}
