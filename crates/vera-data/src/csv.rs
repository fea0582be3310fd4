//! Comma-separated values (RFC 4180).
//!
//! Records end with CR LF or LF, the last one with or without. Fields may be in
//! quotes, where a quote is doubled and commas and line ends are data. Spaces
//! belong to the field, records may differ in length, and there is no header.
//! An empty line is a record of one empty field, an empty text has no record.
//!
//! ```
//! let records = vera_data::csv::parse(b"a,\"b, \"\"c\"\"\"\r\n,1").unwrap();
//! assert_eq!(records, [[&b"a"[..], b"b, \"c\""], [b"", b"1"]]);
//! assert_eq!(vera_data::csv::write(&records), b"a,\"b, \"\"c\"\"\"\r\n,1\r\n");
//! ```

use alloc::vec::Vec;

use crate::text::push_number;

/// A line of fields.
pub type Record = Vec<Vec<u8>>;

/// Why a text is not CSV, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Line, from 1; only a line feed starts a new one.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A quote in a field that does not start with one.
    Quote,
    /// Text between a closing quote and the end of the field.
    AfterQuote,
    /// A quoted field without its end; the position is its start.
    Unterminated,
    /// A carriage return outside quotes without a line feed behind it.
    CarriageReturn,
}

impl Error {
    fn new(reason: Reason, text: &[u8], rest: &[u8]) -> Error {
        let before = text.get(..text.len().saturating_sub(rest.len())).unwrap_or(text);
        let mut error = Error { line: 1, column: 1, reason };
        for &byte in before {
            // Bytes 10xxxxxx continue a character.
            error.column += usize::from(byte & 0xc0 != 0x80);
            if byte == b'\n' {
                (error.line, error.column) = (error.line + 1, 1);
            }
        }
        error
    }

    /// The sentence, such as `unterminated quoted field: line 2 column 5`.
    pub fn message(&self) -> Vec<u8> {
        let reason: &[u8] = match self.reason {
            Reason::Quote => b"quote in an unquoted field",
            Reason::AfterQuote => b"text after a quoted field",
            Reason::Unterminated => b"unterminated quoted field",
            Reason::CarriageReturn => b"carriage return without a line feed",
        };
        let mut out = reason.to_vec();
        out.extend_from_slice(b": line ");
        push_number(&mut out, self.line as u64);
        out.extend_from_slice(b" column ");
        push_number(&mut out, self.column as u64);
        out
    }
}

/// Reads all records. O(n).
///
/// # Errors
///
/// The first place that is not CSV.
pub fn parse(text: &[u8]) -> Result<Vec<Record>, Error> {
    let mut records = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut record = Record::new();
        loop {
            let (field, behind) = match rest {
                [b'"', ..] => quoted(rest).ok_or(Reason::Unterminated),
                _ => Ok(plain(rest)),
            }
            .map_err(|reason| Error::new(reason, text, rest))?;
            record.push(field);
            rest = match behind {
                [b',', rest @ ..] => rest,
                [] => {
                    rest = behind;
                    break;
                }
                [b'\n', behind @ ..] | [b'\r', b'\n', behind @ ..] => {
                    rest = behind;
                    break;
                }
                wrong => {
                    let reason = match (rest, wrong) {
                        (_, [b'\r', ..]) => Reason::CarriageReturn,
                        ([b'"', ..], _) => Reason::AfterQuote,
                        _ => Reason::Quote,
                    };
                    return Err(Error::new(reason, text, wrong));
                }
            };
        }
        records.push(record);
    }
    Ok(records)
}

/// The unquoted field in front of `text`, and what is behind it.
fn plain(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let end = text.iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r' | b'"'));
    let (field, behind) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, &[]));
    (field.to_vec(), behind)
}

