//! How types are written in messages, slot names and signatures.

use crate::typed::Program;
use crate::types::{Row, Ty, TyKind, Types};

/// Prints types of one program.
#[derive(Clone, Copy)]
pub struct Printer<'a> {
    program: &'a Program,
    types: &'a Types,
    refinements: Refinements,
}

/// How refinements are printed.
#[derive(Clone, Copy)]
enum Refinements {
    /// With the predicate.
    Full,
    /// By the alias that stands for it, without one as `Full`.
    Named,
}

impl<'a> Printer<'a> {
    /// As messages print types.
    pub fn message(program: &'a Program) -> Printer<'a> {
        Printer::with_types(program, &program.types)
    }

    /// As slot names print the arguments of types.
    pub fn slot(program: &'a Program) -> Printer<'a> {
        Printer { program, types: &program.types, refinements: Refinements::Full }
    }

    /// As messages print types, with a table of types apart from the program.
    pub fn with_types(program: &'a Program, types: &'a Types) -> Printer<'a> {
        Printer { program, types, refinements: Refinements::Named }
    }

    pub fn ty(&self, ty: Ty) -> String {
        let mut out = String::new();
        self.write(ty, &mut out);
        out
    }

    fn write(&self, ty: Ty, out: &mut String) {
        match self.types.kind(ty) {
            TyKind::Int => out.push_str("Int"),
            TyKind::Nat => out.push_str("Nat"),
            TyKind::Byte => out.push_str("Byte"),
            TyKind::Bool => out.push_str("Bool"),
            TyKind::Float64 => out.push_str("Float64"),
            TyKind::String => out.push_str("String"),
            TyKind::Unit => out.push_str("Unit"),
            TyKind::Never => out.push_str("Never"),
            TyKind::Decimal => out.push_str("Decimal"),
            TyKind::Array(t) => self.write_named("Array", &[*t], out),
            TyKind::Set(t) => self.write_named("Set", &[*t], out),
            TyKind::Map(k, v) => self.write_named("Map", &[*k, *v], out),
            TyKind::Future(t) => self.write_named("Future", &[*t], out),
            TyKind::Tuple(parts) => self.write_named("Tuple", parts, out),
            TyKind::Data(id, args) => self.write_named(&self.program.data(*id).name, args, out),
            TyKind::Fn { params, ret, row } => {
                out.push_str("fn(");
                self.write_list(params, out);
                if !params.is_empty() {
                    out.push(' ');
                }
                out.push_str("-> ");
                self.write(*ret, out);
                out.push_str(") effects(");
                out.push_str(&self.row(row));
                out.push(')');
            }
            TyKind::Refined(base, id, args) => {
                let refinement = &self.program.refinements[id.index()];
                if let (Refinements::Named, Some(name)) = (self.refinements, &refinement.name) {
                    return self.write_named(name, args, out);
                }
                out.push_str("{ @");
                self.write(*base, out);
                out.push_str(&format!(" | {} }}", refinement.text));
            }
            TyKind::Param(_, name) | TyKind::Undeclared(name) => out.push_str(name),
            TyKind::Meta(_) | TyKind::Unknown => out.push('?'),
        }
    }

    fn write_named(&self, name: &str, args: &[Ty], out: &mut String) {
        out.push_str(name);
        if !args.is_empty() {
            out.push('<');
            self.write_list(args, out);
            out.push('>');
        }
    }

    fn write_list(&self, tys: &[Ty], out: &mut String) {
        for (i, ty) in tys.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write(*ty, out);
        }
    }

    /// `pure` or `<A, B<C>>`, entries sorted by their text, variables last.
    pub fn row(&self, row: &Row) -> String {
        if row.is_pure() {
            return "pure".to_owned();
        }
        let mut entries: Vec<String> = row.effects.iter().map(|e| self.effect(e)).collect();
        entries.sort();
        entries.extend(row.vars.iter().map(|v| v.to_string()));
        format!("<{}>", entries.join(", "))
    }

    /// `State<Int>`
    pub fn effect(&self, effect: &crate::typed::EffectInst) -> String {
        let mut out = String::new();
        self.write_named(&self.program.effects[effect.effect.index()].name, &effect.args, &mut out);
        out
    }
}
