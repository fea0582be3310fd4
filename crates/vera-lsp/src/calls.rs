//! The call around the cursor.

use lsp_types::{
    ParameterInformation, ParameterLabel, Position, SignatureHelp, SignatureInformation,
};
use vera_check::types::Printer;
use vera_syntax::ast::{ExprId, ExprKind, Name};

use crate::document::{Document, ENTRY};
use crate::index::{self, Target};

/// What the function takes whose arguments are being written.
pub fn signature(document: &Document, at: Position) -> Option<SignatureHelp> {
    let program = document.program()?;
    let tree = document.checked.trees.first()?;
    let offset = document.offset(at);
    let call = |kind: &ExprKind| -> Option<(Name, Vec<ExprId>)> {
        match kind {
            ExprKind::Call { name, args, .. }
            | ExprKind::ModuleCall { name, args, .. }
            | ExprKind::OpCall { name, args, .. }
            | ExprKind::CtorCall { name, args, .. } => Some((name.clone(), args.clone())),
            _ => None,
        }
    };
    let around = tree.nodes.exprs().filter(|e| e.span.start <= offset && offset <= e.span.end);
    let calls = around.filter_map(|e| Some((e.span, call(&e.kind)?)));
    let (_, (name, args)) = calls
        .filter(|(_, (name, _))| name.span.end < offset)
        .min_by_key(|(span, _)| span.end - span.start)?;
    let before = args.iter().filter(|arg| tree.nodes[**arg].span.end < offset).count();
    let (label, params) = match document.index().at(ENTRY, name.span.start)?.target {
        Target::Function(id) => {
            let f = program.function(id);
            let printer = Printer::message(program);
            let params: Vec<String> =
                f.params.iter().map(|p| format!("@{}", printer.ty(f.body[*p].ty))).collect();
            (f.signature.clone(), params)
        }
        Target::Builtin(id) => {
            let f = id.function();
            (format!("{} {}", f.name, f.signature), Vec::new())
        }
        Target::Operation(effect, op) => {
            let op = &program.effects[effect.index()].ops[op as usize];
            let (params, signature) = index::signature(program, &op.params, op.ret);
            (format!("{}{signature}", op.name), params)
        }
        Target::Constructor(data, ctor) => {
            let ctor = &program.data(data).ctors[ctor as usize];
            let printer = Printer::message(program);
            let params: Vec<String> = ctor.fields.iter().map(|ty| printer.ty(*ty)).collect();
            (format!("{}({})", ctor.name, params.join(", ")), params)
        }
        Target::Local(..) | Target::Data(_) | Target::Effect(_) | Target::Alias(..) => return None,
    };
    let parameter = |label: &String| ParameterInformation {
        label: ParameterLabel::Simple(label.clone()),
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
