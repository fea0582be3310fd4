//! Reads the text form that [`crate::print`] writes, for tests.

mod lexer;
#[cfg(test)]
mod tests;

use lexer::{Lexer, Token};
use vera_abi::host::HostFn;
use vera_abi::interface::{CompoundId, HostTy};
use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;
use vera_diagnostics::{FileId, FileSpan, Span};

use crate::ir::*;

/// Parses a whole program.
///
/// # Errors
/// The first place that does not fit the grammar, as `line <n>: <what>`.
///
/// ```
/// let text = "fn f0 \"id\" src0 (v0: i64) -> i64 {\n  return v0\n}\n";
/// let program = vera_mir::parse::program(text)?;
/// assert_eq!(program.to_string().trim(), text.trim());
/// # Ok::<(), String>(())
/// ```
pub fn program(text: &str) -> Result<Program, String> {
    let mut p = Parser { lexer: Lexer::new(text), values: Vec::new(), labels: 0 };
    let mut program = Program::default();
    while !p.lexer.at_end() {
        p.item(&mut program)?;
    }
    Ok(program)
}

type Parsed<T> = Result<T, String>;

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// Types of the values of the function being read.
    values: Vec<Ty>,
    labels: u32,
}

impl Parser<'_> {
    fn fail<T>(&self, what: &str) -> Parsed<T> {
        Err(format!("line {}: {what}, found {:?}", self.lexer.line(), self.lexer.peek()))
    }

    fn eat(&mut self, punct: &'static str) -> bool {
        let found = self.lexer.peek() == Token::Punct(punct);
        if found {
            self.lexer.next();
        }
        found
    }

    fn expect(&mut self, punct: &'static str) -> Parsed<()> {
        if self.eat(punct) { Ok(()) } else { self.fail(&format!("expected `{punct}`")) }
    }

    fn word(&mut self) -> Parsed<String> {
        match self.lexer.peek() {
            Token::Word(word) => {
                self.lexer.next();
                Ok(word.to_owned())
            }
            _ => self.fail("expected a word"),
        }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.lexer.peek() == Token::Word(word);
        if found {
            self.lexer.next();
        }
        found
    }

    fn keyword(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word) { Ok(()) } else { self.fail(&format!("expected `{word}`")) }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        if let Token::Number(text) = self.lexer.peek()
            && let Ok(number) = text.parse()
        {
            self.lexer.next();
            return Ok(number);
        }
        self.fail("expected a number")
    }

    fn string(&mut self) -> Parsed<Vec<u8>> {
        match self.lexer.peek() {
            Token::String(text) => {
                let bytes = lexer::unescape(text);
                self.lexer.next();
                bytes.map_or_else(|| self.fail("malformed escape before"), Ok)
            }
            _ => self.fail("expected a string"),
        }
    }

    fn name(&mut self) -> Parsed<String> {
        let bytes = self.string()?;
        String::from_utf8(bytes).or_else(|_| self.fail("name is not UTF-8 before"))
    }

    /// An id such as `v12`.
    fn id(&mut self, prefix: &str) -> Parsed<u32> {
        if let Token::Word(word) = self.lexer.peek()
            && let Some(Ok(id)) = word.strip_prefix(prefix).map(str::parse)
        {
            self.lexer.next();
            return Ok(id);
        }
        self.fail(&format!("expected `{prefix}<n>`"))
    }

    fn value(&mut self) -> Parsed<ValueId> {
        Ok(ValueId(self.id("v")?))
    }

    fn comma_list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `( item, … )`, possibly empty.
    fn parens<T>(&mut self, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect("(")?;
        if self.eat(")") {
            return Ok(Vec::new());
        }
        let items = self.comma_list(item)?;
        self.expect(")")?;
        Ok(items)
    }

    fn item(&mut self, program: &mut Program) -> Parsed<()> {
        if self.eat_word("fn") {
            self.id("f")?;
            let func = self.func()?;
            program.funcs.push(func);
            return Ok(());
        }
        if self.eat_word("export") {
            let name = self.name()?;
            let func = FuncId(self.id("f")?);
            let in_parts = self.eat_word("in_parts");
            let params = self.parens(Self::host_ty)?;
            self.expect("->")?;
            let result = self.host_ty()?;
            program.exports.push(Export { name, func, params, result, in_parts });
            return Ok(());
        }
        let id = self.word()?;
        self.expect("=")?;
        let kind = id.trim_end_matches(|c: char| c.is_ascii_digit());
        match kind {
            "src" => {
                let name = self.name()?;
                let decl = self.span()?;
                program.source_fns.push(SourceFn { name, decl });
            }
            "loc" => {
                let at = self.span()?;
                let func = SourceFnId(self.id("src")?);
                let inlined_at =
                    if self.eat_word("inlined") { Some(LocId(self.id("loc")?)) } else { None };
                program.locs.push(Loc { at, func, inlined_at });
            }
            "layout" => {
                self.keyword("tag")?;
                let tag = self.number()?;
                self.keyword("size")?;
                let size = self.number()?;
                self.keyword("refs")?;
                let refs = self.brackets(Self::number)?;
                let mutable = self.eat_word("mutable");
                program.layouts.push(Layout { tag, size, refs, mutable });
            }
            "s" => {
                let word = self.word()?;
                program.statics.push(match word.as_str() {
                    "string" => Static::String(self.string()?),
                    "empty_array" => Static::EmptyArray,
                    "array" => Static::Array(self.mem()?, self.brackets(Self::number)?),
                    "strings" => Static::Strings(self.brackets(Self::string)?),
                    "closure" => Static::Closure(FuncId(self.id("f")?)),
                    "object" => {
                        let layout = LayoutId(self.id("layout")?);
                        Static::Object(layout, self.parens(Self::constant_field)?)
                    }
                    _ => return self.fail("unknown static before"),
                });
            }
            _ => return self.fail("unknown item before"),
        }
        Ok(())
    }

    fn host_ty(&mut self) -> Parsed<HostTy> {
        if matches!(self.lexer.peek(), Token::String(_)) {
            let name = self.name()?;
            return Ok(HostTy::Opaque(name));
        }
        let word = self.word()?;
        Ok(match word.as_str() {
            "unit" => HostTy::Unit,
            "int" => HostTy::Int,
            "nat" => HostTy::Nat,
            "byte" => HostTy::Byte,
            "bool" => HostTy::Bool,
            "float64" => HostTy::Float64,
            "string" => HostTy::String,
            "decimal" => HostTy::Decimal,
            "enum" => HostTy::Enum(CompoundId(self.number()?)),
            "compound" => HostTy::Compound(CompoundId(self.number()?)),
            _ => return self.fail("unknown host type before"),
        })
    }

    fn span(&mut self) -> Parsed<FileSpan> {
        let file = FileId(self.number()?);
        self.expect(":")?;
        let start = self.number()?;
        self.expect("..")?;
        let end = self.number()?;
        Ok(FileSpan { file, span: Span::new(start, end) })
    }

    fn ty(&mut self) -> Parsed<Ty> {
        let word = self.word()?;
        Ok(match word.as_str() {
            "i32" => Ty::I32,
            "i64" => Ty::I64,
            "f64" => Ty::F64,
            "ref" => Ty::Ref,
            _ => return self.fail("unknown type before"),
        })
    }

    /// A list in brackets, perhaps an empty one.
    fn brackets<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect("[")?;
        let items = if self.lexer.peek() == Token::Punct("]") {
            Vec::new()
        } else {
            self.comma_list(item)?
        };
        self.expect("]")?;
        Ok(items)
    }

    fn constant_field(&mut self) -> Parsed<(u32, Mem, Const)> {
        let offset = self.number()?;
        let mem = self.mem()?;
        let word = self.word()?;
        Ok((offset, mem, self.constant(&word, Some(mem.ty()))?))
    }

    /// What follows the first word of a constant of this type.
    fn constant(&mut self, word: &str, ty: Option<Ty>) -> Parsed<Const> {
        Ok(match (word, ty) {
            ("immediate", _) => Const::Immediate(self.number()?),
            ("static", _) => Const::Static(StaticId(self.id("s")?)),
            ("const", Some(Ty::I32)) => Const::I32(self.number()?),
            ("const", Some(Ty::I64)) => Const::I64(self.number()?),
            ("const", Some(Ty::F64)) => Const::F64(self.number::<f64>()?.to_bits()),
            _ => return self.fail("constant without a number type before"),
        })
    }

    fn global(&mut self) -> Parsed<Global> {
        let word = self.word()?;
        match Global::ALL.into_iter().find(|g| g.name() == word) {
            Some(global) => Ok(global),
            None => self.fail("unknown variable before"),
        }
    }

    fn mem(&mut self) -> Parsed<Mem> {
        let word = self.word()?;
        Ok(match word.as_str() {
            "u8" => Mem::U8,
            "i32" => Mem::I32,
            "i64" => Mem::I64,
            "f64" => Mem::F64,
            "ref" => Mem::Ref,
            _ => return self.fail("unknown storage before"),
        })
    }

    /// `v1: i64`, a definition.
    fn typed_value(&mut self) -> Parsed<ValueId> {
        let value = self.value()?;
        self.expect(":")?;
        let ty = self.ty()?;
        if self.values.len() <= value.index() {
            self.values.resize(value.index() + 1, Ty::I32);
        }
        self.values[value.index()] = ty;
        Ok(value)
    }

    fn func(&mut self) -> Parsed<Func> {
        self.values = Vec::new();
        self.labels = 0;
        let name = self.name()?;
        let source = SourceFnId(self.id("src")?);
        let params = self.parens(Self::typed_value)?;
        let results = if self.eat("->") { self.comma_list(Self::ty)? } else { Vec::new() };
        let natural =
            if self.eat_word("natural") { self.comma_list(Self::value)? } else { Vec::new() };
        let indirect = self.eat_word("indirect");
        let collects = self.eat_word("collects");
        let recursive = self.eat_word("recursive");
        let body = self.region()?;
        let values = std::mem::take(&mut self.values);
        let labels = self.labels;
        Ok(Func {
            name,
            source,
            params,
            natural,
            results,
            values,
            labels,
            body,
            indirect,
            collects,
            recursive,
        })
    }

    fn region(&mut self) -> Parsed<Region> {
        self.expect("{")?;
        let mut insts = Vec::new();
        let end = loop {
            if let Some(end) = self.terminator()? {
                break end;
            }
            insts.push(self.inst()?);
        };
        self.expect("}")?;
        Ok(Region { insts, end })
    }

    fn boxed_region(&mut self) -> Parsed<Box<Region>> {
        Ok(Box::new(self.region()?))
    }

    fn label(&mut self) -> Parsed<LabelId> {
        let label = LabelId(self.id("l")?);
        self.labels = self.labels.max(label.0 + 1);
        Ok(label)
    }

    /// Values up to the closing brace of the region.
    fn rest(&mut self) -> Parsed<Vec<ValueId>> {
        if self.lexer.peek() == Token::Punct("}") {
            Ok(Vec::new())
        } else {
            self.comma_list(Self::value)
        }
    }

    fn loc(&mut self) -> Parsed<LocId> {
        Ok(LocId(if self.eat("!") { self.id("loc")? } else { 0 }))
    }

    fn args(&mut self) -> Parsed<Vec<ValueId>> {
        self.parens(Self::value)
    }

    fn result_types(&mut self) -> Parsed<Vec<Ty>> {
        self.expect("->")?;
        let types = ["i32", "i64", "f64", "ref"];
        if matches!(self.lexer.peek(), Token::Word(w) if types.contains(&w)) {
            self.comma_list(Self::ty)
        } else {
            Ok(Vec::new())
        }
    }

    fn trap(&mut self) -> Parsed<(TrapKind, Option<Message>)> {
        let word = self.word()?;
        let Some(kind) = TrapKind::ALL.iter().find(|k| k.name() == word) else {
            return self.fail("unknown trap kind before");
        };
        let own = matches!(self.lexer.peek(), Token::String(_));
        let message = if own { Some(Message(self.name()?)) } else { None };
        Ok((*kind, message))
    }

    fn reason(&mut self) -> Parsed<Reason> {
        if self.eat_word("proof") {
            return Ok(Reason::Proof);
        }
        if matches!(self.lexer.peek(), Token::Word(w) if w.starts_with('l')) {
            return Ok(Reason::Loop(self.label()?));
        }
        let cond = self.value()?;
        let truth = self.eat_word("true");
        if !truth && !self.eat_word("false") {
            return self.fail("neither `true` nor `false` before");
        }
        Ok(Reason::Condition(cond, truth))
    }

    fn terminator(&mut self) -> Parsed<Option<Terminator>> {
        let Token::Word(word) = self.lexer.peek() else { return Ok(None) };
        let known = [
            "yield",
            "return",
            "break",
            "continue",
            "unreachable",
            "trap",
            "tail_call",
            "tail_call_closure",
        ];
        if !known.contains(&word) {
            return Ok(None);
        }
        self.lexer.next();
        Ok(Some(match word {
            "yield" => Terminator::Yield(self.rest()?),
            "return" => Terminator::Return(self.rest()?),
            "break" => Terminator::Break(self.label()?, self.rest()?),
            "continue" => Terminator::Continue(self.label()?, self.rest()?),
            "unreachable" => Terminator::Unreachable,
            "trap" => {
                let (kind, message) = self.trap()?;
                Terminator::Trap { kind, message, loc: self.loc()? }
            }
            "tail_call" => {
                let func = FuncId(self.id("f")?);
                Terminator::TailCall { func, args: self.args()?, loc: self.loc()? }
            }
            _ => {
                let closure = self.value()?;
                let args = self.args()?;
                let results = self.result_types()?;
                Terminator::TailCallClosure { closure, args, results, loc: self.loc()? }
            }
        }))
    }

    fn inst(&mut self) -> Parsed<Inst> {
        let mut results = Vec::new();
        if matches!(self.lexer.peek(), Token::Word(w) if is_value(w)) {
            results = self.comma_list(Self::typed_value)?;
            self.expect("=")?;
        }
        let op = self.op(&results)?;
        let mut roots = Vec::new();
        if self.eat("[") {
            roots = self.comma_list(Self::value)?;
            self.expect("]")?;
        }
        Ok(Inst { results, op, loc: self.loc()?, roots })
    }

    fn op(&mut self, results: &[ValueId]) -> Parsed<Op> {
        let word = self.word()?;
        if let Some(op) = UnaryOp::ALL.iter().find(|op| op.name() == word) {
            return Ok(Op::Unary(*op, self.value()?));
        }
        if let Some(op) = BinaryOp::ALL.iter().find(|op| op.name() == word) {
            let (a, b) = self.pair()?;
            return Ok(Op::Binary(*op, a, b));
        }
        if let Some(op) = CheckedOp::ALL.iter().find(|op| op.name() == word) {
            let (a, b) = self.pair()?;
            return Ok(Op::Checked(*op, a, b));
        }
        Ok(match word.as_str() {
            "const" | "immediate" | "static" => {
                let ty = results.first().map(|v| self.values[v.index()]);
                Op::Const(self.constant(&word, ty)?)
            }
            "guard" => {
                let cond = self.value()?;
                self.expect(",")?;
                let (kind, message) = self.trap()?;
                Op::Guard { cond, kind, message }
            }
            "claim" => Op::Claim { by: self.comma_list(Self::reason)? },
            "make_object" => {
                let layout = LayoutId(self.id("layout")?);
                Op::MakeObject { layout, fields: self.parens(Self::field)? }
            }
            "make_closure" => {
                let layout = LayoutId(self.id("layout")?);
                let func = FuncId(self.id("f")?);
                Op::MakeClosure { layout, func, captures: self.parens(Self::field)? }
            }
            "load" => {
                let mem = self.mem()?;
                let object = self.value()?;
                self.expect("+")?;
                Op::Load { object, offset: self.number()?, mem }
            }
            "read_cell" => {
                let mem = self.mem()?;
                let object = self.value()?;
                self.expect("+")?;
                Op::ReadCell { object, offset: self.number()?, mem }
            }
            "write_cell" => {
                let mem = self.mem()?;
                let object = self.value()?;
                self.expect("+")?;
                let offset = self.number()?;
                self.expect(",")?;
                Op::WriteCell { object, offset, mem, value: self.value()? }
            }
            "get_global" => Op::GetGlobal(self.global()?),
            "set_global" => {
                let global = self.global()?;
                self.expect(",")?;
                Op::SetGlobal(global, self.value()?)
            }
            "tag" => Op::Tag { object: self.value()? },
            "is_immediate" => Op::IsImmediate(self.value()?),
            "seq_len" => Op::SeqLen(self.value()?),
            "seq_data" => Op::SeqData(self.value()?),
            "element" => {
                let mem = self.mem()?;
                let (data, index) = self.pair()?;
                Op::Element { data, index, mem }
            }
            "set_element" => {
                let mem = self.mem()?;
                let (data, index) = self.pair()?;
                self.expect(",")?;
                Op::SetElement { data, index, mem, value: self.value()? }
            }
            "seq_finish" => Op::SeqFinish(self.value()?),
            "call" => Op::Call { func: FuncId(self.id("f")?), args: self.args()? },
            "call_closure" => {
                let closure = self.value()?;
                let args = self.args()?;
                Op::CallClosure { closure, args, results: self.result_types()? }
            }
            "call_rt" => {
                let name = self.word()?;
                let Some(func) = RtFn::ALL.iter().find(|f| f.name() == name) else {
                    return self.fail("unknown runtime function before");
                };
                Op::CallRt { func: *func, args: self.args()? }
            }
            "call_host" => {
                let name = self.word()?;
                let Some(func) = HostFn::ALL.iter().find(|f| f.name() == name) else {
                    return self.fail("unknown host function before");
                };
                Op::CallHost { func: *func, args: self.args()? }
            }
            "if" => {
                let cond = self.value()?;
                let then = self.boxed_region()?;
                self.keyword("else")?;
                Op::If { cond, then, otherwise: self.boxed_region()? }
            }
            "switch" => {
                let on = self.value()?;
                let mut cases = Vec::new();
                while self.eat_word("case") {
                    cases.push(self.region()?);
                }
                self.keyword("default")?;
                Op::Switch { on, cases, default: self.boxed_region()? }
            }
            "block" => Op::Block { label: self.label()?, body: self.boxed_region()? },
            "loop" => {
                let label = self.label()?;
                let params = self.parens(Self::typed_value)?;
                self.expect("=")?;
                let init = self.args()?;
                Op::Loop { label, params, init, body: self.boxed_region()? }
            }
            _ => return self.fail(&format!("unknown operation `{word}` before")),
        })
    }

    fn pair(&mut self) -> Parsed<(ValueId, ValueId)> {
        let a = self.value()?;
        self.expect(",")?;
        Ok((a, self.value()?))
    }

    fn field(&mut self) -> Parsed<(u32, Mem, ValueId)> {
        Ok((self.number()?, self.mem()?, self.value()?))
    }
}

fn is_value(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok())
}
