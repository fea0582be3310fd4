//! Expressions of every type.

use super::types::{Eff, Ret, Ty};
use super::{Gen, Needs, Recursion, Sig};

impl Gen {
    /// `{ let @T = value; @T.0 }`, which has the type `T` whatever `value` leaves open.
    pub(super) fn typed(&self, ty: &Ty, value: &str) -> String {
        let text = self.text(ty);
        format!("{{ let @{text} = {value}; @{text}.0 }}")
    }

    /// An expression of the type.
    pub(super) fn expr(&mut self, ty: &Ty, depth: usize) -> String {
        if depth == 0 || self.budget == 0 {
            return self.leaf(ty, depth);
        }
        self.budget -= 1;
        let d = depth - 1;
        if self.rng.chance(self.style.narrowing)
            && let Some(wider) = self.wider(ty)
        {
            let value = self.expr(&wider, d);
            return self.typed(ty, &value);
        }
        if self.rng.chance(self.style.branches) {
            let c = match self.rng.chance(75) {
                true => self.leaf(&Ty::Bool, 0),
                false => self.expr(&Ty::Bool, d),
            };
            let (a, b) = (self.block(ty, d), self.block(ty, d));
            return format!("if {c} then {a} else {b}");
        }
        if self.rng.chance(self.style.effects) {
            return match self.rng.chance(50) {
                true => self.handle(ty, d),
                false => self.performed(ty, d).unwrap_or_else(|| self.own(ty, d)),
            };
        }
        match self.rng.below(13) {
            0 => self.leaf(ty, depth),
            1 => {
                let (c, a, b) = (self.expr(&Ty::Bool, d), self.block(ty, d), self.block(ty, d));
                format!("if {c} then {a} else {b}")
            }
            2 | 9 => self.match_expr(ty, d),
            3 => self.block(ty, depth),
            4 | 5 => self.any_call(ty, d).unwrap_or_else(|| self.own(ty, d)),
            6 => self.application(ty, d).unwrap_or_else(|| self.own(ty, d)),
            7 => self.indexed(ty, d).unwrap_or_else(|| self.own(ty, d)),
            8 => self.folded(ty, d),
            _ => self.own(ty, d),
        }
    }

    pub(super) fn list(&mut self, tys: &[Ty], depth: usize) -> String {
        tys.iter().map(|t| self.expr(t, depth)).collect::<Vec<_>>().join(", ")
    }

    /// `{ let …; …; result }`
    pub(super) fn block(&mut self, ty: &Ty, depth: usize) -> String {
        let (before, mut out) = (self.scope.len(), String::from("{ "));
        for _ in 0..self.rng.below(3 + self.style.branches / 20) {
            if depth == 0 || self.budget == 0 {
                break;
            }
            out.push_str(&self.statement(depth - 1));
        }
        let result = self.expr(ty, depth.saturating_sub(1));
        self.scope.truncate(before);
        format!("{out}{result} }}")
    }

    /// A statement; its bindings stay in scope.
    fn statement(&mut self, depth: usize) -> String {
        if self.rng.chance(self.style.assumptions) {
            let row = std::mem::take(&mut self.row);
            let test = self.expr(&Ty::Bool, depth);
            self.row = row;
            return format!("assume({test}); ");
        }
        if self.type_params == 0
            && self.rng.chance(self.style.generics / 2)
            && let Some(call) = self.generic_call(depth)
        {
            return call;
        }
        match self.rng.below(if self.style.library { 8 } else { 14 }) {
            0 if self.style.compound >= 30 => {
                let tys = [self.ty(1), self.ty(1)];
                let value = self.expr(&Ty::Tuple(tys.to_vec()), depth);
                let text = format!(
                    "let Tuple<@{}, @{}> = {value}; ",
                    self.text(&tys[0]),
                    self.text(&tys[1])
                );
                self.scope.extend(tys);
                text
            }
            1 if self.style.compound >= 30 => {
                let tys = [self.ty(1), self.ty(1)];
                let value = self.expr(&Ty::Data(3, tys.to_vec()), depth);
                let text = format!(
                    "let Pair<@{}, @{}> = {value}; ",
                    self.text(&tys[0]),
                    self.text(&tys[1])
                );
                self.scope.extend(tys);
                text
            }
            2 => {
                let row = std::mem::take(&mut self.row);
                let test = self.expr(&Ty::Bool, depth);
                self.row = row;
                format!("assert({test} || {}); ", self.rng.chance(95))
            }
            3 | 4 => match self.unit_operation(depth) {
                Some(text) => format!("{text}; "),
                None => self.let_statement(depth),
            },
            _ => self.let_statement(depth),
        }
    }

