//! Operand and result types of every operation.

use vera_abi::layout::HEADER_SIZE;
use vera_abi::runtime::Wasm;

use crate::ir::*;

/// Types an operation requires; `None` where any will do or the caller checks.
pub struct Signature {
    pub params: Option<Vec<Ty>>,
    pub results: Option<Vec<Ty>>,
}

fn of(params: &[Ty], results: &[Ty]) -> Signature {
    Signature { params: Some(params.to_vec()), results: Some(results.to_vec()) }
}

/// One line that identifies an instruction.
pub fn describe(inst: &Inst) -> String {
    let mut text = format!("{:?}", inst.op);
    if let Some(end) = text.char_indices().nth(100) {
        text.truncate(end.0);
    }
    format!("{:?} = {text}", inst.results)
}

/// The signature of `op`, given the types of its results and operands where
/// the operation does not fix them.
pub fn signature(
    program: &Program,
    op: &Op,
    results: &[Ty],
    operands: &[Ty],
) -> Result<Signature, String> {
    Ok(match op {
        Op::Const(Const::Static(id)) if id.index() >= program.statics.len() => {
            return Err(format!("{id} does not exist"));
        }
        Op::Const(c) => of(&[], &[c.ty()]),
        Op::Unary(op, _) => {
            let (param, result) = unary(*op);
            of(&[param], &[result])
        }
        Op::Binary(op, ..) => {
            let (param, result) = binary(*op);
            of(&[param, param], &[result])
        }
        Op::Checked(..) => of(&[Ty::I64, Ty::I64], &[Ty::I64]),
        Op::Guard { .. } => of(&[Ty::I32], &[]),
        Op::Claim { .. } => return Err("a claim outlives its pass".into()),
        Op::MakeObject { layout, fields } => {
            object(program, *layout, HEADER_SIZE, fields)?;
            fields_signature(fields)
        }
        Op::MakeClosure { layout, func, captures } => {
            object(program, *layout, HEADER_SIZE + 4, captures)?;
            let Some(func) = program.funcs.get(func.index()) else {
                return Err(format!("{func} does not exist"));
            };
            if !func.indirect || func.params.first().map(|v| func.ty(*v)) != Some(Ty::Ref) {
                return Err(format!("{} cannot be the code of a closure", func.name));
            }
            fields_signature(captures)
        }
        Op::Load { mem, .. } | Op::ReadCell { mem, .. } => of(&[Ty::Ref], &[mem.ty()]),
        Op::WriteCell { mem, .. } => of(&[Ty::Ref, mem.ty()], &[]),
        Op::GetGlobal(_) => of(&[], &[Ty::Ref]),
        Op::SetGlobal(..) => of(&[Ty::Ref], &[]),
        Op::Tag { .. } | Op::IsImmediate(_) | Op::SeqLen(_) | Op::SeqData(_) => {
            of(&[Ty::Ref], &[Ty::I32])
        }
        Op::Element { mem, .. } => of(&[Ty::I32, Ty::I32], &[mem.ty()]),
        Op::SetElement { mem, .. } => of(&[Ty::I32, Ty::I32, mem.ty()], &[]),
        Op::SeqFinish(_) => of(&[Ty::Ref], &[]),
        Op::Call { func, .. } => {
            let Some(func) = program.funcs.get(func.index()) else {
                return Err(format!("{func} does not exist"));
            };
            let params: Vec<Ty> = func.params.iter().map(|v| func.ty(*v)).collect();
            of(&params, &func.results)
        }
        Op::CallClosure { results, .. } => {
            if operands.first() != Some(&Ty::Ref) {
                return Err("the closure is not a reference".into());
            }
            Signature { params: None, results: Some(results.clone()) }
        }
        Op::CallRt { func, .. } => {
            let params = func.params();
            let params = &params[..params.len() - usize::from(func.collects())];
            wasm_call(func.name(), params, func.results(), operands, results)?
        }
        Op::CallHost { func, .. } => {
            wasm_call(func.name(), func.params(), func.results(), operands, results)?
        }
        Op::If { .. } | Op::Switch { .. } => {
            Signature { params: Some(vec![Ty::I32]), results: None }
        }
        Op::Block { .. } => Signature { params: Some(Vec::new()), results: None },
        Op::Loop { params, init, .. } => {
            if params.len() != init.len() {
                return Err("parameters and initial values differ in number".into());
            }
            Signature { params: None, results: None }
        }
    })
}

