//! Random programs that are well typed by construction, as text.
//!
//! An expression of a type is always written so that it has this type without
//! help from its surroundings: what leaves a type open, and literals of other
//! types than `Int`, go through a `let`.

mod choices;
mod effects;
mod expressions;
mod operations;
mod patterns;
mod types;

use choices::Choices;
use types::{Data, Eff, Effect, FnType, Ty};

/// A function that can be called.
#[derive(Clone)]
struct Sig {
    name: String,
    generics: usize,
    params: Vec<Ty>,
    ret: Ty,
    row: Vec<Eff>,
    /// The first parameter bounds the depth of the recursion.
    recursive: bool,
}

pub struct Gen {
    rng: Choices,
    datas: Vec<Data>,
    fn_types: Vec<FnType>,
    effects: Vec<Effect>,
    sigs: Vec<Sig>,
    /// Types of the bindings in scope, outermost first.
    scope: Vec<Ty>,
    /// Effects that may be performed; the last of a kind is the one that
    /// operations reach.
    row: Vec<Eff>,
    /// How many more compound expressions this function may have.
    budget: usize,
}

/// The program of this number.
pub fn program(seed: u64) -> String {
    let mut this = Gen {
        rng: Choices::new(seed),
        datas: Vec::new(),
        fn_types: Vec::new(),
        effects: Vec::new(),
        sigs: Vec::new(),
        scope: Vec::new(),
        row: Vec::new(),
        budget: 0,
    };
    this.program()
}

const GENERIC_FUNCTIONS: &str = r#"
private forall<A> fn to_array(@List<A>, @Array<A> -> @Array<A>)
  requires(true)
  ensures(true)
  decreases(@List<A>.0)
  effects(pure)
{
  match @List<A>.0 {
    Nil -> @Array<A>.0,
    Cons(@A, @List<A>) -> to_array(@List<A>.0, array_append(@Array<A>.0, @A.0))
  }
}

private forall<A> fn from_array(@Array<A> -> @List<A>)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @List<A> = Nil;
  array_fold(@Array<A>.0, @List<A>.0, fn(@List<A>, @A -> @List<A>) effects(pure) {
    Cons(@A.0, @List<A>.0)
  })
}

private forall<A, B> fn swap(@Pair<A, B> -> @Pair<B, A>)
  requires(true)
  ensures(true)
  effects(pure)
{
  let Pair<@A, @B> = @Pair<A, B>.0;
  Pair(@B.0, @A.0)
}

private forall<A> fn second(@A, @A -> @A)
  requires(true)
  ensures(true)
  effects(pure)
{
  @A.0
}
"#;

impl Gen {
    fn program(&mut self) -> String {
        let mut out = self.declarations();
        out.push_str(GENERIC_FUNCTIONS);
        self.generic_signatures();
        for n in 0..2 + self.rng.below(4) {
            out.push_str(&self.function(n));
        }
        out.push_str(&self.main());
        out
    }

    fn generic_signatures(&mut self) {
        let (a, b) = (Ty::Param(0), Ty::Param(1));
        let list = Ty::Data(2, vec![a.clone()]);
        let pair = |x: &Ty, y: &Ty| Ty::Data(3, vec![x.clone(), y.clone()]);
        let sig = |name: &str, generics, params, ret| Sig {
            name: name.into(),
            generics,
            params,
            ret,
            row: Vec::new(),
            recursive: false,
        };
        let array = Ty::array(a.clone());
        self.sigs = vec![
            sig("to_array", 1, vec![list.clone(), array.clone()], array.clone()),
            sig("from_array", 1, vec![array.clone()], list),
            sig("swap", 2, vec![pair(&b, &a)], pair(&a, &b)),
            sig("second", 1, vec![a.clone(), a.clone()], a.clone()),
            sig("array_reverse", 1, vec![array.clone()], array.clone()),
            sig("array_concat", 1, vec![array.clone(), array.clone()], array.clone()),
            sig("array_append", 1, vec![array.clone(), a.clone()], array.clone()),
            sig("array_slice", 1, vec![array.clone(), Ty::Int, Ty::Int], array.clone()),
            sig("array_flatten", 1, vec![Ty::array(array.clone())], array),
            sig("option_unwrap_or", 1, vec![Ty::option(a.clone()), a.clone()], a),
        ];
    }

