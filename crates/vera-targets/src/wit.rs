//! A program's functions as a WIT world: for people and for generators of bindings.
//!
//! WIT has no types that hold themselves and no values that do not cross; functions that
//! would need one are left out, and named in a comment. Maps are lists of pairs, sets
//! are lists, decimals are their texts.

use std::collections::BTreeSet;
use std::fmt::Write;

use vera_abi::interface::{CompoundId, CompoundKind, Export, HostCtor, HostTy, Interface};

use crate::description::functions;

/// Words of WIT that are names only behind a `%`.
const WORDS: &[&str] = &[
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
];

/// The world of a program with these exports; `stem`: the program's name.
pub fn world(stem: &str, exports: &[Export], interface: &Interface) -> String {
    let mut names = Names { interface, needed: BTreeSet::new() };
    let (mut own, mut left_out) = (String::new(), String::new());
    for function in functions(exports) {
        let export = function.export;
        let crosses = |ty: &HostTy| names.crosses(ty);
        if !export.params.iter().chain([&export.result]).all(crosses) {
            _ = writeln!(left_out, "  // left out: {}", function.name);
            continue;
        }
        let params = export.params.iter().filter(|ty| **ty != HostTy::Unit).enumerate();
        let params: Vec<String> =
            params.map(|(i, ty)| format!("p{}: {}", i + 1, names.ty(ty))).collect();
        let result = match &export.result {
            HostTy::Unit => String::new(),
            ty => format!(" -> {}", names.ty(ty)),
        };
        let name = name(function.name);
        _ = writeln!(own, "  export {name}: func({}){result};", params.join(", "));
    }
    let mut types = String::new();
    let mut written = BTreeSet::new();
    while let Some(id) = names.needed.iter().find(|id| !written.contains(*id)).copied() {
        written.insert(id);
        let text = names.declaration(CompoundId(id));
        types.push_str(&text);
    }
    let mut uses: Vec<String> = written.iter().map(|id| type_name(interface, *id)).collect();
    uses.sort();
    let uses = match uses.is_empty() {
        true => String::new(),
        false => format!("  use types.{{{}}};\n", uses.join(", ")),
    };
    let types = match types.is_empty() {
        true => String::new(),
        false => format!("interface types {{\n{types}}}\n\n"),
    };
    format!("package vera:program;\n\n{types}world {} {{\n{uses}{own}{left_out}}}\n", name(stem))
}

struct Names<'a> {
    interface: &'a Interface,
    /// Types that need a declaration.
    needed: BTreeSet<u32>,
}

