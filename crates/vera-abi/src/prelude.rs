//! The data types of the prelude as objects, for library functions that build and
//! read them.
//!
//! The declarations themselves are Vera (`prelude.vera` of `vera-builtins`); a test of
//! `vera-mir` holds this table against what the compiler makes of them. Constructors
//! without fields are the immediate of their tag and not listed, nor are types whose
//! constructors all have none: their values are plain tags.

use crate::layout::HEADER_SIZE;

/// How a field is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    Ref,
    /// `Bool`, `Byte` and enumerations.
    Word,
    /// `Int`, `Nat` and `Float64`.
    Long,
}
use Storage::{Long, Ref, Word};

impl Storage {
    /// Bytes of a field.
    pub const fn size(self) -> u32 {
        match self {
            Ref | Word => 4,
            Long => 8,
        }
    }
}

/// A constructor with fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ctor {
    pub data: &'static str,
    pub name: &'static str,
    pub tag: u32,
    pub fields: &'static [Storage],
}

impl Ctor {
    /// Offset of a field from the start of the object: those of eight bytes come first.
    pub const fn offset(&self, field: usize) -> u32 {
        let wide = self.fields[field].size() == 8;
        let mut offset = HEADER_SIZE;
        let mut i = 0;
        while i < self.fields.len() {
            let before = self.fields[i].size() == 8;
            if (before && !wide) || (before == wide && i < field) {
                offset += self.fields[i].size();
            }
            i += 1;
        }
        offset
    }

    /// Offset and storage of each field, as [`Ctor::offset`] says.
    pub fn places(&self) -> impl Iterator<Item = (u32, Storage)> {
        let wide = self.fields.iter().filter(|field| field.size() == 8).count() as u32;
        let mut next = [HEADER_SIZE + 8 * wide, HEADER_SIZE];
        self.fields.iter().map(move |field| {
            let next = &mut next[usize::from(field.size() == 8)];
            *next += field.size();
            (*next - field.size(), *field)
        })
    }

    /// Bytes of the object.
    pub const fn size(&self) -> u32 {
        let mut size = HEADER_SIZE;
        let mut i = 0;
        while i < self.fields.len() {
            size += self.fields[i].size();
            i += 1;
        }
        size.next_multiple_of(8)
    }

    /// Word 1 of the header: which payload words are references.
    pub const fn references(&self) -> u32 {
        let mut bits = 0;
        let mut i = 0;
        while i < self.fields.len() {
            if matches!(self.fields[i], Ref) {
                bits |= 1 << ((self.offset(i) - HEADER_SIZE) / 4);
            }
            i += 1;
        }
        bits
    }
}

macro_rules! ctors {
    ($($data:literal { $($id:ident = $name:literal, $tag:literal, $fields:expr;)* })*) => {
        $($(
            #[doc = concat!("`", $name, "` of `", $data, "`.")]
            pub const $id: Ctor = Ctor { data: $data, name: $name, tag: $tag, fields: &$fields };
        )*)*

        /// All of them.
        pub const CTORS: &[Ctor] = &[$($($id),*),*];
    };
}

// Of the generic types the instances at references; those at other types differ in
// that field alone.
ctors! {
    "Option" { SOME = "Some", 1, [Ref]; }
    "Result" { OK = "Ok", 0, [Ref]; ERR = "Err", 1, [Ref]; }
    "UrlParts" { URL_PARTS = "UrlParts", 0, [Ref, Ref, Ref, Ref, Ref]; }
    "Json" {
        J_BOOL = "JBool", 1, [Word];
        J_NUMBER = "JNumber", 2, [Long];
        J_STRING = "JString", 3, [Ref];
        J_ARRAY = "JArray", 4, [Ref];
        J_OBJECT = "JObject", 5, [Ref];
    }
    "HtmlNode" {
        HTML_ELEMENT = "HtmlElement", 0, [Ref, Ref, Ref];
        HTML_TEXT = "HtmlText", 1, [Ref];
        HTML_COMMENT = "HtmlComment", 2, [Ref];
    }
    "MdInline" {
        MD_TEXT = "MdText", 0, [Ref];
        MD_CODE = "MdCode", 1, [Ref];
        MD_EMPH = "MdEmph", 2, [Ref];
        MD_STRONG = "MdStrong", 3, [Ref];
        MD_LINK = "MdLink", 4, [Ref, Ref];
        MD_IMAGE = "MdImage", 5, [Ref, Ref];
    }
    "MdBlock" {
        MD_PARAGRAPH = "MdParagraph", 0, [Ref];
        MD_HEADING = "MdHeading", 1, [Long, Ref];
        MD_CODE_BLOCK = "MdCodeBlock", 2, [Ref, Ref];
        MD_BLOCK_QUOTE = "MdBlockQuote", 3, [Ref];
        MD_LIST = "MdList", 4, [Word, Ref];
        MD_TABLE = "MdTable", 6, [Ref];
        MD_DOCUMENT = "MdDocument", 7, [Ref];
    }
}

/// `Tuple<Int, Int>`
pub const PAIR: Ctor = Ctor { data: "Tuple", name: "Tuple", tag: 0, fields: &[Long, Long] };
/// `Tuple<Int, Int, Int>`
pub const TRIPLE: Ctor = Ctor { data: "Tuple", name: "Tuple", tag: 0, fields: &[Long, Long, Long] };

/// The immediate of `None`.
pub const NONE: u32 = 0;
/// The immediate of `JNull`.
pub const J_NULL: u32 = 0;
/// The immediate of `MdThematicBreak`.
pub const MD_THEMATIC_BREAK: u32 = 5;
/// The tags of `Ordering`.
pub const LESS: u32 = 0;
/// See [`LESS`].
pub const EQUAL: u32 = 1;
/// See [`LESS`].
pub const GREATER: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_fields_come_first() {
        assert_eq!(MD_HEADING.offset(0), 8);
        assert_eq!(MD_HEADING.offset(1), 16);
        assert_eq!(MD_HEADING.size(), 24);
        assert_eq!(MD_HEADING.references(), 1 << 2);
        assert!(MD_HEADING.places().map(|place| place.0).eq([8, 16]));
        assert_eq!(URL_PARTS.offset(4), 24);
        assert_eq!(URL_PARTS.references(), 0b11111);
    }
}
