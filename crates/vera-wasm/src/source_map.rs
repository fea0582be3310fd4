//! From places in the compiled code back to places in the source.

use vera_diagnostics::FileSpan;
use vera_mir::ir::{Loc, LocId, SourceFn, SourceFnId};

/// Maps byte offsets in the module to source positions.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    /// Functions with code, by offset.
    pub(crate) funcs: Vec<FuncRange>,
    /// Offsets of calls, checks and allocations, ascending.
    pub(crate) marks: Vec<(u32, LocId)>,
    pub(crate) locs: Vec<Loc>,
    pub(crate) source_fns: Vec<SourceFn>,
}

#[derive(Clone, Debug)]
pub(crate) struct FuncRange {
    /// Offset behind the function's code.
    pub end: u32,
    pub kind: FuncKind,
}

/// What a function of the module is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FuncKind {
    Program {
        source: SourceFnId,
        name: String,
    },
    Runtime,
    /// Part of the code that called it.
    Glue,
}

/// One line of a back trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Name of the function; empty for a helper.
    pub func: String,
    /// The failing place, where known.
    pub at: Option<FileSpan>,
    /// The function's declaration; `None` for a function of the runtime.
    pub decl: Option<FileSpan>,
    /// A function of the runtime, not of the program.
    pub is_helper: bool,
}

impl SourceMap {
    /// The frames that one wasm frame stands for, innermost first: several when
    /// functions were inlined, none for code that belongs to its caller.
    /// `offset` is where the frame's call or trap is in the module.
    pub fn frames(&self, offset: u32) -> Vec<Frame> {
        let index = self.funcs.partition_point(|f| f.end <= offset);
        let Some(range) = self.funcs.get(index) else { return Vec::new() };
        match &range.kind {
            FuncKind::Glue => Vec::new(),
            FuncKind::Runtime => {
                vec![Frame { func: String::new(), at: None, decl: None, is_helper: true }]
            }
            FuncKind::Program { source, name } => {
                let start = index.checked_sub(1).map_or(0, |i| self.funcs[i].end);
                self.located(start, offset).unwrap_or_else(|| vec![self.unlocated(*source, name)])
            }
        }
    }

    /// The frames at the last mark not behind `offset`.
    fn located(&self, start: u32, offset: u32) -> Option<Vec<Frame>> {
        let mark = self.marks.partition_point(|(at, _)| *at <= offset).checked_sub(1)?;
        let (at, loc) = self.marks[mark];
        if at < start {
            return None;
        }
        let mut frames = Vec::new();
        let mut next = Some(loc);
        while let Some(id) = next {
            let loc = self.locs.get(id.index())?;
            let func = self.source_fns.get(loc.func.index())?;
            if !func.name.is_empty() {
                frames.push(Frame {
                    func: func.name.clone(),
                    at: Some(loc.at),
                    decl: Some(func.decl),
                    is_helper: false,
                });
            }
            next = loc.inlined_at;
        }
        Some(frames)
    }

    fn unlocated(&self, source: SourceFnId, name: &str) -> Frame {
        let func = self.source_fns.get(source.index());
        Frame {
            func: func.map_or(name, |f| &f.name).to_owned(),
            at: None,
            decl: func.map(|f| f.decl),
            is_helper: false,
        }
    }
}
