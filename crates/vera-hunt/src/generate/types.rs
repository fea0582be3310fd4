//! The types and effects that programs are made of.

use std::fmt::Write;

use super::Gen;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ty {
    Int,
    Nat,
    Bool,
    Byte,
    Float,
    Str,
    /// A refinement of `Int`.
    Small,
    /// One of [`Gen::refined`].
    Refined(usize),
    Option(Box<Ty>),
    Result(Box<Ty>, Box<Ty>),
    Array(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Set(Box<Ty>),
    Tuple(Vec<Ty>),
    Data(usize, Vec<Ty>),
    /// An alias of a function type.
    Fn(usize),
    Param(usize),
}

/// A data declaration; fields are over [`Ty::Param`].
pub struct Data {
    pub name: &'static str,
    pub params: usize,
    pub ctors: Vec<(&'static str, Vec<Ty>)>,
    pub invariant: Option<String>,
}

/// A named refinement.
#[derive(Clone)]
pub struct Refined {
    pub name: String,
    pub base: Ty,
    /// Over one slot of the base.
    pub predicate: String,
    /// Expressions that satisfy it.
    pub samples: &'static [&'static str],
}

pub struct FnType {
    pub params: Vec<Ty>,
    pub ret: Ty,
    pub row: Vec<Eff>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Eff {
    State(Ty),
    Exn(Ty),
    /// An effect with general handlers, at a type when it has a parameter.
    User(usize, Option<Ty>),
}

/// Numbers of recursive types among [`Gen::datas`].
const NODE: usize = 1;
pub const LIST: usize = 2;
const FOREST: usize = 6;

/// Numbers of the host effects among [`Gen::effects`].
pub const IO: usize = 2;
pub const RANDOM: usize = 3;

pub struct Effect {
    pub name: &'static str,
    pub generic: bool,
    pub ops: Vec<Op>,
}

pub struct Op {
    pub name: &'static str,
    pub params: Vec<Ty>,
    pub ret: Ret,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Ret {
    Unit,
    Never,
    Value(Ty),
}

pub const PARAMS: [&str; 2] = ["A", "B"];

impl Ty {
    pub fn option(of: Ty) -> Ty {
        Ty::Option(Box::new(of))
    }

    pub fn array(of: Ty) -> Ty {
        Ty::Array(Box::new(of))
    }

    pub fn subst(&self, args: &[Ty]) -> Ty {
        let sub = |t: &Ty| Box::new(t.subst(args));
        let all = |ts: &[Ty]| ts.iter().map(|t| t.subst(args)).collect();
        match self {
            Ty::Param(i) => args[*i].clone(),
            Ty::Option(t) => Ty::Option(sub(t)),
            Ty::Result(t, e) => Ty::Result(sub(t), sub(e)),
            Ty::Array(t) => Ty::Array(sub(t)),
            Ty::Map(k, v) => Ty::Map(sub(k), sub(v)),
            Ty::Set(t) => Ty::Set(sub(t)),
            Ty::Tuple(ts) => Ty::Tuple(all(ts)),
            Ty::Data(d, ts) => Ty::Data(*d, all(ts)),
            Ty::Int
            | Ty::Nat
            | Ty::Bool
            | Ty::Byte
            | Ty::Float
            | Ty::Str
            | Ty::Small
            | Ty::Refined(_)
            | Ty::Fn(_) => self.clone(),
        }
    }

    /// Finds what the parameters of `self` stand for in `other`.
    pub fn unify(&self, other: &Ty, found: &mut [Option<Ty>]) -> bool {
        let mut all = |a: &[Ty], b: &[Ty]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.unify(b, found))
        };
        match (self, other) {
            (Ty::Param(i), _) => match &found[*i] {
                Some(before) => before == other,
                None => {
                    found[*i] = Some(other.clone());
                    true
                }
            },
            (Ty::Option(a), Ty::Option(b))
            | (Ty::Array(a), Ty::Array(b))
            | (Ty::Set(a), Ty::Set(b)) => a.unify(b, found),
            (Ty::Result(a, c), Ty::Result(b, d)) | (Ty::Map(a, c), Ty::Map(b, d)) => {
                a.unify(b, found) && c.unify(d, found)
            }
            (Ty::Tuple(a), Ty::Tuple(b)) => all(a, b),
            (Ty::Data(d, a), Ty::Data(f, b)) => d == f && all(a, b),
            _ => self == other,
        }
    }
}

impl Eff {
    pub fn subst(&self, args: &[Ty]) -> Eff {
        match self {
            Eff::State(t) => Eff::State(t.subst(args)),
            Eff::Exn(t) => Eff::Exn(t.subst(args)),
            Eff::User(n, t) => Eff::User(*n, t.as_ref().map(|t| t.subst(args))),
        }
    }
}

impl Gen {
    /// A type whose values have parts of the same type.
    pub fn recursive_data(&mut self) -> Ty {
        match self.rng.below(3) {
            0 => Ty::Data(NODE, vec![]),
            1 => Ty::Data(FOREST, vec![]),
            _ => Ty::Data(LIST, vec![self.ty(1)]),
        }
    }

    /// The type as programs write it.
    pub fn text(&self, ty: &Ty) -> String {
        let list = |head: &str, tys: &[&Ty]| {
            let parts: Vec<String> = tys.iter().map(|t| self.text(t)).collect();
            format!("{head}<{}>", parts.join(", "))
        };
        match ty {
            Ty::Int => "Int".into(),
            Ty::Nat => "Nat".into(),
            Ty::Bool => "Bool".into(),
            Ty::Byte => "Byte".into(),
            Ty::Float => "Float64".into(),
            Ty::Str => "String".into(),
            Ty::Small => "Small".into(),
            Ty::Refined(r) => self.refined[*r].name.clone(),
            Ty::Option(t) => list("Option", &[t]),
            Ty::Result(t, e) => list("Result", &[t, e]),
            Ty::Array(t) => list("Array", &[t]),
            Ty::Map(k, v) => list("Map", &[k, v]),
            Ty::Set(t) => list("Set", &[t]),
            Ty::Tuple(ts) => list("Tuple", &ts.iter().collect::<Vec<_>>()),
            Ty::Data(d, ts) if ts.is_empty() => self.datas[*d].name.into(),
            Ty::Data(d, ts) => list(self.datas[*d].name, &ts.iter().collect::<Vec<_>>()),
            Ty::Fn(f) => format!("F{f}"),
            Ty::Param(i) => PARAMS[*i].into(),
        }
    }

    pub fn effect_text(&self, effect: &Eff) -> String {
        match effect {
            Eff::State(t) => format!("State<{}>", self.text(t)),
            Eff::Exn(t) => format!("Exn<{}>", self.text(t)),
            Eff::User(e, None) => self.effects[*e].name.into(),
            Eff::User(e, Some(t)) => format!("{}<{}>", self.effects[*e].name, self.text(t)),
        }
    }

    pub fn row_text(&self, row: &[Eff]) -> String {
        match row {
            [] => "effects(pure)".into(),
            _ => {
                let parts: Vec<String> = row.iter().map(|e| self.effect_text(e)).collect();
                format!("effects(<{}>)", parts.join(", "))
            }
        }
    }

    /// A type of limited size.
    pub fn ty(&mut self, depth: usize) -> Ty {
        if self.type_params > 0 && self.rng.chance(30) {
            return Ty::Param(0);
        }
        if self.rng.chance(self.style.deep) {
            return self.deep();
        }
        if depth == 0 || !self.rng.chance(self.style.compound) {
            return match self.rng.chance(8 + self.style.narrowing) {
                true => self.some_refined().unwrap_or(Ty::Int),
                false => self.rng.pick(self.style.simple),
            };
        }
        let d = depth - 1;
        match self.rng.below(10) {
            0 | 1 => Ty::option(self.ty(d)),
            2 => Ty::Result(Box::new(self.ty(d)), Box::new(self.ty(d))),
            3 | 4 => Ty::array(self.ty(d)),
            5 => Ty::Map(Box::new(self.key()), Box::new(self.ty(d))),
            6 => Ty::Set(Box::new(self.key())),
            7 => Ty::Tuple((0..2 + self.rng.below(2)).map(|_| self.ty(d)).collect()),
            8 if !self.fn_types.is_empty() => {
                let pure: Vec<usize> =
                    (0..self.fn_types.len()).filter(|f| self.fn_types[*f].row.is_empty()).collect();
                Ty::Fn(self.rng.pick(&pure))
            }
            _ if self.datas.is_empty() => Ty::Int,
            _ => {
                let data = self.rng.below(self.datas.len());
                let args = (0..self.datas[data].params).map(|_| self.ty(d)).collect();
                Ty::Data(data, args)
            }
        }
    }

    /// A refinement, where there may be one: predicates can call generic functions, so
    /// these use none.
    pub fn some_refined(&mut self) -> Option<Ty> {
        let allowed = self.type_params == 0 && !self.refined.is_empty();
        allowed.then(|| Ty::Refined(self.rng.below(self.refined.len())))
    }

    /// A scalar, deep inside.
    pub fn deep(&mut self) -> Ty {
        let mut ty = self.rng.pick(&[Ty::Float, Ty::Float, Ty::Float, Ty::Int]);
        // Of one kind, or mixed.
        let other = if self.rng.chance(60) { 0 } else { 25 };
        for _ in 0..self.rng.below(8) {
            ty = match self.rng.chance(other) {
                true if self.rng.chance(50) => Ty::Data(LIST, vec![ty]),
                true => Ty::Result(Box::new(ty), Box::new(Ty::Int)),
                false => Ty::option(ty),
            };
        }
        ty
    }

    /// A type whose values maps find again.
    pub fn key(&mut self) -> Ty {
        let pair = |a, b| Ty::Data(3, vec![a, b]);
        match self.rng.below(12) {
            0..=2 => Ty::Int,
            3 | 4 => Ty::Str,
            5 => Ty::Byte,
            6 => Ty::Tuple(vec![Ty::Int, Ty::Str]),
            7 => Ty::Result(Box::new(Ty::Int), Box::new(Ty::Str)),
            8 if !self.datas.is_empty() => Ty::Data(0, vec![]),
            9 if !self.datas.is_empty() => pair(Ty::option(Ty::Str), Ty::Bool),
            10 if !self.datas.is_empty() => Ty::Tuple(vec![Ty::Data(0, vec![]), Ty::Nat]),
            _ => Ty::option(Ty::Int),
        }
    }

    /// Whether the type or one inside it satisfies the test.
    fn contains(&self, ty: &Ty, test: &dyn Fn(&Ty) -> bool) -> bool {
        self.contains_beside(ty, test, &mut Vec::new())
    }

    /// The same, for data types other than those `met` already.
    fn contains_beside(&self, ty: &Ty, test: &dyn Fn(&Ty) -> bool, met: &mut Vec<usize>) -> bool {
        if test(ty) {
            return true;
        }
        let mut any = |tys: &[&Ty]| tys.iter().any(|t| self.contains_beside(t, test, met));
        match ty {
            Ty::Option(t) | Ty::Array(t) | Ty::Set(t) => any(&[t]),
            Ty::Result(a, b) | Ty::Map(a, b) => any(&[a, b]),
            Ty::Tuple(ts) => any(&ts.iter().collect::<Vec<_>>()),
            Ty::Data(d, args) => {
                if any(&args.iter().collect::<Vec<_>>()) {
                    return true;
                }
                if met.contains(d) {
                    return false;
                }
                met.push(*d);
                let fields = self.datas[*d].ctors.iter().flat_map(|c| &c.1);
                fields.into_iter().any(|t| self.contains_beside(t, test, met))
            }
            Ty::Int
            | Ty::Nat
            | Ty::Bool
            | Ty::Byte
            | Ty::Float
            | Ty::Str
            | Ty::Small
            | Ty::Fn(_)
            | Ty::Param(_) => false,
            Ty::Refined(r) => any(&[&self.refined[*r].base]),
        }
    }

    /// Whether values of the type can be shown and hashed.
    pub fn is_plain(&self, ty: &Ty) -> bool {
        !self.contains(ty, &|t| matches!(t, Ty::Map(..) | Ty::Set(_) | Ty::Fn(_)))
    }

    /// Whether they can be compared for equality too.
    pub fn is_comparable(&self, ty: &Ty) -> bool {
        self.is_plain(ty) && !self.contains(ty, &|t| matches!(t, Ty::Array(_) | Ty::Tuple(_)))
    }

    /// Whether a value of the type may differ from itself.
    pub fn has_float(&self, ty: &Ty) -> bool {
        self.contains(ty, &|t| *t == Ty::Float)
    }

    /// Types and effects of the program, but for the predicates of refinements.
    pub fn types(&mut self) -> String {
        let node = Ty::Data(NODE, vec![]);
        let list = Ty::Data(LIST, vec![Ty::Param(0)]);
        let data = |name, params, ctors| Data { name, params, ctors, invariant: None };
        let colors = vec![("Red", vec![]), ("Green", vec![]), ("Blue", vec![])];
        let no_blue = "match @Color.0 { Blue -> false, _ -> true }";
        let invariant = self.rng.chance(8).then(|| no_blue.to_owned());
        self.datas = vec![Data { invariant, ..data("Color", 0, colors) }];
        let label = self.ty(1);
        self.datas.push(data(
            "Node",
            0,
            vec![("Leaf", vec![]), ("Fork", vec![node.clone(), label, node])],
        ));
        self.datas.push(data("List", 1, vec![("Nil", vec![]), ("Cons", vec![Ty::Param(0), list])]));
        self.datas.push(data("Pair", 2, vec![("Pair", vec![Ty::Param(0), Ty::Param(1)])]));
        let mut fields = |n: usize| (0..n).map(|_| self.ty(1)).collect::<Vec<Ty>>();
        let shape =
            vec![("Dot", vec![]), ("Line", fields(1)), ("Box", fields(2)), ("Cube", fields(3))];
        let invariant = self.rng.chance(40).then(|| self.invariant("Shape", &shape));
        self.datas.push(Data { invariant, ..data("Shape", 0, shape) });
        for n in 0..5 {
            let params = (0..n % 3).map(|_| self.ty(1)).collect();
            let ret = self.ty(1);
            let row = if n == 4 { vec![Eff::User(0, None)] } else { vec![] };
            self.add_function_type(params, ret, row);
        }
        if self.style.narrowing >= 20 {
            self.narrowing_functions();
        }
        self.choose_refinements();
        // Two types that hold each other.
        let (tree, forest) = (Ty::Data(5, vec![]), Ty::Data(FOREST, vec![]));
        let tip = self.ty(1);
        let tree_ctors = vec![("Tip", vec![tip]), ("Grove", vec![Ty::Str, forest.clone()])];
        let forest_ctors = vec![("Empty", vec![]), ("Plant", vec![tree, forest])];
        self.datas.push(data("Tree", 0, tree_ctors));
        self.datas.push(data("Forest", 0, forest_ctors));
        let (last, ret) = (self.fn_types.len() - 1, self.ty(1));
        let holder = vec![("Holder", vec![Ty::Fn(self.rng.below(last.max(1))), ret])];
        self.datas.push(data("Holder", 0, holder));
        let (a, b, c, d) = (self.handed(1), self.handed(2), self.handed(1), self.handed(1));
        let op = |name, params, ret| Op { name, params, ret };
        self.effects = vec![
            Effect {
                name: "Ask",
                generic: false,
                ops: vec![
                    op("ask", vec![Ty::Int], Ret::Value(a)),
                    op("tell", vec![b, Ty::Str], Ret::Unit),
                    op("stop", vec![c], Ret::Never),
                ],
            },
            Effect {
                name: "Store",
                generic: true,
                ops: vec![
                    op("fetch", vec![], Ret::Value(Ty::Param(0))),
                    op("save", vec![Ty::Param(0)], Ret::Value(d)),
                ],
            },
            Effect { name: "IO", generic: false, ops: vec![op("print", vec![Ty::Str], Ret::Unit)] },
            Effect {
                name: "Random",
                generic: false,
                ops: vec![
                    op("random_int", vec![Ty::Int, Ty::Int], Ret::Value(Ty::Int)),
                    op("random_float", vec![], Ret::Value(Ty::Float)),
                    op("random_bool", vec![], Ret::Value(Ty::Bool)),
                ],
            },
        ];
        self.declared()
    }

    /// A type of what an operation hands over. A function that performs operations could
    /// get at itself through one (E137).
    fn handed(&mut self, depth: usize) -> Ty {
        for _ in 0..8 {
            let ty = self.ty(depth);
            let performs = |t: &Ty| matches!(t, Ty::Fn(f) if !self.fn_types[*f].row.is_empty());
            if !self.contains(&ty, &performs) {
                return ty;
            }
        }
        Ty::Int
    }

    /// A predicate over a value of the type that is to be declared next. It mostly
    /// holds.
    fn invariant(&mut self, name: &str, ctors: &[(&'static str, Vec<Ty>)]) -> String {
        let mut arms = Vec::new();
        for (ctor, fields) in ctors {
            if fields.is_empty() {
                arms.push(format!("{ctor} -> true"));
                continue;
            }
            let bound: Vec<String> = fields.iter().map(|f| format!("@{}", self.text(f))).collect();
            let number = fields.iter().position(|f| matches!(f, Ty::Int | Ty::Nat | Ty::Small));
            let test = self.within(fields, |this| match number {
                Some(at) if this.rng.chance(60) => format!("{} != 5", this.slot(at)),
                _ => format!("({}) || {}", this.expr(&Ty::Bool, 2), this.rng.chance(90)),
            });
            arms.push(format!("{ctor}({}) -> {test}", bound.join(", ")));
        }
        format!("match @{name}.0 {{ {} }}", arms.join(", "))
    }

    /// Refinements of several bases.
    fn choose_refinements(&mut self) {
        const NUMBERS: &[(&str, &[&str])] = &[
            ("@Int.0 > 0", &["1", "3", "40"]),
            ("@Int.0 % 2 == 0", &["0", "4", "(-6)"]),
            ("@Int.0 != 0", &["1", "(-1)"]),
            ("@Int.0 >= (-3) && @Int.0 < 5", &["0", "(-3)", "4"]),
        ];
        const TEXTS: &[(&str, &[&str])] = &[
            ("string_length(@String.0) > 0", &["\"a\"", "\"é\""]),
            ("string_starts_with(@String.0, \"é\")", &["\"é\"", "\"éa\""]),
            ("@String.0 != \"a\"", &["\"\"", "\"日本\""]),
        ];
        const FLOATS: &[(&str, &[&str])] = &[
            ("@Float64.0 >= 0.0", &["0.0", "2.5"]),
            ("@Float64.0 == @Float64.0", &["0.0", "1.25"]),
            ("!(@Float64.0 < 1.0)", &["1.0", "nan()"]),
            ("true", &["0.5", "nan()"]),
        ];
        const ARRAYS: &[(&str, &[&str])] = &[
            ("array_length(@Array<Int>.0) > 0", &["[1]", "[3, 4]"]),
            (
                "forall(@Int, array_length(@Array<Int>.0), fn(@Int -> @Bool) effects(pure) { @Array<Int>.0[@Int.0] >= 0 })",
                &["[0, 2]", "[5]"],
            ),
        ];
        let tables = [
            (Ty::Int, NUMBERS),
            (Ty::Str, TEXTS),
            (Ty::Float, FLOATS),
            (Ty::array(Ty::Int), ARRAYS),
        ];
        for n in 0..2 {
            // What is generic tells floats from other types.
            let at = match self.rng.below(100) {
                percent if percent < self.style.generics / 2 => 2,
                percent if percent < 70 => 0,
                _ => self.rng.below(tables.len()),
            };
            let (base, table) = tables[at].clone();
            let (predicate, samples) = self.rng.pick(table);
            // Two refinements by the same words are one type.
            if self.refined.iter().all(|r| r.predicate != predicate) {
                let name = format!("R{n}");
                self.refined.push(Refined { name, base, predicate: predicate.into(), samples });
            }
        }
    }

    /// The refinements as text; what generic functions say can be part of it.
    pub fn refinements(&mut self) -> String {
        let mut out = String::new();
        for r in 0..self.refined.len() {
            let Refined { name, base, mut predicate, .. } = self.refined[r].clone();
            let says = |s: &&super::Sig| {
                s.generics == 1
                    && s.ret == Ty::Bool
                    && s.row.is_empty()
                    && s.recursion == super::Recursion::Never
                    && s.params.iter().all(|p| *p == Ty::Param(0))
            };
            let known: Vec<super::Sig> = self.sigs.iter().filter(says).cloned().collect();
            let slot = format!("@{}.0", self.text(&base));
            if !known.is_empty() && self.is_comparable(&base) && self.rng.chance(70) {
                let sig = self.rng.pick(&known);
                let args = vec![slot; sig.params.len()].join(", ");
                let or = self.rng.pick(&["||", "&&"]);
                predicate = format!("({predicate}) {or} {}({args})", sig.name);
            }
            if self.rng.chance(self.style.assumptions) {
                predicate = format!("{{ assume({predicate}); true }}");
            }
            writeln!(out, "type {name} = {{ @{} | {predicate} }};", self.text(&base))
                .expect("text");
        }
        out
    }

    fn declared(&self) -> String {
        let mut out = String::from("type Small = { @Int | @Int.0 > -100 && @Int.0 < 1000 };\n");
        let join = |tys: &[Ty]| tys.iter().map(|t| self.text(t)).collect::<Vec<_>>().join(", ");
        for (i, f) in self.fn_types.iter().enumerate() {
            let (params, ret, row) = (join(&f.params), self.text(&f.ret), self.row_text(&f.row));
            writeln!(out, "type F{i} = fn({params} -> {ret}) {row};").expect("text");
        }
        for data in &self.datas {
            let params = match data.params {
                0 => String::new(),
                n => format!("<{}>", PARAMS[..n].join(", ")),
            };
            let ctor = |(name, fields): &(&str, Vec<Ty>)| match fields.len() {
                0 => (*name).to_owned(),
                _ => format!("{name}({})", join(fields)),
            };
            let ctors: Vec<String> = data.ctors.iter().map(ctor).collect();
            let invariant = match &data.invariant {
                Some(predicate) => format!(" invariant({predicate})"),
                None => String::new(),
            };
            let (name, ctors) = (data.name, ctors.join(", "));
            writeln!(out, "private data {name}{params}{invariant} {{ {ctors} }}").expect("text");
        }
        for effect in &self.effects[..IO] {
            let param = if effect.generic { "<A>" } else { "" };
            writeln!(out, "effect {}{param} {{", effect.name).expect("text");
            for op in &effect.ops {
                let params = if op.params.is_empty() { "Unit".into() } else { join(&op.params) };
                let ret = match &op.ret {
                    Ret::Unit => "Unit".into(),
                    Ret::Never => "Never".into(),
                    Ret::Value(ty) => self.text(ty),
                };
                writeln!(out, "  op {}({params} -> {ret});", op.name).expect("text");
            }
            out.push_str("}\n");
        }
        out
    }
}
