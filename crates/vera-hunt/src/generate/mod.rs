//! Random programs that are well typed by construction, as text.
//!
//! An expression of a type is always written so that it has this type without
//! help from its surroundings: what leaves a type open, and literals of other
//! types than `Int`, go through a `let`.

mod choices;
mod claims;
mod effects;
mod expressions;
mod generics;
mod library;
mod measures;
mod narrowing;
mod operations;
mod patterns;
mod style;
mod types;

pub use choices::Choices;
pub use style::Profile;
use style::Style;
use types::{Data, Eff, Effect, FnType, IO, LIST, Refined, Ty};

/// A function that can be called.
#[derive(Clone)]
struct Sig {
    name: String,
    generics: usize,
    params: Vec<Ty>,
    ret: Ty,
    row: Vec<Eff>,
    recursion: Recursion,
    /// What the type parameters must allow.
    needs: Needs,
    /// Arguments to begin a measured recursion with.
    first: Vec<String>,
}

/// How a function calls itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recursion {
    Never,
    /// Its first parameter, a `Nat`, bounds the depth.
    Countdown,
    /// On the parts of its first parameter.
    Descent,
    /// As its measure says.
    Measured,
}

/// What a generic function does with values of its type parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// `==`, `show` and `hash`.
    Equality,
    /// `compare`.
    Order,
}

pub struct Gen {
    style: Style,
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
    /// Refinements beside [`Ty::Small`].
    refined: Vec<Refined>,
    /// The type of `@T.result`, in a postcondition.
    result: Option<Ty>,
    /// How many type parameters are in scope.
    type_params: usize,
    /// Which text claims are about mostly.
    text: usize,
}

