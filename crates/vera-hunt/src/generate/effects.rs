//! Handlers and operations.

use super::types::{Eff, IO, RANDOM, Ret, Ty};
use super::{Gen, Recursion, Sig};

/// A handler of an effect of the program.
struct Handler<'t> {
    effect: usize,
    arg: Option<Ty>,
    state: Option<Ty>,
    /// The type of the handled expression.
    result: &'t Ty,
}

/// What a handler is made around.
#[derive(Clone, Copy)]
enum Inside<'s> {
    Block,
    /// A call of the function, under more handlers if need be.
    Call(&'s Sig),
    /// So many more handlers, and operations of them all.
    Nest(usize),
}

impl Gen {
    /// The row of a function: at most one effect of a kind.
    pub(super) fn random_row(&mut self) -> Vec<Eff> {
        let mut row = Vec::new();
        if self.rng.chance(40) {
            row.push(Eff::State(self.cell()));
        }
        if self.rng.chance(40) {
            row.push(Eff::Exn(self.payload()));
        }
        if self.rng.chance(35) {
            row.push(Eff::User(0, None));
        }
        if self.rng.chance(20) {
            row.push(Eff::User(1, Some(self.cell())));
        }
        if self.rng.chance(25) {
            row.push(Eff::User(IO, None));
        }
        if self.rng.chance(15) {
            row.push(Eff::User(RANDOM, None));
        }
        row
    }

    fn cell(&mut self) -> Ty {
        if self.type_params > 0 && self.rng.chance(50) {
            return Ty::Param(0);
        }
        if !self.style.library {
            if self.rng.chance(self.style.narrowing) {
                return self.some_refined().unwrap_or(Ty::Nat);
            }
            return match self.rng.below(12) {
                0 => Ty::Nat,
                1 => Ty::Bool,
                2 => self.some_refined().unwrap_or(Ty::Int),
                3 => Ty::Str,
                _ => Ty::Int,
            };
        }
        match self.rng.below(4) {
            0 | 1 => Ty::Int,
            2 => Ty::Tuple(vec![Ty::Int, Ty::Str]),
            _ => Ty::option(Ty::Str),
        }
    }

    fn payload(&mut self) -> Ty {
        if self.type_params > 0 && self.rng.chance(50) {
            return Ty::Param(0);
        }
        match self.rng.below(3) {
            0 => Ty::Int,
            1 => Ty::Str,
            _ => Ty::Tuple(vec![Ty::Str, Ty::Bool]),
        }
    }

    /// A handled expression of the type.
    pub(super) fn handle(&mut self, ty: &Ty, depth: usize) -> String {
        if self.effects.is_empty() {
            // Data types come before effects.
            return self.block(ty, depth);
        }
        // Only the host does all of `IO`, so it is not handled for a call.
        let io = Eff::User(IO, None);
        let prints = self.row.contains(&io);
        let fits =
            |s: &&Sig| s.generics == 0 && !s.row.is_empty() && (prints || !s.row.contains(&io));
        let effectful: Vec<Sig> = self.sigs.iter().filter(fits).cloned().collect();
        if !effectful.is_empty() && self.rng.chance(50) {
            let sig = self.rng.pick(&effectful);
            if let Some(effect) = self.missing(&sig) {
                return self.handle_effect(effect, Inside::Call(&sig), ty, depth);
            }
        }
        if self.rng.chance(self.style.nests) {
            let count = 2 + self.rng.below(2);
            return self.nest(count, ty, depth);
        }
        let effect = match self.rng.below(9) {
            0 | 1 => Eff::State(self.cell()),
            2 | 3 => Eff::Exn(self.payload()),
            4 | 5 => Eff::User(0, None),
            6 => Eff::User(RANDOM, None),
            7 if prints => io,
            _ => Eff::User(1, Some(self.cell())),
        };
        self.handle_effect(effect, Inside::Block, ty, depth)
    }

