//! Changing the parameters of a function: its signature, the references in its clauses and
//! body, and the arguments of every call.

use vera_check::typed::{FnId, ModuleId, Program};
use vera_diagnostics::Span;
use vera_session::Files;
use vera_syntax::ast::{Decl, Expr, ExprKind, FnDecl};
use vera_syntax::{Tok, Token};

use super::rewriting::{Part, Rewriting};
use super::{Binder, Reference, Typed, as_before, inside, rename};
use crate::document::{Document, ENTRY};
use crate::index::{Owner, Target};

/// A parameter as it is to be.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The parameter that it was, from 0; `None` for a new one.
    pub from: Option<usize>,
    /// Its type without `@`; that which it had unless one is given.
    pub ty: Option<String>,
    /// What calls give for a new one: `?` unless it is said.
    pub argument: Option<String>,
}

/// The function of a document that has a name; `f.g` is the helper `g` of `f`.
pub fn function_named(document: &Document, path: &str) -> Option<FnId> {
    let program = document.program()?;
    let mut found = None;
    for segment in path.split('.') {
        let is = |f: &vera_check::typed::Function| {
            f.module == ModuleId(0) && f.parent == found && f.name == segment
        };
        found = Some(FnId(program.fns.iter().position(is)? as u32));
    }
    found
}

/// The document with other parameters of a function.
///
/// # Errors
/// Why that cannot be.
pub fn changed_signature(
    files: &dyn Files,
    document: &Document,
    function: FnId,
    parameters: &[Parameter],
) -> Result<String, String> {
    let typed = Typed::new(document).ok_or("the document has no analysis")?;
    let declaration = declaration(&typed, function).ok_or("the function does not parse")?;
    let count = declaration.params.len();
    complete(parameters, count)?;
    let text = typed.text();
    let signature = signature(text, &typed, declaration, parameters)?;

    // The checker says what slots the new types have.
    let mut interim = Rewriting::new(text);
    let parts = vec![Part::Text(signature.clone())];
    interim.replace(declaration.signature_span, parts.clone());
    let path = path(typed.program, function);
    let probe = Document::new(files, document.uri.clone(), document.version, interim.finish());
    let slots = slots(&probe, &path, parameters.len()).ok_or_else(|| {
        format!("`{signature}` is no list of parameters: give types as they are written behind `@`")
    })?;

    let mut rewriting = Rewriting::new(text);
    rewriting.replace(declaration.signature_span, parts);
    let owner = Owner::Function(function);
    let references = typed.references(declaration.span)?;
    for reference in references.iter().filter(|r| r.owner == owner) {
        let chain = chain(reference, count, parameters, &slots).map_err(|parameter| {
            let at = document.checked.sources.get(ENTRY).line_col(reference.span.start);
            format!("parameter {} is used at {}:{}", parameter + 1, at.line, at.column)
        })?;
        rename(&mut rewriting, text, reference, (&chain.0, chain.1));
    }
    calls(&typed, function, count, parameters, &mut rewriting)?;
    Ok(as_before(text, rewriting.finish()))
}

/// The document, which is another one than that of the function, with its calls changed;
/// `None` where it does not call it.
///
/// # Errors
/// Which call cannot be changed.
pub fn changed_calls(
    document: &Document,
    function: FnId,
    parameters: &[Parameter],
) -> Result<Option<String>, String> {
    let typed = Typed::new(document).ok_or("the document has no analysis")?;
    let count = typed.program.function(function).params.len();
    let text = typed.text();
    let mut rewriting = Rewriting::new(text);
    let changed = calls(&typed, function, count, parameters, &mut rewriting)?;
    Ok((changed > 0).then(|| as_before(text, rewriting.finish())))
}

/// Each old parameter has one place at most.
fn complete(parameters: &[Parameter], count: usize) -> Result<(), String> {
    for (i, parameter) in parameters.iter().enumerate() {
        let Some(from) = parameter.from else {
            if parameter.ty.is_none() {
                return Err(format!("parameter {} is new and has no `type`", i + 1));
            }
            continue;
        };
        if from >= count {
            return Err(format!("there is no parameter {from}: it has {count}, counted from 0"));
        }
        if parameters[..i].iter().any(|p| p.from == Some(from)) {
            return Err(format!("parameter {from} is given twice"));
        }
    }
    Ok(())
}

fn declaration<'d>(typed: &Typed<'d>, function: FnId) -> Option<&'d FnDecl> {
    fn find(f: &FnDecl, name: Span) -> Option<&FnDecl> {
        if f.name.span == name {
            return Some(f);
        }
        f.helpers.iter().find_map(|helper| find(helper, name))
    }
    let name = typed.program.function(function).name_span;
    typed.tree.decls.iter().find_map(|decl| match &decl.decl {
        Decl::Fn(f) => find(f, name),
        Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => None,
    })
}

