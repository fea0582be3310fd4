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
    /// Room that the next value takes again.
    room: Room,
}

/// The lists that a value is taken apart in, and put together.
#[derive(Debug, Default)]
struct Room {
    open: Vec<Node>,
    left: Vec<(CompoundId, Value)>,
    /// The parts of nodes one after the other, and where each node begins.
    parts: Vec<Part>,
    starts: Vec<usize>,
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
        let Room { left, parts, starts, .. } = &mut self.room;
        left.clear();
        parts.clear();
        starts.clear();
        let HostTy::Compound(id) = *ty else { return Err(wrong(interface, ty)) };
        left.push((id, value));
        // The nodes with those below from last to first; backwards that is the order
        // wanted.
        while let Some((id, value)) = left.pop() {
            starts.push(parts.len());
            self::parts(interface, id, value, parts, left)?;
        }
        self.to_program.push_back(Part::Word(starts.len() as i64));
        if starts.len() == 1 {
            self.to_program.extend(parts.drain(..));
            return Ok(());
        }
        for start in starts.drain(..).rev() {
            self.to_program.extend(parts.drain(start..));
        }
        Ok(())
    }

    /// The next value that the program has handed over.
    pub fn receive(&mut self, interface: &Interface, ty: &HostTy) -> Result<Value, End> {
        let mut reader = Reader { interface, parts: &mut self.from_program };
        match *ty {
            HostTy::Compound(id) if !interface.is_inline(ty) => {
                reader.value(id, &mut self.room.open)
            }
            _ => reader.inline(ty),
        }
    }
}

/// Puts values together from their parts.
struct Reader<'w> {
    interface: &'w Interface,
    parts: &'w mut VecDeque<Part>,
}

/// A value of which nodes below are missing.
#[derive(Debug)]
struct Node {
    id: CompoundId,
    /// Of the constructor, or of the elements.
    number: u32,
    fields: Vec<Value>,
    /// The first field that is missing.
    at: usize,
}

impl Node {
    /// The type of the next node below, whose place is where it is then looked for.
    fn missing(&mut self, interface: &Interface) -> Option<CompoundId> {
        let kind = &interface.compound(self.id).kind;
        while self.at < self.fields.len() {
            match field_ty(kind, self.number, self.at) {
                Some(ty @ HostTy::Compound(id)) if !interface.is_inline(ty) => return Some(*id),
                _ => self.at += 1,
            }
        }
        None
    }
}

impl Reader<'_> {
    /// A node stands before those below it, which follow from first to last.
    fn value(&mut self, mut id: CompoundId, open: &mut Vec<Node>) -> Result<Value, End> {
        open.clear();
        loop {
            let mut node = self.node(id)?;
            if let Some(below) = node.missing(self.interface) {
                id = below;
                open.push(node);
                continue;
            }
            // What is finished goes into what is open, which that may finish.
            let mut value = self.finished(node)?;
            loop {
                let Some(above) = open.last_mut() else { return Ok(value) };
                above.fields[above.at] = value;
                above.at += 1;
                if let Some(below) = above.missing(self.interface) {
                    id = below;
                    break;
                }
                let Some(above) = open.pop() else { return Err(broken()) };
                value = self.finished(above)?;
            }
        }
    }

    fn finished(&self, node: Node) -> Result<Value, End> {
        node_value(&self.interface.compound(node.id).kind, node.number, node.fields)
    }

    fn word(&mut self) -> Result<i64, End> {
        match self.parts.pop_front() {
            Some(Part::Word(word)) => Ok(word),
            _ => Err(broken()),
        }
    }

    /// A node, without those below it.
    fn node(&mut self, id: CompoundId) -> Result<Node, End> {
        let number = u32::try_from(self.word()?).map_err(|_| broken())?;
        let kind = &self.interface.compound(id).kind;
        let count = field_count(kind, number).ok_or_else(broken)?;
        // Every field takes a part at least.
        let mut fields = Vec::with_capacity(count.min(self.parts.len()));
        let mut first = count;
        for at in 0..count {
            let ty = field_ty(kind, number, at).ok_or_else(broken)?;
            match ty {
                HostTy::Compound(_) if !self.interface.is_inline(ty) => {
                    first = first.min(at);
                    fields.push(Value::Unit);
                }
                _ => fields.push(self.inline(ty)?),
            }
        }
        Ok(Node { id, number, fields, at: first })
    }

    fn inline(&mut self, ty: &HostTy) -> Result<Value, End> {
        if let HostTy::Unit | HostTy::Opaque(_) = ty {
            return Ok(if *ty == HostTy::Unit { Value::Unit } else { Value::Opaque });
        }
        let part = self.parts.pop_front().ok_or_else(broken)?;
        Ok(match (ty, part) {
            (HostTy::Int | HostTy::Nat, Part::Word(word)) => Value::Int(word),
            (HostTy::Byte, Part::Word(word)) => Value::Byte(word as u8),
            (HostTy::Bool, Part::Word(word)) => Value::Bool(word != 0),
            (HostTy::Enum(_), Part::Word(word)) => Value::data(word as u32, []),
            (HostTy::Float64, Part::Float(float)) => Value::Float64(float),
            (HostTy::String | HostTy::Decimal, Part::Bytes(bytes)) => Value::String(bytes),
            (HostTy::Compound(id), Part::Bytes(bytes)) => unpacked(self.interface, *id, bytes)?,
            _ => return Err(broken()),
        })
    }
}