    fn let_statement(&mut self, depth: usize) -> String {
        if self.rng.chance(self.style.branches / 2) {
            // A truth value that is asked later.
            let (a, b) = (self.leaf(&Ty::Bool, 0), self.atom(depth));
            let op = self.rng.pick(&["&&", "||", "==>"]);
            self.scope.push(Ty::Bool);
            return format!("let @Bool = {a} {op} {b}; ");
        }
        let ty = self.ty(2);
        // A narrower type than the expression's own is checked.
        let chance = match ty {
            Ty::Nat | Ty::Small => 30,
            _ => self.style.narrowing,
        };
        let value = match self.wider(&ty).filter(|_| self.rng.chance(chance)) {
            Some(wider) => self.expr(&wider, depth),
            None => self.expr(&ty, depth),
        };
        let text = format!("let @{} = {value}; ", self.text(&ty));
        self.scope.push(ty);
        text
    }

    /// A truth value of one comparison at most.
    fn atom(&mut self, depth: usize) -> String {
        if depth == 0 || self.rng.chance(40) {
            return self.leaf(&Ty::Bool, 0);
        }
        let op = self.rng.pick(&["<", ">", "<=", "==", "!="]);
        let (a, b) = (self.leaf(&Ty::Int, 0), self.leaf(&Ty::Int, 0));
        format!("({a} {op} {b})")
    }

    /// A binding of the type, or a constant.
    pub(super) fn leaf(&mut self, ty: &Ty, depth: usize) -> String {
        if let Some(result) = self.result_slot(ty) {
            return result;
        }
        let known: Vec<usize> = (0..self.scope.len()).filter(|at| self.scope[*at] == *ty).collect();
        if !known.is_empty() && (self.rng.chance(85) || matches!(ty, Ty::Param(_))) {
            let at = self.rng.pick(&known);
            return self.slot(at);
        }
        match ty {
            Ty::Int if self.rng.chance(self.style.negative) => {
                format!("(-{})", self.rng.below(50))
            }
            Ty::Int => match self.rng.below(10) {
                1 if self.rng.chance(10) => "9223372036854775807".into(),
                _ => self.rng.below(20).to_string(),
            },
            Ty::Bool => self.rng.chance(50).to_string(),
            Ty::Nat | Ty::Small => {
                let n = self.rng.below(9);
                self.typed(ty, &n.to_string())
            }
            Ty::Byte => {
                let range = if self.rng.chance(10) { 196 } else { 60 };
                let n = 60 + self.rng.below(range);
                self.typed(ty, &n.to_string())
            }
            Ty::Float if self.rng.chance(15) => {
                self.rng.pick(&["nan()", "infinity()", "(-0.0)", "(0.0 / 0.0)", "0.0"]).to_owned()
            }
            Ty::Refined(r) => {
                let sample = self.rng.pick(self.refined[*r].samples);
                self.typed(ty, sample)
            }
            Ty::Float => {
                let (n, d) = (self.rng.below(30), self.rng.below(8) * 125);
                format!("{n}.{d}")
            }
            Ty::Str => {
                let texts = [
                    "\"\"",
                    "\"a\"",
                    "\"b c\"",
                    "\"é\"",
                    "\"x,y,z\"",
                    "\"12\"",
                    "\"Abc\"",
                    "\"ñandú\"",
                    "\"🍎b🍎\"",
                    "\"日本\"",
                ];
                self.rng.pick(&texts).to_owned()
            }
            Ty::Fn(f) => self.closure(*f, depth),
            _ => self.construct(ty, depth),
        }
    }

    /// A closure of the alias.
    pub(super) fn closure(&mut self, f: usize, depth: usize) -> String {
        let (params, ret) = (self.fn_types[f].params.clone(), self.fn_types[f].ret.clone());
        let row = self.fn_types[f].row.clone();
        self.lambda(&params, &ret, row, depth)
    }

    pub(super) fn lambda(
        &mut self,
        params: &[Ty],
        ret: &Ty,
        row: Vec<Eff>,
        depth: usize,
    ) -> String {
        let written: Vec<String> = params.iter().map(|t| format!("@{}", self.text(t))).collect();
        let head =
            format!("fn({} -> @{}) {}", written.join(", "), self.text(ret), self.row_text(&row));
        let outer = std::mem::replace(&mut self.row, row);
        let body = self.within(params, |this| this.block(ret, depth));
        self.row = outer;
        format!("{head} {body}")
    }