fn path(program: &Program, function: FnId) -> String {
    let around = std::iter::successors(Some(function), |f| program.function(*f).parent);
    let mut names: Vec<&str> = around.map(|f| program.function(f).name.as_str()).collect();
    names.reverse();
    names.join(".")
}

/// The slots of the parameters of a function, if there are as many.
fn slots(document: &Document, path: &str, count: usize) -> Option<Vec<Binder>> {
    let id = function_named(document, path)?;
    let f = document.program()?.function(id);
    let binder = |local: &vera_check::typed::LocalId| {
        let local = &f.body[*local];
        Binder { slot: local.slot.clone(), at: local.span }
    };
    (f.params.len() == count).then(|| f.params.iter().map(binder).collect())
}

/// `(@A, @B -> @C)`, labels with their parameters.
fn signature(
    text: &str,
    typed: &Typed<'_>,
    declaration: &FnDecl,
    parameters: &[Parameter],
) -> Result<String, String> {
    let span = declaration.signature_span;
    let slice = |span: Span| slice(text, span);
    let written = |from: usize| {
        let node = typed.tree.nodes[declaration.params[from]].span;
        let label = declaration.param_labels[from].as_ref();
        let label = label.map(|label| format!(" /* {label} */")).unwrap_or_default();
        (slice(node).to_owned(), label)
    };
    let mut out = String::from("(");
    for (i, parameter) in parameters.iter().enumerate() {
        let (old, label) = parameter.from.map(written).unwrap_or_default();
        let ty = parameter.ty.clone().unwrap_or(old);
        let separator = if i == 0 { "" } else { ", " };
        out.push_str(&format!("{separator}@{}{label}", ty.trim().trim_start_matches('@')));
    }
    // From the arrow on it stays.
    let tokens = vera_syntax::tokens(text, span);
    let after = declaration.params.last().map_or(span.start, |p| typed.tree.nodes[*p].span.end);
    let arrow = tokens.iter().find(|t| t.kind == Tok::Arrow && t.span.start >= after);
    let arrow = arrow.ok_or("the signature does not parse")?;
    let comments = vera_syntax::parse(text).comments;
    let before = Span::new(span.start, arrow.span.start);
    let comments = comments.iter().filter(|comment| inside(before, comment.span)).count();
    if comments > declaration.param_labels.iter().flatten().count() {
        return Err("a comment between the parameters would be lost: move it first".to_owned());
    }
    let gap = if parameters.is_empty() { "" } else { " " };
    out.push_str(&format!("{gap}{}", slice(Span::new(arrow.span.start, span.end))));
    Ok(out)
}

/// The chain of a reference when the parameters are others, and which of it is named.
///
/// # Errors
/// The parameter, which is gone, that it names.
fn chain(
    reference: &Reference,
    count: usize,
    parameters: &[Parameter],
    slots: &[Binder],
) -> Result<(Vec<Binder>, usize), usize> {
    // Parameters are the outermost, the first last.
    let inner = reference.chain.len() - count;
    let mut chain = reference.chain[..inner].to_vec();
    chain.extend(slots.iter().rev().cloned());
    if reference.named < inner {
        return Ok((chain, reference.named));
    }
    let old = reference.chain.len() - 1 - reference.named;
    let new = parameters.iter().position(|p| p.from == Some(old)).ok_or(old)?;
    let last = chain.len() - 1;
    Ok((chain, last - new))
}

/// Changes the arguments of every call in the document; yields how many there are.
fn calls(
    typed: &Typed<'_>,
    function: FnId,
    count: usize,
    parameters: &[Parameter],
    rewriting: &mut Rewriting<'_>,
) -> Result<usize, String> {
    let mut changed = 0;
    let target = Target::Function(function);
    let index = typed.document.index();
    let named = index.all(target).filter(|o| o.file == ENTRY && !o.declares);
    let names: std::collections::HashSet<Span> = named.map(|o| o.span).collect();
    for expr in typed.tree.nodes.exprs() {
        let (ExprKind::Call { name, args, stage } | ExprKind::ModuleCall { name, args, stage, .. }) =
            &expr.kind
        else {
            continue;
        };
        if !names.contains(&name.span) || args.len() != count {
            continue;
        }
        unnoticed(typed, expr, args, parameters)?;
        let written = stage.map_or(expr.span, |stage| stage.span);
        let call = Call::new(typed.text(), expr.span, written, name.span.end)
            .ok_or("a call does not parse")?;
        call.rewrite(typed.text(), parameters, rewriting);
        changed += 1;
    }
    Ok(changed)
}

