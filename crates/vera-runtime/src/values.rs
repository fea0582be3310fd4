//! Values of the prelude's types in the program's heap.
//!
//! Whatever makes one is called inside [`Heap::build`]: nothing is collected there,
//! and so nothing has to be rooted.

use alloc::vec::Vec;

use vera_abi::layout::{
    ENTRY_KEY, ENTRY_POSITION, HEADER_SIZE, Kind, SEQ_ELEMENTS, TAG_SHIFT, word0,
};
use vera_abi::prelude::{Ctor, ERR, NONE, OK, SOME, Storage};
use vera_data::sort;
use vera_rt::map::{self, bulk, order};
use vera_rt::seq::{self, Elem};
use vera_rt::{Heap, Ref, Roots, string};

/// `Ok` of a `Result<Bool, E>`.
const OK_WORD: Ctor = Ctor { fields: &[Storage::Word], ..OK };

/// `Ok` of a `Result<Int, E>`.
const OK_LONG: Ctor = Ctor { fields: &[Storage::Long], ..OK };
/// `Some` of an `Option<Int>`.
const SOME_LONG: Ctor = Ctor { fields: &[Storage::Long], ..SOME };

/// A field of an object that is made.
#[derive(Clone, Copy)]
pub enum Field {
    /// A reference.
    Ref(Ref),
    /// A `Bool`, `Byte` or tag.
    Word(u32),
    /// An `Int`, `Nat`, or the bits of a `Float64`.
    Long(u64),
}

/// The heap while a value is built in it.
pub struct Builder<'h> {
    /// The heap.
    pub heap: &'h mut Heap,
    /// The roots of whoever called; nothing is added to them.
    pub roots: Roots,
}

/// Builds a value: see [`Heap::build`].
pub fn build(heap: &mut Heap, roots: Roots, make: impl FnOnce(&mut Builder<'_>) -> Ref) -> Ref {
    heap.build(roots, |heap| make(&mut Builder { heap, roots }))
}

impl Builder<'_> {
    /// An object of a constructor.
    pub fn object(&mut self, ctor: &Ctor, fields: &[Field]) -> Ref {
        let object = self.heap.alloc(ctor.size(), self.roots);
        let mem = self.heap.mem_mut();
        mem.set_u32(object, word0(Kind::Fixed, ctor.tag));
        let mut references = 0;
        for (field, (offset, storage)) in fields.iter().zip(ctor.places()) {
            match *field {
                Field::Ref(value) | Field::Word(value) => mem.set_field(object, offset, value),
                Field::Long(value) => mem.set_long_field(object, offset, value),
            }
            if let Storage::Ref = storage {
                references |= 1 << ((offset - HEADER_SIZE) / 4);
            }
        }
        mem.set_u32(object + 4, references);
        object
    }

    /// A string of these bytes.
    pub fn string(&mut self, text: &[u8]) -> Ref {
        if text.is_empty() {
            return string::empty(self.heap);
        }
        let length = seq::byte_len(text.len() as u64, 1);
        let (made, to) = string::new_undefined(self.heap, length, self.roots);
        self.heap.mem_mut().bytes_mut(to, length).copy_from_slice(text);
        made
    }

    /// An array of references.
    pub fn array(&mut self, elements: &[Ref]) -> Ref {
        if elements.is_empty() {
            return string::empty(self.heap);
        }
        let count = seq::byte_len(elements.len() as u64, 4) / 4;
        let array = seq::new(self.heap, count, Elem::REF, 0, self.roots);
        for (i, element) in (0..).zip(elements) {
            self.heap.mem_mut().set_u32(array + SEQ_ELEMENTS + 4 * i, *element);
        }
        array
    }

    /// An entry of a `Map<String, V>` where `V` is a reference.
    pub fn entry(&mut self, key: Ref, value: Ref) -> Ref {
        let entry = self.heap.alloc(ENTRY_KEY + 8, self.roots);
        let mem = self.heap.mem_mut();
        mem.set_u32(entry, word0(Kind::Fixed, 0));
        mem.set_u32(entry + 4, 0b11 << ((ENTRY_KEY - HEADER_SIZE) / 4));
        mem.set_field(entry, ENTRY_KEY, key);
        mem.set_field(entry, ENTRY_KEY + 4, value);
        entry
    }

    /// The map of such entries, in this order; of those with the same key the last one
    /// counts, at the place of the first.
    pub fn map(&mut self, entries: &[Ref]) -> Ref {
        let mut order = Vec::with_capacity(entries.len());
        bulk::prepare(self.heap, entries, |key| order.push(key));
        sort::pairs(&mut order);
        let at = |(_, i): (u32, u32)| entries.get(i as usize).copied();
        let mut sorted: Vec<Ref> = order.into_iter().filter_map(at).collect();
        bulk::of_sorted(self.heap, &mut sorted, self.roots)
    }

    /// `Some(value)`
    pub fn some(&mut self, value: Ref) -> Ref {
        self.object(&SOME, &[Field::Ref(value)])
    }

    /// `Some(text)` or `None`
    pub fn option_string(&mut self, text: Option<&[u8]>) -> Ref {
        let text = text.map(|text| self.string(text));
        self.option(text)
    }

    /// `Some(value)` or `None`, of an `Option<Int>`.
    pub fn option_long(&mut self, value: Option<u64>) -> Ref {
        value.map_or(NONE, |value| self.object(&SOME_LONG, &[Field::Long(value)]))
    }

    /// `Some(value)` or `None`
    pub fn option(&mut self, value: Option<Ref>) -> Ref {
        value.map_or(NONE, |value| self.some(value))
    }

    /// `Ok(value)`
    pub fn ok(&mut self, value: Ref) -> Ref {
        self.object(&OK, &[Field::Ref(value)])
    }

    /// `Ok(value)` of a `Bool`.
    pub fn ok_bool(&mut self, value: bool) -> Ref {
        self.object(&OK_WORD, &[Field::Word(value.into())])
    }

    /// `Ok(value)` of an `Int`.
    pub fn ok_long(&mut self, value: u64) -> Ref {
        self.object(&OK_LONG, &[Field::Long(value)])
    }

    /// `Err(message)`
    pub fn err(&mut self, message: &[u8]) -> Ref {
        let message = self.string(message);
        self.object(&ERR, &[Field::Ref(message)])
    }
}

