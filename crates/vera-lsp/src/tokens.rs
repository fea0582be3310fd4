//! Semantic tokens: what names stand for, and what the lexer makes of the rest.

use std::collections::HashMap;

use lsp_types::{SemanticToken, SemanticTokenModifier, SemanticTokenType};
use vera_check::typed::Program;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, Decl, ExprKind, PatternKind, StmtKind, TypeKind};
use vera_syntax::{Tok, Token};

use crate::document::{Document, ENTRY};
use crate::index::{self, Occurrence, Owner, Target};
use crate::proposals::functions;

/// The sorts of tokens, by number: see [`Sort`].
pub const TYPES: [SemanticTokenType; 13] = [
    SemanticTokenType::FUNCTION,
    SemanticTokenType::TYPE,
    SemanticTokenType::ENUM_MEMBER,
    SemanticTokenType::INTERFACE,
    SemanticTokenType::METHOD,
    SemanticTokenType::PARAMETER,
    SemanticTokenType::VARIABLE,
    SemanticTokenType::KEYWORD,
    SemanticTokenType::NUMBER,
    SemanticTokenType::STRING,
    SemanticTokenType::COMMENT,
    SemanticTokenType::TYPE_PARAMETER,
    SemanticTokenType::new("hole"),
];

/// What is said of them, by bit: see [`Modifiers`].
pub const MODIFIERS: [SemanticTokenModifier; 6] = [
    SemanticTokenModifier::DECLARATION,
    SemanticTokenModifier::DEFAULT_LIBRARY,
    SemanticTokenModifier::new("let"),
    SemanticTokenModifier::new("match"),
    SemanticTokenModifier::new("state"),
    SemanticTokenModifier::new("contract"),
];

/// An index into [`TYPES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sort {
    Function,
    Type,
    Constructor,
    Effect,
    Operation,
    /// A slot that names a parameter.
    Parameter,
    /// A slot that names another binding.
    Variable,
    Keyword,
    Number,
    String,
    Comment,
    TypeParameter,
    Hole,
}

/// Bits, one for each of [`MODIFIERS`].
mod modifiers {
    pub const DECLARATION: u32 = 1;
    pub const LIBRARY: u32 = 1 << 1;
    pub const LET: u32 = 1 << 2;
    pub const MATCH: u32 = 1 << 3;
    pub const STATE: u32 = 1 << 4;
    /// A keyword of contracts and what is stated besides.
    pub const CONTRACT: u32 = 1 << 5;
}

/// A token with its modifiers.
type Sorted = (Span, Sort, u32);

/// The tokens of a document, each relative to the one before. None spans two lines.
pub fn tokens(document: &Document) -> Vec<SemanticToken> {
    let text = document.checked.sources.get(ENTRY).text();
    let mut found = names(document);
    if let Some(tree) = document.checked.trees.first() {
        found.extend(types(tree));
    }
    found.extend(lexical(text));
    // Of two at one place the first counts: names say more than words.
    found.sort_by_key(|(span, ..)| span.start);
    let mut end = 0;
    found.retain(|(span, ..)| {
        let apart = span.start >= end;
        if apart {
            end = span.end;
        }
        apart
    });
    let (mut line, mut column) = (0, 0);
    let relative = |(span, sort, token_modifiers_bitset): Sorted| {
        let range = document.range(span);
        let (l, c) = (range.start.line, range.start.character);
        let delta_line = l - line;
        let delta_start = if delta_line == 0 { c - column } else { c };
        (line, column) = (l, c);
        let length = range.end.character - c;
        let token_type = sort as u32;
        SemanticToken { delta_line, delta_start, length, token_type, token_modifiers_bitset }
    };
    found.into_iter().flat_map(|token| lines(text, token)).map(relative).collect()
}

/// The parts of a token on each line.
fn lines(text: &str, (span, sort, modifiers): Sorted) -> Vec<Sorted> {
    let mut start = span.start;
    let mut out = Vec::new();
    for line in text[span.start as usize..span.end as usize].split('\n') {
        let end = start + line.len() as u32;
        if end > start {
            out.push((Span::new(start, end), sort, modifiers));
        }
        start = end + 1;
    }
    out
}

/// What names stand for.
fn names(document: &Document) -> Vec<Sorted> {
    let Some(program) = document.program() else { return Vec::new() };
    let bindings = document.checked.trees.first().map(|tree| bindings(tree)).unwrap_or_default();
    let names = document.index().of_file(ENTRY);
    names.filter_map(|name| sorted(program, &bindings, name)).collect()
}

fn sorted(program: &Program, bindings: &HashMap<Span, u32>, name: &Occurrence) -> Option<Sorted> {
    let (sort, library) = match name.target {
        Target::Function(id) => (Sort::Function, program.is_prelude(program.function(id).module)),
        Target::Builtin(_) => (Sort::Function, true),
        Target::Data(id) => (Sort::Type, program.is_prelude(program.data(id).module)),
        Target::Alias(..) => (Sort::Type, false),
        Target::Constructor(id, _) => {
            (Sort::Constructor, program.is_prelude(program.data(id).module))
        }
        Target::Effect(id) => (Sort::Effect, program.effects[id.index()].module.is_none()),
        Target::Operation(id, _) => (Sort::Operation, program.effects[id.index()].module.is_none()),
        // The type it is bound by is a type.
        Target::Local(..) if name.declares => return None,
        Target::Local(Owner::Refinement(_), _) => (Sort::Parameter, false),
        Target::Local(owner, local) => {
            let at = index::body(program, owner)[local].span;
            return Some(match bindings.get(&at) {
                Some(modifier) => (name.span, Sort::Variable, *modifier),
                None => (name.span, Sort::Parameter, 0),
            });
        }
    };
    let mut bits = if name.declares { modifiers::DECLARATION } else { 0 };
    bits |= if library { modifiers::LIBRARY } else { 0 };
    Some((name.span, sort, bits))
}

