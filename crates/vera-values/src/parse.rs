//! Words as values (language reference, chapter 14.3).
//!
//! Numbers, truth values and texts stand as they are, anything else as the literal that
//! a program would write.

use vera_abi::interface::{CompoundKind, HostTy, Interface};
use vera_host::Value;
use vera_syntax::ast::{Decl, ExprId, ExprKind, InterpolPart, Nodes, UnaryOp};

use crate::literal::element;

/// The value a word stands for.
///
/// # Errors
/// The message to show.
pub fn parse(interface: &Interface, ty: &HostTy, word: &str) -> Result<Value, String> {
    let name = interface.name(ty);
    let invalid =
        |why: &str| format!("Argument '{word}' is not valid for parameter type @{name}: {why}");
    let in_range = |min, max| {
        integer(word, min, max, name).unwrap_or_else(|| Err(invalid("expected an integer")))
    };
    match ty {
        HostTy::Int => in_range(i64::MIN, i64::MAX).map(Value::Int),
        HostTy::Nat => in_range(0, i64::MAX).map(Value::Int),
        HostTy::Byte => in_range(0, 255).map(|n| Value::Byte(n as u8)),
        HostTy::Bool => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(invalid("expected true, yes, 1, false, no or 0")),
        },
        HostTy::Float64 => {
            float(word).map(Value::Float64).ok_or_else(|| invalid("expected a number"))
        }
        HostTy::String => Ok(Value::text(word)),
        HostTy::Unit | HostTy::Opaque(_) => Err(invalid("it cannot be given on the command line")),
        HostTy::Decimal | HostTy::Enum(_) | HostTy::Compound(_) => {
            compound(interface, ty, word).map_err(|why| invalid(&why))
        }
    }
}

/// Digits with single underscores between them, or `None`.
fn digits(text: &str) -> Option<String> {
    let ok = !text.is_empty()
        && !text.starts_with('_')
        && !text.ends_with('_')
        && !text.contains("__")
        && text.chars().all(|c| c.is_ascii_digit() || c == '_');
    ok.then(|| text.replace('_', ""))
}

/// `None` when the word is no integer, an error when it is out of range.
fn integer(word: &str, min: i64, max: i64, ty: &str) -> Option<Result<i64, String>> {
    let text = word.trim();
    let (sign, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (&text[..1], rest),
        None => ("", text),
    };
    let plain = format!("{}{}", if sign == "-" { "-" } else { "" }, digits(rest)?);
    let value = plain.parse::<i64>().ok().filter(|n| (min..=max).contains(n));
    Some(value.ok_or_else(|| {
        format!(
            "Argument '{word}' is out of range for parameter type @{ty}: {} @{ty} holds {min} .. {max}.",
            if ty == "Int" { "an" } else { "a" }
        )
    }))
}

fn float(word: &str) -> Option<f64> {
    let text = word.trim();
    let digit = |c: Option<&u8>| c.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let between_digits = |at: usize| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1));
    if !text.match_indices('_').all(|(at, _)| between_digits(at)) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// A word that is one expression, and nothing else.
fn compound(interface: &Interface, ty: &HostTy, word: &str) -> Result<Value, String> {
    let no_literal =
        || "expected a literal such as `[1, 2]`, `Some(4)` or `Tuple(1, true)`".to_owned();
    // The parser knows whole programs.
    let text = format!(
        "private fn f(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  {word}\n}}\n"
    );
    let parsed = vera_syntax::parse(&text);
    let [only] = parsed.program.decls.as_slice() else { return Err(no_literal()) };
    match &only.decl {
        Decl::Fn(f)
            if parsed.errors.is_empty() && f.body.stmts.is_empty() && f.helpers.is_empty() =>
        {
            let reader = Reader { interface, nodes: &parsed.program.nodes };
            reader.value(ty, f.body.result).map_err(|why| why.unwrap_or_else(no_literal))
        }
        Decl::Fn(_) | Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => {
            Err(no_literal())
        }
    }
}

/// Reads literals as values of types.
struct Reader<'a> {
    interface: &'a Interface,
    nodes: &'a Nodes,
}

/// A value, or what is wrong with the expression: `None` where it is no literal.
type Read<T> = Result<T, Option<String>>;

