//! Constructor applications to constants are data of the module, made once.

use std::collections::HashMap;

use vera_abi::layout::Kind;

use crate::ir::*;

pub(super) fn run(program: &mut Program) {
    let Program { funcs, layouts, statics, .. } = program;
    let mut known: HashMap<Static, StaticId> = HashMap::new();
    for func in funcs {
        let mut walk = Walk { layouts, statics, known: &mut known, constants: HashMap::new() };
        walk.region(&mut func.body);
    }
}

struct Walk<'a> {
    layouts: &'a [Layout],
    statics: &'a mut Vec<Static>,
    /// The objects this pass has made.
    known: &'a mut HashMap<Static, StaticId>,
    constants: HashMap<ValueId, Const>,
}

impl Walk<'_> {
    fn region(&mut self, region: &mut Region) {
        for inst in &mut region.insts {
            if let Op::MakeObject { layout, fields } = &inst.op
                && let Some(object) = self.constant(*layout, fields)
            {
                inst.op = Op::Const(Const::Static(self.static_(object)));
            }
            if let Op::Const(c) = inst.op {
                self.constants.insert(inst.results[0], c);
            }
            inst.op.for_each_region_mut(|r| self.region(r));
        }
    }

    /// The object as data, if all its fields are constants and nobody writes them.
    fn constant(&self, layout: LayoutId, fields: &[(u32, Mem, ValueId)]) -> Option<Static> {
        let shape = &self.layouts[layout.index()];
        if shape.mutable || shape.kind() != Kind::Fixed {
            return None;
        }
        let constant = |(offset, mem, value): &(u32, Mem, ValueId)| {
            Some((*offset, *mem, *self.constants.get(value)?))
        };
        let fields = fields.iter().map(constant).collect::<Option<Vec<_>>>()?;
        Some(Static::Object(layout, fields))
    }

    fn static_(&mut self, object: Static) -> StaticId {
        if let Some(id) = self.known.get(&object) {
            return *id;
        }
        self.statics.push(object.clone());
        let id = StaticId(self.statics.len() as u32 - 1);
        self.known.insert(object, id);
        id
    }
}