impl Names<'_> {
    /// Whether values of the type cross, and the type does not hold itself.
    fn crosses(&self, ty: &HostTy) -> bool {
        // Each type on the way with those inside that are still to be looked at.
        let mut way: Vec<(Option<CompoundId>, Vec<&HostTy>)> = vec![(None, vec![ty])];
        while let Some((_, left)) = way.last_mut() {
            let Some(ty) = left.pop() else {
                way.pop();
                continue;
            };
            match ty {
                HostTy::Opaque(_) => return false,
                HostTy::Compound(id) if way.iter().any(|(on, _)| *on == Some(*id)) => return false,
                HostTy::Compound(id) => {
                    let inside = match &self.interface.compound(*id).kind {
                        CompoundKind::Array(part) | CompoundKind::Set(part) => vec![part],
                        CompoundKind::Map(keys, values) => vec![keys, values],
                        CompoundKind::Tuple(parts) => parts.iter().collect(),
                        CompoundKind::Data(ctors) => ctors.iter().flat_map(|c| &c.fields).collect(),
                    };
                    way.push((Some(*id), inside));
                }
                HostTy::Unit
                | HostTy::Int
                | HostTy::Nat
                | HostTy::Byte
                | HostTy::Bool
                | HostTy::Float64
                | HostTy::String
                | HostTy::Decimal
                | HostTy::Enum(_) => {}
            }
        }
        true
    }

    fn ty(&mut self, ty: &HostTy) -> String {
        match ty {
            // WIT has no type of one value.
            HostTy::Unit => "tuple<bool>".into(),
            HostTy::Int | HostTy::Nat => "s64".into(),
            HostTy::Byte => "u8".into(),
            HostTy::Bool => "bool".into(),
            HostTy::Float64 => "f64".into(),
            HostTy::String | HostTy::Decimal | HostTy::Opaque(_) => "string".into(),
            HostTy::Enum(id) => self.declared(*id),
            HostTy::Compound(id) => self.compound(*id),
        }
    }

    fn declared(&mut self, id: CompoundId) -> String {
        self.needed.insert(id.0);
        type_name(self.interface, id.0)
    }

    fn compound(&mut self, id: CompoundId) -> String {
        let interface = self.interface;
        match &interface.compound(id).kind {
            CompoundKind::Array(element) => format!("list<{}>", self.ty(element)),
            CompoundKind::Set(elements) => self.ty(elements),
            CompoundKind::Map(keys, values) => {
                let (key, value) = (self.element(keys), self.element(values));
                format!("list<tuple<{key}, {value}>>")
            }
            CompoundKind::Tuple(parts) => self.tuple(parts),
            CompoundKind::Data(ctors) => match ctors.as_slice() {
                [none, some] if is(none, "None", 0) && is(some, "Some", 1) => {
                    format!("option<{}>", self.ty(&some.fields[0]))
                }
                [ok, err] if is(ok, "Ok", 1) && is(err, "Err", 1) => {
                    let error = self.ty(&err.fields[0]);
                    match &ok.fields[0] {
                        HostTy::Unit => format!("result<_, {error}>"),
                        value => format!("result<{}, {error}>", self.ty(value)),
                    }
                }
                _ => self.declared(id),
            },
        }
    }

    /// The elements of a column of a map.
    fn element(&mut self, column: &HostTy) -> String {
        let interface = self.interface;
        match column {
            HostTy::Compound(id) => match &interface.compound(*id).kind {
                CompoundKind::Array(element) => self.ty(element),
                _ => self.ty(column),
            },
            _ => self.ty(column),
        }
    }

    fn tuple(&mut self, parts: &[HostTy]) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.ty(part)).collect();
        format!("tuple<{}>", parts.join(", "))
    }

    fn declaration(&mut self, id: CompoundId) -> String {
        let interface = self.interface;
        let CompoundKind::Data(ctors) = &interface.compound(id).kind else { return String::new() };
        let name = type_name(interface, id.0);
        let plain = ctors.iter().all(|c| c.fields.is_empty());
        let mut text = format!("  {} {name} {{\n", if plain { "enum" } else { "variant" });
        for ctor in ctors {
            let payload = match ctor.fields.as_slice() {
                [] => String::new(),
                [one] => format!("({})", self.ty(one)),
                many => format!("({})", self.tuple(many)),
            };
            _ = writeln!(text, "    {}{payload},", self::name(&ctor.name));
        }
        text + "  }\n"
    }
}

fn is(ctor: &HostCtor, name: &str, fields: usize) -> bool {
    ctor.name == name && ctor.fields.len() == fields
}

fn type_name(interface: &Interface, id: u32) -> String {
    name(&interface.compound(CompoundId(id)).name)
}

/// A name in words with hyphens: `MdBlock` and `md_block` are `md-block`.
fn name(text: &str) -> String {
    let mut out = String::new();
    let mut before = '-';
    for char in text.chars() {
        let starts = char.is_ascii_uppercase() && before.is_ascii_lowercase();
        let parts = !char.is_ascii_alphanumeric() || starts;
        if parts && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if char.is_ascii_alphanumeric() {
            // A word of a name begins with a letter.
            if char.is_ascii_digit() && (out.is_empty() || out.ends_with('-')) {
                out.push('n');
            }
            out.push(char.to_ascii_lowercase());
        }
        before = char;
    }
    let trimmed = out.trim_end_matches('-');
    if trimmed.is_empty() {
        return "program".to_owned();
    }
    if WORDS.contains(&trimmed) { format!("%{trimmed}") } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names() {
        for (from, to) in [
            ("MdBlock", "md-block"),
            ("md_block2", "md-block2"),
            ("a_2", "a-n2"),
            ("list", "%list"),
            ("Option<Int>", "option-int"),
            ("_", "program"),
        ] {
            assert_eq!(name(from), to);
        }
    }
}
