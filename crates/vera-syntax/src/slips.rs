//! What people and models write from habit, and what it is in Vera: an unexpected token
//! is explained by the slip behind it, where one is known.

use crate::token::Tok;

/// A known slip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Slip {
    /// `if c { … }`
    MissingThen,
    /// `if c then { … }` and no more.
    MissingElse,
    /// `else if c …`
    ElseIf,
    /// `then 1 else 2`
    BareBranch,
    /// `return e`
    Return,
    /// `let x = e`
    NamedLet,
    /// `let Int = e`
    LetWithoutSigil(Box<str>),
    /// `Some(@Int) -> let @Int = 1; …`
    BareStatements,
    /// `x + 1`
    Variable(Box<str>),
    /// `f(x: Int)`, `fn f(x -> …)`
    NamedParameter,
    /// `fn f(Int -> Int)`
    TypeWithoutSigil(Box<str>),
    /// `Option<@Int>`
    SigilInType,
    /// `fn f(@Int) -> @Int`
    ResultOutside,
    /// `a < b < c`, and the like of `==`.
    Chained(&'static str),
    /// `@Int` as a value.
    MissingIndex(Box<str>),
    /// `@int.0`
    LowerCaseType,
    /// `Some(x)` as a pattern.
    NamedPattern,
    /// `p => e`
    ArmArrow,
    /// `f(a, )`
    TrailingComma,
    /// `f() g()`, `let @Int = 1 f()`
    MissingSemicolon,
    /// `@String.0.length()`
    Method,
    /// `@Int.0 = 1`
    Assignment,
    /// `result > 0`
    BareResult,
    /// `{ f(); }`
    NoResult,
    /// `{ }`
    EmptyBlock,
    /// `// note`
    SlashComment,
    /// A word for what has another form: what is written, what it is in Vera.
    Word(&'static str, &'static str),
}

/// Words of other languages, and what is written instead.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("and", "a && b"),
    ("or", "a || b"),
    ("not", "!a"),
    ("mod", "a % b"),
    ("elif", "else { if c then { a } else { b } }"),
    ("elsif", "else { if c then { a } else { b } }"),
    ("var", "let @Int = 1;"),
    ("const", "let @Int = 1;"),
    ("while", "a function that calls itself"),
    ("for", "array_map(…), array_fold(…) or a function that calls itself"),
    ("loop", "a function that calls itself"),
    ("null", "None"),
    ("nil", "None"),
    ("case", "match a { 0 -> b, _ -> c }"),
    ("switch", "match a { 0 -> b, _ -> c }"),
];

/// Description, rationale and fix.
pub(crate) struct Explanation {
    pub what: String,
    pub why: &'static str,
    pub fix: String,
}

