//! Texts in which pieces are replaced by others, which may hold pieces of the text in turn.

use std::cmp::Reverse;

use vera_diagnostics::Span;

/// What stands in the place of a piece.
#[derive(Clone, Debug)]
pub enum Part {
    Text(String),
    /// A piece of what is replaced, with the replacements inside it.
    Source(Span),
}

/// A text and what is replaced in it. Of two replacements one is inside the other, or they
/// do not meet; of equal places the one that came first is outside.
pub struct Rewriting<'t> {
    text: &'t str,
    sites: Vec<(Span, Vec<Part>)>,
}

impl<'t> Rewriting<'t> {
    pub fn new(text: &'t str) -> Rewriting<'t> {
        Rewriting { text, sites: Vec::new() }
    }

    pub fn replace(&mut self, piece: Span, by: Vec<Part>) {
        self.sites.push((piece, by));
    }

    /// The whole text as it is then.
    pub fn finish(self) -> String {
        let whole = Span::new(0, self.text.len() as u32);
        self.piece(whole)
    }

    /// A piece of it.
    pub fn piece(mut self, piece: Span) -> String {
        self.sites.sort_by_key(|(span, _)| (span.start, Reverse(span.end)));
        let mut out = String::with_capacity((piece.end - piece.start) as usize);
        self.write(piece, 0, &mut out);
        out
    }

    /// Writes a piece; replacements before number `from` are around it.
    fn write(&self, piece: Span, from: usize, out: &mut String) {
        let mut at = piece.start;
        for (i, (site, parts)) in self.sites.iter().enumerate().skip(from) {
            if site.start >= piece.end {
                break;
            }
            if site.start < at || site.end > piece.end {
                continue;
            }
            out.push_str(&self.text[at as usize..site.start as usize]);
            for part in parts {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Source(span) => self.write(*span, i + 1, out),
                }
            }
            at = site.end;
        }
        out.push_str(&self.text[at as usize..piece.end as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_move_with_what_is_replaced_inside() {
        let mut rewriting = Rewriting::new("f(a, g(b))!");
        rewriting.replace(Span::new(7, 8), vec![Part::Text("c".to_owned())]);
        let (first, second) = (Part::Source(Span::new(2, 3)), Part::Source(Span::new(5, 9)));
        let comma = Part::Text(", ".to_owned());
        rewriting.replace(Span::new(2, 9), vec![second, comma, first]);
        assert_eq!(rewriting.finish(), "f(g(c), a)!");
    }
}