/// The value of a node and all below it: `make` gets each node with the values of its
/// children, in document order, when all of these are made. O(n), without recursion.
pub fn fold<N: Copy>(
    start: N,
    first_child: impl Fn(N) -> Option<N>,
    next_sibling: impl Fn(N) -> Option<N>,
    mut make: impl FnMut(N, &[Ref]) -> Ref,
) -> Option<Ref> {
    // Open nodes, each with where its children begin among the finished values.
    let mut open: Vec<(N, usize)> = Vec::new();
    let mut done: Vec<Ref> = Vec::new();
    let mut close = |done: &mut Vec<Ref>, node, from| {
        let made = make(node, done.get(from..).unwrap_or(&[]));
        done.truncate(from);
        done.push(made);
    };
    let mut node = start;
    loop {
        if let Some(child) = first_child(node) {
            open.push((node, done.len()));
            node = child;
            continue;
        }
        let from = done.len();
        close(&mut done, node, from);
        // On to the next node in document order, over what ends here.
        loop {
            if open.is_empty() {
                return done.pop();
            }
            if let Some(next) = next_sibling(node) {
                node = next;
                break;
            }
            let (parent, from) = open.pop()?;
            close(&mut done, parent, from);
            node = parent;
        }
    }
}

/// A copy of the bytes of a string.
pub fn bytes(heap: &Heap, text: Ref) -> Vec<u8> {
    string::bytes(heap, text).to_vec()
}

/// The tag of a value of a data type some of whose constructors have fields.
pub fn tag(heap: &Heap, value: Ref) -> u32 {
    // An immediate is the tag; static objects have a header like any other.
    if value < vera_abi::layout::FIRST_ADDRESS { value } else { heap.mem().u32(value) >> TAG_SHIFT }
}

/// A field that is a reference or a word.
pub fn field(heap: &Heap, object: Ref, ctor: &Ctor, field: usize) -> u32 {
    heap.mem().field(object, ctor.offset(field))
}

/// A field of eight bytes.
pub fn long_field(heap: &Heap, object: Ref, ctor: &Ctor, field: usize) -> u64 {
    debug_assert!(matches!(ctor.fields.get(field), Some(Storage::Long)));
    heap.mem().long_field(object, ctor.offset(field))
}

/// The references an array holds.
pub fn elements(heap: &Heap, array: Ref) -> impl DoubleEndedIterator<Item = Ref> {
    let (data, count) = (seq::data(heap, array), seq::len(heap, array));
    (0..count).map(move |i| heap.mem().u32(data + 4 * i))
}

/// Keys and values of a `Map<String, V>`, `V` a reference, in insertion order.
pub fn entries(heap: &Heap, map: Ref) -> Vec<(Ref, Ref)> {
    let count = map::size(heap, map);
    let mut entries = Vec::with_capacity(count as usize);
    let mut in_order = true;
    order::unordered(heap, map, |entry| {
        let position = heap.mem().field(entry, ENTRY_POSITION);
        in_order &= position < count;
        entries.push((position, entry));
    });
    if in_order {
        // Each position is that of one entry, which goes straight there.
        let mut placed = alloc::vec![(0, 0); entries.len()];
        for entry in entries {
            if let Some(place) = placed.get_mut(entry.0 as usize) {
                *place = entry;
            }
        }
        entries = placed;
    } else {
        sort::pairs(&mut entries);
    }
    let pair = |(_, entry): (u32, Ref)| {
        (heap.mem().field(entry, ENTRY_KEY), heap.mem().field(entry, ENTRY_KEY + 4))
    };
    entries.into_iter().map(pair).collect()
}