/// The modifier of each binding that is no parameter, by the place it is bound at.
fn bindings(tree: &ast::Program) -> HashMap<Span, u32> {
    let mut out = HashMap::new();
    let mut states: Vec<Span> = Vec::new();
    let mut bind = |ty: ast::TypeId, modifier| {
        out.insert(tree.nodes[ty].span, modifier);
    };
    for pattern in tree.nodes.patterns() {
        if let PatternKind::Binding(ty) = pattern.kind {
            bind(ty, modifiers::MATCH);
        }
    }
    let mut blocks: Vec<&ast::Block> = Vec::new();
    let mut left: Vec<&ast::FnDecl> = functions(tree).collect();
    while let Some(f) = left.pop() {
        blocks.push(&f.body);
        left.extend(&f.helpers);
    }
    for expr in tree.nodes.exprs() {
        match &expr.kind {
            ExprKind::Block(block) => blocks.push(block),
            ExprKind::Closure(closure) => blocks.push(&closure.body),
            ExprKind::Handle(handle) => {
                blocks.push(&handle.body);
                // Each clause binds the state.
                if handle.state.is_some() {
                    states.extend(handle.clauses.iter().map(|clause| clause.span));
                }
            }
            _ => {}
        }
    }
    for stmt in blocks.into_iter().flat_map(|block| &block.stmts) {
        match &stmt.kind {
            StmtKind::Let { ty, .. } => bind(*ty, modifiers::LET),
            StmtKind::Destructure { binders, .. } => {
                binders.iter().for_each(|ty| bind(*ty, modifiers::LET));
            }
            StmtKind::Expr(_) => {}
        }
    }
    out.extend(states.into_iter().map(|at| (at, modifiers::STATE)));
    out
}

/// Type parameters where they are declared, and in the types of the same declaration; and the
/// types of the language.
fn types(tree: &ast::Program) -> Vec<Sorted> {
    // Names by where they may stand.
    let mut declared: Vec<(Span, &ast::Name)> = Vec::new();
    for decl in &tree.decls {
        let (span, params) = match &decl.decl {
            Decl::Fn(f) => {
                let mut left = vec![f];
                while let Some(f) = left.pop() {
                    let vars = f.forall.iter().flat_map(|forall| &forall.vars);
                    declared.extend(vars.map(|name| (f.span, name)));
                    left.extend(&f.helpers);
                }
                continue;
            }
            Decl::Data(data) => (data.span, &data.params),
            Decl::Alias(alias) => (alias.span, &alias.params),
            Decl::Effect(set) | Decl::Ability(set) => (set.span, &set.params),
        };
        declared.extend(params.iter().map(|name| (span, name)));
    }
    let declarations =
        declared.iter().map(|(_, name)| (name.span, Sort::TypeParameter, modifiers::DECLARATION));
    let uses = tree.nodes.types().filter_map(|ty| match &ty.kind {
        TypeKind::Named { name, .. } => {
            let inside = |at: &Span| at.start <= ty.span.start && ty.span.end <= at.end;
            let named = declared.iter().any(|(at, var)| inside(at) && var.text == name.text);
            match named {
                true => Some((name.span, Sort::TypeParameter, 0)),
                false => vera_builtins::is_reserved_type(&name.text).then_some((
                    name.span,
                    Sort::Type,
                    modifiers::LIBRARY,
                )),
            }
        }
        TypeKind::Fn { .. } | TypeKind::Refined { .. } | TypeKind::Error => None,
    });
    declarations.chain(uses).collect()
}

/// Keywords, literals, holes and comments.
fn lexical(text: &str) -> Vec<Sorted> {
    let tokens = vera_syntax::tokens(text, Span::new(0, text.len() as u32));
    let sorted = |(i, token): (usize, &Token)| {
        let before = i.checked_sub(1).map(|i| tokens[i].kind);
        word(before, token.kind).map(|(sort, bits)| (token.span, sort, bits))
    };
    let comments = vera_syntax::parse(text).comments.into_iter();
    let comments = comments.map(|comment| (comment.span, Sort::Comment, 0));
    tokens.iter().enumerate().filter_map(sorted).chain(comments).collect()
}

/// The sort of a token that is no name. Words that are names are found as such.
fn word(before: Option<Tok>, kind: Tok) -> Option<(Sort, u32)> {
    Some(match kind {
        // The index of a slot is part of it.
        Tok::Int if before == Some(Tok::Dot) => return None,
        Tok::Int | Tok::Float => (Sort::Number, 0),
        Tok::Str => (Sort::String, 0),
        Tok::Question => (Sort::Hole, 0),
        Tok::Requires
        | Tok::Ensures
        | Tok::Decreases
        | Tok::Invariant
        | Tok::Assert
        | Tok::Assume
        | Tok::Old
        | Tok::New
        | Tok::Result => (Sort::Keyword, modifiers::CONTRACT),
        _ if kind.is_keyword() => (Sort::Keyword, 0),
        _ => return None,
    })
}
