//! The program's own data: static objects, texts of traps, descriptors.
//!
//! It lies directly above the runtime's data and never moves. Equal strings and
//! texts are stored once.

use std::collections::HashMap;

use vera_abi::layout::{
    CLOSURE_CODE, HEADER_SIZE, Kind, SEQ_DATA, SEQ_ELEMENTS, SEQ_LEN, SEQ_USED, word0,
};
use vera_mir::ir::{Const, Layout, Mem};

/// Data under construction; addresses handed out are final.
pub struct Data {
    start: u32,
    bytes: Vec<u8>,
    strings: HashMap<Vec<u8>, u32>,
    texts: HashMap<String, u32>,
    descriptors: HashMap<(u32, Vec<u32>), u32>,
}

impl Data {
    /// Data that begins at `start` or the next multiple of 8.
    pub fn new(start: u32) -> Data {
        Data {
            start: start.next_multiple_of(8),
            bytes: Vec::new(),
            strings: HashMap::new(),
            texts: HashMap::new(),
            descriptors: HashMap::new(),
        }
    }

    pub fn start(&self) -> u32 {
        self.start
    }

    /// Address behind the data.
    pub fn end(&self) -> u32 {
        self.start + self.bytes.len() as u32
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn align(&mut self, to: usize) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
        self.end()
    }

    /// Appends words at an address that is a multiple of 8, and returns it.
    fn object(&mut self, words: &[u32]) -> u32 {
        let at = self.align(8);
        self.bytes.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        at
    }

    /// A string object.
    pub fn string(&mut self, bytes: &[u8]) -> u32 {
        if let Some(at) = self.strings.get(bytes) {
            return *at;
        }
        let at = self.sequence(Kind::SeqRaw, bytes.len() as u32, 1);
        self.bytes.extend_from_slice(bytes);
        self.strings.insert(bytes.to_vec(), at);
        at
    }

    /// An array object without elements.
    pub fn empty_array(&mut self) -> u32 {
        // The empty string has the same shape.
        self.string(&[])
    }

    /// An array object of numbers of `size` bytes each.
    pub fn array(&mut self, size: u32, elements: &[u64]) -> u32 {
        let at = self.sequence(Kind::SeqRaw, elements.len() as u32, size);
        for bits in elements {
            self.bytes.extend(bits.to_le_bytes().iter().take(size as usize));
        }
        at
    }

    /// An array object of string objects.
    pub fn strings(&mut self, texts: &[Vec<u8>]) -> u32 {
        let addresses: Vec<u32> = texts.iter().map(|text| self.string(text)).collect();
        let at = self.sequence(Kind::SeqRef, addresses.len() as u32, 4);
        self.bytes.extend(addresses.iter().flat_map(|address| address.to_le_bytes()));
        at
    }

    /// The header of a full owner of `count` elements, which come next.
    fn sequence(&mut self, kind: Kind, count: u32, size: u32) -> u32 {
        let at = self.align(8);
        let len = count * size;
        let mut words = [0; SEQ_ELEMENTS as usize / 4];
        words[0] = word0(kind, 0);
        words[1] = len;
        words[SEQ_DATA as usize / 4] = at + SEQ_ELEMENTS;
        words[SEQ_LEN as usize / 4] = count;
        words[SEQ_USED as usize / 4] = len;
        self.object(&words)
    }

    /// A closure without captures, by its place in the function table.
    pub fn closure(&mut self, table_index: u32) -> u32 {
        const { assert!(CLOSURE_CODE == HEADER_SIZE) }
        self.object(&[word0(Kind::Fixed, 0), 0, table_index, 0])
    }

    /// An object with these fields; `statics` are the addresses of those before it.
    pub fn constructed(
        &mut self,
        layout: &Layout,
        fields: &[(u32, Mem, Const)],
        statics: &[u32],
    ) -> u32 {
        let mut bytes = vec![0; layout.size as usize];
        bytes[..8].copy_from_slice(&self.header(layout).to_le_bytes());
        for (offset, mem, value) in fields {
            let bits = match *value {
                Const::I32(n) => u64::from(n as u32),
                Const::I64(n) => n as u64,
                Const::F64(bits) => bits,
                Const::Immediate(tag) => u64::from(tag),
                Const::Static(s) => u64::from(statics[s.index()]),
            };
            let (at, size) = (*offset as usize, mem.size() as usize);
            bytes[at..at + size].copy_from_slice(&bits.to_le_bytes()[..size]);
        }
        let at = self.align(8);
        self.bytes.extend(bytes);
        at
    }

    /// Bytes of a text without a header.
    pub fn text(&mut self, text: &str) -> u32 {
        if let Some(at) = self.texts.get(text) {
            return *at;
        }
        let at = self.end();
        self.bytes.extend_from_slice(text.as_bytes());
        self.texts.insert(text.to_owned(), at);
        at
    }

    /// The header of objects of this layout, as one little-endian value.
    pub fn header(&mut self, layout: &Layout) -> u64 {
        let kind = layout.kind();
        let word1 = match kind {
            Kind::Fixed => bitmap(layout)[0],
            Kind::Wide => self.descriptor(layout),
            Kind::SeqRaw | Kind::SeqRef | Kind::Split => unreachable!("layouts are of fixed size"),
        };
        u64::from(word0(kind, layout.tag)) | u64::from(word1) << 32
    }

    fn descriptor(&mut self, layout: &Layout) -> u32 {
        let key = (layout.size, layout.refs.clone());
        if let Some(at) = self.descriptors.get(&key) {
            return *at;
        }
        let mut words = vec![(layout.size - HEADER_SIZE) / 4];
        words.extend(bitmap(layout));
        let at = self.object(&words);
        self.descriptors.insert(key, at);
        at
    }
}

/// One bit for each payload word, 32 in each element; at least one element.
fn bitmap(layout: &Layout) -> Vec<u32> {
    let words = (layout.size - HEADER_SIZE) / 4;
    let mut bitmap = vec![0; words.div_ceil(32).max(1) as usize];
    for offset in &layout.refs {
        let word = (offset - HEADER_SIZE) / 4;
        bitmap[word as usize / 32] |= 1 << (word % 32);
    }
    bitmap
}
