//! Semantic tokens: what names stand for. Keywords, literals and comments are told by
//! their form, which editors know.

use lsp_types::{SemanticToken, SemanticTokenModifier, SemanticTokenType};

use crate::document::{Document, ENTRY};
use crate::index::{Owner, Target};

/// The sorts of tokens, by number.
pub const TYPES: [SemanticTokenType; 7] = [
    SemanticTokenType::FUNCTION,
    SemanticTokenType::TYPE,
    SemanticTokenType::ENUM_MEMBER,
    SemanticTokenType::INTERFACE,
    SemanticTokenType::METHOD,
    SemanticTokenType::PARAMETER,
    SemanticTokenType::VARIABLE,
];

/// What is said of them, by bit.
pub const MODIFIERS: [SemanticTokenModifier; 2] =
    [SemanticTokenModifier::DECLARATION, SemanticTokenModifier::DEFAULT_LIBRARY];

/// The tokens of a document, each relative to the one before.
pub fn tokens(document: &Document) -> Vec<SemanticToken> {
    let Some(program) = document.program() else { return Vec::new() };
    let mut found: Vec<(u32, u32, u32, u32, u32)> = Vec::new();
    for name in document.index().of_file(ENTRY) {
        let (kind, library) = match name.target {
            Target::Function(id) => (0, program.is_prelude(program.function(id).module)),
            Target::Builtin(_) => (0, true),
            Target::Data(id) => (1, program.is_prelude(program.data(id).module)),
            Target::Alias(..) => (1, false),
            Target::Constructor(id, _) => (2, program.is_prelude(program.data(id).module)),
            Target::Effect(id) => (3, program.effects[id.index()].module.is_none()),
            Target::Operation(id, _) => (4, program.effects[id.index()].module.is_none()),
            // The type it is bound by is a type.
            Target::Local(..) if name.declares => continue,
            Target::Local(Owner::Function(id), local) => {
                (if program.function(id).params.contains(&local) { 5 } else { 6 }, false)
            }
            Target::Local(Owner::Refinement(_), _) => (5, false),
        };
        let range = document.range(name.span);
        if range.start.line == range.end.line {
            let length = range.end.character - range.start.character;
            let modifiers = u32::from(name.declares) | u32::from(library) << 1;
            found.push((range.start.line, range.start.character, length, kind, modifiers));
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(line, column, ..)| (*line, *column));
    let (mut line, mut column) = (0, 0);
    let relative = |(l, c, length, token_type, token_modifiers_bitset)| {
        let delta_line = l - line;
        let delta_start = if delta_line == 0 { c - column } else { c };
        (line, column) = (l, c);
        SemanticToken { delta_line, delta_start, length, token_type, token_modifiers_bitset }
    };
    found.into_iter().map(relative).collect()
}
