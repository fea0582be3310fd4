//! Values in a model, read from the solver's notation.

use super::literal;
use super::smt::value_name;
use crate::logic::{DataId, Sort, Sorts};

/// A value of the program, as far as a model determines it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Int(i128),
    Bool(bool),
    Float(f64),
    String(String),
    /// A constructor at its fields; tuples and `()` too.
    Data {
        data: DataId,
        ctor: u32,
        fields: Vec<Value>,
    },
    /// An array with its first elements, and whether there are more.
    Array {
        elements: Vec<Value>,
        more: bool,
    },
    /// A value the logic says nothing about.
    Opaque,
}

/// The assignments of the value constants in a printed model, in order.
pub(super) fn assignments(model: &str, values: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = model;
    // Each entry is `name -> value`; values may span lines.
    while let Some((head, tail)) = rest.split_once(" -> ") {
        let name = head.trim().trim_matches('|').to_owned();
        let end = expression_end(tail);
        found.push((name, tail[..end].trim().to_owned()));
        rest = &tail[end..];
    }
    let wanted: Vec<String> = (0..values).map(value_name).collect();
    found.retain(|(name, _)| wanted.contains(name));
    found
}

/// The length of the first expression or `{ … }` block.
fn expression_end(text: &str) -> usize {
    let (mut depth, mut quoted, mut started) = (0i32, false, false);
    for (i, c) in text.char_indices() {
        match c {
            '"' => {
                quoted = !quoted;
                started = true;
            }
            _ if quoted => {}
            '(' | '{' => {
                depth += 1;
                started = true;
            }
            ')' | '}' => {
                depth -= 1;
                if depth <= 0 {
                    return i + 1;
                }
            }
            c if c.is_whitespace() => {
                if started && depth == 0 {
                    return i;
                }
            }
            _ => started = true,
        }
    }
    text.len()
}

/// A parsed expression of a solver's output.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Atom(String),
    List(Vec<Tree>),
}

fn parse(text: &str) -> Option<Tree> {
    let mut stack: Vec<Vec<Tree>> = vec![Vec::new()];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' => {
                stack.push(Vec::new());
                rest = &rest[1..];
            }
            ')' => {
                let list = stack.pop()?;
                stack.last_mut()?.push(Tree::List(list));
                rest = &rest[1..];
            }
            _ => {
                let end = atom_end(rest);
                stack.last_mut()?.push(Tree::Atom(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start();
    }
    let mut top = stack.pop()?;
    let mut left = MAX_NODES;
    if stack.is_empty() { written_out(&top.pop()?, &mut Vec::new(), &mut left) } else { None }
}

/// Values of more parts are not read.
const MAX_NODES: usize = 10_000;

/// The expression with what `let` names put in place; a solver names what occurs twice.
fn written_out(tree: &Tree, names: &mut Vec<(String, Tree)>, left: &mut usize) -> Option<Tree> {
    *left = left.checked_sub(1)?;
    match tree {
        Tree::Atom(word) => {
            let named = names.iter().rev().find(|(name, _)| name == word);
            let Some((_, value)) = named else { return Some(tree.clone()) };
            *left = left.checked_sub(value.size())?;
            Some(value.clone())
        }
        Tree::List(parts) => match parts.as_slice() {
            [Tree::Atom(word), Tree::List(bindings), body] if word == "let" => {
                let outer = names.len();
                for binding in bindings {
                    let Tree::List(pair) = binding else { return None };
                    let [Tree::Atom(name), value] = pair.as_slice() else { return None };
                    let value = written_out(value, names, left)?;
                    names.push((name.clone(), value));
                }
                let body = written_out(body, names, left);
                names.truncate(outer);
                body
            }
            parts => {
                let parts = parts.iter().map(|part| written_out(part, names, left));
                parts.collect::<Option<Vec<_>>>().map(Tree::List)
            }
        },
    }
}

impl Tree {
    fn size(&self) -> usize {
        match self {
            Tree::Atom(_) => 1,
            Tree::List(parts) => 1 + parts.iter().map(Tree::size).sum::<usize>(),
        }
    }
}

fn atom_end(text: &str) -> usize {
    let mut quoted = false;
    for (i, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | ')' if !quoted => return i,
            c if c.is_whitespace() && !quoted => return i,
            _ => {}
        }
    }
    text.len()
}

impl Value {
    /// Reads a value of a sort; what cannot be read is [`Value::Opaque`].
    pub fn read(text: &str, sort: Sort, sorts: &Sorts) -> Value {
        parse(text).and_then(|tree| of_tree(&tree, sort, sorts)).unwrap_or(Value::Opaque)
    }
}