    /// A value built from its parts.
    fn construct(&mut self, ty: &Ty, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        let value = match ty {
            Ty::Option(t) => match self.rng.below(3) {
                0 => "None".into(),
                _ => format!("Some({})", self.expr(t, d)),
            },
            Ty::Result(t, e) => match self.rng.below(3) {
                0 => format!("Err({})", self.expr(e, d)),
                _ => format!("Ok({})", self.expr(t, d)),
            },
            Ty::Array(t) => {
                let items = vec![(**t).clone(); self.rng.below(if depth == 0 { 2 } else { 4 })];
                format!("[{}]", self.list(&items, d))
            }
            Ty::Map(k, v) => {
                let mut text = self.typed(ty, "map_new()");
                for _ in 0..self.rng.below(if depth == 0 { 2 } else { 4 }) {
                    text = format!("map_insert({text}, {}, {})", self.expr(k, d), self.expr(v, d));
                }
                return text;
            }
            Ty::Set(k) => {
                let mut text = self.typed(ty, "set_new()");
                for _ in 0..self.rng.below(if depth == 0 { 2 } else { 4 }) {
                    text = format!("set_add({text}, {})", self.expr(k, d));
                }
                return text;
            }
            Ty::Tuple(ts) => format!("Tuple({})", self.list(ts, d)),
            Ty::Data(data, args) => {
                let ctors = self.datas[*data].ctors.len();
                // The first constructor of a recursive type ends the recursion.
                let ctor = if depth == 0 { 0 } else { self.rng.below(ctors) };
                let (name, fields) = self.datas[*data].ctors[ctor].clone();
                let fields: Vec<Ty> = fields.iter().map(|f| f.subst(args)).collect();
                match fields.len() {
                    0 => name.into(),
                    _ => format!("{name}({})", self.list(&fields, d)),
                }
            }
            _ => return self.leaf(ty, 0),
        };
        self.typed(ty, &value)
    }

    /// An expression that only this type has.
    fn own(&mut self, ty: &Ty, depth: usize) -> String {
        if self.type_params > 0
            && self.rng.chance(30)
            && let Some(asked) = self.asked(ty)
        {
            return asked;
        }
        if self.rng.chance(self.style.written)
            && let Some(call) = self.library_call(ty, depth)
        {
            return call;
        }
        match ty {
            Ty::Int => self.int(depth),
            Ty::Nat => self.nat(depth),
            Ty::Bool => self.bool(depth),
            Ty::Byte => self.byte(depth),
            Ty::Float => self.float(depth),
            Ty::Str => self.string(depth),
            Ty::Array(t) => self.array(t, depth),
            Ty::Map(k, v) => self.map(k, v, depth),
            Ty::Set(k) => self.set(k, depth),
            Ty::Option(t) => self.option(t, depth),
            Ty::Fn(f) => self.closure(*f, depth),
            Ty::Small => {
                let n = self.expr(&Ty::Int, depth);
                self.typed(ty, &format!("clamp({n}, -50, 900)"))
            }
            Ty::Result(..) | Ty::Tuple(_) | Ty::Data(..) => self.construct(ty, depth + 1),
            Ty::Refined(r) if self.rng.chance(15) => {
                let base = self.refined[*r].base.clone();
                let value = self.expr(&base, depth);
                self.typed(ty, &value)
            }
            Ty::Refined(_) | Ty::Param(_) => self.leaf(ty, depth),
        }
    }

