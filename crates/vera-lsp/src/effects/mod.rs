//! An effect more in the row of a function, and of all that it comes to from there: callers,
//! closures, function types (`vera/addEffect`; language reference, chapter 17.8.5).

mod flow;

use std::sync::Arc;

use vera_diagnostics::{FileSpan, Span};
use vera_syntax::ast::EffectRow;

use self::flow::{Flow, Reached};
use crate::document::{Document, ENTRY};
use crate::index::Target;
use crate::project;
use crate::proposals::{function, functions};
use crate::workspace::Workspace;

/// A file with rows that are to have the effect.
pub struct Spread {
    pub document: Arc<Document>,
    /// As the client counts, where it is open.
    pub version: Option<i32>,
    reached: Reached,
}

/// The function, and what the effect comes to from there in the document, outside of a
/// `handle` of it.
///
/// # Errors
/// Why there is no such function.
pub fn in_document(document: &Arc<Document>, name: &str, effect: &str) -> Result<Spread, String> {
    let (tree, _) = function(document, name)?;
    let named = Reached { functions: [name.to_owned()].into(), ..Reached::default() };
    let reached = Flow::new(document, tree, effect).closed(named, &[]);
    let version = Some(document.version);
    Ok(Spread { document: Arc::clone(document), version, reached })
}

/// The same in every file of the project. The document's own comes first.
///
/// # Errors
/// As [`in_document`].
pub fn in_project(
    workspace: &Workspace,
    document: &Arc<Document>,
    name: &str,
    effect: &str,
) -> Result<Vec<Spread>, String> {
    let own = in_document(document, name, effect)?;
    let mut waiting: Vec<(usize, String)> =
        own.reached.functions.iter().map(|name| (0, name.clone())).collect();
    let mut files = vec![own];
    while let Some((file, name)) = waiting.pop() {
        let declaring = Arc::clone(&files[file].document);
        let (_, f) = function(&declaring, &name)?;
        let at = FileSpan { file: ENTRY, span: f.name.span };
        let Some(place) = declaring.location(at) else { continue };
        for neighbour in project::neighbours(workspace, &declaring, &name) {
            let project::Neighbour { document, version } = neighbour;
            let Some(target @ Target::Function(_)) = document.index_at(&place) else { continue };
            let known = files.iter().position(|file| file.document.uri == document.uri);
            let file = known.unwrap_or_else(|| {
                files.push(Spread { document, version, reached: Reached::default() });
                files.len() - 1
            });
            waiting.extend(files[file].add(target, effect).into_iter().map(|name| (file, name)));
        }
    }
    files.retain(|file| !file.reached.functions.is_empty());
    Ok(files)
}

impl Spread {
    /// What calls of a function of another file make the effect come to: the functions that
    /// are new.
    fn add(&mut self, target: Target, effect: &str) -> Vec<String> {
        let document = Arc::clone(&self.document);
        let Some(tree) = document.checked.trees.first() else { return Vec::new() };
        let calls = document.index().all(target).filter(|o| o.file == ENTRY && !o.declares);
        let calls: Vec<Span> = calls.map(|o| o.span).collect();
        let all = Flow::new(&document, tree, effect).closed(self.reached.clone(), &calls);
        let new = all.functions.difference(&self.reached.functions).cloned().collect();
        self.reached = all;
        new
    }

    /// The text with the effect in the rows that lack it, and the names of the functions
    /// among these, in order.
    pub fn rewritten(&self, effect: &str) -> (String, Vec<String>) {
        let mut text = self.document.checked.sources.get(ENTRY).text().to_owned();
        let Some(tree) = self.document.checked.trees.first() else { return (text, Vec::new()) };
        let flow = Flow::new(&self.document, tree, effect);
        let Reached { functions: reached, aliases, closures } = &self.reached;
        let mut names = Vec::new();
        let mut edits: Vec<(Span, String)> = Vec::new();
        for f in functions(tree).filter(|f| reached.contains(f.name.text.as_str())) {
            if let Some(row) = with_member(&text, &f.effects, effect) {
                edits.push((f.effects.span, row));
                names.push(f.name.text.to_string());
            }
        }
        let of_closures =
            flow.closures().filter(|c| closures.contains(&c.span)).map(|c| &c.effects);
        let of_types = aliases.iter().filter_map(|name| flow.alias(name));
        for row in of_closures.chain(of_types) {
            edits.extend(with_member(&text, row, effect).map(|new| (row.span, new)));
        }
        edits.sort_by_key(|(span, _)| span.start);
        for (span, row) in edits.into_iter().rev() {
            text.replace_range(span.start as usize..span.end as usize, &row);
        }
        (text, names)
    }
}

/// A row with an effect more; `None` where it has one of this name.
fn with_member(text: &str, row: &EffectRow, effect: &str) -> Option<String> {
    let written = |span: Span| text[span.start as usize..span.end as usize].to_owned();
    let mut members: Vec<String> = row.effects.iter().map(|e| written(e.span)).collect();
    if members.iter().any(|member| base(member) == base(effect)) {
        return None;
    }
    members.push(effect.to_owned());
    Some(format!("<{}>", members.join(", ")))
}

/// The name of an effect without its arguments.
fn base(written: &str) -> &str {
    written.split('<').next().unwrap_or_default().trim()
}