/// Runtime and host functions know wasm types only, so an `I32` of theirs may
/// be a reference here.
fn wasm_call(
    name: &str,
    params: &[Wasm],
    results: &[Wasm],
    found_params: &[Ty],
    found_results: &[Ty],
) -> Result<Signature, String> {
    let same = |wanted: &[Wasm], found: &[Ty]| {
        wanted.len() == found.len() && wanted.iter().zip(found).all(|(w, f)| *w == f.wasm())
    };
    if same(params, found_params) && same(results, found_results) {
        Ok(Signature { params: None, results: None })
    } else {
        Err(format!(
            "{name} is {params:?} => {results:?}, not {found_params:?} => {found_results:?}"
        ))
    }
}

fn fields_signature(fields: &[(u32, Mem, ValueId)]) -> Signature {
    let types: Vec<Ty> = fields.iter().map(|(_, mem, _)| mem.ty()).collect();
    of(&types, &[Ty::Ref])
}

/// Checks that fields lie inside the object, aligned, and that exactly the
/// reference fields are the layout's.
fn object(
    program: &Program,
    id: LayoutId,
    first: u32,
    fields: &[(u32, Mem, ValueId)],
) -> Result<(), String> {
    let Some(layout) = program.layouts.get(id.index()) else {
        return Err(format!("{id} does not exist"));
    };
    if layout.size % 8 != 0 || layout.size < HEADER_SIZE {
        return Err(format!("{id} has size {}", layout.size));
    }
    let mut refs = Vec::new();
    for (offset, mem, _) in fields {
        let size = mem.size();
        if *offset < first || offset + size > layout.size || offset % size != 0 {
            return Err(format!("no {mem} field fits at {offset} of {id}"));
        }
        if *mem == Mem::Ref {
            refs.push(*offset);
        }
    }
    refs.sort_unstable();
    if refs == layout.refs {
        Ok(())
    } else {
        Err(format!("reference fields {refs:?}, {id} says {:?}", layout.refs))
    }
}

/// Why an export does not fit its function.
pub fn export(program: &Program, export: &Export) -> Option<String> {
    let Some(func) = program.funcs.get(export.func.index()) else {
        return Some(format!("{} does not exist", export.func));
    };
    let params: Vec<Ty> = match export.in_parts {
        true => Vec::new(),
        false => export.params.iter().filter_map(value_ty).collect(),
    };
    let found: Vec<Ty> = func.params.iter().map(|v| func.ty(*v)).collect();
    let result = if export.in_parts { None } else { value_ty(&export.result) };
    let results: Vec<Ty> = result.into_iter().collect();
    (params != found || results != func.results).then(|| {
        format!("is {params:?} => {results:?}, the function {found:?} => {:?}", func.results)
    })
}

const fn unary(op: UnaryOp) -> (Ty, Ty) {
    match op {
        UnaryOp::Not => (Ty::I32, Ty::I32),
        UnaryOp::NegF64
        | UnaryOp::AbsF64
        | UnaryOp::SqrtF64
        | UnaryOp::FloorF64
        | UnaryOp::CeilF64
        | UnaryOp::TruncF64
        | UnaryOp::NearestF64 => (Ty::F64, Ty::F64),
        UnaryOp::I64ToF64 => (Ty::I64, Ty::F64),
        UnaryOp::F64ToI64 | UnaryOp::F64Bits => (Ty::F64, Ty::I64),
        UnaryOp::I32ToI64 => (Ty::I32, Ty::I64),
        UnaryOp::I64ToI32 => (Ty::I64, Ty::I32),
        UnaryOp::RefToI32 => (Ty::Ref, Ty::I32),
        UnaryOp::I32ToRef => (Ty::I32, Ty::Ref),
    }
}

const fn binary(op: BinaryOp) -> (Ty, Ty) {
    use BinaryOp::*;
    match op {
        AddI32 | SubI32 | MulI32 | AndI32 | OrI32 | XorI32 | EqI32 | NeI32 | LtI32 | GtI32
        | LeI32 | GeI32 | LtU32 | GeU32 => (Ty::I32, Ty::I32),
        AddI64 | SubI64 | MulI64 | AndI64 | OrI64 | XorI64 | ShlI64 | ShrI64 | ShrU64 => {
            (Ty::I64, Ty::I64)
        }
        EqI64 | NeI64 | LtI64 | GtI64 | LeI64 | GeI64 | LtU64 | GeU64 => (Ty::I64, Ty::I32),
        AddF64 | SubF64 | MulF64 | DivF64 | MinF64 | MaxF64 => (Ty::F64, Ty::F64),
        EqF64 | NeF64 | LtF64 | GtF64 | LeF64 | GeF64 => (Ty::F64, Ty::I32),
        EqRef => (Ty::Ref, Ty::I32),
    }
}
