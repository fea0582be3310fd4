//! The sorts of tokens (language reference, chapter 01 section 3) and sets of them.

use logos::Logos;
use vera_diagnostics::Span;

use crate::slips::rank;

macro_rules! tokens {
    (
        words { $($word:ident $word_text:literal)* }
        symbols { $($symbol:ident $symbol_text:literal)* }
    ) => {
        /// The sort of a token.
        ///
        /// Words have sorts of their own, but they are keywords only where the
        /// grammar can use them so; everywhere else the parser takes them as
        /// lower-case identifiers.
        #[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
        #[logos(skip(r"[\t-\r\x1c-\x20\u{85}\u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}]+"))]
        #[repr(u8)]
        pub enum Tok {
            $(#[token($word_text)] $word,)*
            $(#[token($symbol_text)] $symbol,)*
            #[regex("[A-Z][A-Za-z0-9_]*")]
            Upper,
            #[regex("[a-z][A-Za-z0-9_]*")]
            Lower,
            #[regex("0|[1-9][0-9]*")]
            Int,
            #[regex(r"[0-9]+\.[0-9]+")]
            Float,
            /// A whole string literal; the lexer finds its end by hand.
            #[token("\"")]
            Str,
            /// `--`; never reaches the parser, like the two openers below.
            #[token("--")]
            LineComment,
            #[token("{-")]
            BlockComment,
            #[token("/*")]
            AnnotationComment,
            /// A character that starts no token.
            #[token("&")]
            #[token(":")]
            Unknown,
            /// The end of the text; its span is that of the last token.
            Eof,
        }

        impl Tok {
            /// Every sort that can be expected at a position.
            const EXPECTABLE: &[Tok] = &[
                $(Tok::$word,)* $(Tok::$symbol,)*
                Tok::Upper, Tok::Lower, Tok::Int, Tok::Float, Tok::Str,
            ];

            /// Whether the token has the spelling of a lower-case identifier.
            pub(crate) fn is_lower(self) -> bool {
                matches!(self, Tok::Lower $(| Tok::$word)*)
            }

            /// Whether it is a word of the language. Where the grammar cannot use it as
            /// one, it is an identifier all the same.
            pub fn is_keyword(self) -> bool {
                matches!(self, $(Tok::$word)|*)
            }

            /// How a list of expected tokens shows it: spelling in quotes, or the
            /// name of its class.
            pub fn describe(self) -> &'static str {
                match self {
                    $(Tok::$word => concat!("\"", $word_text, "\""),)*
                    $(Tok::$symbol => concat!("\"", $symbol_text, "\""),)*
                    Tok::Upper => "UPPER_IDENT",
                    Tok::Lower => "LOWER_IDENT",
                    Tok::Int => "INT_LIT",
                    Tok::Float => "FLOAT_LIT",
                    Tok::Str => "STRING_LIT",
                    Tok::LineComment | Tok::BlockComment | Tok::AnnotationComment => "comment",
                    Tok::Unknown => "unknown character",
                    Tok::Eof => "end of file",
                }
            }
        }
    };
}

tokens! {
    words {
        Ability "ability" Assert "assert" Assume "assume" Data "data" Decreases "decreases"
        Effect "effect" Effects "effects" Else "else" Ensures "ensures" Exists "exists"
        False "false" Fn "fn" Forall "forall" Handle "handle" If "if" Import "import" In "in"
        Invariant "invariant" Let "let" Match "match" Module "module" New "new" Old "old" Op "op"
        Private "private" Public "public" Pure "pure" Requires "requires" Result "result"
        Then "then" True "true" Type "type" Where "where" With "with"
    }
    symbols {
        Bang "!" BangEq "!=" Percent "%" AmpAmp "&&" LParen "(" RParen ")" Star "*" Plus "+"
        Comma "," Minus "-" Arrow "->" Dot "." Slash "/" ColonColon "::" Semi ";" Lt "<" LtEq "<="
        Eq "=" EqEq "==" FatArrow "==>" Gt ">" GtEq ">=" Question "?" At "@" LBracket "["
        RBracket "]" Underscore "_" LBrace "{" Bar "|" Pipe "|>" BarBar "||" RBrace "}"
    }
}

/// One token: its sort and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Tok,
    pub span: Span,
}

/// A set of token sorts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TokenSet(u128);

impl TokenSet {
    pub(crate) const EMPTY: TokenSet = TokenSet(0);

    pub(crate) const fn of(kinds: &[Tok]) -> TokenSet {
        let mut bits = 0;
        let mut i = 0;
        while i < kinds.len() {
            bits |= 1 << kinds[i] as u8;
            i += 1;
        }
        TokenSet(bits)
    }

    pub(crate) fn insert(&mut self, kind: Tok) {
        self.0 |= 1 << kind as u8;
    }

    pub(crate) const fn union(self, other: TokenSet) -> TokenSet {
        TokenSet(self.0 | other.0)
    }

    pub const fn contains(self, kind: Tok) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// The members as shown to the user: what would be written first comes first, and
    /// what is alike in code-point order.
    pub fn descriptions(self) -> Vec<&'static str> {
        let members = Tok::EXPECTABLE.iter().filter(|t| self.contains(**t));
        let mut names: Vec<_> = members.map(|t| (rank(*t), t.describe())).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }
}