/// The quoted field in front of `text`, and what is behind it.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut field = Vec::new();
    let mut rest = text.get(1..)?;
    loop {
        let quote = rest.iter().position(|&byte| byte == b'"')?;
        let (part, behind) = rest.split_at_checked(quote)?;
        field.extend_from_slice(part);
        match behind {
            [b'"', b'"', behind @ ..] => {
                field.push(b'"');
                rest = behind;
            }
            _ => return Some((field, behind.get(1..)?)),
        }
    }
}

/// Writes records, with quotes only where they are needed and CR LF behind each.
/// [`parse`] reads the same records back, but for one without fields, which comes
/// back with an empty one. O(n).
pub fn write(records: &[Record]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        for (i, field) in record.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            if !field.iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
                out.extend_from_slice(field);
                continue;
            }
            out.push(b'"');
            for &byte in field {
                out.push(byte);
                if byte == b'"' {
                    out.push(b'"');
                }
            }
            out.push(b'"');
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;
    use std::vec;

    #[track_caller]
    fn reads(text: &str, expected: &[&[&str]]) {
        let records = parse(text.as_bytes()).expect("CSV");
        let expected: Vec<Record> = expected
            .iter()
            .map(|record| record.iter().map(|field| field.as_bytes().to_vec()).collect())
            .collect();
        assert_eq!(records, expected, "{text:?}");
        assert_eq!(parse(&write(&records)), Ok(records));
    }

    #[test]
    fn records() {
        reads("", &[]);
        reads("a", &[&["a"]]);
        reads("a,b\nc,d", &[&["a", "b"], &["c", "d"]]);
        reads("a,b\r\nc\r\n", &[&["a", "b"], &["c"]]);
        reads(",\n", &[&["", ""]]);
        reads("a,", &[&["a", ""]]);
        reads("\n\na", &[&[""], &[""], &["a"]]);
        reads(" a , b ", &[&[" a ", " b "]]);
        reads("\"\"", &[&[""]]);
        reads("\"a,\r\n\"\"b\"\"\",c", &[&["a,\r\n\"b\"", "c"]]);
        reads("é,\"ü\"\n", &[&["é", "ü"]]);
    }

    #[test]
    fn errors() {
        for (text, message) in [
            ("a\"b", "quote in an unquoted field: line 1 column 2"),
            ("a,b\né\"\"", "quote in an unquoted field: line 2 column 2"),
            (" \"a\"", "quote in an unquoted field: line 1 column 2"),
            ("\"a\"b", "text after a quoted field: line 1 column 4"),
            ("\"a\" ,b", "text after a quoted field: line 1 column 4"),
            ("a,\"b\nc", "unterminated quoted field: line 1 column 3"),
            ("\"a\"\"", "unterminated quoted field: line 1 column 1"),
            ("a\rb", "carriage return without a line feed: line 1 column 2"),
            ("\"a\"\r", "carriage return without a line feed: line 1 column 4"),
        ] {
            let error = parse(text.as_bytes()).expect_err("no CSV");
            assert_eq!(String::from_utf8_lossy(&error.message()), message, "{text:?}");
        }
    }

    #[test]
    fn writing() {
        let record =
            |fields: &[&str]| fields.iter().map(|field| field.as_bytes().to_vec()).collect();
        let records: Vec<Record> =
            vec![record(&["a b", "c,d"]), record(&["\"", "\n", "\r"]), vec![]];
        assert_eq!(write(&records), b"a b,\"c,d\"\r\n\"\"\"\",\"\n\",\"\r\"\r\n\r\n");
        assert_eq!(write(&[]), b"");
    }

    proptest! {
        #[test]
        fn records_come_back(records in prop::collection::vec(
            prop::collection::vec("[ab,\"\r\n]{0,5}".prop_map(String::into_bytes), 1..4), 0..4,
        )) {
            prop_assert_eq!(parse(&write(&records)), Ok(records));
        }

        #[test]
        fn any_text_ends(text in "[a,\"\r\n]{0,12}") {
            if let Ok(records) = parse(text.as_bytes()) {
                prop_assert_eq!(parse(&write(&records)), Ok(records));
            }
        }
    }
}