fn of_tree(tree: &Tree, sort: Sort, sorts: &Sorts) -> Option<Value> {
    match sort {
        Sort::Bool => match tree {
            Tree::Atom(word) => word.parse().ok().map(Value::Bool),
            Tree::List(_) => None,
        },
        Sort::Int => int(tree).map(Value::Int),
        Sort::Float => float(tree).map(Value::Float),
        Sort::String => match tree {
            Tree::Atom(text) => literal::unquote(text).map(Value::String),
            Tree::List(_) => None,
        },
        Sort::Uninterpreted(_) | Sort::Array(_) => Some(Value::Opaque),
        Sort::Data(id) => data(tree, id, sorts),
    }
}

fn int(tree: &Tree) -> Option<i128> {
    match tree {
        Tree::Atom(digits) => digits.parse().ok(),
        Tree::List(parts) => match parts.as_slice() {
            [Tree::Atom(minus), digits] if minus == "-" => int(digits)?.checked_neg(),
            _ => None,
        },
    }
}

fn float(tree: &Tree) -> Option<f64> {
    let Tree::List(parts) = tree else { return None };
    let atoms: Vec<&str> = parts
        .iter()
        .filter_map(|p| match p {
            Tree::Atom(text) => Some(text.as_str()),
            Tree::List(_) => None,
        })
        .collect();
    match atoms.as_slice() {
        ["_", "NaN", ..] => Some(f64::NAN),
        ["_", "+oo", ..] => Some(f64::INFINITY),
        ["_", "-oo", ..] => Some(f64::NEG_INFINITY),
        ["_", "+zero", ..] => Some(0.0),
        ["_", "-zero", ..] => Some(-0.0),
        ["fp", sign, exponent, fraction] => {
            let bits = digits(sign)? << 63 | digits(exponent)? << 52 | digits(fraction)?;
            Some(f64::from_bits(bits))
        }
        _ => None,
    }
}

/// `#b101` or `#xf`
fn digits(text: &str) -> Option<u64> {
    let (radix, digits) = match text.split_at_checked(2)? {
        ("#b", digits) => (2, digits),
        ("#x", digits) => (16, digits),
        _ => return None,
    };
    u64::from_str_radix(digits, radix).ok()
}

fn data(tree: &Tree, id: DataId, sorts: &Sorts) -> Option<Value> {
    let (name, args) = match tree {
        Tree::Atom(name) => (name, &[][..]),
        Tree::List(parts) => match parts.split_first()? {
            (Tree::Atom(name), args) => (name, args),
            // `((as Nil Lst) …)`
            (Tree::List(inner), args) => match inner.as_slice() {
                [_, Tree::Atom(name), ..] => (name, args),
                _ => return None,
            },
        },
    };
    let ctor: usize = name.rsplit('!').next()?.parse().ok()?;
    let fields = &sorts.data(id).ctors.get(ctor)?.fields;
    if fields.len() != args.len() {
        return None;
    }
    let read = |(arg, field): (&Tree, &Sort)| of_tree(arg, *field, sorts).unwrap_or(Value::Opaque);
    let fields = args.iter().zip(fields).map(read).collect();
    Some(Value::Data { data: id, ctor: ctor as u32, fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_occurs_twice_has_a_name() {
        let text = "(let ((a!1 (N 2)))\n (let ((a!2 (N a!1)) (b 1)) (P a!1 a!2 b)))";
        assert_eq!(parse(text), parse("(P (N 2) (N (N 2)) 1)"));
        assert_eq!(parse("(let ((a 1)) (P a)"), None);
    }

    #[test]
    fn a_printed_model() {
        let model = "x!1 -> 6\nlen -> {\n  3\n}\nvalue!v0 -> (- 4)\nvalue!v1 -> (fp #b0 #b01111111111\n   #x8000000000000)\nvalue!v2 -> \"a \"\"b -> c\"\n";
        let found = assignments(model, 3);
        let texts: Vec<&str> = found.iter().map(|(_, v)| v.as_str()).collect();
        assert_eq!(texts.len(), 3);
        let sorts = Sorts::default();
        assert_eq!(Value::read(texts[0], Sort::Int, &sorts), Value::Int(-4));
        assert_eq!(Value::read(texts[1], Sort::Float, &sorts), Value::Float(1.5));
        assert_eq!(
            Value::read(texts[2], Sort::String, &sorts),
            Value::String("a \"b -> c".to_owned())
        );
    }
}
