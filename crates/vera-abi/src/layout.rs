//! How a Vera value lies in linear memory.
//!
//! | Vera type | wasm value |
//! |---|---|
//! | `Int`, `Nat` | `i64` |
//! | `Float64` | `f64` |
//! | `Bool`, `Byte`, data types whose constructors all have no fields | `i32` |
//! | everything else with a size | `i32` reference |
//! | zero-size types | nothing |
//!
//! A *reference* is either an **immediate** (a value below [`FIRST_ADDRESS`]:
//! the tag of a constructor without fields), the address of a **static** object
//! (below the heap; string literals, closures without captures), or the
//! address of a **heap** object. Every object starts with an 8-byte header;
//! the address points at the header. Objects never move.
//!
//! # Header
//!
//! Two little-endian `u32` words. Word 0: bits 0–3 the [`Kind`], bit 4
//! [`REMEMBERED`], bit 5 [`BUILDING`], bits 16–31 the constructor tag. Word 1
//! depends on the kind.
//!
//! # Sequences
//!
//! Strings and arrays share one shape. The value is a reference to a header
//! followed by `data`, `len`, `owner`, `used`; the elements stand at the
//! address `data`. In an *owner* (`owner == 0`) they follow inline, in a
//! *view* they belong to the object `owner` names. Reading never needs to know
//! which of the two it has. An owner may have room for more elements than
//! `used` says; the runtime appends in place when the appended-to value ends
//! exactly at `used`.

/// References below this are immediates. The first 64 KiB of memory hold the
/// runtime's own stack, so no object has such an address.
pub const FIRST_ADDRESS: u32 = 0x1_0000;

/// Bytes of an object header.
pub const HEADER_SIZE: u32 = 8;

/// What the collector needs to know to scan an object; bits 0–3 of word 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Kind {
    /// At most 32 payload words; word 1 has bit `i` set when payload word `i`
    /// (at offset `8 + 4 * i`) is a reference.
    Fixed = 0,
    /// Word 1 is the address of a static descriptor: the number of payload
    /// words, then one bitmap word for each 32 of them, in the sense of `Fixed`.
    Wide = 1,
    /// Owner of a sequence whose elements are not references; word 1 is the
    /// capacity of the element area in bytes.
    SeqRaw = 2,
    /// Owner of a sequence of 4-byte references; word 1 as for `SeqRaw`.
    SeqRef = 3,
    /// Words that are not references, then references; word 1 holds the number
    /// of the former in its low [`SPLIT_SHIFT`] bits and of the latter above.
    Split = 4,
}

impl Kind {
    /// The kind stored in header word 0, or `None` for a corrupt header.
    pub const fn of_word0(word0: u32) -> Option<Kind> {
        match word0 & 0xf {
            0 => Some(Kind::Fixed),
            1 => Some(Kind::Wide),
            2 => Some(Kind::SeqRaw),
            3 => Some(Kind::SeqRef),
            4 => Some(Kind::Split),
            _ => None,
        }
    }
}

/// Word 0 flag: the object is in the collector's remembered set.
pub const REMEMBERED: u32 = 1 << 4;

/// Word 0 flag, with [`REMEMBERED`]: a `SeqRef` owner is there from its first element
/// on, not only from where references were appended to it.
pub const REMEMBERED_WHOLE: u32 = 1 << 6;

/// Word 0 flag: a `SeqRef` owner whose elements are still being stored by
/// compiled code with plain stores. While it is set, every collection that
/// reaches the object scans it again in the next one.
pub const BUILDING: u32 = 1 << 5;

/// Shift of the constructor tag in word 0.
pub const TAG_SHIFT: u32 = 16;

/// Bits of word 0 between flags and tag: which delimiters the text of a `UrlParts` had
/// that `url_parse` made, 0 in one that a program made. Only `url_join` looks.
pub const URL_MARKS_SHIFT: u32 = 8;

/// Largest constructor tag.
pub const MAX_TAG: u32 = 0xffff;

/// Header word 0 of a data, tuple or closure object.
pub const fn word0(kind: Kind, tag: u32) -> u32 {
    kind as u32 | tag << TAG_SHIFT
}

/// Largest payload of a `Fixed` object in bytes.
pub const MAX_FIXED_PAYLOAD: u32 = 32 * 4;

