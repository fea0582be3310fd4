//! A document as plain Rust, for tools and tests. The runtime builds values of
//! the program instead.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::parse::Sink;
use super::write::{write_number, write_string};

/// A document: its nodes in one vector, so that nothing recurses, not even when
/// it is dropped.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    /// Nodes that wait for their container; in the end the root.
    waiting: Vec<usize>,
    /// Names that wait for their object.
    names: Vec<Vec<u8>>,
}

/// A value; containers name their contents by index.
#[derive(Clone, Debug)]
enum Node {
    Null,
    Bool(bool),
    Number(f64),
    String(Vec<u8>),
    Array(Vec<usize>),
    Object(Vec<(Vec<u8>, usize)>),
}

/// What is left to write of a container.
enum Rest<'a> {
    Elements(&'a [usize]),
    Members(&'a [(Vec<u8>, usize)]),
}

impl Tree {
    fn push(&mut self, node: Node) {
        self.waiting.push(self.nodes.len());
        self.nodes.push(node);
    }

    /// The document in canonical form; `null` when nothing was parsed. O(n).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut stack: Vec<Rest> = Vec::new();
        let mut next = self.waiting.last().copied();
        loop {
            match next.and_then(|at| self.nodes.get(at)) {
                None | Some(Node::Null) => out.extend_from_slice(b"null"),
                Some(Node::Bool(true)) => out.extend_from_slice(b"true"),
                Some(Node::Bool(false)) => out.extend_from_slice(b"false"),
                Some(Node::Number(value)) => _ = write_number(&mut out, *value),
                Some(Node::String(text)) => write_string(&mut out, text),
                Some(Node::Array(elements)) => {
                    out.push(b'[');
                    stack.push(Rest::Elements(elements));
                }
                Some(Node::Object(members)) => {
                    out.push(b'{');
                    stack.push(Rest::Members(members));
                }
            }
            loop {
                let Some(top) = stack.last_mut() else { return out };
                let comma = !matches!(out.last(), Some(b'[' | b'{'));
                match top {
                    Rest::Elements([]) => out.push(b']'),
                    Rest::Members([]) => out.push(b'}'),
                    Rest::Elements([element, rest @ ..]) => {
                        out.extend_from_slice(if comma { b"," } else { b"" });
                        next = Some(*element);
                        *top = Rest::Elements(rest);
                        break;
                    }
                    Rest::Members([(name, value), rest @ ..]) => {
                        out.extend_from_slice(if comma { b"," } else { b"" });
                        write_string(&mut out, name);
                        out.push(b':');
                        next = Some(*value);
                        *top = Rest::Members(rest);
                        break;
                    }
                }
                stack.pop();
            }
        }
    }
}

/// The last `count` items.
fn take<T>(items: &mut Vec<T>, count: usize) -> Vec<T> {
    items.split_off(items.len().saturating_sub(count))
}

impl Sink for Tree {
    fn null(&mut self) {
        self.push(Node::Null);
    }

    fn bool(&mut self, value: bool) {
        self.push(Node::Bool(value));
    }

    fn number(&mut self, value: f64) {
        self.push(Node::Number(value));
    }

    fn string(&mut self, text: &[u8]) {
        self.push(Node::String(text.to_vec()));
    }

    fn name(&mut self, text: &[u8]) {
        self.names.push(text.to_vec());
    }

    fn begin_array(&mut self) {}

    fn end_array(&mut self, count: usize) {
        let elements = take(&mut self.waiting, count);
        self.push(Node::Array(elements));
    }

    fn begin_object(&mut self) {}

    fn end_object(&mut self, count: usize) {
        let mut members: Vec<(Vec<u8>, usize)> = Vec::with_capacity(count);
        let mut places = BTreeMap::new();
        let names = take(&mut self.names, count);
        for (name, value) in names.into_iter().zip(take(&mut self.waiting, count)) {
            let place = *places.entry(name.clone()).or_insert(members.len());
            match members.get_mut(place) {
                Some((_, old)) => *old = value,
                None => members.push((name, value)),
            }
        }
        self.push(Node::Object(members));
    }

    fn nearest(&mut self, token: &[u8]) -> f64 {
        let token = core::str::from_utf8(token).unwrap_or("");
        token.parse().unwrap_or(f64::NAN)
    }
}
