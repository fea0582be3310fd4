//! Values in parts, as they cross between program and host
//! ([`vera_abi::interface`] says how).

use std::collections::VecDeque;

use vera_abi::interface::{CompoundId, CompoundKind, HostTy, Interface, node};
use vera_abi::trap::TrapKind;

use crate::trap::End;
use crate::value::{Parts, Value};

/// A part of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Word(i64),
    Float(f64),
    Bytes(Vec<u8>),
}

/// The parts under way.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// What the program takes next.
    pub to_program: VecDeque<Part>,
    /// What it has handed over.
    pub from_program: VecDeque<Part>,
}

impl Wire {
    pub fn take_word(&mut self) -> Result<i64, End> {
        match self.to_program.pop_front() {
            Some(Part::Word(word)) => Ok(word),
            _ => Err(broken()),
        }
    }

    pub fn take_float(&mut self) -> Result<f64, End> {
        match self.to_program.pop_front() {
            Some(Part::Float(float)) => Ok(float),
            _ => Err(broken()),
        }
    }

    pub fn take_bytes(&mut self) -> Result<Vec<u8>, End> {
        match self.to_program.pop_front() {
            Some(Part::Bytes(bytes)) => Ok(bytes),
            _ => Err(broken()),
        }
    }

    /// Hands a value over to the program.
    ///
    /// # Errors
    /// What is wrong with the value, which then is not of the type.
    pub fn send(&mut self, interface: &Interface, ty: &HostTy, value: Value) -> Result<(), String> {
        if interface.is_inline(ty) {
            self.to_program.extend(inline(interface, ty, value)?);
            return Ok(());
        }
        let mut nodes = Vec::new();
        let mut work = vec![(ty.clone(), value)];
        // The nodes with those below from last to first; backwards that is the order
        // wanted.
        while let Some((ty, value)) = work.pop() {
            nodes.push(self::parts(interface, &ty, value, &mut work)?);
        }
        self.to_program.push_back(Part::Word(nodes.len() as i64));
        self.to_program.extend(nodes.into_iter().rev().flatten());
        Ok(())
    }

    /// The next value that the program has handed over.
    pub fn receive(&mut self, interface: &Interface, ty: &HostTy) -> Result<Value, End> {
        if interface.is_inline(ty) {
            return self.inline(interface, ty);
        }
        let mut nodes = Vec::new();
        let mut work = vec![ty.clone()];
        while let Some(ty) = work.pop() {
            nodes.push(self.node(interface, &ty, &mut work)?);
        }
        // From the last node on, what is below a node is finished before it.
        let mut finished: Vec<Value> = Vec::new();
        for Node { kind, mut fields, below } in nodes.into_iter().rev() {
            for at in below {
                fields[at] = finished.pop().ok_or_else(broken)?;
            }
            finished.push(kind.value(fields)?);
        }
        finished.pop().ok_or_else(broken)
    }

    fn word(&mut self) -> Result<i64, End> {
        match self.from_program.pop_front() {
            Some(Part::Word(word)) => Ok(word),
            _ => Err(broken()),
        }
    }

    /// A node, and the types of those below it.
    fn node(
        &mut self,
        interface: &Interface,
        ty: &HostTy,
        work: &mut Vec<HostTy>,
    ) -> Result<Node, End> {
        let HostTy::Compound(id) = ty else { return Err(broken()) };
        let number = u32::try_from(self.word()?).map_err(|_| broken())?;
        let (kind, types): (NodeKind, Vec<&HostTy>) = match &interface.compound(*id).kind {
            CompoundKind::Array(element) => (NodeKind::Array, vec![element; number as usize]),
            CompoundKind::Set(elements) => (NodeKind::Set, vec![elements]),
            CompoundKind::Map(keys, values) => (NodeKind::Map, vec![keys, values]),
            CompoundKind::Tuple(parts) => (NodeKind::Data(0), parts.iter().collect()),
            CompoundKind::Data(ctors) => {
                let ctor = ctors.get(number as usize).ok_or_else(broken)?;
                (NodeKind::Data(number), ctor.fields.iter().collect())
            }
        };
        let mut fields = Vec::with_capacity(types.len());
        let mut below = Vec::new();
        for (at, ty) in types.iter().enumerate() {
            if interface.is_inline(ty) {
                fields.push(self.inline(interface, ty)?);
            } else {
                below.push(at);
                fields.push(Value::Unit);
            }
        }
        work.extend(below.iter().rev().map(|at| types[*at].clone()));
        Ok(Node { kind, fields, below })
    }