impl<'a> Reader<'a> {
    fn value(&self, ty: &HostTy, e: ExprId) -> Read<Value> {
        let kind = &self.nodes[e].kind;
        match ty {
            HostTy::Unit if matches!(kind, ExprKind::Unit) => Ok(Value::Unit),
            HostTy::Bool => match kind {
                ExprKind::Bool(b) => Ok(Value::Bool(*b)),
                _ => self.mismatch(ty, e),
            },
            HostTy::Int => self.integer(ty, e, i64::MIN, i64::MAX).map(Value::Int),
            HostTy::Nat => self.integer(ty, e, 0, i64::MAX).map(Value::Int),
            HostTy::Byte => self.integer(ty, e, 0, 255).map(|n| Value::Byte(n as u8)),
            HostTy::Float64 => self.float(ty, e).map(Value::Float64),
            HostTy::Decimal => match self.number(e) {
                Some(digits) => Ok(Value::text(digits)),
                None => self.mismatch(ty, e),
            },
            HostTy::String => self.string(ty, e),
            HostTy::Enum(id) | HostTy::Compound(id) => match &self.interface.compound(*id).kind {
                CompoundKind::Array(element) => self.array(ty, element, e),
                CompoundKind::Tuple(types) => match kind {
                    ExprKind::CtorCall { name, args, .. } if name.text == "Tuple" => {
                        self.fields(ty, 0, types, args)
                    }
                    _ => self.mismatch(ty, e),
                },
                CompoundKind::Data(_) => self.data(ty, e),
                CompoundKind::Set(array) => {
                    let rows = self.chain(ty, e, "set_new", "set_add", &[array])?;
                    Ok(Value::Set(rows.into_iter().flatten().collect()))
                }
                CompoundKind::Map(keys, values) => {
                    let rows = self.chain(ty, e, "map_new", "map_insert", &[keys, values])?;
                    let (mut keys, mut values) = (Vec::new(), Vec::new());
                    for row in rows {
                        let mut row = row.into_iter();
                        keys.extend(row.next());
                        values.extend(row.next());
                    }
                    Ok(Value::Map { keys: keys.into(), values: values.into() })
                }
            },
            HostTy::Unit | HostTy::Opaque(_) => self.mismatch(ty, e),
        }
    }

    fn mismatch<T>(&self, ty: &HostTy, e: ExprId) -> Read<T> {
        let found = match &self.nodes[e].kind {
            ExprKind::Int(digits) | ExprKind::Float(digits) => format!("`{digits}`"),
            ExprKind::Str(_) | ExprKind::Interpolated(_) => "a text".to_owned(),
            ExprKind::Bool(b) => format!("`{b}`"),
            ExprKind::Unit => "`()`".to_owned(),
            ExprKind::Array(_) => "an array".to_owned(),
            ExprKind::Ctor { name } | ExprKind::CtorCall { name, .. } => format!("`{}`", name.text),
            ExprKind::Unary { op: UnaryOp::Neg, .. } => "a negative number".to_owned(),
            ExprKind::Call { name, .. } => match name.text.as_str() {
                "nan" | "infinity" | "map_new" | "map_insert" | "set_new" | "set_add" => {
                    format!("`{}`", name.text)
                }
                _ => return Err(None),
            },
            _ => return Err(None),
        };
        Err(Some(format!("expected a value of type {}, found {found}", self.interface.name(ty))))
    }

