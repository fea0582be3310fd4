//! Expressions that belong to one type: operators and library functions.

use super::Gen;
use super::types::Ty;

impl Gen {
    pub(super) fn int(&mut self, d: usize) -> String {
        if self.rng.chance(self.style.narrowing / 2)
            && let Some(trip) = self.function_trip(d)
        {
            return trip;
        }
        match self.rng.below(16) {
            0..=3 => {
                let op = self.rng.pick(&["+", "+", "-"]);
                format!("({} {op} {})", self.expr(&Ty::Int, d), self.expr(&Ty::Int, d))
            }
            4 => {
                format!("({} % 1000 * ({} % 100))", self.expr(&Ty::Int, d), self.expr(&Ty::Int, d))
            }
            5 => {
                let divisor = if self.rng.chance(8) {
                    self.expr(&Ty::Int, d)
                } else {
                    (1 + self.rng.below(9)).to_string()
                };
                let op = self.rng.pick(&["/", "%"]);
                format!("({} {op} {divisor})", self.expr(&Ty::Int, d))
            }
            6 => format!("(-({}))", self.expr(&Ty::Small, d)),
            7 => {
                let op = self.rng.pick(&["min", "max"]);
                format!("{op}({}, {})", self.expr(&Ty::Int, d), self.expr(&Ty::Int, d))
            }
            8 => format!("array_length({})", self.some_array(d)),
            9 => format!("map_size({})", self.some_map(d)),
            10 => format!("byte_to_int({})", self.expr(&Ty::Byte, d)),
            11 => format!("({} + {})", self.expr(&Ty::Nat, d), self.expr(&Ty::Small, d)),
            12 => match self.rng.chance(90) {
                true => format!("floor(float_clamp({}, -9.5, 99.0))", self.expr(&Ty::Float, d)),
                false => format!("round({})", self.expr(&Ty::Float, d)),
            },
            13 => format!("set_size({})", self.some_set(d)),
            14 => format!("sign({})", self.expr(&Ty::Int, d)),
            _ => {
                let ty = self.plain(1);
                format!("(hash({}) % 1000)", self.expr(&ty, d))
            }
        }
    }

    pub(super) fn nat(&mut self, d: usize) -> String {
        match self.rng.below(8) {
            0 | 1 => format!("({} + {})", self.expr(&Ty::Nat, d), self.expr(&Ty::Nat, d)),
            2 => format!("({} / {})", self.expr(&Ty::Nat, d), self.typed(&Ty::Nat, "3")),
            3 => format!("abs({})", self.expr(&Ty::Small, d)),
            4 if self.rng.chance(15) => {
                format!("({} - {})", self.expr(&Ty::Nat, d), self.expr(&Ty::Nat, d))
            }
            5 => {
                let text = self.expr(&Ty::Str, d);
                format!(
                    "option_unwrap_or(string_index_of({text}, \"a\"), {})",
                    self.expr(&Ty::Nat, d)
                )
            }
            _ => format!("string_length({})", self.expr(&Ty::Str, d)),
        }
    }

    pub(super) fn bool(&mut self, d: usize) -> String {
        if self.rng.chance(self.style.branches) {
            let op = self.rng.pick(&["&&", "||"]);
            let a = self.leaf(&Ty::Bool, 0);
            return format!("({a} {op} {})", self.expr(&Ty::Bool, d));
        }
        if self.rng.chance(self.style.quantifiers) {
            return self.quantified(d);
        }
        if self.rng.chance(self.style.deep)
            && let Some(test) = self.about_whole()
        {
            return test;
        }
        if self.rng.chance(self.style.texts)
            && let Some(test) = self.about_text()
        {
            return test;
        }
        if self.rng.chance(self.style.collections)
            && let Some(test) = self.about_collection()
        {
            return test;
        }
        match self.rng.below(if self.style.library { 14 } else { 10 }) {
            0..=2 => {
                let ty =
                    self.rng.pick(&[Ty::Int, Ty::Float, Ty::Str, Ty::Byte, Ty::Nat, Ty::Small]);
                let op = self.rng.pick(&["<", ">", "<=", ">=", "==", "!="]);
                format!("({} {op} {})", self.expr(&ty, d), self.expr(&ty, d))
            }
            3 | 4 => {
                let ty = loop {
                    let ty = self.plain(2);
                    if self.is_comparable(&ty) {
                        break ty;
                    }
                };
                let op = self.rng.pick(&["==", "!="]);
                format!("({} {op} {})", self.expr(&ty, d), self.expr(&ty, d))
            }
            5 | 6 => {
                let op = self.rng.pick(&["&&", "||", "==>"]);
                format!("({} {op} {})", self.expr(&Ty::Bool, d), self.expr(&Ty::Bool, d))
            }
            7 => format!("!({})", self.expr(&Ty::Bool, d)),
            8 => self.quantified(d),
            9 => {
                let which =
                    self.rng.pick(&["string_contains", "string_starts_with", "string_ends_with"]);
                format!("{which}({}, {})", self.expr(&Ty::Str, d), self.expr(&Ty::Str, d))
            }
            10 => {
                let of = self.ty(1);
                let which = self.rng.pick(&["array_any", "array_all"]);
                let items = self.expr(&Ty::array(of.clone()), d);
                let test = self.lambda(&[of], &Ty::Bool, Vec::new(), d.min(2));
                format!("{which}({items}, {test})")
            }
            11 => {
                let (k, v) = (self.key(), self.ty(1));
                let map = self.expr(&Ty::Map(Box::new(k.clone()), Box::new(v)), d);
                format!("map_contains({map}, {})", self.expr(&k, d))
            }
            12 => {
                let k = self.key();
                let set = self.expr(&Ty::Set(Box::new(k.clone())), d);
                format!("set_contains({set}, {})", self.expr(&k, d))
            }
            _ => {
                let which = self.rng.pick(&["is_digit", "is_alpha", "is_upper", "is_whitespace"]);
                format!("{which}({})", self.expr(&Ty::Str, d))
            }
        }
    }