    fn inline(&mut self, interface: &Interface, ty: &HostTy) -> Result<Value, End> {
        if let HostTy::Unit | HostTy::Opaque(_) = ty {
            return Ok(if *ty == HostTy::Unit { Value::Unit } else { Value::Opaque });
        }
        let part = self.from_program.pop_front().ok_or_else(broken)?;
        Ok(match (ty, part) {
            (HostTy::Int | HostTy::Nat, Part::Word(word)) => Value::Int(word),
            (HostTy::Byte, Part::Word(word)) => Value::Byte(word as u8),
            (HostTy::Bool, Part::Word(word)) => Value::Bool(word != 0),
            (HostTy::Enum(_), Part::Word(word)) => Value::data(word as u32, []),
            (HostTy::Float64, Part::Float(float)) => Value::Float64(float),
            (HostTy::String | HostTy::Decimal, Part::Bytes(bytes)) => Value::String(bytes),
            (HostTy::Compound(id), Part::Bytes(bytes)) => unpacked(interface, *id, bytes)?,
            _ => return Err(broken()),
        })
    }
}

/// A value whose nodes below are still missing.
struct Node {
    kind: NodeKind,
    fields: Vec<Value>,
    /// Which fields are the nodes below.
    below: Vec<usize>,
}

enum NodeKind {
    Array,
    Set,
    Map,
    Data(u32),
}

impl NodeKind {
    fn value(self, fields: Vec<Value>) -> Result<Value, End> {
        let mut columns = match self {
            NodeKind::Array => return Ok(Value::Array(fields.into())),
            NodeKind::Data(ctor) => return Ok(Value::data(ctor, fields)),
            NodeKind::Set | NodeKind::Map => fields.into_iter().map(elements),
        };
        let keys = columns.next().flatten().ok_or_else(broken)?;
        Ok(match columns.next() {
            Some(values) => Value::Map { keys, values: values.ok_or_else(broken)? },
            None => Value::Set(keys),
        })
    }
}

/// The elements of an array.
fn elements(array: Value) -> Option<Parts> {
    match array {
        Value::Array(elements) => Some(elements),
        Value::Bytes(bytes) => Some(bytes.into_iter().map(Value::Byte).collect()),
        _ => None,
    }
}

/// The array of elements of a set, or of a column of a map.
fn column(interface: &Interface, ty: &HostTy, elements: Parts) -> Value {
    let is_bytes = matches!(ty, HostTy::Compound(id)
        if matches!(interface.compound(*id).kind, CompoundKind::Array(HostTy::Byte)));
    if !is_bytes {
        return Value::Array(elements);
    }
    let byte = |value: &Value| match value {
        Value::Byte(byte) => *byte,
        _ => 0,
    };
    Value::Bytes(elements.iter().map(byte).collect())
}

/// The parts of one node; the values below it are left to do.
fn parts(
    interface: &Interface,
    ty: &HostTy,
    value: Value,
    work: &mut Vec<(HostTy, Value)>,
) -> Result<Vec<Part>, String> {
    let HostTy::Compound(id) = ty else { return Err(wrong(interface, ty)) };
    let one = |ty| vec![ty];
    let (number, types, fields): (u32, Vec<&HostTy>, Vec<Value>) =
        match (&interface.compound(*id).kind, value) {
            (CompoundKind::Array(element), Value::Array(elements)) => {
                let number = u32::try_from(elements.len()).map_err(|_| wrong(interface, ty))?;
                (number, vec![element; elements.len()], elements.into_vec())
            }
            (CompoundKind::Set(elements), Value::Set(values)) => {
                (0, one(elements), vec![column(interface, elements, values)])
            }
            (CompoundKind::Map(key_ty, value_ty), Value::Map { keys, values })
                if keys.len() == values.len() =>
            {
                let columns =
                    vec![column(interface, key_ty, keys), column(interface, value_ty, values)];
                (0, vec![key_ty, value_ty], columns)
            }
            (CompoundKind::Tuple(types), Value::Data { ctor: 0, fields }) => {
                (0, types.iter().collect(), fields.into_vec())
            }
            (CompoundKind::Data(ctors), Value::Data { ctor, fields }) => {
                let declared = ctors.get(ctor as usize).ok_or_else(|| wrong(interface, ty))?;
                (ctor, declared.fields.iter().collect(), fields.into_vec())
            }
            _ => return Err(wrong(interface, ty)),
        };
    if types.len() != fields.len() {
        return Err(wrong(interface, ty));
    }
    let mut parts = vec![Part::Word(node(*id, number))];
    for (ty, field) in types.into_iter().zip(fields) {
        if interface.is_inline(ty) {
            parts.extend(inline(interface, ty, field)?);
        } else {
            work.push((ty.clone(), field));
        }
    }
    Ok(parts)
}