    /// Handlers in one another, with operations of them all inside.
    pub(super) fn nest(&mut self, count: usize, ty: &Ty, depth: usize) -> String {
        if count == 0 {
            let (scope, mut text) = (self.scope.len(), String::from("{ "));
            // The innermost handler acts first: what it does, the others may see.
            let outer = self.row.len().saturating_sub(1);
            let row = self.row.split_off(outer);
            let around = std::mem::replace(&mut self.row, row);
            if let Some(operation) = self.unit_operation(0) {
                text.push_str(&format!("{operation}; "));
            }
            let row = std::mem::replace(&mut self.row, around);
            self.row.extend(row);
            for _ in 0..self.rng.below(3) {
                if self.rng.chance(50) {
                    let value = self.performed(ty, 0).unwrap_or_else(|| self.leaf(ty, 0));
                    text.push_str(&format!("let @{} = {value}; ", self.text(ty)));
                    self.scope.push(ty.clone());
                } else if let Some(operation) = self.unit_operation(0) {
                    text.push_str(&format!("{operation}; "));
                }
            }
            let result = match self.rng.chance(80) {
                true => self.performed(ty, 0).unwrap_or_else(|| self.leaf(ty, 0)),
                false => self.leaf(ty, 0),
            };
            self.scope.truncate(scope);
            return format!("{text}{result} }}");
        }
        // What equals one another at some instances only.
        let generic = self.type_params > 0 && self.rng.chance(60);
        let param = Eff::State(Ty::Param(0));
        let effect = match self.rng.below(9) {
            _ if generic && self.row.last() == Some(&param) => Eff::State(Ty::Int),
            _ if generic => param,
            // Most interesting are cells of the type that is asked for.
            0..4 => Eff::State(if self.rng.chance(60) { ty.clone() } else { self.cell() }),
            4 => Eff::User(RANDOM, None),
            5 => Eff::Exn(self.payload()),
            _ => Eff::User(0, None),
        };
        self.handle_effect(effect, Inside::Nest(count - 1), ty, depth.min(2))
    }

    /// An effect of the function that cannot be performed here.
    fn missing(&self, sig: &Sig) -> Option<Eff> {
        sig.row.iter().find(|e| !self.row.contains(e)).cloned()
    }

    fn handle_effect(&mut self, effect: Eff, inside: Inside<'_>, ty: &Ty, depth: usize) -> String {
        match effect {
            Eff::State(cell) => self.handle_state(cell, inside, ty, depth),
            Eff::Exn(payload) => self.handle_exn(payload, inside, ty, depth),
            Eff::User(effect, arg) => self.handle_user(effect, arg, inside, ty, depth),
        }
    }

    /// The body of a handler, in which its effect can be performed.
    fn handled(&mut self, effect: Eff, inside: Inside<'_>, ty: &Ty, depth: usize) -> String {
        let (row, scope) = (self.row.len(), self.scope.len());
        self.row.push(effect);
        if let Inside::Nest(count) = inside {
            let body = self.nest(count, ty, depth);
            self.row.truncate(row);
            return format!("{{ {body} }}");
        }
        let d = depth.saturating_sub(1);
        let mut first = String::new();
        if self.rng.chance(60) {
            let operation = self.unit_operation(d).map(|text| format!("{text}; "));
            first.push_str(&operation.unwrap_or_default());
        }
        let called = match inside {
            Inside::Call(sig) => Some(sig),
            Inside::Block | Inside::Nest(_) => None,
        };
        let next = called.and_then(|sig| self.missing(sig));
        let body = match next {
            Some(effect) => self.handle_effect(effect, inside, ty, d),
            None => {
                first.push_str(&called.map(|sig| self.bound_call(sig, d)).unwrap_or_default());
                self.block(ty, depth)
            }
        };
        self.row.truncate(row);
        self.scope.truncate(scope);
        format!("{{ {first}{body} }}")
    }

    /// A call bound by a `let`.
    fn bound_call(&mut self, sig: &Sig, depth: usize) -> String {
        let counts = sig.recursion == Recursion::Countdown;
        let first = counts.then(|| self.rng.below(4).to_string());
        let call = self.call(sig, &[], depth.min(1), first);
        self.scope.push(sig.ret.clone());
        format!("let @{} = {call}; ", self.text(&sig.ret))
    }

