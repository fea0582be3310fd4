//! The parts of a URL, purely by syntax (after RFC 3986, appendix B).

use alloc::vec::Vec;

/// Which delimiters a text had, as a byte to keep beside its parts.
///
/// [`Marks::NONE`], the byte 0, stands for parts that were put together by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(pub u8);

impl Marks {
    /// The parts come from no text.
    pub const NONE: Marks = Marks(0);
    /// The parts come from a text.
    pub const PARSED: Marks = Marks(1);
    /// There is a `//` before the authority.
    pub const AUTHORITY: Marks = Marks(2);
    /// There is a `?` before the query.
    pub const QUERY: Marks = Marks(4);
    /// There is a `#` before the fragment.
    pub const FRAGMENT: Marks = Marks(8);

    /// Whether all of `marks` are among these.
    pub const fn contain(self, marks: Marks) -> bool {
        self.0 & marks.0 == marks.0
    }
}

/// The parts of a URL; absent ones are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Before the first colon.
    pub scheme: &'a [u8],
    /// After `//`: user, host and port.
    pub authority: &'a [u8],
    /// Up to the query or the fragment.
    pub path: &'a [u8],
    /// After `?`.
    pub query: &'a [u8],
    /// After `#`.
    pub fragment: &'a [u8],
    /// Which delimiters there were.
    pub marks: Marks,
}

/// The text has no colon, or nothing before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingScheme;

impl MissingScheme {
    /// The sentence of the language reference.
    pub const fn message(self) -> &'static str {
        "missing scheme"
    }
}

/// Splits `text` where `ends` first says so.
fn split(text: &[u8], ends: impl FnMut(&u8) -> bool) -> (&[u8], &[u8]) {
    let at = text.iter().position(ends).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, &[]))
}

/// Takes a text apart. Nothing is decoded or checked. O(n).
///
/// # Errors
///
/// The text has no scheme.
///
/// ```
/// let parts = vera_data::encoding::url::parse(b"http://h/p?q#f").unwrap();
/// assert_eq!((parts.authority, parts.query), (&b"h"[..], &b"q"[..]));
/// assert_eq!(parts.join(), b"http://h/p?q#f");
/// ```
pub fn parse(text: &[u8]) -> Result<Parts<'_>, MissingScheme> {
    let (scheme, rest) = split(text, |&byte| byte == b':');
    let ([_, ..], [b':', rest @ ..]) = (scheme, rest) else { return Err(MissingScheme) };
    let mut rest = rest;
    let mut parts = Parts { scheme, ..Parts::default() };
    let mut marks = Marks::PARSED.0;
    if let [b'/', b'/', hierarchy @ ..] = rest {
        marks |= Marks::AUTHORITY.0;
        (parts.authority, rest) = split(hierarchy, |byte| matches!(byte, b'/' | b'?' | b'#'));
    }
    (parts.path, rest) = split(rest, |byte| matches!(byte, b'?' | b'#'));
    if let [b'?', query @ ..] = rest {
        marks |= Marks::QUERY.0;
        (parts.query, rest) = split(query, |&byte| byte == b'#');
    }
    if let [b'#', fragment @ ..] = rest {
        marks |= Marks::FRAGMENT.0;
        parts.fragment = fragment;
    }
    parts.marks = Marks(marks);
    Ok(parts)
}

impl Parts<'_> {
    /// The text of the parts: what was parsed, exactly, if it was; else with the
    /// delimiters of the parts that are not empty, and without the authority if
    /// there is no scheme. O(n).
    pub fn join(&self) -> Vec<u8> {
        let parsed = self.marks.contain(Marks::PARSED);
        let scheme = parsed || !self.scheme.is_empty();
        let has = |marks: Marks, otherwise: bool| {
            if parsed { self.marks.contain(marks) } else { otherwise }
        };
        let mut out = Vec::new();
        if scheme {
            out.extend_from_slice(self.scheme);
            out.push(b':');
        }
        if has(Marks::AUTHORITY, scheme) {
            out.extend_from_slice(b"//");
            out.extend_from_slice(self.authority);
        }
        out.extend_from_slice(self.path);
        if has(Marks::QUERY, !self.query.is_empty()) {
            out.push(b'?');
            out.extend_from_slice(self.query);
        }
        if has(Marks::FRAGMENT, !self.fragment.is_empty()) {
            out.push(b'#');
            out.extend_from_slice(self.fragment);
        }
        out
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts([scheme, authority, path, query, fragment]: [&str; 5]) -> Parts<'_> {
        Parts {
            scheme: scheme.as_bytes(),
            authority: authority.as_bytes(),
            path: path.as_bytes(),
            query: query.as_bytes(),
            fragment: fragment.as_bytes(),
            marks: Marks::NONE,
        }
    }

    #[test]
    fn parts_as_chapter_13_9() {
        for (text, expected) in [
            (
                "https://u:p@h.com:80/p/a?q=1&r=2#f",
                ["https", "u:p@h.com:80", "/p/a", "q=1&r=2", "f"],
            ),
            ("mailto:a@b.c?s=1", ["mailto", "", "a@b.c", "s=1", ""]),
            ("file:///p", ["file", "", "/p", "", ""]),
            ("http://h#f?q", ["http", "h", "", "", "f?q"]),
            ("http://h/p?a?b#c#d", ["http", "h", "/p", "a?b", "c#d"]),
            ("http:", ["http", "", "", "", ""]),
            ("http:/p", ["http", "", "/p", "", ""]),
            ("a/b:c", ["a/b", "", "c", "", ""]),
            ("1a:b", ["1a", "", "b", "", ""]),
            ("a b:c", ["a b", "", "c", "", ""]),
            ("?a:b", ["?a", "", "b", "", ""]),
            ("http://h/p?#", ["http", "h", "/p", "", ""]),
            ("http://?#", ["http", "", "", "", ""]),
            ("http://[::1]:8/", ["http", "[::1]:8", "/", "", ""]),
        ] {
            let parsed = parse(text.as_bytes()).expect("a URL");
            assert_eq!(Parts { marks: Marks::NONE, ..parsed }, parts(expected), "{text}");
            assert_eq!(parsed.join(), text.as_bytes());
        }
        for text in ["//h/p", ":x", "no-scheme", ""] {
            let error = parse(text.as_bytes()).map_err(MissingScheme::message);
            assert_eq!(error, Err("missing scheme"), "{text}");
        }
    }

    #[test]
    fn parts_put_together_by_hand() {
        for (given, text) in [
            (["s", "", "", "", ""], "s://"),
            (["s", "h", "p", "", "f"], "s://hp#f"),
            (["", "h", "/p", "q", "f"], "/p?q#f"),
            (["", "", "p", "q", ""], "p?q"),
            (["", "", "", "", ""], ""),
        ] {
            assert_eq!(parts(given).join(), text.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn texts_come_back(text in "[a:/?#]{0,12}") {
            if let Ok(parts) = parse(text.as_bytes()) {
                prop_assert_eq!(parts.join(), text.as_bytes());
            }
        }
    }
}