    /// A comparison of whole values in scope, often of one with itself.
    pub(super) fn about_whole(&mut self) -> Option<String> {
        let all: Vec<usize> = (0..self.scope.len())
            .filter(|at| self.is_comparable(&self.scope[*at]))
            .filter(|at| !matches!(self.scope[*at], Ty::Int | Ty::Bool | Ty::Nat | Ty::Str))
            .collect();
        if all.is_empty() {
            return None;
        }
        let at = self.rng.pick(&all);
        let like: Vec<usize> =
            all.into_iter().filter(|b| self.scope[*b] == self.scope[at]).collect();
        let other = self.rng.pick(&like);
        let op = self.rng.pick(&["==", "!="]);
        Some(format!("({} {op} {})", self.slot(at), self.slot(other)))
    }

    /// `forall` or `exists`, over numbers below a literal or what a slot says.
    pub(super) fn quantified(&mut self, d: usize) -> String {
        let which = self.rng.pick(&["forall", "exists"]);
        let number = |t: &Ty| matches!(t, Ty::Int | Ty::Nat | Ty::Small);
        let slots: Vec<usize> =
            (0..self.scope.len()).filter(|at| number(&self.scope[*at])).collect();
        let bound = match slots.is_empty() || self.rng.chance(60) {
            // More than is written out, sometimes.
            true if self.rng.chance(10) => "66".to_owned(),
            true => self.rng.below(5).to_string(),
            false => {
                let at = self.rng.pick(&slots);
                format!("{} % 5", self.slot(at))
            }
        };
        if self.rng.chance(30)
            && let Some(test) = self.call_at_index()
        {
            return format!("{which}(@Nat, {bound}, fn(@Nat -> @Bool) effects(pure) {{ {test} }})");
        }
        if self.rng.chance(50) {
            // Steps that would fail, unless one before them decides.
            let (k, j) = (self.rng.below(5), self.rng.below(5));
            let step = self.rng.pick(&[
                format!("let @Nat = {k} - @Int.0; @Nat.0 > {j}"),
                format!("let @Nat = {k} - @Int.0; @Int.0 < {j}"),
                format!("let @Small = 999 - {k} + @Int.0; @Small.0 != {j}"),
                format!("assert(@Int.0 < {k}); @Int.0 == {j}"),
                format!("assert(@Int.0 <= {k}); @Int.0 < {j}"),
            ]);
            return format!("{which}(@Int, {bound}, fn(@Int -> @Bool) effects(pure) {{ {step} }})");
        }
        let index = self.rng.pick(&[Ty::Int, Ty::Nat]);
        let test = self.lambda(std::slice::from_ref(&index), &Ty::Bool, Vec::new(), d.clamp(1, 2));
        format!("{which}(@{}, {bound}, {test})", self.text(&index))
    }