impl Slip {
    pub(crate) fn explain(&self) -> Explanation {
        let of = |what: &str, why, fix: &str| Explanation {
            what: what.to_owned(),
            why,
            fix: fix.to_owned(),
        };
        const NAMELESS: &str = "Values have no names in Vera: a parameter or binding is referred to by its type and how \
             many bindings of that type lie between.";
        const BLOCK: &str = "A block is statements, each ended by ';', and then the expression whose value the \
             block has.";
        match self {
            Slip::MissingThen => of(
                "Between the condition of an 'if' and its block stands 'then'.",
                "'then' ends the condition, so that the '{' after it can only open the block.",
                "if @Bool.0 then { 1 } else { 2 }",
            ),
            Slip::MissingElse => of(
                "An 'if' lacks its 'else'.",
                "An 'if' is an expression and has a value either way; '()' where there is none.",
                "if @Bool.0 then { f(1) } else { () }",
            ),
            Slip::ElseIf => of(
                "There is no 'else if': after 'else' stands a block.",
                "Both branches of an 'if' are blocks; the second 'if' goes into one.",
                "if @Int.0 < 0 then { 1 } else { if @Int.0 == 0 then { 2 } else { 3 } }",
            ),
            Slip::BareBranch => of(
                "A branch of an 'if' is a block in braces.",
                "Both branches of an 'if' are blocks.",
                "if @Bool.0 then { 1 } else { 2 }",
            ),
            Slip::Return => of(
                "There is no 'return': the value of a function is the last expression of its body.",
                BLOCK,
                "{\n  let @Int = @Int.0 + 1;\n  @Int.0\n}",
            ),
            Slip::NamedLet => of(
                "A 'let' names the type of what it binds, not a variable.",
                NAMELESS,
                "let @Int = 1;\n@Int.0 + 1",
            ),
            Slip::LetWithoutSigil(ty) => of(
                "A 'let' of one value has an '@' before the type.",
                "A type without '@' after 'let' is the head of a value to take apart, as in \
                 'let Tuple<@Int, @Bool> = …'.",
                &format!("let @{ty} = …;"),
            ),
            Slip::BareStatements => of(
                "A 'let' stands in a block.",
                "An arm, an argument and an operand are one expression; one that needs statements is a block in braces.",
                "Some(@Int) -> {\n  let @Int = @Int.0 + 1;\n  @Int.0\n}",
            ),
            Slip::Variable(name) => of(
                &format!(
                    "'{name}' is used as a variable; a lower-case name is a function and takes its arguments in parentheses."
                ),
                NAMELESS,
                &format!(
                    "Write the slot, as @Int.0 (`vera check --explain-slots` lists the slots of each function), or call the function: {name}()."
                ),
            ),
            Slip::NamedParameter => {
                of("Parameters have types and no names.", NAMELESS, "fn add(@Int, @Int -> @Int)")
            }
            Slip::TypeWithoutSigil(ty) => of(
                "In the signature of a function each type has an '@' before it.",
                "'@' marks the places that bind a value; the types inside another type have none.",
                &format!("@{ty}"),
            ),
            Slip::SigilInType => of(
                "Inside a type, and for a field of a constructor, there is no '@'.",
                "'@' marks the places that bind a value: parameters, results, 'let', patterns.",
                "Delete the '@'.",
            ),
            Slip::ResultOutside => of(
                "The type of the result stands inside the parentheses of the signature.",
                "A signature is one list: the parameters, '->', the result.",
                "fn f(@Int, @Int -> @Int)",
            ),
            Slip::Chained(op) => of(
                "Comparisons do not chain.",
                "The value of a comparison is a Bool, which is not what the next one would compare.",
                &match *op {
                    "==" | "!=" => "a == b && b == c".to_owned(),
                    op => format!("a {op} b && b {op} c"),
                },
            ),
            Slip::MissingIndex(slot) => of(
                &format!("The slot {slot} lacks its index."),
                "A reference says which binding of the type is meant: 0 is the latest one, 1 the \
                 one before it.",
                &format!("{slot}.0"),
            ),
            Slip::LowerCaseType => of(
                "A slot is named by a type, which starts with a capital letter.",
                NAMELESS,
                "@Int.0",
            ),
            Slip::NamedPattern => of(
                "A pattern binds a value by its type, not by a name.",
                NAMELESS,
                "match @Option<Int>.0 { Some(@Int) -> @Int.0, None -> 0 }",
            ),
            Slip::ArmArrow => of(
                "Between a pattern and its expression stands '->'.",
                "An arm of a 'match' is a pattern, '->' and an expression; commas stand between arms.",
                "match @Int.0 { 0 -> 1, _ -> 2 }",
            ),
            Slip::TrailingComma => of(
                "No comma stands after the last item of a list.",
                "Commas separate items, and nothing follows this one.",
                "Delete the comma.",
            ),
            Slip::MissingSemicolon => {
                of("A ';' is missing before this.", BLOCK, "let @Int = 1;\nf(@Int.0);\n@Int.0")
            }
            Slip::Method => of(
                "There are no methods: a function takes the value as its argument.",
                "Only module paths and the operations of effects have a '.' in a call.",
                "string_length(@String.0), or @String.0 |> string_length()",
            ),
            Slip::Assignment => of(
                "There is no assignment; whether values are equal is asked with '=='.",
                "A binding never changes. What changes is a State cell, by 'put'.",
                "let @Int = 1;",
            ),
            Slip::BareResult => of(
                "The result of a function is written with its type.",
                NAMELESS,
                "ensures(@Int.result > 0)",
            ),
            Slip::NoResult => of(
                "The block lacks the expression it ends with; the one before ends in ';' and is a statement.",
                BLOCK,
                "Drop the last ';', or end the block with '()'.",
            ),
            Slip::EmptyBlock => of("A block holds an expression.", BLOCK, "{ () }"),
            Slip::SlashComment => of(
                "A comment to the end of the line starts with '--'.",
                "'/' divides; '{- … -}' and '/* … */' are comments with an end.",
                "-- a note",
            ),
            Slip::Word(word, instead) => of(
                &format!("Vera has no '{word}'."),
                "The words of the language are listed in Chapter 1, Section 1.5.",
                instead,
            ),
        }
    }
}

/// Where in a list of expected tokens one is shown: what a person would write first.
pub(crate) fn rank(kind: Tok) -> u8 {
    match kind {
        // What ends or goes on with the construct.
        Tok::Then | Tok::Else | Tok::In | Tok::With | Tok::Where => 0,
        Tok::Requires | Tok::Ensures | Tok::Decreases | Tok::Effects | Tok::Pure => 0,
        Tok::Result | Tok::Op | Tok::Invariant => 0,
        Tok::RParen | Tok::RBracket | Tok::RBrace | Tok::Semi | Tok::Comma => 1,
        Tok::Arrow | Tok::Eq | Tok::Dot | Tok::ColonColon | Tok::Bar | Tok::LParen => 1,
        // What begins something.
        Tok::LBrace | Tok::LBracket | Tok::At | Tok::Underscore => 2,
        Tok::Upper | Tok::Lower | Tok::Int | Tok::Float | Tok::Str | Tok::True | Tok::False => 2,
        Tok::Public | Tok::Private | Tok::Fn | Tok::Data | Tok::Type | Tok::Let | Tok::If => 3,
        Tok::Match | Tok::Handle | Tok::Module | Tok::Import | Tok::Effect | Tok::Ability => 3,
        Tok::Forall | Tok::Exists | Tok::Assert | Tok::Assume | Tok::Old | Tok::New => 4,
        // Operators can follow nearly everywhere.
        Tok::Lt | Tok::Gt | Tok::LtEq | Tok::GtEq | Tok::EqEq | Tok::BangEq => 5,
        Tok::Plus | Tok::Minus | Tok::Star | Tok::Slash | Tok::Percent => 5,
        Tok::AmpAmp | Tok::BarBar | Tok::FatArrow | Tok::Pipe | Tok::Bang | Tok::Question => 5,
        Tok::LineComment | Tok::BlockComment | Tok::AnnotationComment => 6,
        Tok::Unknown | Tok::Eof => 6,
    }
}