    /// The digits of a number, with its sign.
    fn number(&self, e: ExprId) -> Option<String> {
        match &self.nodes[e].kind {
            ExprKind::Int(digits) | ExprKind::Float(digits) => Some(digits.replace('_', "")),
            ExprKind::Unary { op: UnaryOp::Neg, operand } => match &self.nodes[*operand].kind {
                ExprKind::Int(digits) | ExprKind::Float(digits) => {
                    Some(format!("-{}", digits.replace('_', "")))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn integer(&self, ty: &HostTy, e: ExprId, min: i64, max: i64) -> Read<i64> {
        let Some(digits) = self.number(e).filter(|digits| !digits.contains(['.', 'e', 'E'])) else {
            return self.mismatch(ty, e);
        };
        let value = digits.parse::<i64>().ok().filter(|n| (min..=max).contains(n));
        value.ok_or_else(|| {
            let name = self.interface.name(ty);
            let article = if name == "Int" { "an" } else { "a" };
            Some(format!("`{digits}` is out of range: {article} @{name} holds {min} .. {max}"))
        })
    }

    fn float(&self, ty: &HostTy, e: ExprId) -> Read<f64> {
        if let Some(value) = self.number(e).and_then(|digits| digits.parse().ok()) {
            return Ok(value);
        }
        let (sign, operand) = match &self.nodes[e].kind {
            ExprKind::Unary { op: UnaryOp::Neg, operand } => (-1.0, *operand),
            _ => (1.0, e),
        };
        match &self.nodes[operand].kind {
            ExprKind::Call { name, args, .. } if args.is_empty() => match name.text.as_str() {
                "nan" => Ok(f64::NAN),
                "infinity" => Ok(sign * f64::INFINITY),
                _ => self.mismatch(ty, e),
            },
            _ => self.mismatch(ty, e),
        }
    }

    fn string(&self, ty: &HostTy, e: ExprId) -> Read<Value> {
        match &self.nodes[e].kind {
            ExprKind::Str(text) => Ok(Value::text(text.as_str())),
            ExprKind::Interpolated(parts) => {
                let mut bytes = Vec::new();
                for part in parts {
                    match part {
                        InterpolPart::Text(text) => bytes.extend(text.as_bytes()),
                        InterpolPart::Expr(e) => bytes.push(self.byte(*e).ok_or(None)?),
                    }
                }
                Ok(Value::String(bytes))
            }
            _ => self.mismatch(ty, e),
        }
    }

    /// A byte that is no part of a character, as results write it.
    fn byte(&self, e: ExprId) -> Option<u8> {
        match &self.nodes[e].kind {
            ExprKind::Call { name, args, .. } if name.text == "string_from_char_code" => {
                match args.as_slice() {
                    [code] => self.number(*code)?.parse().ok(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn array(&self, ty: &HostTy, element: &HostTy, e: ExprId) -> Read<Value> {
        let ExprKind::Array(items) = &self.nodes[e].kind else { return self.mismatch(ty, e) };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.value(element, *item)?);
        }
        Ok(Value::Array(values.into()))
    }

    fn data(&self, ty: &HostTy, e: ExprId) -> Read<Value> {
        let (name, args) = match &self.nodes[e].kind {
            ExprKind::Ctor { name } => (name, &[][..]),
            ExprKind::CtorCall { name, args, .. } => (name, args.as_slice()),
            _ => return self.mismatch(ty, e),
        };
        let (HostTy::Enum(id) | HostTy::Compound(id)) = ty else { return self.mismatch(ty, e) };
        let CompoundKind::Data(ctors) = &self.interface.compound(*id).kind else {
            return self.mismatch(ty, e);
        };
        match ctors.iter().position(|c| c.name == name.text.as_str()) {
            Some(ctor) => self.fields(ty, ctor as u32, &ctors[ctor].fields, args),
            None => self.mismatch(ty, e),
        }
    }

    fn fields(&self, ty: &HostTy, ctor: u32, types: &[HostTy], args: &[ExprId]) -> Read<Value> {
        if types.len() != args.len() {
            let (wanted, given) = (types.len(), args.len());
            let name = self.interface.name(ty);
            return Err(Some(format!(
                "a value of type {name} with {wanted} part(s) here is given {given}"
            )));
        }
        let mut values = Vec::with_capacity(args.len());
        for (ty, arg) in types.iter().zip(args) {
            values.push(self.value(ty, *arg)?);
        }
        Ok(Value::data(ctor, values))
    }

    /// The arguments of the calls that build a map or set, first call first: a loop,
    /// since such chains are as long as the map is large.
    fn chain(
        &self,
        ty: &HostTy,
        e: ExprId,
        new: &str,
        add: &str,
        columns: &[&HostTy],
    ) -> Read<Vec<Vec<Value>>> {
        let types: Vec<&HostTy> =
            columns.iter().filter_map(|array| element(self.interface, array)).collect();
        let mut rows = Vec::new();
        let mut at = e;
        loop {
            let ExprKind::Call { name, args, .. } = &self.nodes[at].kind else {
                return self.mismatch(ty, at);
            };
            match args.split_first() {
                None if name.text == new => break,
                Some((rest, row)) if name.text == add && row.len() == types.len() => {
                    let mut values = Vec::new();
                    for (ty, arg) in types.iter().zip(row) {
                        values.push(self.value(ty, *arg)?);
                    }
                    rows.push(values);
                    at = *rest;
                }
                _ => return self.mismatch(ty, at),
            }
        }
        rows.reverse();
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vera_abi::interface::{Compound, CompoundId, HostCtor};

    fn read(word: &str, ty: &HostTy) -> Result<Value, String> {
        parse(&interface(), ty, word)
    }

    /// `Array<Int>`, `Option<Array<Int>>`, `Map<Int, String>` over its columns.
    fn interface() -> Interface {
        let compound = |name: &str, kind| Compound { name: name.to_owned(), kind };
        let ctor = |name: &str, fields| HostCtor { name: name.to_owned(), fields };
        let array = HostTy::Compound(CompoundId(0));
        let compounds = vec![
            compound("Array<Int>", CompoundKind::Array(HostTy::Int)),
            compound(
                "Option<Array<Int>>",
                CompoundKind::Data(vec![ctor("None", vec![]), ctor("Some", vec![array.clone()])]),
            ),
            compound("Array<String>", CompoundKind::Array(HostTy::String)),
            compound("Map<Int, String>", CompoundKind::Map(array, HostTy::Compound(CompoundId(2)))),
        ];
        Interface { compounds, ..Interface::default() }
    }

    #[test]
    fn integers_accept_signs_blanks_and_underscores() {
        for (word, n) in [("42", 42), ("+5", 5), ("1_000", 1000), (" 42 ", 42), ("-3", -3)] {
            assert_eq!(read(word, &HostTy::Int), Ok(Value::Int(n)));
        }
        for word in ["0x10", "1.0", "", "a", "_1", "1__0"] {
            assert!(read(word, &HostTy::Int).is_err());
        }
        assert_eq!(
            read("-4", &HostTy::Nat).unwrap_err(),
            "Argument '-4' is out of range for parameter type @Nat: a @Nat holds 0 .. 9223372036854775807."
        );
        assert_eq!(
            read("9223372036854775808", &HostTy::Int).unwrap_err(),
            "Argument '9223372036854775808' is out of range for parameter type @Int: an @Int holds -9223372036854775808 .. 9223372036854775807."
        );
    }

    #[test]
    fn floats_accept_words_and_exponents() {
        let float = |word| read(word, &HostTy::Float64);
        assert_eq!(float("1e3"), Ok(Value::Float64(1000.0)));
        assert_eq!(float("1_0.5"), Ok(Value::Float64(10.5)));
        assert_eq!(float("-INF"), Ok(Value::Float64(f64::NEG_INFINITY)));
        assert_eq!(float("+Infinity"), Ok(Value::Float64(f64::INFINITY)));
        for word in ["one", "", "_", "_1.5", "1.5_", "1__0.5", "1_.5", "1._5", "1_0._5", "1_0e_5"] {
            assert!(float(word).is_err(), "{word}");
        }
    }

    #[test]
    fn only_literals_are_values() {
        let option = HostTy::Compound(CompoundId(1));
        assert_eq!(
            read("Some([1, -2])", &option),
            Ok(Value::data(1, [Value::Array([Value::Int(1), Value::Int(-2)].into())]))
        );
        assert_eq!(read("None", &option), Ok(Value::data(0, [])));
        for word in ["f(1)", "1 + 1", "@Int.0", "1 } fn", "let @Int = 1; None", "", "if", "?"] {
            let refused = read(word, &option).unwrap_err();
            assert!(refused.ends_with("or `Tuple(1, true)`"), "{word}: {refused}");
        }
        for (word, why) in [
            ("3", "expected a value of type Option<Array<Int>>, found `3`"),
            ("Some(1)", "expected a value of type Array<Int>, found `1`"),
            ("Some([true])", "expected a value of type Int, found `true`"),
            ("Some", "a value of type Option<Array<Int>> with 1 part(s) here is given 0"),
            ("Maybe", "expected a value of type Option<Array<Int>>, found `Maybe`"),
        ] {
            let refused = read(word, &option).unwrap_err();
            assert_eq!(
                refused,
                format!(
                    "Argument '{word}' is not valid for parameter type @Option<Array<Int>>: {why}"
                )
            );
        }
    }

    #[test]
    fn maps_are_chains_of_calls() {
        let map = HostTy::Compound(CompoundId(3));
        let word =
            r#"map_new() |> map_insert(1, "a") |> map_insert(2, "b\(string_from_char_code(200))")"#;
        let read = read(word, &map).expect("a map");
        assert_eq!(crate::literal(&interface(), &map, &read), word);
    }
}