/// The program of this number.
pub fn program(seed: u64, profile: Profile) -> String {
    let mut this = Gen {
        style: profile.style(),
        rng: Choices::new(seed),
        datas: Vec::new(),
        fn_types: Vec::new(),
        effects: Vec::new(),
        sigs: Vec::new(),
        refined: Vec::new(),
        scope: Vec::new(),
        row: Vec::new(),
        budget: 0,
        result: None,
        type_params: 0,
        text: 0,
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

type Turn<A> = fn(Bool -> A) effects(pure);

private forall<A> fn apply_in_turn(@Turn<A>, @Array<Bool> -> @Array<A>)
  requires(true)
  ensures(true)
  effects(pure)
{
  array_map(@Array<Bool>.0, @Turn<A>.0)
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

private forall<A, B> fn zip(@Array<A>, @Array<B> -> @Array<Pair<A, B>>)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Array<Pair<A, B>> = [];
  array_fold(@Array<A>.0, @Array<Pair<A, B>>.0, fn(@Array<Pair<A, B>>, @A -> @Array<Pair<A, B>>) effects(pure) {
    let @Int = array_length(@Array<Pair<A, B>>.0);
    if @Int.0 < array_length(@Array<B>.0) then {
      array_append(@Array<Pair<A, B>>.0, Pair(@A.0, @Array<B>.0[@Int.0]))
    } else {
      @Array<Pair<A, B>>.0
    }
  })
}

private forall<A, B> fn nested(@A, @Array<B> -> @Option<Pair<Array<Pair<B, A>>, List<A>>>)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Array<A> = array_map(@Array<B>.0, fn(@B -> @A) effects(pure) { @A.0 });
  let @Array<Pair<B, A>> = array_map(zip(@Array<A>.0, @Array<B>.0), fn(@Pair<A, B> -> @Pair<B, A>) effects(pure) { swap(@Pair<A, B>.0) });
  if array_length(@Array<A>.0) == 0 then {
    None
  } else {
    Some(Pair(@Array<Pair<B, A>>.0, from_array(@Array<A>.0)))
  }
}

private forall<A where Eq<A>, Hash<A>, Show<A>> fn describe(@A, @A -> @String)
  requires(true)
  ensures(eq(@A.0, @A.1) ==> string_length(@String.result) >= 0)
  effects(pure)
{
  let @Option<A> = Some(@A.0);
  if Some(@A.1) == @Option<A>.0 then {
    "same \(show(@A.0))"
  } else {
    "\(show(@A.1)) \(show(hash(@A.0) % 100)) \(show(@Option<A>.0))"
  }
}

private forall<A where Eq<A>> fn distinct(@Array<A> -> @Array<A>)
  requires(true)
  ensures(array_length(@Array<A>.result) <= array_length(@Array<A>.0))
  effects(pure)
{
  let @Array<A> = [];
  array_fold(@Array<A>.1, @Array<A>.0, fn(@Array<A>, @A -> @Array<A>) effects(pure) {
    if array_any(@Array<A>.0, fn(@A -> @Bool) effects(pure) { @A.0 == @A.1 }) then {
      @Array<A>.0
    } else {
      array_append(@Array<A>.0, @A.0)
    }
  })
}

private forall<A where Ord<A>> fn largest(@A, @A -> @A)
  requires(true)
  ensures(true)
  effects(pure)
{
  match compare(@A.0, @A.1) {
    Less -> @A.1,
    Equal -> @A.0,
    Greater -> @A.0
  }
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
        self.text = self.rng.below(3);
        let mut out = self.types();
        if self.style.library {
            out.push_str(GENERIC_FUNCTIONS);
            self.generic_signatures();
        }
        if self.rng.chance(self.style.generics) {
            out.push_str(&self.generic(0));
            out.push_str(&self.generic(1));
        }
        out.push_str(&self.refinements());
        for n in 0..self.style.functions + self.rng.below(if self.style.library { 4 } else { 2 }) {
            out.push_str(&match self.rng.chance(self.style.measures) {
                true => self.measured(n),
                false => self.function(n),
            });
        }
        for n in 0..self.style.entries {
            out.push_str(&self.entry(n));
        }
        out.push_str(&self.main());
        out
    }

    fn generic_signatures(&mut self) {
        let (a, b) = (Ty::Param(0), Ty::Param(1));
        let list = Ty::Data(LIST, vec![a.clone()]);
        let pair = |x: &Ty, y: &Ty| Ty::Data(3, vec![x.clone(), y.clone()]);
        let sig = |name: &str, generics, params, ret| Sig {
            name: name.into(),
            generics,
            params,
            ret,
            row: Vec::new(),
            recursion: Recursion::Never,
            needs: Needs::Nothing,
            first: Vec::new(),
        };
        let array = Ty::array(a.clone());
        let zipped = Ty::array(pair(&a, &b));
        let nested = Ty::option(pair(&Ty::array(pair(&b, &a)), &Ty::Data(LIST, vec![a.clone()])));
        let needing = |name, params, ret, needs| Sig { needs, ..sig(name, 1, params, ret) };
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
            sig("option_unwrap_or", 1, vec![Ty::option(a.clone()), a.clone()], a.clone()),
            sig("zip", 2, vec![Ty::array(a.clone()), Ty::array(b.clone())], zipped),
            sig("nested", 2, vec![a.clone(), Ty::array(b.clone())], nested),
            needing("describe", vec![a.clone(), a.clone()], Ty::Str, Needs::Equality),
            needing("distinct", vec![Ty::array(a.clone())], Ty::array(a.clone()), Needs::Equality),
            needing("largest", vec![a.clone(), a.clone()], a.clone(), Needs::Order),
        ];
    }

    /// A function of the program, with its signature made known to later ones.
    fn function(&mut self, n: usize) -> String {
        let recursion = match self.rng.below(if self.style.library { 10 } else { 30 }) {
            0..3 => Recursion::Countdown,
            3..5 => Recursion::Descent,
            _ => Recursion::Never,
        };
        let mut params: Vec<Ty> = (0..self.rng.below(4)).map(|_| self.ty(2)).collect();
        let mut decreases = String::new();
        if recursion != Recursion::Never {
            let first = match recursion {
                Recursion::Descent => self.recursive_data(),
                Recursion::Never | Recursion::Countdown | Recursion::Measured => Ty::Nat,
            };
            params.retain(|t| *t != first);
            decreases = format!("  decreases(@{}.0)\n", self.text(&first));
            params.insert(0, first);
        }
        let ret = self.ty(2);
        let row = match self.rng.chance(self.style.rows) {
            true => self.random_row(),
            false => Vec::new(),
        };
        let (name, needs, first) = (format!("f{n}"), Needs::Nothing, Vec::new());
        let sig = Sig { name, generics: 0, params, ret, row, recursion, needs, first };
        self.scope = sig.params.clone();
        self.row = sig.row.clone();
        self.budget = self.some_budget();
        let body = match recursion {
            Recursion::Never | Recursion::Measured => self.returned(&sig.ret),
            Recursion::Countdown => self.countdown(&sig),
            Recursion::Descent => self.descent(&sig),
        };
        let head = self.head(&format!("private fn {}", sig.name), &sig.params, &sig.ret);
        let requires = self.requires(&sig.params);
        let simple = recursion == Recursion::Never;
        let shown = if simple { body.as_str() } else { &"x".repeat(1000) };
        let ensures = self.ensures(&sig.params, &sig.ret, &sig.row, shown, false);
        let row = self.row_text(&sig.row);
        self.sigs.push(sig);
        format!(
            "\n{head}\n  requires({requires})\n  ensures({ensures})\n{decreases}  {row}\n{body}\n"
        )
    }

    /// Small bodies are what the prover sees through.
    fn some_budget(&mut self) -> usize {
        match self.style.library {
            true => self.style.budget,
            false => 2 + self.rng.below(self.style.budget),
        }
    }

    /// The body of a function; it may narrow where the function returns.
    fn returned(&mut self, ret: &Ty) -> String {
        match self.wider(ret).filter(|_| self.rng.chance(self.style.narrowing)) {
            Some(wider) => self.block(&wider, self.style.depth),
            None => self.block(ret, self.style.depth),
        }
    }

    /// `if n == 0 then { base } else { … recursive calls … }`
    fn countdown(&mut self, sig: &Sig) -> String {
        let base = self.expr(&sig.ret, 1);
        // The smaller number is bound, so that the depth is always bounded.
        let smaller = self.scope.len();
        self.scope.push(Ty::Nat);
        let calls = 1 + self.rng.below(2);
        let mut lets = String::new();
        for _ in 0..calls {
            let depth = match self.rng.chance(3) {
                // Not smaller: the measure is violated.
                true => self.slot(0),
                false => self.slot(smaller),
            };
            let call = self.call(sig, &[], 1, Some(depth));
            let value = self.indirectly(sig, call);
            lets.push_str(&format!("let @{} = {value}; ", self.text(&sig.ret)));
            self.scope.push(sig.ret.clone());
        }
        let rest = self.expr(&sig.ret, 3);
        format!(
            "{{ if @Nat.0 == 0 then {{ {base} }} else {{ let @Nat = @Nat.0 - 1; {lets}{rest} }} }}"
        )
    }

    /// `match data { Base(…) -> …, Step(…) -> { … recursive calls … } }`
    fn descent(&mut self, sig: &Sig) -> String {
        let Ty::Data(data, args) = sig.params[0].clone() else {
            unreachable!("descent is on data");
        };
        let whole = self.slot(0);
        let mut arms = Vec::new();
        for (name, fields) in self.datas[data].ctors.clone() {
            let fields: Vec<Ty> = fields.iter().map(|f| f.subst(&args)).collect();
            let arm = self.within(&fields, |this| this.descent_arm(sig, fields.len()));
            let bound: Vec<String> = fields.iter().map(|f| format!("@{}", self.text(f))).collect();
            let pattern = match bound.len() {
                0 => name.to_string(),
                _ => format!("{name}({})", bound.join(", ")),
            };
            arms.push(format!("{pattern} -> {arm}"));
        }
        format!("{{ match {whole} {{ {} }} }}", arms.join(", "))
    }

    /// Calls for the parts among the last `fields` bindings, then something.
    fn descent_arm(&mut self, sig: &Sig, fields: usize) -> String {
        let (end, before) = (self.scope.len(), self.scope.len() - fields);
        let mut lets = String::new();
        for part in before..end {
            if self.scope[part] != sig.params[0] || self.rng.chance(15) {
                continue;
            }
            // Rarely not smaller: the measure is violated.
            let from = if self.rng.chance(3) { 0 } else { part };
            let argument = self.slot(from);
            let call = self.call(sig, &[], 1, Some(argument));
            let value = self.indirectly(sig, call);
            lets.push_str(&format!("let @{} = {value}; ", self.text(&sig.ret)));
            self.scope.push(sig.ret.clone());
        }
        let rest = self.expr(&sig.ret, 2);
        self.scope.truncate(end);
        format!("{{ {lets}{rest} }}")
    }

    /// A recursive call, sometimes made by a closure.
    fn indirectly(&mut self, sig: &Sig, call: String) -> String {
        let ret = self.text(&sig.ret);
        if !sig.row.is_empty() {
            return call;
        }
        let closure = format!("fn(@Bool -> @{ret}) effects(pure) {{ {call} }}");
        match self.rng.below(8) {
            0 => format!("apply_fn({closure}, true)"),
            1 if self.style.library => format!("apply_in_turn({closure}, [true])[0]"),
            2 => format!(
                "option_unwrap_or(option_map(Some(true), {closure}), {})",
                self.expr(&sig.ret, 0)
            ),
            3 => format!("array_map([false], {closure})[0]"),
            4 => format!(
                "array_map(array_map([true], fn(@Bool -> @Bool) effects(pure) {{ @Bool.0 }}), {closure})[0]"
            ),
            _ => call,
        }
    }

    fn main(&mut self) -> String {
        self.scope.clear();
        self.row = vec![Eff::User(IO, None)];
        let (mut lets, mut shown) = (String::new(), Vec::new());
        let most = if self.style.library { 4 } else { 2 };
        for _ in 0..1 + self.rng.below(most) + usize::from(self.style.library) {
            self.budget = self.style.budget;
            let ty = loop {
                let ty = self.ty(if self.style.library { 3 } else { 1 });
                if self.is_plain(&ty) {
                    break ty;
                }
            };
            let value = self.expr(&ty, self.style.depth + 1);
            lets.push_str(&format!("  let @{} = {value};\n", self.text(&ty)));
            self.scope.push(ty);
        }
        for at in 0..self.scope.len() {
            shown.push(format!("show({})", self.slot(at)));
            shown.push(format!("show(hash({}))", self.slot(at)));
        }
        format!(
            "\npublic fn main(@Unit -> @String)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{{\n{lets}  string_join([{}], \"|\")\n}}\n",
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
