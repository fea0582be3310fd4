//! Arguments for calls that take them from the host (`vera_mir::lower::TRIAL`).

use std::collections::VecDeque;

use vera_abi::trap::TrapKind;

use crate::trap::End;

/// A part of an argument. Compound values are their parts in a row: the number of
/// the constructor before its fields, the length of an array before its elements.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// An integer, a truth value, the number of a constructor, or a length.
    Word(i64),
    Float(f64),
    Text(String),
}

/// The arguments of one call.
#[derive(Clone, Debug, Default)]
pub struct Supplied {
    /// The parts that the program has not taken yet.
    pub parts: VecDeque<Argument>,
    /// So many cells of the function's row have their start value; a cell of a type that
    /// its zero is no value of ends the call before.
    pub cells_started: usize,
    /// The program found that they meet the precondition of the function.
    pub admitted: bool,
}

impl Supplied {
    pub fn new(parts: impl IntoIterator<Item = Argument>) -> Supplied {
        Supplied { parts: parts.into_iter().collect(), cells_started: 0, admitted: false }
    }

    pub(crate) fn word(&mut self) -> Result<i64, End> {
        match self.parts.pop_front() {
            Some(Argument::Word(word)) => Ok(word),
            other => Err(unfit("an integer", other.as_ref())),
        }
    }

    pub(crate) fn float(&mut self) -> Result<f64, End> {
        match self.parts.pop_front() {
            Some(Argument::Float(float)) => Ok(float),
            other => Err(unfit("a float", other.as_ref())),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, End> {
        match self.parts.pop_front() {
            Some(Argument::Text(text)) => Ok(text),
            other => Err(unfit("a text", other.as_ref())),
        }
    }
}

/// The end of a program that is given arguments of other types than it has.
fn unfit(wanted: &str, given: Option<&Argument>) -> End {
    End::Trap(TrapKind::HostError, format!("the argument should be {wanted}, and is {given:?}"))
}
