//! Operators, by precedence climbing with an explicit stack, and the prefix and
//! postfix forms.

use vera_diagnostics::Span;

use super::{MAX_HEIGHT, Parser, Rule};
use crate::ast::{BinaryOp, ExprId, ExprKind, Stage, UnaryOp};
use crate::errors::{ErrorKind, SyntaxError};
use crate::token::{Tok, TokenSet};

/// An operand that is read. Its span includes parentheses around it, which the
/// node's does not.
#[derive(Clone, Copy)]
struct Operand {
    expr: ExprId,
    span: Span,
    height: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Infix {
    Pipe,
    Binary(BinaryOp),
}

/// The levels of section 4, loosest first.
impl Infix {
    const EQUALITY: u8 = 5;
    const ORDER: u8 = 6;

    fn level(self) -> u8 {
        match self {
            Infix::Pipe => 1,
            Infix::Binary(op) => match op {
                BinaryOp::Implies => 2,
                BinaryOp::Or => 3,
                BinaryOp::And => 4,
                BinaryOp::Eq | BinaryOp::Ne => Infix::EQUALITY,
                BinaryOp::Lt | BinaryOp::Gt | BinaryOp::Le | BinaryOp::Ge => Infix::ORDER,
                BinaryOp::Add | BinaryOp::Sub => 7,
                BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 8,
            },
        }
    }

    /// Whether in `a self b next c` the operand `b` belongs to `self`.
    fn binds_before(self, next: Infix) -> bool {
        let (left, right) = (self.level(), next.level());
        left > right || left == right && self != Infix::Binary(BinaryOp::Implies)
    }
}

/// An operator whose right operand is still being read.
struct Pending {
    left: Operand,
    op: Infix,
}

const INFIX: TokenSet = TokenSet::of(&[
    Tok::Pipe,
    Tok::FatArrow,
    Tok::BarBar,
    Tok::AmpAmp,
    Tok::Plus,
    Tok::Minus,
    Tok::Star,
    Tok::Slash,
    Tok::Percent,
]);
const EQUALITY: TokenSet = TokenSet::of(&[Tok::EqEq, Tok::BangEq]);
const ORDER: TokenSet = TokenSet::of(&[Tok::Lt, Tok::Gt, Tok::LtEq, Tok::GtEq]);

impl Parser<'_> {
    /// `expr`: all levels from `pipe` to `mul`.
    ///
    /// Operators wait on a stack until one arrives that binds no tighter, so a
    /// chain of any length and associativity takes no recursion.
    pub(super) fn expr(&mut self) -> Rule<ExprId> {
        self.nested(Self::expr_here)
    }

    fn expr_here(&mut self) -> Rule<ExprId> {
        let mut waiting: Vec<Pending> = Vec::new();
        let mut operand = self.unary()?;
        while let Some(op) = self.infix(&waiting) {
            while let Some(pending) = waiting.pop_if(|top| top.op.binds_before(op)) {
                operand = self.combine(pending, operand)?;
            }
            waiting.push(Pending { left: operand, op });
            operand = self.unary()?;
        }
        while let Some(pending) = waiting.pop() {
            operand = self.combine(pending, operand)?;
        }
        self.height = operand.height;
        Ok(operand.expr)
    }

    /// Takes the operator at the current token, if one can stand there: a second
    /// comparison of the same level cannot.
    fn infix(&mut self, waiting: &[Pending]) -> Option<Infix> {
        let open = |level| {
            let tail = waiting.iter().rev().take_while(|p| p.op.level() >= Infix::EQUALITY);
            tail.into_iter().any(|p| p.op.level() == level)
        };
        self.expected = self.expected.union(INFIX);
        if !open(Infix::EQUALITY) {
            self.expected = self.expected.union(EQUALITY);
        }
        if !open(Infix::ORDER) {
            self.expected = self.expected.union(ORDER);
        }
        // No `->` can follow an operand, so it starts with a minus there.
        if self.current.kind == Tok::Arrow {
            self.at_split(Tok::Minus);
        }
        if !self.expected.contains(self.current.kind) {
            return None;
        }
        let op = match self.current.kind {
            Tok::Pipe => Infix::Pipe,
            Tok::FatArrow => Infix::Binary(BinaryOp::Implies),
            Tok::BarBar => Infix::Binary(BinaryOp::Or),
            Tok::AmpAmp => Infix::Binary(BinaryOp::And),
            Tok::EqEq => Infix::Binary(BinaryOp::Eq),
            Tok::BangEq => Infix::Binary(BinaryOp::Ne),
            Tok::Lt => Infix::Binary(BinaryOp::Lt),
            Tok::Gt => Infix::Binary(BinaryOp::Gt),
            Tok::LtEq => Infix::Binary(BinaryOp::Le),
            Tok::GtEq => Infix::Binary(BinaryOp::Ge),
            Tok::Plus => Infix::Binary(BinaryOp::Add),
            Tok::Minus => Infix::Binary(BinaryOp::Sub),
            Tok::Star => Infix::Binary(BinaryOp::Mul),
            Tok::Slash => Infix::Binary(BinaryOp::Div),
            Tok::Percent => Infix::Binary(BinaryOp::Rem),
            _ => return None,
        };
        self.bump();
        Some(op)
    }