/// The part that an inline value is, if it is one.
fn inline(interface: &Interface, ty: &HostTy, value: Value) -> Result<Option<Part>, String> {
    Ok(Some(match (ty, value) {
        (HostTy::Unit, Value::Unit) => return Ok(None),
        (HostTy::Int, Value::Int(n)) | (HostTy::Nat, Value::Int(n @ 0..)) => Part::Word(n),
        (HostTy::Byte, Value::Byte(byte)) => Part::Word(byte.into()),
        (HostTy::Bool, Value::Bool(bool)) => Part::Word(bool.into()),
        (HostTy::Float64, Value::Float64(float)) => Part::Float(float),
        (HostTy::String | HostTy::Decimal, Value::String(text)) => Part::Bytes(text),
        (HostTy::Enum(id), Value::Data { ctor, fields }) if fields.is_empty() => {
            match &interface.compound(*id).kind {
                CompoundKind::Data(ctors) if (ctor as usize) < ctors.len() => {
                    Part::Word(ctor.into())
                }
                _ => return Err(wrong(interface, ty)),
            }
        }
        (HostTy::Compound(id), value) => match packed(interface, *id, value) {
            Some(bytes) => Part::Bytes(bytes),
            None => return Err(wrong(interface, ty)),
        },
        _ => return Err(wrong(interface, ty)),
    }))
}

/// The elements of an array one after the other.
fn packed(interface: &Interface, id: CompoundId, array: Value) -> Option<Vec<u8>> {
    let CompoundKind::Array(element) = &interface.compound(id).kind else { return None };
    let elements = match array {
        Value::Bytes(bytes) if *element == HostTy::Byte => return Some(bytes),
        Value::Array(elements) => elements,
        _ => return None,
    };
    let mut bytes = Vec::with_capacity(elements.len() * element.packed()?);
    for value in elements.iter() {
        match (element, value) {
            (HostTy::Unit, Value::Unit) => bytes.push(0),
            (HostTy::Byte, Value::Byte(byte)) => bytes.push(*byte),
            (HostTy::Bool, Value::Bool(bool)) => bytes.push((*bool).into()),
            (HostTy::Int, Value::Int(n)) | (HostTy::Nat, Value::Int(n @ 0..)) => {
                bytes.extend(n.to_le_bytes());
            }
            (HostTy::Float64, Value::Float64(float)) => bytes.extend(float.to_le_bytes()),
            (HostTy::Enum(_), Value::Data { ctor, .. }) => bytes.extend(ctor.to_le_bytes()),
            _ => return None,
        }
    }
    Some(bytes)
}

fn unpacked(interface: &Interface, id: CompoundId, bytes: Vec<u8>) -> Result<Value, End> {
    let CompoundKind::Array(element) = &interface.compound(id).kind else { return Err(broken()) };
    if *element == HostTy::Byte {
        return Ok(Value::Bytes(bytes));
    }
    let size = element.packed().ok_or_else(broken)?;
    let elements = bytes.chunks_exact(size).map(|chunk| {
        let mut word = [0; 8];
        word[..size].copy_from_slice(chunk);
        match element {
            HostTy::Int | HostTy::Nat => Value::Int(i64::from_le_bytes(word)),
            HostTy::Float64 => Value::Float64(f64::from_le_bytes(word)),
            HostTy::Enum(_) => Value::data(u64::from_le_bytes(word) as u32, []),
            HostTy::Bool => Value::Bool(word[0] != 0),
            HostTy::Unit
            | HostTy::Byte
            | HostTy::String
            | HostTy::Decimal
            | HostTy::Compound(_)
            | HostTy::Opaque(_) => Value::Unit,
        }
    });
    Ok(Value::Array(elements.collect()))
}

fn wrong(interface: &Interface, ty: &HostTy) -> String {
    format!("the value is none of type {}", interface.name(ty))
}

/// The end of a program that hands over or takes other parts than its types say.
fn broken() -> End {
    let text = "program and host disagree about the parts of a value".to_owned();
    End::Trap(TrapKind::HostError, text)
}