    /// What a function yields at the variable of a quantifier, compared.
    fn call_at_index(&mut self) -> Option<String> {
        let number = |t: &Ty| matches!(t, Ty::Int | Ty::Nat);
        let fits = |sig: &&super::Sig| {
            sig.generics == 0
                && sig.row.is_empty()
                && !sig.params.is_empty()
                && sig.params.iter().chain([&sig.ret]).all(number)
        };
        let found: Vec<super::Sig> = self.sigs.iter().filter(fits).cloned().collect();
        if found.is_empty() {
            return None;
        }
        let sig = self.rng.pick(&found);
        let at = self.rng.below(sig.params.len());
        let args: Vec<String> = (0..sig.params.len())
            .map(|i| match i == at || self.rng.chance(30) {
                true => "@Nat.0".to_owned(),
                false => self.rng.below(4).to_string(),
            })
            .collect();
        let op = self.rng.pick(&["<", "<=", "==", "!=", ">", ">="]);
        let other = match self.rng.chance(40) {
            true => "@Nat.0".to_owned(),
            false => self.rng.below(5).to_string(),
        };
        Some(format!("{}({}) {op} {other}", sig.name, args.join(", ")))
    }

    pub(super) fn byte(&mut self, d: usize) -> String {
        let n = self.expr(&Ty::Int, d);
        format!("option_unwrap_or(int_to_byte({n}), {})", self.expr(&Ty::Byte, 0))
    }