    /// A function of the program, with its signature made known to later ones.
    fn function(&mut self, n: usize) -> String {
        let recursive = self.rng.chance(40);
        let mut params: Vec<Ty> = (0..self.rng.below(4)).map(|_| self.ty(2)).collect();
        if recursive {
            params.retain(|t| *t != Ty::Nat);
            params.insert(0, Ty::Nat);
        }
        let ret = self.ty(2);
        let row = self.random_row();
        let sig = Sig { name: format!("f{n}"), generics: 0, params, ret, row, recursive };
        self.scope = sig.params.clone();
        self.row = sig.row.clone();
        self.budget = 30;
        let body = if recursive { self.recursive_body(&sig) } else { self.block(&sig.ret, 4) };
        let written: Vec<String> =
            sig.params.iter().map(|t| format!("@{}", self.text(t))).collect();
        let params = if written.is_empty() { "@Unit".into() } else { written.join(", ") };
        let decreases = if recursive { "  decreases(@Nat.0)\n" } else { "" };
        let text = format!(
            "\nprivate fn {}({params} -> @{})\n  requires({})\n  ensures({})\n{decreases}  {}\n{body}\n",
            sig.name,
            self.text(&sig.ret),
            self.requires(&sig),
            self.ensures(&sig),
            self.row_text(&sig.row),
        );
        self.sigs.push(sig);
        text
    }

    /// `if n == 0 then { base } else { … recursive calls … }`
    fn recursive_body(&mut self, sig: &Sig) -> String {
        let base = self.expr(&sig.ret, 1);
        // The smaller number is bound, so that the depth is always bounded.
        let smaller = self.scope.len();
        self.scope.push(Ty::Nat);
        let calls = 1 + self.rng.below(2);
        let mut lets = String::new();
        for _ in 0..calls {
            let depth = self.slot(smaller);
            let value = self.call(sig, &[], 1, Some(depth));
            lets.push_str(&format!("let @{} = {value}; ", self.text(&sig.ret)));
            self.scope.push(sig.ret.clone());
        }
        let rest = self.expr(&sig.ret, 3);
        format!(
            "{{ if @Nat.0 == 0 then {{ {base} }} else {{ let @Nat = @Nat.0 - 1; {lets}{rest} }} }}"
        )
    }

    fn requires(&mut self, sig: &Sig) -> String {
        self.scope = sig.params.clone();
        self.row.clear();
        self.budget = 3;
        match self.rng.below(8) {
            0 => format!("{} || true", self.expr(&Ty::Bool, 1)),
            _ => "true".into(),
        }
    }

    fn ensures(&mut self, sig: &Sig) -> String {
        let cell = sig.row.iter().find(|e| matches!(e, Eff::State(Ty::Int)));
        match (&sig.ret, self.rng.below(4)) {
            (Ty::Int, 0) => "@Int.result > -100000".into(),
            (Ty::Nat, 0) => "@Nat.result >= 0".into(),
            (ty, 1) if self.is_comparable(ty) && !self.has_float(ty) => {
                format!("eq(@{0}.result, @{0}.result)", self.text(ty))
            }
            _ if cell.is_some() && self.rng.chance(50) => {
                "new(State<Int>) > old(State<Int>) - 1000".into()
            }
            _ => "true".into(),
        }
    }

    fn main(&mut self) -> String {
        self.scope.clear();
        self.row.clear();
        let (mut lets, mut shown) = (String::new(), Vec::new());
        for _ in 0..2 + self.rng.below(4) {
            self.budget = 30;
            let ty = loop {
                let ty = self.ty(3);
                if self.is_plain(&ty) {
                    break ty;
                }
            };
            let value = self.expr(&ty, 5);
            lets.push_str(&format!("  let @{} = {value};\n", self.text(&ty)));
            self.scope.push(ty);
        }
        for at in 0..self.scope.len() {
            shown.push(format!("show({})", self.slot(at)));
            shown.push(format!("show(hash({}))", self.slot(at)));
        }
        format!(
            "\npublic fn main(@Unit -> @String)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n{lets}  string_join([{}], \"|\")\n}}\n",
            shown.join(", ")
        )
    }

    /// The reference to a binding.
    fn slot(&self, at: usize) -> String {
        let ty = &self.scope[at];
        let later = self.scope[at + 1..].iter().filter(|t| *t == ty).count();
        format!("@{}.{later}", self.text(ty))
    }

    /// Runs `f` with more bindings in scope.
    fn within<T>(&mut self, bound: &[Ty], f: impl FnOnce(&mut Gen) -> T) -> T {
        let before = self.scope.len();
        self.scope.extend_from_slice(bound);
        let result = f(self);
        self.scope.truncate(before);
        result
    }
}