/// Offset of the `i32` function-table index in a closure object; captured
/// values follow.
pub const CLOSURE_CODE: u32 = HEADER_SIZE;

/// Offset of the address of element 0 in a sequence.
pub const SEQ_DATA: u32 = 8;
/// Offset of the element count (`u32`).
pub const SEQ_LEN: u32 = 12;
/// Offset of the owner reference; 0 in an owner.
pub const SEQ_OWNER: u32 = 16;
/// Offset of the number of element bytes in use (owners only; 0 in a view).
pub const SEQ_USED: u32 = 20;
/// Offset of the inline elements of an owner, and the size of a view.
pub const SEQ_ELEMENTS: u32 = 24;

/// Header word 1 of a view: payload word 2 (`owner`) is a reference.
pub const VIEW_BITMAP: u32 = 1 << ((SEQ_OWNER - HEADER_SIZE) / 4);

/// Shift of the number of references in word 1 of a [`Kind::Split`] object.
pub const SPLIT_SHIFT: u32 = 8;

/// Offset of the size (`u32`) in a map or set. The empty one is the immediate 0.
pub const MAP_SIZE: u32 = 8;
/// Offset of the position of the next entry in insertion order (`u32`).
pub const MAP_NEXT: u32 = 12;
/// Offset of the root of the trie.
pub const MAP_ROOT: u32 = 16;

/// Offset of an entry's position in insertion order (`u32`), which the runtime
/// writes when the entry becomes part of a map.
pub const ENTRY_POSITION: u32 = 8;
/// Offset of the hash of an entry's key (`u32`).
pub const ENTRY_HASH: u32 = 12;
/// Offset of an entry's key. A map's value follows; the runtime does not know it.
pub const ENTRY_KEY: u32 = 16;

/// Cell sizes of the small-object allocator, ascending; larger objects get
/// blocks of their own. Above [`LAST_EVEN_CLASS`] they are what divides the space
/// of a block into 28, 24, 20, 16, 14, 12, 10, 8, 6, 5, 4, 3 and 2 cells: little is
/// lost, and neighbours do not compete for the same lines of a cache.
pub const SIZE_CLASSES: [u32; 36] = [
    16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768,
    896, 1024, 1144, 1336, 1608, 2008, 2296, 2680, 3216, 4024, 5368, 6440, 8056, 10736, 16112,
];

/// Index of the last of the classes that are multiples of 8 up to 64, then four
/// for each power of two.
pub const LAST_EVEN_CLASS: usize = 22;

/// Index into [`SIZE_CLASSES`] of the smallest cell that holds `size` bytes
/// (header included), or `None` for a large object.
pub const fn size_class(size: u32) -> Option<usize> {
    let mut class = 0;
    while class < SIZE_CLASSES.len() {
        if size <= SIZE_CLASSES[class] {
            return Some(class);
        }
        class += 1;
    }
    None
}

/// Name under which the runtime exports the address of its allocation windows:
/// one pair of `u32` per size class, `cursor` then `limit`. Compiled code may
/// take a cell of `SIZE_CLASSES[c]` bytes at `cursor` and advance `cursor` by
/// that much when the result is at most `limit`; otherwise it calls
/// [`crate::runtime::RtFn::AllocSlow`]. The contents of a fresh cell are
/// undefined: header and payload must be stored before the next allocation.
pub const ALLOC_WINDOWS: &str = "vera_alloc_windows";

/// Bytes of one allocation window.
pub const WINDOW_SIZE: u32 = 8;
/// Offset of the cursor in a window.
pub const WINDOW_CURSOR: u32 = 0;
/// Offset of the limit in a window.
pub const WINDOW_LIMIT: u32 = 4;

/// Bytes of linear memory reserved for the shadow stack. A shadow frame holds
/// four bytes for each reference that its function keeps across a call, and the
/// engine's own frame holds at least as much, so the engine's stack
/// ([`NATIVE_STACK_SIZE`]) ends first; compiled code checks all the same.
pub const SHADOW_STACK_SIZE: u32 = 64 << 20;

/// Engine stack the command-line host gives a program, in bytes.
pub const NATIVE_STACK_SIZE: u32 = 128 << 20;