    /// A call of some function that yields the type here.
    fn any_call(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let mut fitting = Vec::new();
        for sig in &self.sigs {
            let mut found = vec![None; sig.generics];
            if !sig.ret.unify(ty, &mut found) || !self.has_what(sig.needs, &found) {
                continue;
            }
            let args: Option<Vec<Ty>> = found.iter().cloned().collect();
            let row = |e: &Eff| args.as_ref().map_or(e.clone(), |args| e.subst(args));
            if sig.row.iter().all(|e| self.row.contains(&row(e))) {
                fitting.push((sig.clone(), found));
            }
        }
        if fitting.is_empty() {
            return None;
        }
        // The program's own functions are the more interesting ones.
        let own = |s: &Sig| s.name.len() == 2;
        let own: Vec<_> = fitting.iter().filter(|(s, _)| own(s)).cloned().collect();
        let from = if own.is_empty() || self.rng.chance(30) { fitting } else { own };
        let (sig, found) = self.rng.pick(&from);
        let args: Vec<Ty> =
            found.into_iter().map(|f| f.unwrap_or_else(|| self.argument(sig.needs))).collect();
        let first = (sig.recursion == Recursion::Countdown).then(|| {
            let n = self.rng.below(5);
            match self.rng.chance(30) {
                true => format!("abs({}) % 5", self.expr(&Ty::Small, 0)),
                false => n.to_string(),
            }
        });
        Some(self.call(&sig, &args, depth, first))
    }

    /// Whether the types that are known allow what a function needs.
    fn has_what(&self, needs: Needs, found: &[Option<Ty>]) -> bool {
        let ordered = [Ty::Int, Ty::Nat, Ty::Str, Ty::Byte, Ty::Float];
        found.iter().flatten().all(|ty| match needs {
            Needs::Nothing => true,
            Needs::Equality => self.is_comparable(ty),
            Needs::Order => ordered.contains(ty),
        })
    }

    /// A type for a parameter that nothing determines.
    pub(super) fn argument(&mut self, needs: Needs) -> Ty {
        if self.rng.chance(35) {
            return Ty::Int;
        }
        loop {
            let ty = self.ty(1);
            if self.has_what(needs, &[Some(ty.clone())]) {
                return ty;
            }
        }
    }

    /// `first` stands for the first argument.
    pub(super) fn call(
        &mut self,
        sig: &Sig,
        generics: &[Ty],
        depth: usize,
        first: Option<String>,
    ) -> String {
        let mut args: Vec<String> = match sig.recursion {
            Recursion::Measured if first.is_none() && self.rng.chance(85) => sig.first.clone(),
            _ => first.into_iter().collect(),
        };
        let skipped = args.len();
        for param in &sig.params[skipped..] {
            args.push(self.expr(&param.subst(generics), depth));
        }
        if args.is_empty() {
            args.push("()".into());
        }
        format!("{}({})", sig.name, args.join(", "))
    }

    /// `apply_fn` of a function value with this result.
    fn application(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let fits = |f: &&usize| {
            let t = &self.fn_types[**f];
            t.ret == *ty && t.row.iter().all(|e| self.row.contains(e))
        };
        let all: Vec<usize> = (0..self.fn_types.len()).collect();
        let fitting: Vec<usize> = all.iter().filter(fits).copied().collect();
        if fitting.is_empty() {
            return None;
        }
        let f = self.rng.pick(&fitting);
        let function = self.expr(&Ty::Fn(f), depth);
        let params = self.fn_types[f].params.clone();
        let mut args = vec![function];
        args.extend(params.iter().map(|p| self.expr(p, depth)));
        Some(format!("apply_fn({})", args.join(", ")))
    }

    /// An element of an array in scope, mostly where it has one.
    fn indexed(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let wanted = Ty::array(ty.clone());
        let at = (0..self.scope.len()).rev().find(|at| self.scope[*at] == wanted)?;
        let array = self.slot(at);
        let index = self.rng.below(3);
        if self.rng.chance(5) {
            return Some(format!("{array}[{index}]"));
        }
        let otherwise = self.block(ty, depth);
        Some(format!(
            "if array_length({array}) > {index} then {{ {array}[{index}] }} else {otherwise}"
        ))
    }

    fn folded(&mut self, ty: &Ty, depth: usize) -> String {
        let of = self.ty(1);
        let items = self.expr(&Ty::array(of.clone()), depth);
        let start = self.expr(ty, depth);
        let step = self.lambda(&[ty.clone(), of], ty, Vec::new(), depth.min(2));
        format!("array_fold({items}, {start}, {step})")
    }

    /// The types an operation is given and yields, at the arguments of its effect.
    pub(super) fn op_types(&self, effect: usize, op: usize, arg: Option<&Ty>) -> (Vec<Ty>, Ret) {
        let args: Vec<Ty> = arg.into_iter().cloned().collect();
        let op = &self.effects[effect].ops[op];
        let ret = match &op.ret {
            Ret::Value(ty) => Ret::Value(ty.subst(&args)),
            other => other.clone(),
        };
        (op.params.iter().map(|p| p.subst(&args)).collect(), ret)
    }
}
