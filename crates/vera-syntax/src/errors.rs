//! Syntax errors: one small function per diagnostic code.

use vera_diagnostics::{Applicability, Code, Diagnostic, Edit, FileId, FileSpan, Fix, Span};

use crate::slips::{Explanation, Slip};
use crate::token::{Tok, TokenSet};

const GRAMMAR: &str = "Chapter 1, Section 1.7 \"Grammar\"";
const COMMENTS: &str = "Chapter 1, Section 1.3 \"Comments\"";

/// A syntax error and where it stands. [`SyntaxError::to_diagnostic`] gives the
/// report for the author.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    pub span: Span,
    pub(crate) kind: ErrorKind,
    pub(crate) repair: Option<Box<Repair>>,
}

/// Changes of the text that mend an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Repair {
    title: &'static str,
    applicability: Applicability,
    edits: Vec<(Span, String)>,
}

impl Repair {
    pub fn new(
        title: &'static str,
        applicability: Applicability,
        edits: Vec<(Span, String)>,
    ) -> Repair {
        Repair { title, applicability, edits }
    }

    fn to_fix(&self, file: FileId) -> Fix {
        let edit = |(span, text): &(Span, String)| {
            Edit::replace(FileSpan { file, span: *span }, text.as_str())
        };
        let edits = self.edits.iter().map(edit).collect();
        match self.applicability {
            Applicability::Safe => Fix::safe(self.title, edits),
            Applicability::Review => Fix::review(self.title, edits),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ErrorKind {
    MissingContracts,
    MissingEffects,
    Unexpected { text: Box<str>, expected: TokenSet, slip: Option<Slip> },
    NestedTooDeep,
    UnknownCharacter(char),
    DotCall { path: Box<str> },
    BadString(StringFault),
    UnterminatedBlockComment,
    UnterminatedAnnotation,
    NestedAnnotation,
    OldArgument,
    NewArgument,
    LateContract { keyword: &'static str },
    PipeIntoNonCall { found: &'static str },
}

/// What is wrong with a string literal (`E009`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum StringFault {
    UnknownEscape(char),
    /// No `{` after `\u`.
    UnicodeOpen,
    /// No `}` after `\u{`.
    UnicodeClose,
    UnicodeDigits(Box<str>),
    UnicodeRange(Box<str>),
    EmptyHole,
    UnmatchedHole,
    InvalidHole(Box<str>),
    StatementsInHole,
    /// An interpolated string where a pattern stands.
    InPattern,
}

impl SyntaxError {
    /// Whether it is that something nests too deep.
    pub(crate) fn is_of_depth(&self) -> bool {
        self.kind == ErrorKind::NestedTooDeep
    }

    pub(crate) fn new(span: Span, kind: ErrorKind) -> SyntaxError {
        SyntaxError { span, kind, repair: None }
    }

    /// An error at a two-character comment opener.
    pub(crate) fn opener(start: usize, kind: ErrorKind) -> SyntaxError {
        SyntaxError::new(Span::new(start as u32, start as u32 + 2), kind)
    }

    /// The code of the report.
    pub fn code(&self) -> Code {
        match &self.kind {
            ErrorKind::MissingContracts => Code::E001,
            ErrorKind::MissingEffects => Code::E002,
            ErrorKind::Unexpected { .. } | ErrorKind::NestedTooDeep => Code::E005,
            ErrorKind::UnknownCharacter(_) => Code::E006,
            ErrorKind::DotCall { .. } => Code::E008,
            ErrorKind::BadString(_) => Code::E009,
            ErrorKind::UnterminatedBlockComment => Code::E020,
            ErrorKind::UnterminatedAnnotation => Code::E021,
            ErrorKind::NestedAnnotation => Code::E023,
            ErrorKind::OldArgument => Code::E030,
            ErrorKind::NewArgument => Code::E031,
            ErrorKind::LateContract { .. } => Code::E032,
            ErrorKind::PipeIntoNonCall { .. } => Code::E040,
        }
    }

    /// The report of this error, the parsed text being that of `file`.
    pub fn to_diagnostic(&self, file: FileId) -> Diagnostic {
        let Report { description, rationale, fix, spec } = match &self.kind {
            ErrorKind::MissingContracts => missing_contracts(),
            ErrorKind::MissingEffects => missing_effects(),
            ErrorKind::Unexpected { text, expected, slip } => {
                unexpected_token(text, *expected, slip.as_ref())
            }
            ErrorKind::NestedTooDeep => nested_too_deep(),
            ErrorKind::UnknownCharacter(c) => unknown_character(*c),
            ErrorKind::DotCall { path } => dot_call(path),
            ErrorKind::BadString(fault) => bad_string(fault),
            ErrorKind::UnterminatedBlockComment => unterminated_block_comment(),
            ErrorKind::UnterminatedAnnotation => unterminated_annotation(),
            ErrorKind::NestedAnnotation => nested_annotation(),
            ErrorKind::OldArgument => state_argument("old", "before"),
            ErrorKind::NewArgument => state_argument("new", "after"),
            ErrorKind::LateContract { keyword } => late_contract(keyword),
            ErrorKind::PipeIntoNonCall { found } => pipe_into_non_call(found),
        };
        let at = FileSpan { file, span: self.span };
        let mut report = Diagnostic::error(self.code(), at, description)
            .rationale(rationale)
            .fix(fix)
            .spec(spec);
        report.fixes.extend(self.repair.as_ref().map(|repair| repair.to_fix(file)));
        report
    }
}

/// The prose of a report.
struct Report {
    description: String,
    rationale: String,
    fix: String,
    spec: &'static str,
}

impl Report {
    fn new(
        description: impl Into<String>,
        rationale: impl Into<String>,
        fix: impl Into<String>,
        spec: &'static str,
    ) -> Report {
        Report {
            description: description.into(),
            rationale: rationale.into(),
            fix: fix.into(),
            spec,
        }
    }
}

/// `E001`
fn missing_contracts() -> Report {
    Report::new(
        "This function lacks its contract block. The clauses requires(), ensures() and effects() \
         stand between the signature and the body.",
        "Every named function states what it needs, what it guarantees and which effects it \
         performs before its body starts; requires(true) and ensures(true) say \"nothing\".",
        "Put the clauses between the signature and the '{':\n\
         \n\
         public fn same(@Int -> @Int)\n  \
           requires(true)\n  \
           ensures(@Int.result == @Int.0)\n  \
           effects(pure)\n\
         {\n  \
           @Int.0\n\
         }",
        "Chapter 6, Section 6.1 \"Declaration\"",
    )
}

/// `E002`
fn missing_effects() -> Report {
    Report::new(
        "The effects() declaration is missing.",
        "Functions, anonymous functions and function types all name the effects they perform; \
         a function's effects() comes after its contract clauses and directly before the body.",
        "Write one of these at this position:\n\
         \n\
         effects(pure)\n\
         effects(<IO>)\n\
         effects(<State<Int>>)\n\
         effects(<State<Int>, IO>)",
        "Chapter 10, Section 10.2 \"Rows\"",
    )
}

/// Longest list of expected tokens in a message.
const MAX_EXPECTED: usize = 8;

/// `E005`
fn unexpected_token(text: &str, expected: TokenSet, slip: Option<&Slip>) -> Report {
    let all = expected.descriptions();
    let mut list = all[..all.len().min(MAX_EXPECTED)].join(", ");
    if all.len() > MAX_EXPECTED {
        list.push_str(", ...");
    }
    let description = format!("Unexpected \"{text}\" at this position. Expected one of: {list}");
    if let Some(slip) = slip {
        let Explanation { what, why, fix } = slip.explain();
        return Report::new(format!("{what}\n{description}"), why, fix, GRAMMAR);
    }
    Report::new(
        description,
        if text.is_empty() {
            "The file ends in the middle of a construct."
        } else {
            "No rule of the grammar lets this token follow the text before it."
        },
        if text.is_empty() {
            "Finish the construct: a '}', ')', ';' or ',' is missing at the end of the file or \
             earlier."
        } else {
            "Write one of the expected tokens here, or look a little earlier for a missing '}', \
             ')' or ','."
        },
        GRAMMAR,
    )
}

/// `E005` at the parser's limit of depth.
fn nested_too_deep() -> Report {
    Report::new(
        "The program is nested too deeply at this position.",
        "The tool accepts a bounded depth of brackets, blocks and operator chains, far above \
         what programs written by hand or by a model need.",
        "Name an inner part with 'let', or move it into a function of its own:\n\
         \n\
         let @Int = inner(1);\n\
         outer(@Int.0)",
        GRAMMAR,
    )
}

/// `E006`
fn unknown_character(c: char) -> Report {
    let (rationale, fix) = match c {
        '"' => (
            "A string literal ends at the next '\"' that has no backslash before it, and this \
             one has none.",
            "Close the string, and write a line break inside it as \\n:\n\
             \n\
             \"one line\\nanother line\"",
        ),
        '&' => (
            "There are no bitwise operators; the logical \"and\" has two ampersands.",
            "Write && between the two conditions:\n\
             \n\
             @Bool.1 && @Bool.0",
        ),
        ':' => (
            "A single colon has no meaning: types stand before '=' with an '@', and calls into \
             modules use '::'.",
            "A binding is written\n\
             \n\
             let @Int = 1;\n\
             \n\
             and a call into a module\n\
             \n\
             math.util::half(4)",
        ),
        '\'' => (
            "There are no character literals; a one-character text is a string.",
            "Use double quotes:\n\
             \n\
             \"a\"",
        ),
        _ => (
            "Outside strings and comments a program holds only ASCII identifiers, literals and \
             the operators of the language.",
            "Remove the character, or put it into a string or a comment.",
        ),
    };
    Report::new(
        format!("Unexpected character \"{c}\": no token starts with it."),
        rationale,
        fix,
        "Chapter 1, Section 1.2 \"Tokens\"",
    )
}

/// `E008`
fn dot_call(path: &str) -> Report {
    let (module, function) = path.rsplit_once('.').unwrap_or(("module", path));
    Report::new(
        format!(
            "A call into a module uses '::' between the module path and the function: write \
             {module}::{function}(…) instead of {path}(…)."
        ),
        "Dots separate the parts of a module path; '::' separates the path from the function, \
         so that the two can be told apart.",
        format!(
            "Write '::' before the function name:\n\
             \n\
             {module}::{function}(1)\n\
             vera.math::abs(-5)"
        ),
        "Chapter 11, Section 11.6.3 \"Module-qualified calls\"",
    )
}

const ESCAPES: &str = "The escapes are \\\\ \\\" \\n \\t \\r \\0 \\u{…} (1 to 6 hex digits) and \
                       \\( for interpolation. For a backslash itself, double it:\n\
                       \n\
                       \"C:\\\\temp\"";

const HOLE: &str = "Put exactly one expression between '\\(' and ')'; compute it with 'let' first \
                    when it is long:\n\
                    \n\
                    \"total: \\(@Int.0 + 1)\"\n\
                    \n\
                    For the characters themselves, double the backslash: \"\\\\(\"";

/// `E009`
fn bad_string(fault: &StringFault) -> Report {
    let description = match fault {
        StringFault::UnknownEscape(c) => format!("Invalid escape sequence: \\{c}"),
        StringFault::UnicodeOpen => "Invalid unicode escape: expected '{' after \\u".into(),
        StringFault::UnicodeClose => "Invalid unicode escape: missing '}'".into(),
        StringFault::UnicodeDigits(digits) => format!("Invalid unicode escape: \\u{{{digits}}}"),
        StringFault::UnicodeRange(digits) => {
            format!("Unicode code point out of range: \\u{{{digits}}}")
        }
        StringFault::EmptyHole => "Empty expression in string interpolation".into(),
        StringFault::UnmatchedHole => "Unmatched '\\(' in string interpolation".into(),
        StringFault::InvalidHole(text) => {
            format!("Invalid expression in string interpolation: \\({text})")
        }
        StringFault::StatementsInHole => {
            "Statements are not allowed inside string interpolation".into()
        }
        StringFault::InPattern => "A string pattern cannot hold an interpolation".into(),
    };
    match fault {
        StringFault::UnknownEscape(_)
        | StringFault::UnicodeOpen
        | StringFault::UnicodeClose
        | StringFault::UnicodeDigits(_) => Report::new(
            description,
            "A backslash in a string literal always starts an escape sequence, and only a few \
             are defined.",
            ESCAPES,
            "Chapter 1, Section 1.6 \"Literals\"",
        ),
        StringFault::UnicodeRange(_) => Report::new(
            description,
            "A \\u{…} escape names a Unicode scalar value: 0 to 10FFFF without the surrogates \
             D800 to DFFF.",
            ESCAPES,
            "Chapter 1, Section 1.6 \"Literals\"",
        ),
        StringFault::InPattern => Report::new(
            description,
            "Patterns are compared with constants only.",
            "Match on a plain string, or bind the value and compare in the arm:\n\
             \n\
             match @String.0 {\n  \
               \"yes\" -> true,\n  \
               @String -> @String.0 == \"no\\(@Int.0)\"\n\
             }",
            "Chapter 1, Section 1.6 \"Literals\"",
        ),
        StringFault::EmptyHole
        | StringFault::UnmatchedHole
        | StringFault::InvalidHole(_)
        | StringFault::StatementsInHole => Report::new(
            description,
            "'\\(' in a string literal opens an interpolation: one expression, closed by the \
             matching ')', whose value becomes part of the text.",
            HOLE,
            "Chapter 1, Section 1.6 \"Literals\"",
        ),
    }
}

/// `E020`
fn unterminated_block_comment() -> Report {
    Report::new(
        "This block comment is never closed.",
        "'{-' opens a block comment wherever it stands outside a string. Block comments nest, so \
         each '{-' inside one needs a '-}' of its own.",
        "Add the missing '-}', and one for every '{-' inside the comment. If no comment was meant, as in a block that starts with a \
         negative number, put a space after the brace:\n\
         \n\
         { -1 }",
        COMMENTS,
    )
}

/// `E021`
fn unterminated_annotation() -> Report {
    Report::new(
        "This annotation comment is never closed.",
        "An annotation comment runs from '/*' to the next '*/'.",
        "Add '*/' where the comment ends, or use a line comment:\n\
         \n\
         -- a note to the end of the line",
        COMMENTS,
    )
}

/// `E023`
fn nested_annotation() -> Report {
    Report::new(
        "An annotation comment cannot contain another '/*'.",
        "Annotation comments do not nest: the first '*/' ends them, and what follows would be \
         read as code.",
        "Remove the inner '/*', or use a block comment, which nests:\n\
         \n\
         {- outer {- inner -} outer -}",
        COMMENTS,
    )
}

/// `E030` and `E031`
fn state_argument(keyword: &str, moment: &str) -> Report {
    Report::new(
        format!(
            "{keyword}() takes an effect reference such as State<Int>, not an expression, and is \
             allowed only inside ensures()."
        ),
        format!(
            "{keyword}(E) is the state of the effect E {moment} the call. Parameters never \
             change, so they need no such wrapper."
        ),
        format!(
            "For a parameter, drop the wrapper and write the slot itself, as in @Int.0. For \
             state, name the effect:\n\
             \n\
             ensures(new(State<Int>) == old(State<Int>) + 1)\n\
             \n\
             '{keyword}' is a word of the language, so no function can be called by that name."
        ),
        "Chapter 7, Section 7.2 \"Predicates\"",
    )
}

/// `E032`
fn late_contract(keyword: &str) -> Report {
    Report::new(
        format!(
            "Contract clause '{keyword}' follows 'effects'. Contract clauses come first, then \
             'effects', then the body."
        ),
        "A function's parts have one fixed order: signature, contract clauses, effects(), body.",
        format!(
            "Move the '{keyword}' clause above 'effects':\n\
             \n\
             public fn keep(@Int -> @Int)\n  \
               requires(@Int.0 > 0)\n  \
               ensures(@Int.result > 0)\n  \
               effects(pure)\n\
             {{\n  \
               @Int.0\n\
             }}"
        ),
        "Chapter 6, Section 6.1 \"Declaration\"",
    )
}

/// `E040`
fn pipe_into_non_call(found: &str) -> Report {
    Report::new(
        format!("The right operand of '|>' must be a call; this one is {found}."),
        "a |> f(b) is the call f(a, b): the left operand becomes the first argument of the call \
         on the right. Every other operator binds tighter, so a |> f() + 1 pipes into f() + 1.",
        "Write a call with its parentheses, put other operators around the whole pipe, and chain \
         stages in order:\n\
         \n\
         @Int.0 |> f(1) |> g()\n\
         (@Int.0 |> f()) + 1",
        "Chapter 1, Section 1.5 \"Operators\"",
    )
}

/// Tokens that can start an operand, for the list of expected ones.
pub(crate) const OPERAND_START: TokenSet = TokenSet::of(&[
    Tok::Bang,
    Tok::Minus,
    Tok::Int,
    Tok::Float,
    Tok::Str,
    Tok::True,
    Tok::False,
    Tok::LParen,
    Tok::Question,
    Tok::At,
    Tok::Lower,
    Tok::Upper,
    Tok::Fn,
    Tok::If,
    Tok::Match,
    Tok::LBrace,
    Tok::Handle,
    Tok::LBracket,
    Tok::Old,
    Tok::New,
    Tok::Assert,
    Tok::Assume,
    Tok::Forall,
    Tok::Exists,
]);