    fn handle_state(&mut self, cell: Ty, inside: Inside<'_>, ty: &Ty, depth: usize) -> String {
        let (name, init) = (self.text(&cell), self.expr(&cell, depth.min(1)));
        if self.has_zero(&cell) && self.rng.chance(20 + self.style.narrowing) {
            // The cell starts at zero, and the clauses do not see it.
            let value = self.expr(&cell, 1);
            let body = self.handled(Eff::State(cell), inside, ty, depth);
            return format!(
                "handle[State<{name}>] {{ get(@Unit) -> {{ resume({value}) }}, \
                 put(@{name}) -> {{ resume(()) }} }} in {body}"
            );
        }
        // Operations in these clauses belong to the handlers around.
        let (read, update) = self.within(std::slice::from_ref(&cell), |this| {
            let first = match this.rng.chance(20) {
                true => this.unit_operation(1).map(|text| format!("{text}; ")),
                false => None,
            };
            let value = match this.rng.chance(60) {
                true => format!("@{name}.0"),
                false => this.expr(&cell, 1),
            };
            let read = format!("{{ {}resume({value}) }}", first.unwrap_or_default());
            let update = this.rng.chance(30).then(|| this.expr(&cell, 1));
            (read, update)
        });
        let written = self.within(&[cell.clone(), cell.clone()], |this| {
            this.rng.chance(30).then(|| this.expr(&cell, 1))
        });
        let with = |value: Option<String>| match value {
            Some(value) => format!(" with @{name} = {value}"),
            None => String::new(),
        };
        let (update, written) = (with(update), with(written));
        let body = self.handled(Eff::State(cell), inside, ty, depth);
        format!(
            "handle[State<{name}>](@{name} = {init}) {{ get(@Unit) -> {read}{update}, \
             put(@{name}) -> {{ resume(()) }}{written} }} in {body}"
        )
    }

