//! What running an operation depends on and does, beside yielding its results.

use crate::ir::Op;

/// The classes passes tell apart. An operation is in the last that fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behaviour {
    /// Tells of the program and does nothing.
    Nothing,
    /// Computes from its operands alone.
    Computes,
    /// Reads what never changes while it is alive.
    Reads,
    /// Reads what other operations change.
    ReadsState,
    /// Ends the program for some operands.
    MayTrap,
    /// Makes an object.
    Allocates,
    /// Changes a variable or an object.
    Writes,
    /// Runs code elsewhere.
    Calls,
    /// Runs the regions it holds.
    Controls,
}

impl Op {
    pub fn behaviour(&self) -> Behaviour {
        match self {
            Op::Claim { .. } => Behaviour::Nothing,
            Op::Const(_) | Op::Unary(..) | Op::Binary(..) | Op::IsImmediate(_) => {
                Behaviour::Computes
            }
            Op::Load { .. } | Op::Tag { .. } | Op::SeqOwns(_) | Op::SeqLen(_) | Op::SeqData(_) => {
                Behaviour::Reads
            }
            Op::ReadCell { .. } | Op::GetGlobal(_) | Op::Element { .. } => Behaviour::ReadsState,
            Op::Checked(..) | Op::Guard { .. } => Behaviour::MayTrap,
            Op::MakeObject { .. } | Op::MakeClosure { .. } => Behaviour::Allocates,
            Op::WriteCell { .. } | Op::SetGlobal(..) | Op::SetElement { .. } | Op::SeqFinish(_) => {
                Behaviour::Writes
            }
            Op::Call { .. } | Op::CallClosure { .. } | Op::CallRt { .. } | Op::CallHost { .. } => {
                Behaviour::Calls
            }
            Op::If { .. } | Op::Switch { .. } | Op::Block { .. } | Op::Loop { .. } => {
                Behaviour::Controls
            }
        }
    }

    /// Whether it does nothing that anybody could observe, but for the time it
    /// takes and the memory it reads.
    pub fn only_reads(&self) -> bool {
        match self.behaviour() {
            Behaviour::Computes | Behaviour::Reads | Behaviour::ReadsState => true,
            Behaviour::MayTrap
            | Behaviour::Allocates
            | Behaviour::Writes
            | Behaviour::Calls
            | Behaviour::Controls
            | Behaviour::Nothing => false,
        }
    }
}