    pub(super) fn float(&mut self, d: usize) -> String {
        match self.rng.below(8) {
            0..=3 => {
                let op = self.rng.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {op} {})", self.expr(&Ty::Float, d), self.expr(&Ty::Float, d))
            }
            4 => format!("int_to_float({})", self.expr(&Ty::Int, d)),
            5 => format!("sqrt({})", self.expr(&Ty::Float, d)),
            6 => format!("pow({}, {})", self.expr(&Ty::Float, d), self.expr(&Ty::Small, 0)),
            _ => format!("(-({}))", self.expr(&Ty::Float, d)),
        }
    }

    pub(super) fn string(&mut self, d: usize) -> String {
        match self.rng.below(14) {
            0 | 1 => {
                format!("string_concat({}, {})", self.expr(&Ty::Str, d), self.expr(&Ty::Str, d))
            }
            2 | 3 => {
                let tys = [Ty::Int, Ty::Nat, Ty::Bool, Ty::Byte, Ty::Float, Ty::Str, Ty::Small];
                let (a, b) = (self.rng.pick(&tys), self.rng.pick(&tys));
                format!("\"<\\({})-\\({})>\"", self.expr(&a, d.min(1)), self.expr(&b, d.min(1)))
            }
            4 => {
                let ty = self.plain(2);
                format!("show({})", self.expr(&ty, d))
            }
            5 => format!(
                "string_slice({}, {}, {})",
                self.expr(&Ty::Str, d),
                self.rng.below(3),
                self.rng.below(9)
            ),
            6 => {
                let n = self.rng.below(4);
                format!("string_repeat({}, {n})", self.expr(&Ty::Str, d))
            }
            7 => {
                let which = self.rng.pick(&[
                    "string_upper",
                    "string_lower",
                    "string_reverse",
                    "string_strip",
                    "char_to_upper",
                ]);
                format!("{which}({})", self.expr(&Ty::Str, d))
            }
            8 => format!(
                "string_replace({}, {}, {})",
                self.expr(&Ty::Str, d),
                self.expr(&Ty::Str, 0),
                self.expr(&Ty::Str, 0)
            ),
            9 => {
                let items = self.expr(&Ty::array(Ty::Str), d);
                format!("string_join({items}, {})", self.expr(&Ty::Str, 0))
            }
            10 => {
                let which = self.rng.pick(&["string_pad_start", "string_pad_end"]);
                let n = self.rng.below(8);
                format!("{which}({}, {n}, \"xy\")", self.expr(&Ty::Str, d))
            }
            11 => format!("byte_to_string({})", self.expr(&Ty::Byte, d)),
            12 => format!("string_from_char_code({} % 128)", self.expr(&Ty::Nat, d)),
            _ => {
                let f = self.expr(&Ty::Float, d);
                format!("float_to_string({f})")
            }
        }
    }

    pub(super) fn array(&mut self, of: &Ty, d: usize) -> String {
        let whole = Ty::array(of.clone());
        match self.rng.below(10) {
            0 | 1 => {
                let from = self.ty(1);
                let items = self.expr(&Ty::array(from.clone()), d);
                format!("array_map({items}, {})", self.lambda(&[from], of, Vec::new(), d.min(2)))
            }
            2 => {
                let from = self.ty(1);
                let items = self.expr(&Ty::array(from.clone()), d);
                format!(
                    "array_mapi({items}, {})",
                    self.lambda(&[from, Ty::Nat], of, Vec::new(), d.min(2))
                )
            }
            3 => {
                let items = self.expr(&whole, d);
                let test = self.lambda(std::slice::from_ref(of), &Ty::Bool, Vec::new(), d.min(2));
                format!("array_filter({items}, {test})")
            }
            4 if *of == Ty::Int => {
                let from = self.rng.below(5);
                format!("array_range({from}, {})", from + self.rng.below(7))
            }
            4 if *of == Ty::Str => {
                let which = self.rng.pick(&["string_words", "string_chars"]);
                format!("{which}({})", self.expr(&Ty::Str, d))
            }
            5 if *of == Ty::Str => {
                format!("string_split({}, \",\")", self.expr(&Ty::Str, d))
            }
            4 if *of == Ty::Byte => format!("string_to_bytes({})", self.expr(&Ty::Str, d)),
            4..=6 if matches!(of, Ty::Int | Ty::Str | Ty::Nat | Ty::Small | Ty::Byte) => {
                let items = self.expr(&whole, d);
                let name = self.text(of);
                let (a, b) = self.rng.pick(&[(1, 0), (0, 1)]);
                format!(
                    "array_sort_by({items}, fn(@{name}, @{name} -> @Ordering) effects(pure) {{ compare(@{name}.{a}, @{name}.{b}) }})"
                )
            }
            7 => {
                let (items, item) = (self.expr(&whole, d), self.expr(of, d));
                format!("array_append({items}, {item})")
            }
            _ => format!("array_concat({}, {})", self.expr(&whole, d), self.expr(&whole, d)),
        }
    }

    pub(super) fn option(&mut self, of: &Ty, d: usize) -> String {
        match self.rng.below(6) {
            0 => {
                let k = self.key();
                let map = self.expr(&Ty::Map(Box::new(k.clone()), Box::new(of.clone())), d);
                format!("map_get({map}, {})", self.expr(&k, d))
            }
            1 => {
                let items = self.expr(&Ty::array(of.clone()), d);
                let test = self.lambda(std::slice::from_ref(of), &Ty::Bool, Vec::new(), d.min(2));
                format!("array_find({items}, {test})")
            }
            2 => {
                let from = self.ty(1);
                let value = self.expr(&Ty::option(from.clone()), d);
                format!("option_map({value}, {})", self.lambda(&[from], of, Vec::new(), d.min(2)))
            }
            3 if *of == Ty::Nat => format!("int_to_nat({})", self.expr(&Ty::Int, d)),
            _ => {
                let value = self.expr(of, d);
                self.typed(&Ty::option(of.clone()), &format!("Some({value})"))
            }
        }
    }

    pub(super) fn map(&mut self, k: &Ty, v: &Ty, d: usize) -> String {
        let whole = Ty::Map(Box::new(k.clone()), Box::new(v.clone()));
        let map = self.expr(&whole, d);
        match self.rng.below(4) {
            0 => format!("map_remove({map}, {})", self.expr(k, d)),
            1 => {
                let keys = self.expr(&Ty::array(k.clone()), d);
                let step = self.within(&[whole.clone(), k.clone()], |this| {
                    let (m, key) =
                        (this.slot(this.scope.len() - 2), this.slot(this.scope.len() - 1));
                    format!("map_insert({m}, {key}, {})", this.expr(v, 0))
                });
                let (m, key) = (self.text(&whole), self.text(k));
                format!(
                    "array_fold({keys}, {map}, fn(@{m}, @{key} -> @{m}) effects(pure) {{ {step} }})"
                )
            }
            _ => format!("map_insert({map}, {}, {})", self.expr(k, d), self.expr(v, d)),
        }
    }

    pub(super) fn set(&mut self, k: &Ty, d: usize) -> String {
        let set = self.expr(&Ty::Set(Box::new(k.clone())), d);
        match self.rng.below(3) {
            0 => format!("set_remove({set}, {})", self.expr(k, d)),
            _ => format!("set_add({set}, {})", self.expr(k, d)),
        }
    }

    fn some_array(&mut self, d: usize) -> String {
        match self.rng.below(4) {
            0 => format!("set_to_array({})", self.some_set(d)),
            1 => format!("map_values({})", self.some_map(d)),
            2 => format!("map_keys({})", self.some_map(d)),
            _ => {
                let ty = Ty::array(self.ty(1));
                self.expr(&ty, d)
            }
        }
    }

    fn some_map(&mut self, d: usize) -> String {
        let ty = Ty::Map(Box::new(self.key()), Box::new(self.ty(1)));
        self.expr(&ty, d)
    }

    fn some_set(&mut self, d: usize) -> String {
        let ty = Ty::Set(Box::new(self.key()));
        self.expr(&ty, d)
    }

    /// A type that can be shown, compared and hashed.
    fn plain(&mut self, depth: usize) -> Ty {
        loop {
            let ty = self.ty(depth);
            if self.is_plain(&ty) {
                return ty;
            }
        }
    }
}