/// Whether nobody can notice that arguments are gone, or evaluated in another order.
fn unnoticed(
    typed: &Typed<'_>,
    call: &Expr,
    args: &[vera_syntax::ast::ExprId],
    parameters: &[Parameter],
) -> Result<(), String> {
    let effects = |i: &usize| {
        let span = typed.tree.nodes[args[*i]].span;
        typed.at(span).is_some_and(|(owner, e)| typed.has_effects(owner, e))
    };
    let old: Vec<usize> = (0..args.len()).filter(effects).collect();
    let new: Vec<usize> =
        parameters.iter().filter_map(|p| p.from).filter(|from| old.contains(from)).collect();
    if old == new {
        return Ok(());
    }
    let at = typed.document.checked.sources.get(ENTRY).line_col(call.span.start);
    Err(format!(
        "the arguments at {}:{} have effects, which would be lost or come in another order: \
         bind them with `let` first",
        at.line, at.column
    ))
}

/// A call as it is written.
struct Call {
    /// With what is piped into it.
    whole: Span,
    /// From its name, or path, to its `)`.
    written: Span,
    /// What is piped into it.
    piped: Option<Span>,
    /// Behind its `(`.
    open: u32,
    /// Its `)`.
    close: u32,
    /// Between the commas, comments included.
    args: Vec<Span>,
}

impl Call {
    fn new(text: &str, whole: Span, written: Span, name_end: u32) -> Option<Call> {
        let tokens = vera_syntax::tokens(text, Span::new(name_end, written.end));
        let open = tokens.first().filter(|t| t.kind == Tok::LParen)?.span.end;
        let (commas, close) = arguments(&tokens)?;
        let starts = std::iter::once(open).chain(commas.iter().map(|c| c.end));
        let ends = commas.iter().map(|c| c.start).chain([close]);
        let trimmed = |(start, end): (u32, u32)| trimmed(text, Span::new(start, end));
        let args: Vec<Span> = starts.zip(ends).map(trimmed).filter(|a| a.start < a.end).collect();
        let piped = (whole.start < written.start).then(|| {
            let tokens = vera_syntax::tokens(text, Span::new(whole.start, written.start));
            let pipe = tokens.iter().rfind(|t| t.kind == Tok::Pipe);
            let end = pipe.map_or(written.start, |pipe| pipe.span.start);
            trimmed((whole.start, end))
        });
        Some(Call { whole, written, piped, open, close, args })
    }

    fn rewrite(&self, text: &str, parameters: &[Parameter], rewriting: &mut Rewriting<'_>) {
        // Piped into as long as its first argument stays the first.
        let piped = self.piped.filter(|_| parameters.first().is_some_and(|p| p.from == Some(0)));
        let old: Vec<Span> = self.piped.iter().chain(&self.args).copied().collect();
        let mut parts = vec![Part::Source(Span::new(self.written.start, self.open))];
        let written = parameters.iter().skip(usize::from(piped.is_some()));
        for (i, parameter) in written.enumerate() {
            if i > 0 {
                parts.push(Part::Text(", ".to_owned()));
            }
            let argument = parameter.argument.clone().unwrap_or_else(|| "?".to_owned());
            let from = parameter.from.and_then(|from| old.get(from));
            parts.push(from.map_or(Part::Text(argument), |span| Part::Source(*span)));
            if from.is_some_and(|span| vera_syntax::ends_in_comment(slice(text, *span))) {
                parts.push(Part::Text("\n".to_owned()));
            }
        }
        parts.push(Part::Source(Span::new(self.close, self.written.end)));
        let place = if piped.is_some() { self.written } else { self.whole };
        rewriting.replace(place, parts);
    }
}

/// The commas between the arguments of a call, and its `)`. The tokens begin at its `(`.
fn arguments(tokens: &[Token]) -> Option<(Vec<Span>, u32)> {
    let (mut depth, mut commas, mut at) = (0, Vec::new(), 0);
    while let Some(Token { kind, span }) = tokens.get(at) {
        match kind {
            Tok::LParen | Tok::LBracket | Tok::LBrace => depth += 1,
            Tok::RParen | Tok::RBracket | Tok::RBrace => {
                depth -= 1;
                if depth == 0 {
                    return Some((commas, span.start));
                }
            }
            Tok::Comma if depth == 1 => commas.push(*span),
            Tok::At if depth == 1 => at = type_end(tokens, at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The last token of the type that begins at a token: `Map<K, V>`.
fn type_end(tokens: &[Token], at: usize) -> usize {
    let kind = |at: usize| tokens.get(at).map(|t| t.kind);
    if kind(at + 1) != Some(Tok::Lt) {
        return at;
    }
    // Comparisons stand in braces alone, those of refinements.
    let (mut angles, mut braces) = (0, 0);
    for (i, token) in tokens.iter().enumerate().skip(at + 1) {
        match token.kind {
            Tok::LBrace => braces += 1,
            Tok::RBrace => braces -= 1,
            Tok::Lt if braces == 0 => angles += 1,
            Tok::Gt if braces == 0 => angles -= 1,
            _ => {}
        }
        if angles == 0 {
            return i;
        }
    }
    at
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn trimmed(text: &str, span: Span) -> Span {
    let piece = slice(text, span);
    let start = span.start + (piece.len() - piece.trim_start().len()) as u32;
    let end = start + piece.trim().len() as u32;
    Span::new(start, end)
}
