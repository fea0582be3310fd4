//! What a compiled program tells its host about itself: the functions it exports, the
//! operations it asks the host to perform, and the types of the values both hand over.
//!
//! Values cross in *parts*, with the host functions named `put_…` and `take_…`. A part
//! is a word, a float, or a row of bytes. What has no parts of its own ([`HostTy`] says
//! which types these are, and [`Interface::is_inline`]) is one part, or none for `Unit`:
//!
//! | type | part |
//! |---|---|
//! | `Int`, `Nat`, `Byte`, `Bool`, an enumeration | a word; the number of the constructor |
//! | `Float64` | a float |
//! | `String`, `Decimal` | bytes: the text |
//! | `Array<T>` where `T` has a [packed](HostTy::packed) form | bytes: the elements, little-endian |
//!
//! Any other value is made of *nodes*: a data value, a tuple, an array or a map, with
//! its constructor, its inline fields, and the nodes below it. Each side hands them over
//! in the order in which the other can deal with them without recursion:
//!
//! - the **program** writes a node before the nodes below it, and those from first to
//!   last: the number of the constructor, or of an array's elements; then the inline
//!   fields. The type of the node is known from the node it is below.
//! - the **host** writes how many nodes there are, and each node after the nodes below
//!   it: the type and the constructor (see [`node`]), or the number of elements; then
//!   the inline fields. The nodes below are those that the program built last.
//!
//! A map is a node over two arrays, of its keys and of its values in the order of
//! insertion; a set is one over the array of its elements.

use alloc::string::String;
use alloc::vec::Vec;

/// Ends the name of an export that takes its arguments from the host in parts, and hands
/// its result over so. No source name contains it.
pub const CALL: &str = "$call";

/// Begins the name of an export that is a task. No source name contains it.
pub const TASK: &str = "task$";

/// Number of a type with parts in the table of an [`Interface`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CompoundId(pub u32);

/// The type of a value that crosses between program and host. Refinements are left out:
/// that a value satisfies them, compiled code sees to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum HostTy {
    Unit,
    Int,
    Nat,
    Byte,
    Bool,
    Float64,
    String,
    /// An exact decimal number; its text crosses.
    Decimal,
    /// A data type none of whose constructors has fields.
    Enum(CompoundId),
    Compound(CompoundId),
    /// A type whose values have no literals, with its printed form; nothing crosses.
    Opaque(String),
}

/// A type with parts, or with constructors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compound {
    /// As messages print it.
    pub name: String,
    pub kind: CompoundKind,
}

/// See [`Compound`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CompoundKind {
    Array(HostTy),
    /// The type of the array of elements.
    Set(HostTy),
    /// The types of the arrays of keys and of values.
    Map(HostTy, HostTy),
    Tuple(Vec<HostTy>),
    Data(Vec<HostCtor>),
}

/// A constructor of a data type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostCtor {
    pub name: String,
    pub fields: Vec<HostTy>,
}

/// A function that the host may call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    pub name: String,
    /// The types of all parameters, zero-size ones included.
    pub params: Vec<HostTy>,
    pub result: HostTy,
    /// The arguments and the result cross in parts, and the wasm function has neither
    /// parameters nor results. Otherwise no type is compound.
    pub in_parts: bool,
}

/// An operation that the host performs; its arguments and its result cross in parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostOp {
    pub effect: String,
    pub name: String,
    pub params: Vec<HostTy>,
    pub result: HostTy,
}

/// An export in parts that the program has the host run in an instance of its own, while
/// it goes on itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostTask {
    pub entry: String,
    /// It reads the database, so nothing may change that before it has ended.
    pub database: bool,
}

/// A state cell that a host keeps between calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostCell {
    /// The printed form of its type.
    pub name: String,
    pub ty: HostTy,
}

/// Everything a host needs to know of a program's types.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interface {
    /// By [`CompoundId`].
    pub compounds: Vec<Compound>,
    /// By the number that the program performs them with.
    pub operations: Vec<HostOp>,
    /// By the number that the program begins them with.
    pub tasks: Vec<HostTask>,
    /// By the number that the program begins and ends them with.
    pub cells: Vec<HostCell>,
}

impl HostTy {
    /// Bytes of an element in an array that crosses as one part; `None` where its
    /// elements are nodes or texts.
    pub const fn packed(&self) -> Option<usize> {
        match self {
            HostTy::Unit | HostTy::Byte | HostTy::Bool => Some(1),
            HostTy::Enum(_) => Some(4),
            HostTy::Int | HostTy::Nat | HostTy::Float64 => Some(8),
            HostTy::String | HostTy::Decimal | HostTy::Compound(_) | HostTy::Opaque(_) => None,
        }
    }
}

impl Interface {
    /// The compound type with a number of this table.
    pub fn compound(&self, id: CompoundId) -> &Compound {
        &self.compounds[id.0 as usize]
    }

    /// Whether values of the type are at most one part, and so no nodes.
    pub fn is_inline(&self, ty: &HostTy) -> bool {
        match ty {
            HostTy::Compound(id) => match &self.compound(*id).kind {
                CompoundKind::Array(element) => element.packed().is_some(),
                CompoundKind::Set(_)
                | CompoundKind::Map(..)
                | CompoundKind::Tuple(_)
                | CompoundKind::Data(_) => false,
            },
            HostTy::Unit
            | HostTy::Int
            | HostTy::Nat
            | HostTy::Byte
            | HostTy::Bool
            | HostTy::Float64
            | HostTy::String
            | HostTy::Decimal
            | HostTy::Enum(_)
            | HostTy::Opaque(_) => true,
        }
    }

    /// The printed form of a type.
    pub fn name<'a>(&'a self, ty: &'a HostTy) -> &'a str {
        match ty {
            HostTy::Unit => "Unit",
            HostTy::Int => "Int",
            HostTy::Nat => "Nat",
            HostTy::Byte => "Byte",
            HostTy::Bool => "Bool",
            HostTy::Float64 => "Float64",
            HostTy::String => "String",
            HostTy::Decimal => "Decimal",
            HostTy::Enum(id) | HostTy::Compound(id) => &self.compound(*id).name,
            HostTy::Opaque(name) => name,
        }
    }
}

/// The word before a node that the host hands over: its type, and its constructor or the
/// number of its elements.
pub const fn node(ty: CompoundId, number: u32) -> i64 {
    ((ty.0 as i64) << 32) | number as i64
}