/// How many fields a node with this number has; `None` if there is no such node.
fn field_count(kind: &CompoundKind, number: u32) -> Option<usize> {
    Some(match kind {
        CompoundKind::Array(_) => number as usize,
        CompoundKind::Set(_) => 1,
        CompoundKind::Map(..) => 2,
        CompoundKind::Tuple(parts) => parts.len(),
        CompoundKind::Data(ctors) => ctors.get(number as usize)?.fields.len(),
    })
}

/// The type of one of them.
fn field_ty(kind: &CompoundKind, number: u32, at: usize) -> Option<&HostTy> {
    match kind {
        CompoundKind::Array(element) => Some(element),
        CompoundKind::Set(keys) => Some(keys),
        CompoundKind::Map(keys, values) => [keys, values].get(at).copied(),
        CompoundKind::Tuple(parts) => parts.get(at),
        CompoundKind::Data(ctors) => ctors.get(number as usize)?.fields.get(at),
    }
}

fn node_value(kind: &CompoundKind, number: u32, fields: Vec<Value>) -> Result<Value, End> {
    let mut columns = match kind {
        CompoundKind::Array(_) => return Ok(Value::Array(fields.into())),
        CompoundKind::Data(_) => return Ok(Value::data(number, fields)),
        CompoundKind::Tuple(_) => return Ok(Value::data(0, fields)),
        CompoundKind::Set(_) | CompoundKind::Map(..) => fields.into_iter().map(elements),
    };
    let keys = columns.next().flatten().ok_or_else(broken)?;
    Ok(match columns.next() {
        Some(values) => Value::Map { keys, values: values.ok_or_else(broken)? },
        None => Value::Set(keys),
    })
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
    id: CompoundId,
    value: Value,
    parts: &mut Vec<Part>,
    left: &mut Vec<(CompoundId, Value)>,
) -> Result<(), String> {
    let ty = &HostTy::Compound(id);
    let kind = &interface.compound(id).kind;
    let (number, fields) = match (kind, value) {
        (CompoundKind::Array(_), Value::Array(elements)) => {
            let number = u32::try_from(elements.len()).map_err(|_| wrong(interface, ty))?;
            (number, elements.into_vec())
        }
        (CompoundKind::Set(elements), Value::Set(values)) => {
            (0, vec![column(interface, elements, values)])
        }
        (CompoundKind::Map(key_ty, value_ty), Value::Map { keys, values })
            if keys.len() == values.len() =>
        {
            let keys = column(interface, key_ty, keys);
            (0, vec![keys, column(interface, value_ty, values)])
        }
        (CompoundKind::Tuple(_), Value::Data { ctor: 0, fields }) => (0, fields.into_vec()),
        (CompoundKind::Data(_), Value::Data { ctor, fields }) => (ctor, fields.into_vec()),
        _ => return Err(wrong(interface, ty)),
    };
    if field_count(kind, number) != Some(fields.len()) {
        return Err(wrong(interface, ty));
    }
    parts.push(Part::Word(node(id, number)));
    for (at, field) in fields.into_iter().enumerate() {
        let ty = field_ty(kind, number, at).ok_or_else(|| wrong(interface, ty))?;
        match *ty {
            HostTy::Compound(id) if !interface.is_inline(ty) => left.push((id, field)),
            _ => parts.extend(inline(interface, ty, field)?),
        }
    }
    Ok(())
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