    fn combine(&mut self, pending: Pending, right: Operand) -> Rule<Operand> {
        let Pending { left, op } = pending;
        let span = left.span.to(right.span);
        let height = left.height.max(right.height) + 1;
        if height > MAX_HEIGHT {
            return self.too_deep();
        }
        let expr = match op {
            Infix::Binary(op) => {
                self.expr_node(span, ExprKind::Binary { op, left: left.expr, right: right.expr })
            }
            Infix::Pipe => self.pipe(left.expr, right, span),
        };
        Ok(Operand { expr, span, height })
    }

    /// `left |> f(b)` is the call `f(left, b)`.
    fn pipe(&mut self, left: ExprId, right: Operand, whole: Span) -> ExprId {
        let call = &mut self.nodes[right.expr];
        match &mut call.kind {
            ExprKind::Call { args, stage: stage @ None, .. }
            | ExprKind::CtorCall { args, stage: stage @ None, .. }
            | ExprKind::OpCall { args, stage: stage @ None, .. }
            | ExprKind::ModuleCall { args, stage: stage @ None, .. } => {
                args.insert(0, left);
                *stage = Some(Stage { span: call.span });
                call.span = whole;
            }
            other => {
                let kind = ErrorKind::PipeIntoNonCall { found: describe(other) };
                let span = call.span;
                self.tree_error(SyntaxError::new(span, kind));
                return self.expr_node(whole, ExprKind::Error);
            }
        }
        right.expr
    }

    /// `unary = ( "!" | "-" ) , unary | postfix`
    fn unary(&mut self) -> Rule<Operand> {
        let mut prefixes = Vec::new();
        loop {
            let start = self.start();
            if self.eat_split(Tok::Bang) {
                prefixes.push((start, UnaryOp::Not));
            } else if self.eat_split(Tok::Minus) {
                prefixes.push((start, UnaryOp::Neg));
            } else {
                break;
            }
        }
        let mut operand = self.postfix()?;
        for (start, op) in prefixes.into_iter().rev() {
            operand.span.start = start;
            operand.expr =
                self.expr_node(operand.span, ExprKind::Unary { op, operand: operand.expr });
            operand.height += 1;
        }
        if operand.height > MAX_HEIGHT { self.too_deep() } else { Ok(operand) }
    }

    /// `postfix = primary | postfix , "[" , expr , "]"`
    fn postfix(&mut self) -> Rule<Operand> {
        let start = self.start();
        self.height = 0;
        let mut expr = self.primary()?;
        let mut span = self.span_from(start);
        while self.eat(Tok::LBracket) {
            let index = self.expr()?;
            self.expect(Tok::RBracket)?;
            self.height += 1;
            span = self.span_from(start);
            expr = self.expr_node(span, ExprKind::Index { array: expr, index });
        }
        Ok(Operand { expr, span, height: self.height })
    }
}

/// How a report names an expression that is not a call.
fn describe(kind: &ExprKind) -> &'static str {
    match kind {
        ExprKind::Int(_) => "an integer literal",
        ExprKind::Float(_) => "a float literal",
        ExprKind::Str(_) | ExprKind::Interpolated(_) => "a string literal",
        ExprKind::Bool(_) => "a Boolean literal",
        ExprKind::Unit => "the unit value",
        ExprKind::Hole => "a typed hole",
        ExprKind::Slot { .. } => "a slot reference",
        ExprKind::Result { .. } => "a result reference",
        ExprKind::Ctor { .. } => "a constructor with no argument list",
        ExprKind::Unary { .. } | ExprKind::Binary { .. } => "an operator expression",
        ExprKind::Index { .. } => "an index expression",
        ExprKind::Array(_) => "an array literal",
        ExprKind::Closure(_) => "an anonymous function",
        ExprKind::If { .. } => "an 'if'",
        ExprKind::Match { .. } => "a 'match'",
        ExprKind::Block(_) => "a block",
        ExprKind::Handle(_) => "a 'handle'",
        ExprKind::Call { .. }
        | ExprKind::CtorCall { .. }
        | ExprKind::OpCall { .. }
        | ExprKind::ModuleCall { .. } => "a pipe",
        ExprKind::Old(_)
        | ExprKind::New(_)
        | ExprKind::Assert(_)
        | ExprKind::Assume(_)
        | ExprKind::Quantifier { .. }
        | ExprKind::Error => "an expression that is not a call",
    }
}
