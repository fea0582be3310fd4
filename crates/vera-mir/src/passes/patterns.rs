//! Regular expressions that stand in the program are compiled with it.
//!
//! The module then carries them as data, and of the library the engines alone: neither
//! the reader of patterns nor the tables of Unicode. What is no pattern stays as it
//! is, and yields its error when the program runs.

use std::collections::{HashMap, HashSet};

use vera_abi::runtime::RtFn;
use vera_data::regex::{Regex, Template};

use crate::ir::*;

/// Frozen patterns larger than this stay texts: reading them costs less room.
const LARGEST: usize = 1 << 15;

pub(super) fn run(program: &mut Program) {
    let Program { funcs, statics, .. } = program;
    let mut frozen = Frozen { statics, known: HashMap::new(), backtrack: HashSet::new() };
    for func in funcs {
        let mut walk =
            Walk { values: &mut func.values, frozen: &mut frozen, constants: HashMap::new() };
        walk.region(&mut func.body);
    }
}

/// The patterns and templates so far.
struct Frozen<'a> {
    statics: &'a mut Vec<Static>,
    /// By texts: of a pattern, or of a pattern and a template.
    known: HashMap<(StaticId, Option<StaticId>), Option<StaticId>>,
    /// Texts of patterns that backtrack.
    backtrack: HashSet<StaticId>,
}

impl Frozen<'_> {
    /// The pattern of a text, frozen.
    fn pattern(&mut self, text: StaticId) -> Option<StaticId> {
        let mut backtracks = false;
        let made = self.made((text, None), |statics| {
            let regex = regex(statics, text)?;
            backtracks = regex.backtracks();
            let pieces = regex.freeze()?;
            let size: usize = pieces.iter().map(Vec::len).sum();
            (size <= LARGEST).then_some(Static::Strings(pieces))
        });
        if backtracks {
            self.backtrack.insert(text);
        }
        made
    }

    /// A template of the groups of a pattern, frozen.
    fn template(&mut self, pattern: StaticId, text: StaticId) -> Option<StaticId> {
        self.made((pattern, Some(text)), |statics| {
            let regex = regex(statics, pattern)?;
            let Static::String(text) = &statics[text.index()] else { return None };
            Some(Static::String(Template::parse(text, &regex).ok()?.freeze()))
        })
    }

    fn made(
        &mut self,
        key: (StaticId, Option<StaticId>),
        make: impl FnOnce(&[Static]) -> Option<Static>,
    ) -> Option<StaticId> {
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let made = make(self.statics).map(|object| {
            self.statics.push(object);
            StaticId(self.statics.len() as u32 - 1)
        });
        self.known.insert(key, made);
        made
    }
}

fn regex(statics: &[Static], text: StaticId) -> Option<Regex> {
    match &statics[text.index()] {
        Static::String(pattern) => Regex::new(pattern).ok(),
        _ => None,
    }
}

struct Walk<'a, 'f> {
    values: &'a mut Vec<Ty>,
    frozen: &'a mut Frozen<'f>,
    /// Values that are data of the module.
    constants: HashMap<ValueId, StaticId>,
}

impl Walk<'_, '_> {
    fn region(&mut self, region: &mut Region) {
        let mut out = Vec::with_capacity(region.insts.len());
        for mut inst in std::mem::take(&mut region.insts) {
            match &mut inst.op {
                Op::Const(Const::Static(object)) => {
                    self.constants.insert(inst.results[0], *object);
                }
                Op::CallRt { func, args } => {
                    for (results, op) in self.call(func, args) {
                        out.push(Inst { results, op, loc: inst.loc, roots: Vec::new() });
                    }
                }
                op => op.for_each_region_mut(|r| self.region(r)),
            }
            out.push(inst);
        }
        region.insts = out;
    }

    /// Has a call use what is frozen; what has to come before it.
    fn call(&mut self, func: &mut RtFn, args: &mut [ValueId]) -> Vec<(Vec<ValueId>, Op)> {
        let of_frozen = match *func {
            RtFn::RegexMatch => RtFn::RegexMatchFrozen,
            RtFn::RegexFind => RtFn::RegexFindFrozen,
            RtFn::RegexFindAll => RtFn::RegexFindAllFrozen,
            RtFn::RegexReplace => RtFn::RegexReplaceFrozen,
            // None of the others takes a pattern.
            _ => return Vec::new(),
        };
        let text = self.constants.get(&args[1]).copied();
        let Some((text, pattern)) = text.and_then(|t| Some((t, self.frozen.pattern(t)?))) else {
            return Vec::new();
        };
        let mut before = Vec::new();
        if self.frozen.backtrack.contains(&text) {
            let op = Op::CallRt { func: RtFn::RegexBacktracking, args: Vec::new() };
            before.push((Vec::new(), op));
        }
        let mut give = |arg: &mut ValueId, object| {
            self.values.push(Ty::Ref);
            *arg = ValueId(self.values.len() as u32 - 1);
            before.push((vec![*arg], Op::Const(Const::Static(object))));
        };
        give(&mut args[1], pattern);
        *func = of_frozen;
        if *func == RtFn::RegexReplaceFrozen
            && let Some(template) = self.constants.get(&args[2])
            && let Some(template) = self.frozen.template(text, *template)
        {
            give(&mut args[2], template);
            *func = RtFn::RegexReplaceByFrozen;
        }
        before
    }
}
