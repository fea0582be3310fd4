//! Handlers and operations.

use super::Gen;
use super::types::{Eff, Ret, Ty};

/// A handler of an effect of the program.
struct Handler<'t> {
    effect: usize,
    arg: Option<Ty>,
    state: Option<Ty>,
    /// The type of the handled expression.
    result: &'t Ty,
}

impl Gen {
    /// The row of a function: at most one effect of a kind.
    pub(super) fn random_row(&mut self) -> Vec<Eff> {
        let mut row = Vec::new();
        if self.rng.chance(30) {
            row.push(Eff::State(self.cell()));
        }
        if self.rng.chance(25) {
            row.push(Eff::Exn(self.payload()));
        }
        if self.rng.chance(25) {
            row.push(Eff::User(0, None));
        }
        if self.rng.chance(20) {
            row.push(Eff::User(1, Some(self.cell())));
        }
        row
    }

    fn cell(&mut self) -> Ty {
        match self.rng.below(4) {
            0 | 1 => Ty::Int,
            2 => Ty::Tuple(vec![Ty::Int, Ty::Str]),
            _ => Ty::option(Ty::Str),
        }
    }

    fn payload(&mut self) -> Ty {
        match self.rng.below(3) {
            0 => Ty::Int,
            1 => Ty::Str,
            _ => Ty::Tuple(vec![Ty::Str, Ty::Bool]),
        }
    }

    /// A handled expression of the type.
    pub(super) fn handle(&mut self, ty: &Ty, depth: usize) -> String {
        match self.rng.below(7) {
            0 | 1 => self.handle_state(ty, depth),
            2 | 3 => self.handle_exn(ty, depth),
            4 | 5 => self.handle_user(0, None, ty, depth),
            _ => {
                let arg = self.cell();
                self.handle_user(1, Some(arg), ty, depth)
            }
        }
    }

    /// The body of a handler, in which its effect can be performed.
    fn handled(&mut self, effect: Eff, ty: &Ty, depth: usize) -> String {
        let at = self.row.len();
        // A called function may have the effect without the instance around.
        self.row.push(effect);
        let first = self.unit_operation(depth.saturating_sub(1)).filter(|_| self.rng.chance(60));
        let body = self.block(ty, depth);
        self.row.truncate(at);
        match first {
            Some(first) => format!("{{ {first}; {body} }}"),
            None => body,
        }
    }

    fn handle_state(&mut self, ty: &Ty, depth: usize) -> String {
        let cell = self.cell();
        let (name, init) = (self.text(&cell), self.expr(&cell, depth.min(1)));
        // Operations in these clauses would belong to the handlers around.
        let outer = std::mem::take(&mut self.row);
        let (read, update) = self.within(std::slice::from_ref(&cell), |this| {
            let read = match this.rng.chance(60) {
                true => format!("@{name}.0"),
                false => this.expr(&cell, 1),
            };
            let update = this.rng.chance(30).then(|| this.expr(&cell, 1));
            (read, update)
        });
        let written = self.within(&[cell.clone(), cell.clone()], |this| {
            this.rng.chance(30).then(|| this.expr(&cell, 1))
        });
        self.row = outer;
        let with = |value: Option<String>| match value {
            Some(value) => format!(" with @{name} = {value}"),
            None => String::new(),
        };
        let (update, written) = (with(update), with(written));
        let body = self.handled(Eff::State(cell), ty, depth);
        format!(
            "handle[State<{name}>](@{name} = {init}) {{ get(@Unit) -> {{ resume({read}) }}{update}, \
             put(@{name}) -> {{ resume(()) }}{written} }} in {body}"
        )
    }

    fn handle_exn(&mut self, ty: &Ty, depth: usize) -> String {
        let payload = self.payload();
        let name = self.text(&payload);
        let clause =
            self.within(std::slice::from_ref(&payload), |this| this.block(ty, depth.min(2)));
        let body = self.handled(Eff::Exn(payload), ty, depth);
        format!("handle[Exn<{name}>] {{ throw(@{name}) -> {clause} }} in {body}")
    }

    fn handle_user(&mut self, effect: usize, arg: Option<Ty>, ty: &Ty, depth: usize) -> String {
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
        let body = self.handled(handled, ty, depth);
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
        let (body, update) = self.within(&bound, |this| {
            let body = this.clause_body(&ret, handler.result, depth);
            let updated = state.filter(|_| ret != Ret::Never && this.rng.chance(60));
            (body, updated.map(|cell| (this.text(cell), this.expr(cell, 1))))
        });
        let with = update.map_or(String::new(), |(cell, value)| format!(" with @{cell} = {value}"));
        format!("{name}({written}) -> {body}{with}")
    }

    fn clause_body(&mut self, ret: &Ret, ty: &Ty, depth: usize) -> String {
        let resumed = match ret {
            Ret::Never => return self.block(ty, depth),
            Ret::Unit => "resume(())".to_owned(),
            Ret::Value(t) => format!("resume({})", self.expr(t, depth)),
        };
        let name = self.text(ty);
        match self.rng.below(10) {
            0 => self.block(ty, depth),
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

    /// The instance that operations of each kind reach.
    fn reached(&self) -> Vec<Eff> {
        let kind = |e: &Eff| match e {
            Eff::State(_) => 10,
            Eff::Exn(_) => 11,
            Eff::User(n, _) => *n,
        };
        let mut found: Vec<Eff> = Vec::new();
        for effect in self.row.iter().rev() {
            if !found.iter().any(|f| kind(f) == kind(effect)) {
                found.push(effect.clone());
            }
        }
        found
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
                Eff::Exn(_) => {}
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
        Some(self.operation(&name, &params, depth))
    }

    fn operation(&mut self, name: &str, params: &[Ty], depth: usize) -> String {
        match params {
            [] => format!("{name}(())"),
            _ => format!("{name}({})", self.list(params, depth)),
        }
    }
}