    /// Whether a cell of the type may start without a value.
    fn has_zero(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Int | Ty::Nat | Ty::Bool | Ty::Byte | Ty::Float | Ty::Small => true,
            Ty::Refined(r) => self.has_zero(&self.refined[*r].base),
            _ => false,
        }
    }

    fn handle_exn(&mut self, payload: Ty, inside: Inside<'_>, ty: &Ty, depth: usize) -> String {
        let name = self.text(&payload);
        let clause =
            self.within(std::slice::from_ref(&payload), |this| this.block(ty, depth.min(2)));
        let body = self.handled(Eff::Exn(payload), inside, ty, depth);
        format!("handle[Exn<{name}>] {{ throw(@{name}) -> {clause} }} in {body}")
    }

    fn handle_user(
        &mut self,
        effect: usize,
        arg: Option<Ty>,
        inside: Inside<'_>,
        ty: &Ty,
        depth: usize,
    ) -> String {
        let state = self.rng.chance(50).then(|| self.cell());
        let declared = match &state {
            Some(cell) => format!("(@{} = {})", self.text(cell), self.expr(cell, depth.min(1))),
            None => String::new(),
        };
        let handler = Handler { effect, arg, state, result: ty };
        let clauses: Vec<String> = (0..self.effects[effect].ops.len())
            .map(|op| self.clause(&handler, op, depth.min(2)))
            .collect();
        let handled = Eff::User(effect, handler.arg);
        let name = self.effect_text(&handled);
        let body = self.handled(handled, inside, ty, depth);
        format!("handle[{name}]{declared} {{ {} }} in {body}", clauses.join(", "))
    }

    fn clause(&mut self, handler: &Handler<'_>, op: usize, depth: usize) -> String {
        let (params, ret) = self.op_types(handler.effect, op, handler.arg.as_ref());
        let written: Vec<String> = params.iter().map(|t| format!("@{}", self.text(t))).collect();
        let written = if written.is_empty() { "@Unit".into() } else { written.join(", ") };
        let name = self.effects[handler.effect].ops[op].name;
        let state = handler.state.as_ref();
        let mut bound = params;
        bound.extend(state.cloned());
        let chance = handler.effect == RANDOM && self.rng.chance(80);
        let (body, update) = self.within(&bound, |this| {
            let body = match chance {
                true => this.answered_chance(&ret, state),
                false => this.clause_body(&ret, handler.result, depth),
            };
            let updated = state.filter(|_| ret != Ret::Never && this.rng.chance(60));
            (body, updated.map(|cell| (this.text(cell), this.expr(cell, 1))))
        });
        let with = update.map_or(String::new(), |(cell, value)| format!(" with @{cell} = {value}"));
        format!("{name}({written}) -> {body}{with}")
    }

    /// A clause of `Random` that keeps to what it owes.
    fn answered_chance(&mut self, ret: &Ret, state: Option<&Ty>) -> String {
        let shift = usize::from(state == Some(&Ty::Int));
        let (low, high) = (format!("@Int.{}", 1 + shift), format!("@Int.{shift}"));
        let answer = match ret {
            Ret::Value(Ty::Int) => match self.rng.below(3) {
                0 => low,
                1 => high,
                _ => format!("clamp({}, {low}, {high})", self.expr(&Ty::Int, 1)),
            },
            Ret::Value(Ty::Float) => self.rng.pick(&["0.5", "0.0", "0.875"]).to_owned(),
            _ => self.rng.chance(50).to_string(),
        };
        format!("{{ resume({answer}) }}")
    }

    fn clause_body(&mut self, ret: &Ret, ty: &Ty, depth: usize) -> String {
        if *ret == Ret::Never {
            return self.block(ty, depth);
        }
        let resumed = self.resumed(ret, depth);
        let name = self.text(ty);
        let kind = match self.rng.chance(self.style.covers) {
            true => 12,
            false => self.rng.below(14),
        };
        match kind {
            0 => self.block(ty, depth),
            10 => {
                // An exception of the rest of the body may end here.
                let payload = self.payload();
                let thrown = self.text(&payload);
                let caught =
                    self.within(std::slice::from_ref(&payload), |this| this.block(ty, depth));
                let body = self.resumed_inside(Eff::Exn(payload), ret, ty, depth);
                format!("{{ handle[Exn<{thrown}>] {{ throw(@{thrown}) -> {caught} }} in {body} }}")
            }
            12 | 13 => {
                // The rest of the body reaches this cell, and none like it around.
                let around = self.row.iter().rev().find_map(|effect| match effect {
                    Eff::State(cell) => Some(cell.clone()),
                    Eff::Exn(_) | Eff::User(..) => None,
                });
                let like = self.rng.chance(65);
                let cell = around.filter(|_| like).unwrap_or_else(|| self.cell());
                let (held, init) = (self.text(&cell), self.expr(&cell, 1));
                let read = match self.rng.chance(70) {
                    true => format!("@{held}.0"),
                    false => self.within(std::slice::from_ref(&cell), |this| this.expr(&cell, 1)),
                };
                let body = self.resumed_inside(Eff::State(cell), ret, ty, depth);
                format!(
                    "{{ handle[State<{held}>](@{held} = {init}) {{ get(@Unit) -> {{ resume({read}) }}, \
                     put(@{held}) -> {{ resume(()) }} }} in {body} }}"
                )
            }
            11 => {
                // A call of this handler's effect goes outside, of the other one here.
                let (test, other) = (self.expr(&Ty::Bool, 1), self.block(ty, depth));
                let bits = self.expr(&Ty::Bool, 1);
                format!(
                    "{{ handle[Random] {{ random_int(@Int, @Int) -> {{ resume(@Int.0 - @Int.1) }}, \
                     random_float(@Unit) -> {{ resume(0.25) }}, \
                     random_bool(@Unit) -> {{ let @{name} = resume({bits}); @{name}.0 }} }} in {{ \
                     if {test} then {{ let @{name} = {resumed}; @{name}.0 }} else {other} }} }}"
                )
            }
            1..=3 => {
                let rest =
                    self.within(std::slice::from_ref(ty), |this| this.expr(ty, depth.max(1)));
                format!("{{ let @{name} = {resumed}; {rest} }}")
            }
            4 => {
                let (test, other) = (self.expr(&Ty::Bool, 1), self.block(ty, depth));
                format!("{{ if {test} then {{ {resumed} }} else {other} }}")
            }
            5 => {
                let test = self.expr(&Ty::Bool, 1);
                let rest =
                    self.within(std::slice::from_ref(ty), |this| this.expr(ty, depth.max(1)));
                format!(
                    "{{ if {test} then {{ let @{name} = {resumed}; {rest} }} else {{ {resumed} }} }}"
                )
            }
            6 => match self.unit_operation(depth) {
                Some(first) => format!("{{ {first}; {resumed} }}"),
                None => format!("{{ {resumed} }}"),
            },
            _ => format!("{{ {resumed} }}"),
        }
    }

    fn resumed(&mut self, ret: &Ret, depth: usize) -> String {
        match ret {
            Ret::Value(t) => format!("resume({})", self.expr(t, depth)),
            Ret::Unit | Ret::Never => "resume(())".to_owned(),
        }
    }

    /// The body of a handler in a clause, in which the clause resumes.
    fn resumed_inside(&mut self, effect: Eff, ret: &Ret, ty: &Ty, depth: usize) -> String {
        self.row.push(effect);
        let resumed = self.resumed(ret, depth);
        let rest = self.within(std::slice::from_ref(ty), |this| this.expr(ty, depth.max(1)));
        self.row.pop();
        format!("{{ let @{} = {resumed}; {rest} }}", self.text(ty))
    }

    /// The instances that operations reach: the innermost of each kind, and cells and
    /// exceptions of other types, which the types tell apart where just one fits.
    fn reached(&self) -> Vec<Eff> {
        let mut found: Vec<Eff> = Vec::new();
        for effect in self.row.iter().rev() {
            let alike = |other: &&Eff| self.are_alike(effect, other);
            let innermost = !found.iter().any(|f| is_of_kind(f, effect));
            let fitting = self.row.iter().filter(|other| self.are_alike(effect, other)).count();
            if !found.iter().any(|f| alike(&f)) && (innermost || fitting == 1) {
                found.push(effect.clone());
            }
        }
        found
    }

    /// Whether values of the one's type may fit the other's.
    fn are_alike(&self, a: &Eff, b: &Eff) -> bool {
        match (a, b) {
            (Eff::State(a), Eff::State(b)) | (Eff::Exn(a), Eff::Exn(b)) => {
                self.base_of(a) == self.base_of(b)
            }
            (Eff::User(n, _), Eff::User(m, _)) => n == m,
            (Eff::State(_) | Eff::Exn(_) | Eff::User(..), _) => false,
        }
    }

    /// The type that literals and narrower values fit.
    fn base_of(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Nat | Ty::Small | Ty::Byte => Ty::Int,
            Ty::Refined(r) => self.base_of(&self.refined[*r].base),
            other => other.clone(),
        }
    }

    /// An operation that yields the type, or leaves.
    pub(super) fn performed(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let mut options: Vec<(String, Vec<Ty>, bool)> = Vec::new();
        for effect in self.reached() {
            match &effect {
                Eff::State(cell) if cell == ty => options.push(("get".into(), vec![], false)),
                Eff::State(_) => {}
                Eff::Exn(payload) => options.push(("throw".into(), vec![payload.clone()], true)),
                Eff::User(n, arg) => {
                    for op in 0..self.effects[*n].ops.len() {
                        let (params, ret) = self.op_types(*n, op, arg.as_ref());
                        let name =
                            format!("{}.{}", self.effects[*n].name, self.effects[*n].ops[op].name);
                        match ret {
                            Ret::Value(t) if t == *ty => options.push((name, params, false)),
                            Ret::Never => options.push((name, params, true)),
                            Ret::Value(_) | Ret::Unit => {}
                        }
                    }
                }
            }
        }
        if options.is_empty() {
            return None;
        }
        let (name, params, leaves) = self.rng.pick(&options);
        let call = self.operation(&name, &params, depth);
        Some(match leaves {
            // The type says which cell.
            false if name == "get" => self.typed(ty, &call),
            false => call,
            true => {
                let (test, other) = (self.expr(&Ty::Bool, depth), self.block(ty, depth));
                format!("if {test} then {{ {call} }} else {other}")
            }
        })
    }

    /// An operation that is performed for what it does.
    pub(super) fn unit_operation(&mut self, depth: usize) -> Option<String> {
        let mut options: Vec<(String, Vec<Ty>)> = Vec::new();
        for effect in self.reached() {
            match &effect {
                Eff::State(cell) => options.push(("put".into(), vec![cell.clone()])),
                Eff::Exn(payload) => options.push(("throw".into(), vec![payload.clone()])),
                Eff::User(n, arg) => {
                    for op in 0..self.effects[*n].ops.len() {
                        let (params, ret) = self.op_types(*n, op, arg.as_ref());
                        let name =
                            format!("{}.{}", self.effects[*n].name, self.effects[*n].ops[op].name);
                        if ret != Ret::Never {
                            options.push((name, params));
                        }
                    }
                }
            }
        }
        if options.is_empty() {
            return None;
        }
        let (name, params) = self.rng.pick(&options);
        let operation = self.operation(&name, &params, depth);
        Some(match name.as_str() {
            "throw" => {
                let test = self.expr(&Ty::Bool, depth);
                format!("if {test} then {{ {operation} }} else {{ () }}")
            }
            _ => operation,
        })
    }

    fn operation(&mut self, name: &str, params: &[Ty], depth: usize) -> String {
        if name == "Random.random_int" && self.rng.chance(90) {
            let low = self.rng.below(6);
            return format!("{name}({low}, {})", low + self.rng.below(9));
        }
        match params {
            [] => format!("{name}(())"),
            _ => format!("{name}({})", self.list(params, depth)),
        }
    }
}

/// Whether both are instances of one effect.
fn is_of_kind(a: &Eff, b: &Eff) -> bool {
    match (a, b) {
        (Eff::State(_), Eff::State(_)) | (Eff::Exn(_), Eff::Exn(_)) => true,
        (Eff::User(n, _), Eff::User(m, _)) => n == m,
        (Eff::State(_) | Eff::Exn(_) | Eff::User(..), _) => false,
    }
}
