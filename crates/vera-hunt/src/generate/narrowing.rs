//! Values that enter narrower types: `Nat` and refinements, wherever they stand.

use super::Gen;
use super::types::{Eff, FnType, Ty};

impl Gen {
    /// A type whose values may enter `ty` with a check: some of the narrow types in it
    /// are their bases. `None` where there are none.
    pub(super) fn wider(&mut self, ty: &Ty) -> Option<Ty> {
        let wider = self.widened(ty);
        (wider != *ty).then_some(wider)
    }

    fn widened(&mut self, ty: &Ty) -> Ty {
        match ty {
            Ty::Nat | Ty::Small => Ty::Int,
            Ty::Refined(r) => self.refined[*r].base.clone(),
            Ty::Option(t) => Ty::option(self.widened(t)),
            Ty::Array(t) => Ty::array(self.widened(t)),
            Ty::Result(t, e) => Ty::Result(Box::new(self.widened(t)), Box::new(self.widened(e))),
            Ty::Map(k, v) => Ty::Map(k.clone(), Box::new(self.widened(v))),
            Ty::Tuple(ts) => Ty::Tuple(ts.iter().map(|t| self.widened(t)).collect()),
            Ty::Data(d, ts) => Ty::Data(*d, ts.iter().map(|t| self.widened(t)).collect()),
            Ty::Fn(f) => Ty::Fn(self.other_function(*f)),
            Ty::Int | Ty::Bool | Ty::Byte | Ty::Float | Ty::Str | Ty::Set(_) | Ty::Param(_) => {
                ty.clone()
            }
        }
    }

    /// A function type with the same types but for what narrows; itself if none.
    fn other_function(&mut self, f: usize) -> usize {
        let wanted = &self.fn_types[f];
        let fits = |g: &usize| {
            let other = &self.fn_types[*g];
            *g != f
                && other.row == wanted.row
                && other.params.len() == wanted.params.len()
                && self.alike(&other.ret, &wanted.ret)
                && other.params.iter().zip(&wanted.params).all(|(a, b)| self.alike(a, b))
        };
        let fitting: Vec<usize> = (0..self.fn_types.len()).filter(fits).collect();
        match fitting.is_empty() {
            true => f,
            false => self.rng.pick(&fitting),
        }
    }

    /// A function that comes under another type, alone or inside something, and is
    /// called there; yields an `Int`.
    pub(super) fn function_trip(&mut self, depth: usize) -> Option<String> {
        let unary = |f: &usize| {
            let t = &self.fn_types[*f];
            t.row.is_empty()
                && matches!(t.params[..], [Ty::Int | Ty::Nat | Ty::Small])
                && matches!(t.ret, Ty::Int | Ty::Nat | Ty::Small)
        };
        let all: Vec<usize> = (0..self.fn_types.len()).filter(unary).collect();
        if all.is_empty() {
            return None;
        }
        // What a function does not admit shows only where it is asked for it.
        let narrow = |f: &usize| self.fn_types[*f].params[0] != Ty::Int;
        let strict: Vec<usize> = all.iter().copied().filter(narrow).collect();
        let from = match strict.is_empty() || self.rng.chance(50) {
            true => self.rng.pick(&all),
            false => self.rng.pick(&strict),
        };
        let to = self.other_function(from);
        let wrap: fn(Ty) -> Ty = match self.rng.below(7) {
            0..3 => |t| t,
            3 => Ty::array,
            4 => |t| Ty::Tuple(vec![t, Ty::Bool]),
            _ => Ty::option,
        };
        let value = self.closure(from, depth.min(1));
        let (before, after) = (wrap(Ty::Fn(from)), wrap(Ty::Fn(to)));
        let (first, second) = (self.text(&before), self.text(&after));
        let made = match &before {
            Ty::Array(_) => format!("[{value}]"),
            Ty::Tuple(_) => format!("Tuple({value}, true)"),
            Ty::Option(_) => format!("Some({value})"),
            _ => value,
        };
        let (number, name) = (self.leaf(&Ty::Int, 0), self.text(&Ty::Fn(to)));
        let call = format!("apply_fn(@{name}.0, @Int.0)");
        let used = match &after {
            Ty::Array(_) => format!("apply_fn(@{second}.0[0], @Int.0)"),
            Ty::Tuple(_) => format!("match @{second}.0 {{ Tuple(@{name}, @Bool) -> {call} }}"),
            Ty::Option(_) => format!("match @{second}.0 {{ Some(@{name}) -> {call}, None -> 0 }}"),
            _ => call,
        };
        Some(format!(
            "{{ let @Int = {number}; let @{first} = {made}; let @{second} = @{first}.0; let @Int = {used}; @Int.0 }}"
        ))
    }

    /// Function types that differ in what narrows only.
    pub(super) fn narrowing_functions(&mut self) {
        let pairs =
            [(Ty::Int, Ty::Int), (Ty::Int, Ty::Nat), (Ty::Nat, Ty::Int), (Ty::Int, Ty::Small)];
        for (param, ret) in pairs {
            self.add_function_type(vec![param], ret, Vec::new());
        }
        // Functions that yield functions.
        let inner: Vec<usize> = (0..self.fn_types.len())
            .filter(|f| self.fn_types[*f].params == [Ty::Int] && self.fn_types[*f].row.is_empty())
            .collect();
        for f in inner {
            self.add_function_type(vec![Ty::Int], Ty::Fn(f), Vec::new());
        }
    }

    /// Unless there is such a type already: slots of both would be the same.
    pub(super) fn add_function_type(&mut self, params: Vec<Ty>, ret: Ty, row: Vec<Eff>) {
        if !self.fn_types.iter().any(|f| f.params == params && f.ret == ret && f.row == row) {
            self.fn_types.push(FnType { params, ret, row });
        }
    }

    /// Whether two types differ in what narrows only.
    fn alike(&self, a: &Ty, b: &Ty) -> bool {
        let number = |t: &Ty| matches!(t, Ty::Int | Ty::Nat | Ty::Small);
        match (a, b) {
            (Ty::Fn(f), Ty::Fn(g)) => {
                let (f, g) = (&self.fn_types[*f], &self.fn_types[*g]);
                f.row == g.row
                    && f.params.len() == g.params.len()
                    && self.alike(&f.ret, &g.ret)
                    && f.params.iter().zip(&g.params).all(|(a, b)| self.alike(a, b))
            }
            _ => a == b || number(a) && number(b),
        }
    }
}
