//! How parameter slots map to positions: `vera check --explain-slots` (language
//! reference, chapter 04.9).

use crate::typed::{FnId, Program};

/// The slots of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `f`, or `f.helper`.
    pub path: String,
    /// `f(@Int -> @Int)`
    pub signature: String,
    /// Sorted by slot name, then index.
    pub slots: Vec<Slot>,
    pub helpers: Vec<Environment>,
}

/// One parameter as its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The slot name, `Int`.
    pub slot: String,
    pub index: usize,
    /// How many parameters share the name.
    pub of: usize,
    /// 1-based position.
    pub parameter: usize,
}

impl Slot {
    /// `@Int.0`
    pub fn reference(&self) -> String {
        format!("@{}.{}", self.slot, self.index)
    }

    fn label(&self) -> String {
        let slot = &self.slot;
        match (self.of, self.index) {
            (1, _) => format!("only @{slot}"),
            (_, 0) => format!("last @{slot}"),
            (of, index) if index + 1 == of => format!("first @{slot}"),
            (of, index) => format!("{} from last @{slot}", of - index),
        }
    }
}

/// The functions of the entry file in source order, helpers inside their parent.
pub fn environments(program: &Program) -> Vec<Environment> {
    program.entry_fns.iter().map(|id| environment(program, *id, "")).collect()
}

fn environment(program: &Program, id: FnId, prefix: &str) -> Environment {
    let function = program.function(id);
    let path = format!("{prefix}{}", function.name);
    let names: Vec<&str> =
        function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
    let mut slots: Vec<Slot> = names
        .iter()
        .enumerate()
        .map(|(i, name)| Slot {
            slot: (*name).to_owned(),
            index: names[i + 1..].iter().filter(|n| *n == name).count(),
            of: names.iter().filter(|n| *n == name).count(),
            parameter: i + 1,
        })
        .collect();
    slots.sort_by(|a, b| (&a.slot, a.index).cmp(&(&b.slot, b.index)));
    let inner = format!("{path}.");
    let helpers = (0..program.fns.len() as u32)
        .map(FnId)
        .filter(|f| program.function(*f).parent == Some(id))
        .map(|f| environment(program, f, &inner))
        .collect();
    Environment { path, signature: function.signature.clone(), slots, helpers }
}

/// The text form, after the `OK:` line.
pub fn render(environments: &[Environment]) -> String {
    let mut out = "\nSlot environments (index 0 = last occurrence in signature):\n\n".to_owned();
    for environment in environments {
        write(environment, 0, &mut out);
        out.push('\n');
    }
    out
}

fn write(environment: &Environment, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth + 1);
    let word = if depth == 0 { "fn" } else { "where fn" };
    out.push_str(&format!("{indent}{word} {}\n", environment.signature));
    for slot in &environment.slots {
        let (reference, label) = (slot.reference(), slot.label());
        out.push_str(&format!("{indent}  {reference}  parameter {} ({label})\n", slot.parameter));
    }
    for helper in &environment.helpers {
        write(helper, depth + 1, out);
    }
}
