//! Files and declarations (language reference, chapter 02 sections 3, 6 and 7).

use vera_syntax::Parsed;
use vera_syntax::ast::{
    ClauseKind, DataDecl, Decl, FnDecl, Nodes, OpSetDecl, TopDecl, TypeId, Visibility,
};
use vera_syntax::print::{Inline, inline};

use crate::comments::{Comments, Placed, collapse};
use crate::lines::Lines;

pub(crate) struct Printer<'t> {
    pub nodes: &'t Nodes,
    pub lines: Lines,
    pub comments: Comments<'t>,
    /// The lines of the output, without line ends.
    out: Vec<String>,
}

/// One pass of the formatter.
pub(crate) fn print(text: &str, parsed: &Parsed) -> String {
    let ranges = parsed.comments.iter().map(|c| c.span.start as usize..c.span.end as usize);
    let lines = Lines::new(text, ranges);
    let comments = Comments::new(text, &parsed.program, &parsed.comments, &lines);
    let mut printer = Printer { nodes: &parsed.program.nodes, lines, comments, out: Vec::new() };
    printer.program(parsed);
    printer.finish()
}

impl Printer<'_> {
    fn finish(self) -> String {
        let mut text = String::new();
        for line in &self.out {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        let end = text.trim_end_matches('\n').len();
        text.truncate(end);
        text.push('\n');
        text
    }

    // Lines.

    /// A line; `indent` counts units of two spaces.
    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        let mut line = " ".repeat(indent * 2);
        line.push_str(text);
        self.out.push(line);
    }

    /// A blank line, unless one was just printed or nothing was.
    fn blank(&mut self) {
        if self.out.last().is_some_and(|line| !line.is_empty()) {
            self.out.push(String::new());
        }
    }

    pub(crate) fn inline(&self, write: impl FnOnce(&mut Inline<'_>)) -> String {
        inline(self.nodes, write)
    }

    pub(crate) fn line_of(&self, offset: u32) -> usize {
        self.lines.of(offset as usize)
    }

    // Comments and gaps.

    /// What precedes an item: its gap, if `gap_line` is given and the source has a
    /// blank line above that line or above the first comment at `lines[0]`, and
    /// the comments attached to all of `lines`.
    pub(crate) fn start_item(&mut self, indent: usize, gap_line: Option<usize>, lines: &[usize]) {
        let mut comments: Vec<Placed<'_>> = Vec::new();
        for (i, line) in lines.iter().enumerate() {
            comments.extend(self.comments.take_attached(*line));
            if i == 0
                && let Some(own_line) = gap_line
            {
                let first = comments.first().map_or(own_line, |comment| comment.first_line);
                if self.lines.blank_above(first) {
                    self.blank();
                }
            }
        }
        for comment in comments {
            for line in comment.stripped_lines() {
                self.line(indent, line);
            }
            if self.lines.blank_below(comment.last_line) {
                self.blank();
            }
        }
    }

    /// Appends the inline comments that start before `limit` on the source lines of
    /// the text from `start` to `end` to the line just printed.
    pub(crate) fn append(&mut self, start: u32, end: u32, limit: Option<u32>) {
        let first = self.lines.start(self.line_of(start));
        let after_last = self.lines.start(self.line_of(end) + 1);
        let limit = limit.map_or(after_last, |limit| after_last.min(limit as usize));
        if let Some(comments) = self.comments.take_inline(first..limit.max(first))
            && let Some(mut line) = self.out.pop()
        {
            let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
            self.out.extend(comments.above.iter().map(|text| format!("{indent}{text}")));
            line.push_str(&comments.behind);
            self.out.push(line);
        }
    }

    /// Comments that belong to no item, at the margin.
    fn loose(&mut self, comments: Vec<Placed<'_>>) {
        for comment in comments {
            self.out.extend(comment.lines().map(str::to_string));
        }
    }

    // Files.

    fn program(&mut self, parsed: &Parsed) {
        let program = &parsed.program;
        let header = std::mem::take(&mut self.comments.header);
        self.loose(header);
        if let Some(module) = &program.module {
            self.start_item(0, None, &[self.line_of(module.span.start)]);
            self.line(0, &format!("module {};", module.path.dotted()));
            self.append(module.span.start, module.span.end, None);
            if !program.imports.is_empty() {
                self.blank();
            }
        }
        for import in &program.imports {
            self.start_item(0, None, &[self.line_of(import.span.start)]);
            let names = import
                .names
                .as_ref()
                .map_or(String::new(), |names| format!("({})", self.inline(|w| w.names(names))));
            self.line(0, &format!("import {}{names};", import.path.dotted()));
            self.append(import.span.start, import.span.end, None);
        }
        let mut separate = program.module.is_some() || !program.imports.is_empty();
        for decl in &program.decls {
            if separate {
                self.blank();
            }
            separate = true;
            self.top_decl(decl);
        }
        let stranded = self.comments.take_stranded(usize::MAX);
        self.loose(stranded);
        let trailing = std::mem::take(&mut self.comments.trailing);
        self.loose(trailing);
    }

    fn top_decl(&mut self, top: &TopDecl) {
        let line = self.line_of(top.span.start);
        let stranded = self.comments.take_stranded(line);
        self.loose(stranded);
        self.start_item(0, None, &[line]);
        let visibility = match top.visibility {
            Some(Visibility::Public) => "public ",
            Some(Visibility::Private) => "private ",
            None => "",
        };
        match &top.decl {
            Decl::Fn(decl) => self.function(decl, visibility, 0, top.span.start),
            Decl::Data(decl) => self.data(decl, visibility),
            Decl::Alias(decl) => {
                let alias = self.inline(|w| {
                    w.text("type ");
                    w.text(&decl.name.text);
                    w.type_params(&decl.params);
                    w.text(" = ");
                    w.ty(decl.ty);
                    w.text(";");
                });
                self.line(0, &alias);
            }
            Decl::Effect(decl) => self.op_set("effect", decl),
            Decl::Ability(decl) => self.op_set("ability", decl),
        }
        self.append(top.span.start, top.span.end, None);
    }

    fn data(&mut self, decl: &DataDecl, visibility: &str) {
        let head = self.inline(|w| {
            w.text(visibility);
            w.text("data ");
            w.text(&decl.name.text);
            w.type_params(&decl.params);
            if let Some(invariant) = decl.invariant {
                w.text(" invariant(");
                w.expr(invariant);
                w.text(")");
            }
            w.text(" {");
        });
        self.line(0, &head);
        let mut left = decl.ctors.len();
        for ctor in &decl.ctors {
            left -= 1;
            self.start_item(1, None, &[self.line_of(ctor.span.start)]);
            let text = self.inline(|w| {
                w.text(&ctor.name.text);
                if !ctor.fields.is_empty() {
                    w.text("(");
                    w.types(&ctor.fields);
                    w.text(")");
                }
                w.text(if left > 0 { "," } else { "" });
            });
            self.line(1, &text);
            self.append(ctor.span.start, ctor.span.end, None);
        }
        self.line(0, "}");
    }

    fn op_set(&mut self, word: &str, decl: &OpSetDecl) {
        let head = self.inline(|w| {
            w.text(word);
            w.text(" ");
            w.text(&decl.name.text);
            w.type_params(&decl.params);
            w.text(" {");
        });
        self.line(0, &head);
        for op in &decl.ops {
            self.start_item(1, None, &[self.line_of(op.span.start)]);
            let text = self.inline(|w| {
                w.text("op ");
                w.text(&op.name.text);
                w.op_signature(&op.params, op.ret);
                w.text(";");
            });
            self.line(1, &text);
            self.append(op.span.start, op.span.end, None);
        }
        self.line(0, "}");
    }

    // Functions.

    /// A function; inline comments from `outer_start` on are due after its last `}`.
    fn function(&mut self, decl: &FnDecl, visibility: &str, indent: usize, outer_start: u32) {
        let signature = self.inline(|w| {
            w.text(visibility);
            if let Some(forall) = &decl.forall {
                w.forall(forall);
            }
            w.text("fn ");
            w.text(&decl.name.text);
            signature(w, decl);
        });
        self.line(indent, &signature);
        self.append(decl.span.start, self.nodes[decl.ret].span.end, None);
        for (i, clause) in decl.clauses.iter().enumerate() {
            let line = self.line_of(clause.span.start);
            self.start_item(indent + 1, (i > 0).then_some(line), &[line]);
            let text = self.inline(|w| contract(w, &clause.kind));
            self.line(indent + 1, &text);
            self.append(clause.span.start, clause.span.end, None);
        }
        let row = decl.effects.span;
        let line = self.line_of(row.start);
        self.start_item(indent + 1, Some(line), &[line]);
        let effects = self.inline(|w| w.effects(&decl.effects));
        self.line(indent + 1, &effects);
        self.append(row.start, row.end, None);
        self.line(indent, "{");
        self.block(&decl.body, indent + 1);
        self.line(indent, "}");
        if let Some(span) = decl.where_span {
            self.start_item(indent, None, &[self.line_of(span.start)]);
            self.line(indent, "where {");
            for (i, helper) in decl.helpers.iter().enumerate() {
                if i > 0 {
                    self.blank();
                }
                self.start_item(indent + 1, None, &[self.line_of(helper.span.start)]);
                self.function(helper, "", indent + 1, helper.span.start);
            }
            self.line(indent, "}");
        }
        self.append(outer_start, decl.span.end, None);
    }
}

