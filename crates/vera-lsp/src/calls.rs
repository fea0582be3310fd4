//! Calls: the one around the cursor, and what each of a part of the text hands over.

use std::collections::HashMap;

use lsp_types::{
    ParameterInformation, ParameterLabel, Position, SignatureHelp, SignatureInformation,
};
use vera_check::typed::Program;
use vera_check::types::{Printer, Ty};
use vera_diagnostics::Span;
use vera_syntax::ast::{ExprId, ExprKind, Name};

use crate::document::{Document, ENTRY};
use crate::index::{self, Target};

/// What the function takes whose arguments are being written.
pub fn signature(document: &Document, at: Position) -> Option<SignatureHelp> {
    let program = document.program()?;
    let tree = document.checked.trees.first()?;
    let offset = document.offset(at);
    let around = tree.nodes.exprs().filter(|e| e.span.start <= offset && offset <= e.span.end);
    let calls = around.filter_map(|e| {
        let (name, args, _) = call(&e.kind)?;
        Some((e.span, (name, args)))
    });
    let (_, (name, args)) = calls
        .filter(|(_, (name, _))| name.span.end < offset)
        .min_by_key(|(span, _)| span.end - span.start)?;
    let before = args.iter().filter(|arg| tree.nodes[**arg].span.end < offset).count();
    let target = document.index().at(ENTRY, name.span.start)?.target;
    let params = parameters(program, target)?;
    let (label, sigil) = match target {
        Target::Function(id) => (program.function(id).signature.clone(), "@"),
        Target::Builtin(id) => {
            let f = id.function();
            (format!("{} {}", f.name, f.signature), "")
        }
        Target::Operation(effect, op) => {
            let op = &program.effects[effect.index()].ops[op as usize];
            let (_, signature) = index::signature(program, &op.params, op.ret);
            (format!("{}{signature}", op.name), "")
        }
        Target::Constructor(data, ctor) => {
            let ctor = &program.data(data).ctors[ctor as usize];
            (format!("{}({})", ctor.name, params.join(", ")), "")
        }
        Target::Local(..) | Target::Data(_) | Target::Effect(_) | Target::Alias(..) => return None,
    };
    let parameter = |ty: &String| ParameterInformation {
        label: ParameterLabel::Simple(format!("{sigil}{ty}")),
        documentation: None,
    };
    let signature = SignatureInformation {
        label,
        documentation: None,
        parameters: Some(params.iter().map(parameter).collect()),
        active_parameter: Some(before as u32),
    };
    Some(SignatureHelp {
        signatures: vec![signature],
        active_signature: Some(0),
        active_parameter: Some(before as u32),
    })
}

/// A call as it is written: its name, its arguments, and whether another one, piped into
/// it, comes before them.
fn call(kind: &ExprKind) -> Option<(&Name, &[ExprId], bool)> {
    match kind {
        ExprKind::Call { name, args, stage }
        | ExprKind::ModuleCall { name, args, stage, .. }
        | ExprKind::OpCall { name, args, stage, .. }
        | ExprKind::CtorCall { name, args, stage } => Some((name, args, stage.is_some())),
        _ => None,
    }
}

/// The types of what is called, as messages print them; `None` where nothing can be.
fn parameters(program: &Program, called: Target) -> Option<Vec<String>> {
    let printer = Printer::message(program);
    let shown = |types: &mut dyn Iterator<Item = Ty>| types.map(|ty| printer.ty(ty)).collect();
    Some(match called {
        Target::Function(id) => {
            let f = program.function(id);
            shown(&mut f.params.iter().map(|p| f.body[*p].ty))
        }
        Target::Builtin(id) => {
            let signature = vera_builtins::signature::parse(id.function().signature);
            signature.params.iter().map(|ty| signature.shown(ty)).collect()
        }
        Target::Operation(effect, op) => {
            let op = &program.effects[effect.index()].ops[op as usize];
            shown(&mut op.params.iter().copied())
        }
        Target::Constructor(data, ctor) => {
            shown(&mut program.data(data).ctors[ctor as usize].fields.iter().copied())
        }
        Target::Local(..) | Target::Data(_) | Target::Effect(_) | Target::Alias(..) => return None,
    })
}

/// Where the arguments of calls in a part of the text begin, with the type that each is
/// wanted at.
pub fn arguments(document: &Document, part: Span) -> Vec<(u32, String)> {
    let (Some(program), Some(tree)) = (document.program(), document.checked.trees.first()) else {
        return Vec::new();
    };
    let names = document.index().of_file(ENTRY).filter(|name| !name.declares);
    let names: HashMap<Span, Target> = names.map(|name| (name.span, name.target)).collect();
    let mut out = Vec::new();
    for expr in tree.nodes.exprs() {
        if expr.span.end < part.start || part.end < expr.span.start {
            continue;
        }
        let Some((name, args, piped)) = call(&expr.kind) else { continue };
        let Some(target) = names.get(&name.span) else { continue };
        let params = parameters(program, *target).unwrap_or_default();
        let params = params.into_iter().skip(usize::from(piped));
        let places = args.iter().map(|arg| tree.nodes[*arg].span.start);
        let inside = |place: &u32| part.start <= *place && *place <= part.end;
        out.extend(places.zip(params).filter(|(place, _)| inside(place)));
    }
    out
}
