//! Values in parts, as they cross between the program and what stands in for its host
//! (`vera_abi::interface` says how).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::ending;

/// A part of a value.
pub enum Part {
    Word(i64),
    Float(f64),
    Bytes(Vec<u8>),
}

impl From<Vec<u8>> for Part {
    fn from(bytes: Vec<u8>) -> Part {
        Part::Bytes(bytes)
    }
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part::Bytes(text.into_bytes())
    }
}

impl From<i64> for Part {
    fn from(word: i64) -> Part {
        Part::Word(word)
    }
}

type Parts = VecDeque<Part>;

thread_local! {
    static TO_PROGRAM: RefCell<Parts> = const { RefCell::new(VecDeque::new()) };
    static FROM_PROGRAM: RefCell<Parts> = const { RefCell::new(VecDeque::new()) };
    /// Numbers of the types of the next result, outer ones first.
    static TYPES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    /// Results of what was begun.
    static BEGUN: RefCell<Vec<Parts>> = const { RefCell::new(Vec::new()) };
    /// Bytes that the program will fetch next.
    static PENDING: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The end of a program that hands over or takes other parts than its types say.
fn broken() -> ! {
    ending::broken("program and host disagree about the parts of a value")
}

/// What the program handed over.
pub fn put(part: impl Into<Part>) {
    FROM_PROGRAM.with_borrow_mut(|parts| parts.push_back(part.into()));
}

pub fn put_float(float: f64) {
    FROM_PROGRAM.with_borrow_mut(|parts| parts.push_back(Part::Float(float)));
}

/// The next part that the program takes.
pub fn take() -> Option<Part> {
    TO_PROGRAM.with_borrow_mut(VecDeque::pop_front)
}

pub fn take_word() -> i64 {
    match take() {
        Some(Part::Word(word)) => word,
        _ => broken(),
    }
}

pub fn take_float() -> f64 {
    match take() {
        Some(Part::Float(float)) => float,
        _ => broken(),
    }
}

pub fn take_bytes() -> Vec<u8> {
    match take() {
        Some(Part::Bytes(bytes)) => bytes,
        _ => broken(),
    }
}

/// Hands a value that is one part over to the program.
pub fn send(part: impl Into<Part>) {
    TO_PROGRAM.with_borrow_mut(|parts| parts.push_back(part.into()));
}

fn given() -> Part {
    match FROM_PROGRAM.with_borrow_mut(VecDeque::pop_front) {
        Some(part) => part,
        None => broken(),
    }
}

/// Nobody wants what the program handed over.
pub fn forget() {
    FROM_PROGRAM.take();
}

/// The next part of the program's, which is a word.
pub fn word() -> i64 {
    match given() {
        Part::Word(word) => word,
        _ => broken(),
    }
}

/// The next part of the program's, which is bytes.
pub fn bytes() -> Vec<u8> {
    match given() {
        Part::Bytes(bytes) => bytes,
        _ => broken(),
    }
}

/// The next part of the program's as text.
pub fn text() -> String {
    lossy(bytes())
}

pub fn lossy(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// An array of texts of the program's.
fn texts() -> Vec<String> {
    let count = word();
    (0..count).map(|_| text()).collect()
}

/// A map from texts to texts of the program's.
pub fn headers() -> Vec<(String, String)> {
    // The number of a map's constructor says nothing.
    word();
    let (names, values) = (texts(), texts());
    names.into_iter().zip(values).collect()
}

pub fn add_type(id: u32) {
    TYPES.with_borrow_mut(|types| types.push(id));
}

/// The numbers of the types of the result.
pub struct Types(Vec<u32>);

impl Types {
    pub fn taken() -> Types {
        Types(TYPES.take())
    }

    pub fn get(&self, at: usize) -> u32 {
        self.0.get(at).copied().unwrap_or_else(|| broken())
    }
}

/// The nodes of a value, those below one before it.
#[derive(Default)]
pub struct Nodes {
    count: i64,
    parts: Vec<Part>,
}

impl Nodes {
    /// Adds a node with its constructor, or the number of its elements, and its inline fields.
    pub fn node(&mut self, ty: u32, number: u32, fields: impl IntoIterator<Item = Part>) {
        self.count += 1;
        self.parts.push(Part::Word((i64::from(ty) << 32) | i64::from(number)));
        self.parts.extend(fields);
    }

    /// A map from texts to texts.
    pub fn headers(&mut self, map: u32, array: u32, headers: Vec<(String, Vec<u8>)>) {
        let count = headers.len() as u32;
        let (names, values): (Vec<String>, Vec<Vec<u8>>) = headers.into_iter().unzip();
        self.node(array, count, names.into_iter().map(Part::from));
        self.node(array, count, values.into_iter().map(Part::from));
        self.node(map, 0, []);
    }

    pub fn send(self) {
        TO_PROGRAM.with_borrow_mut(|parts| {
            parts.push_back(Part::Word(self.count));
            parts.extend(self.parts);
        });
    }
}

const OK: u32 = 0;
const ERR: u32 = 1;
const NONE: u32 = 0;
const SOME: u32 = 1;

/// A `Result` whose value is at most one part.
pub fn send_result(result: Result<Option<Part>, String>) {
    let mut nodes = Nodes::default();
    end_result(&mut nodes, Types::taken().get(0), result);
    nodes.send();
}

/// The `Result` around what stands in `nodes` already.
pub fn end_result(nodes: &mut Nodes, ty: u32, result: Result<Option<Part>, String>) {
    match result {
        Ok(part) => nodes.node(ty, OK, part),
        Err(why) => nodes.node(ty, ERR, [why.into()]),
    }
}

/// A `Result` of nothing.
pub fn send_done(result: Result<(), String>) {
    send_result(result.map(|()| None));
}

/// An `Option` of one part.
pub fn send_option(value: Option<Part>) {
    let mut nodes = Nodes::default();
    option(&mut nodes, Types::taken().get(0), value);
    nodes.send();
}

pub fn option(nodes: &mut Nodes, ty: u32, value: Option<Part>) {
    match value {
        None => nodes.node(ty, NONE, []),
        Some(part) => nodes.node(ty, SOME, [part]),
    }
}

/// Keeps the result that an operation left.
pub fn begun() -> u32 {
    let result = TO_PROGRAM.take();
    BEGUN.with_borrow_mut(|begun| {
        begun.push(result);
        begun.len() as u32 - 1
    })
}

/// Hands over what was kept.
pub fn finish(number: u32) {
    let kept = BEGUN.with_borrow_mut(|begun| begun.get_mut(number as usize).map(std::mem::take));
    match kept {
        Some(result) => TO_PROGRAM.with_borrow_mut(|parts| parts.extend(result)),
        None => broken(),
    }
}

/// Keeps bytes for the program to fetch.
pub fn hold(bytes: Vec<u8>) {
    PENDING.set(bytes);
}

pub fn pending_len() -> u32 {
    let bytes = PENDING.take();
    let len = bytes.len() as u32;
    PENDING.set(bytes);
    len
}

pub fn pending() -> Vec<u8> {
    PENDING.take()
}

/// Keeps an answer, or why there is none; 1 for the latter.
pub fn answer(result: Result<Vec<u8>, String>) -> i32 {
    let status = i32::from(result.is_err());
    hold(result.unwrap_or_else(String::into_bytes));
    status
}