/// `(@A /* label */, @B -> @R)`
fn signature(w: &mut Inline<'_>, decl: &FnDecl) {
    w.text("(");
    let params: Vec<(TypeId, Option<&str>)> =
        decl.params.iter().copied().zip(decl.param_labels.iter().map(|l| l.as_deref())).collect();
    w.list(&params, |w, (ty, label)| slot(w, *ty, *label));
    w.text(if params.is_empty() { "-> " } else { " -> " });
    slot(w, decl.ret, decl.ret_label.as_deref());
    w.text(")");
}

/// `@T /* label */`
fn slot(w: &mut Inline<'_>, ty: TypeId, label: Option<&str>) {
    w.binder(ty);
    if let Some(label) = label.map(collapse).filter(|label| !label.is_empty()) {
        w.text(" /* ");
        w.text(&label);
        w.text(" */");
    }
}

fn contract(w: &mut Inline<'_>, clause: &ClauseKind) {
    match clause {
        ClauseKind::Requires(expr) => {
            w.text("requires(");
            w.expr(*expr);
        }
        ClauseKind::Ensures(expr) => {
            w.text("ensures(");
            w.expr(*expr);
        }
        ClauseKind::Decreases(measures) => {
            w.text("decreases(");
            w.list(measures, |w, measure| w.expr(*measure));
        }
    }
    w.text(")");
}
