//! The built-in functions, by the words of the language reference.

use std::cmp::Ordering;
use std::sync::Arc;

use vera_abi::trap::TrapKind;

use super::{Machine, Stop, Thread, Value};

type Outcome<'p> = Result<Value<'p>, Stop<'p>>;

fn trap<'p, T>(kind: TrapKind) -> Result<T, Stop<'p>> {
    Err(super::trap(kind))
}

impl<'p> Machine<'p> {
    fn prelude(&self, data: &str, ctor: u32, fields: &[Value<'p>]) -> Value<'p> {
        let id = self.program.prelude_data(data).expect("the prelude declares it");
        Value::Data(id, ctor, fields.into())
    }

    pub(super) fn option(&self, value: Option<Value<'p>>) -> Value<'p> {
        match value {
            None => self.prelude("Option", 0, &[]),
            Some(value) => self.prelude("Option", 1, &[value]),
        }
    }

    pub(super) fn ordering(&self, order: Option<Ordering>) -> Value<'p> {
        let ctor = match order {
            Some(Ordering::Less) => 0,
            Some(Ordering::Equal) => 1,
            // A NaN is greater than anything, both ways round.
            Some(Ordering::Greater) | None => 2,
        };
        self.prelude("Ordering", ctor, &[])
    }

    pub(super) fn parsed(&self, value: Result<Value<'p>, &str>) -> Value<'p> {
        match value {
            Ok(value) => self.prelude("Result", 0, &[value]),
            Err(why) => self.prelude("Result", 1, &[Value::str(why)]),
        }
    }

    /// Calls a built-in function.
    pub(super) fn builtin(
        &self,
        thread: &mut Thread<'p>,
        name: &str,
        args: &[Value<'p>],
    ) -> Outcome<'p> {
        // Results may be some times as large as arguments, and so again and again.
        self.burn(args.iter().map(Value::extent).sum())?;
        let handled = match name.split('_').next() {
            Some("array") => self.array_function(thread, name, args)?,
            Some("map" | "set") => self.map_function(name, args),
            Some("string") => self.string_function(name, args)?,
            _ => None,
        };
        match handled {
            Some(value) => Ok(value),
            None => match self.format_function(name, args) {
                Some(value) => Ok(value),
                None => self.scalar_function(name, args),
            },
        }
    }

    fn array_function(
        &self,
        thread: &mut Thread<'p>,
        name: &str,
        args: &[Value<'p>],
    ) -> Result<Option<Value<'p>>, Stop<'p>> {
        if name == "array_range" {
            self.burn(args[1].int().saturating_sub(args[0].int()).max(0))?;
            let numbers = (args[0].int()..args[1].int()).map(Value::Int);
            return Ok(Some(Value::Array(numbers.collect())));
        }
        let items = args[0].items();
        self.burn(items.len() as i64)?;
        Ok(Some(match name {
            "array_length" => Value::Int(items.len() as i64),
            "array_append" => {
                Value::Array(items.iter().cloned().chain([args[1].clone()]).collect())
            }
            "array_concat" => {
                Value::Array(items.iter().chain(args[1].items().iter()).cloned().collect())
            }
            "array_slice" => {
                let clamp = |n: i64| n.clamp(0, items.len() as i64) as usize;
                let (from, to) = (clamp(args[1].int()), clamp(args[2].int()));
                Value::Array(items.get(from..to).unwrap_or(&[]).into())
            }
            "array_reverse" => Value::Array(items.iter().rev().cloned().collect()),
            "array_flatten" => {
                Value::Array(items.iter().flat_map(|i| i.items().iter().cloned()).collect())
            }
            "array_map" => {
                let mapped = items.iter().map(|i| self.apply(thread, &args[1], vec![i.clone()]));
                Value::Array(mapped.collect::<Result<_, _>>()?)
            }
            "array_mapi" => {
                let mapped = items.iter().enumerate().map(|(n, i)| {
                    self.apply(thread, &args[1], vec![i.clone(), Value::Int(n as i64)])
                });
                Value::Array(mapped.collect::<Result<_, _>>()?)
            }
            "array_filter" => {
                let mut kept = Vec::new();
                for item in items.iter() {
                    if self.apply(thread, &args[1], vec![item.clone()])?.bool() {
                        kept.push(item.clone());
                    }
                }
                Value::Array(kept.into())
            }
            "array_fold" => {
                let mut so_far = args[1].clone();
                for item in items.iter() {
                    so_far = self.apply(thread, &args[2], vec![so_far, item.clone()])?;
                }
                so_far
            }
            "array_sort_by" => Value::Array(self.sorted(thread, items, &args[1])?.into()),
            _ => return Ok(None),
        }))
    }

    /// Insertion, which is stable and asks with the earlier element first.
    fn sorted(
        &self,
        thread: &mut Thread<'p>,
        items: &[Value<'p>],
        by: &Value<'p>,
    ) -> Result<Vec<Value<'p>>, Stop<'p>> {
        let mut sorted: Vec<Value<'p>> = Vec::new();
        for item in items {
            let mut at = sorted.len();
            while at > 0 {
                let order = self.apply(thread, by, vec![sorted[at - 1].clone(), item.clone()])?;
                if !matches!(order, Value::Data(_, 2, _)) {
                    break;
                }
                at -= 1;
            }
            sorted.insert(at, item.clone());
        }
        Ok(sorted)
    }

    fn map_function(&self, name: &str, args: &[Value<'p>]) -> Option<Value<'p>> {
        if matches!(name, "map_new" | "set_new") {
            return Some(Value::Map(Arc::default()));
        }
        let entries = args[0].entries();
        let at = args.get(1).and_then(|key| entries.iter().position(|(k, _)| k.equals(key)));
        let keys = || Value::Array(entries.iter().map(|(k, _)| k.clone()).collect());
        Some(match name {
            "map_size" | "set_size" => Value::Int(entries.len() as i64),
            "map_keys" | "set_to_array" => keys(),
            "map_values" => Value::Array(entries.iter().map(|(_, v)| v.clone()).collect()),
            "map_contains" | "set_contains" => Value::Bool(at.is_some()),
            "map_get" => self.option(at.map(|i| entries[i].1.clone())),
            "map_insert" | "set_add" => {
                let value = args.get(2).cloned().unwrap_or(Value::Unit);
                let mut new = (**entries).clone();
                match at {
                    Some(i) => new[i].1 = value,
                    None => new.push((args[1].clone(), value)),
                }
                Value::Map(Arc::new(new))
            }
            "map_remove" | "set_remove" => {
                let mut new = (**entries).clone();
                if let Some(i) = at {
                    new.remove(i);
                }
                Value::Map(Arc::new(new))
            }
            _ => return None,
        })
    }

    fn string_function(
        &self,
        name: &str,
        args: &[Value<'p>],
    ) -> Result<Option<Value<'p>>, Stop<'p>> {
        let text = |bytes: Vec<u8>| Value::Str(bytes.into());
        if name == "string_from_char_code" {
            return Ok(Some(text(vec![args[0].int() as u8])));
        }
        if name == "string_join" {
            let items: Vec<&[u8]> = args[0].items().iter().map(Value::bytes).collect();
            return Ok(Some(text(items.join(args[1].bytes()))));
        }
        let bytes = args[0].bytes();
        self.burn(bytes.len() as i64)?;
        let found = |needle: &[u8]| find(bytes, needle, 0);
        Ok(Some(match name {
            "string_length" => Value::Int(bytes.len() as i64),
            "string_concat" => text([bytes, args[1].bytes()].concat()),
            "string_slice" => {
                let clamp = |n: i64| n.clamp(0, bytes.len() as i64) as usize;
                let (from, to) = (clamp(args[1].int()), clamp(args[2].int()));
                text(bytes.get(from..to).unwrap_or_default().to_vec())
            }
            "string_char_code" => {
                match usize::try_from(args[1].int()).ok().and_then(|i| bytes.get(i)) {
                    Some(byte) => Value::Int(i64::from(*byte)),
                    None => return trap(TrapKind::StringIndexOutOfBounds),
                }
            }
            "string_repeat" => {
                let count = args[1].int();
                self.burn(count.saturating_mul(bytes.len() as i64))?;
                text(if bytes.is_empty() { Vec::new() } else { bytes.repeat(count as usize) })
            }
            "string_reverse" => text(bytes.iter().rev().copied().collect()),
            "string_upper" => text(bytes.to_ascii_uppercase()),
            "string_lower" => text(bytes.to_ascii_lowercase()),
            "string_contains" => Value::Bool(found(args[1].bytes()).is_some()),
            "string_starts_with" => Value::Bool(bytes.starts_with(args[1].bytes())),
            "string_ends_with" => Value::Bool(bytes.ends_with(args[1].bytes())),
            "string_index_of" => self.option(found(args[1].bytes()).map(|i| Value::Int(i as i64))),
            "string_replace" => match args[1].bytes() {
                [] => args[0].clone(),
                needle => text(split(bytes, needle).join(args[2].bytes())),
            },
            "string_split" => {
                let pieces = split(bytes, args[1].bytes());
                Value::Array(pieces.into_iter().map(|p| text(p.to_vec())).collect())
            }
            "string_chars" => Value::Array(bytes.iter().map(|b| text(vec![*b])).collect()),
            "string_to_bytes" => Value::Array(bytes.iter().map(|b| Value::Byte(*b)).collect()),
            "string_words" => {
                let words = bytes.split(|b| is_space(*b)).filter(|w| !w.is_empty());
                Value::Array(words.map(|w| text(w.to_vec())).collect())
            }
            "string_lines" => {
                Value::Array(lines(bytes).into_iter().map(|l| text(l.to_vec())).collect())
            }
            "string_strip" => {
                let from = bytes.iter().position(|b| !is_space(*b)).unwrap_or(bytes.len());
                let to = bytes.iter().rposition(|b| !is_space(*b)).map_or(from, |i| i + 1);
                text(bytes[from..to].to_vec())
            }
            "string_pad_start" | "string_pad_end" => {
                let (width, fill) = (args[1].int(), args[2].bytes());
                self.burn(width)?;
                let missing = (width as usize).saturating_sub(bytes.len());
                let pad: Vec<u8> = fill.iter().copied().cycle().take(missing).collect();
                match name {
                    "string_pad_start" => text([&pad, bytes].concat()),
                    _ => text([bytes, &pad].concat()),
                }
            }
            _ => return Ok(None),
        }))
    }

    fn scalar_function(&self, name: &str, args: &[Value<'p>]) -> Outcome<'p> {
        let rounded = |x: f64| {
            let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&x);
            if fits { Ok(Value::Int(x as i64)) } else { trap(TrapKind::FloatConversion) }
        };
        Ok(match name {
            "abs" => match args[0].int().checked_abs() {
                Some(n) => Value::Int(n),
                None => return trap(TrapKind::Overflow),
            },
            "min" => Value::Int(args[0].int().min(args[1].int())),
            "max" => Value::Int(args[0].int().max(args[1].int())),
            "wrapping_add" => Value::Int(args[0].int().wrapping_add(args[1].int())),
            "wrapping_sub" => Value::Int(args[0].int().wrapping_sub(args[1].int())),
            "wrapping_mul" => Value::Int(args[0].int().wrapping_mul(args[1].int())),
            "bit_and" => Value::Int(args[0].int() & args[1].int()),
            "bit_or" => Value::Int(args[0].int() | args[1].int()),
            "bit_xor" => Value::Int(args[0].int() ^ args[1].int()),
            "bit_shift_left" => Value::Int(args[0].int().wrapping_shl(args[1].int() as u32)),
            "bit_shift_right" => Value::Int(args[0].int().wrapping_shr(args[1].int() as u32)),
            "bit_shift_right_unsigned" => {
                let bits = (args[0].int() as u64).wrapping_shr(args[1].int() as u32);
                Value::Int(bits as i64)
            }
            "float_pow" => Value::Float(args[0].float().powf(args[1].float())),
            "bit_not" => Value::Int(!args[0].int()),
            "nat_to_int" => match args[0].int() {
                n @ 0.. => Value::Int(n),
                _ => return trap(TrapKind::NatGuard),
            },
            "int_to_nat" => {
                let n = args[0].int();
                self.option((n >= 0).then_some(Value::Int(n)))
            }
            "int_to_byte" => self.option(u8::try_from(args[0].int()).ok().map(Value::Byte)),
            "byte_to_int" => match args[0] {
                Value::Byte(b) => Value::Int(i64::from(b)),
                _ => unreachable!("the checker found a Byte here"),
            },
            "to_string" | "int_to_string" | "nat_to_string" | "bool_to_string"
            | "byte_to_string" | "float_to_string" => {
                let mut out = Vec::new();
                args[0].show(self.program, &mut out);
                Value::Str(out.into())
            }
            "int_to_float" => Value::Float(args[0].int() as f64),
            "float_to_int" => return rounded(args[0].float().trunc()),
            "floor" => return rounded(args[0].float().floor()),
            "ceil" => return rounded(args[0].float().ceil()),
            "round" => return rounded(args[0].float().round_ties_even()),
            "sqrt" => Value::Float(args[0].float().sqrt()),
            "float_clamp" => {
                let (x, low, high) = (args[0].float(), args[1].float(), args[2].float());
                let nan = x.is_nan() || low.is_nan() || high.is_nan();
                Value::Float(if nan { f64::NAN } else { x.max(low).min(high) })
            }
            "float_is_nan" => Value::Bool(args[0].float().is_nan()),
            "float_is_infinite" => Value::Bool(args[0].float().is_infinite()),
            "nan" => Value::Float(f64::NAN),
            "infinity" => Value::Float(f64::INFINITY),
            "pi" => Value::Float(std::f64::consts::PI),
            "pow" => Value::Float(power(args[0].float(), args[1].int())),
            "char_to_upper" | "char_to_lower" => {
                let mut bytes = args[0].bytes().to_vec();
                match (name, bytes.first_mut()) {
                    (_, None) => {}
                    ("char_to_upper", Some(first)) => first.make_ascii_uppercase(),
                    (_, Some(first)) => first.make_ascii_lowercase(),
                }
                Value::Str(bytes.into())
            }
            "parse_int" => self.parsed(parse_int(args[0].bytes()).map(Value::Int)),
            "parse_bool" => self.parsed(match without_spaces(args[0].bytes()) {
                b"true" => Ok(Value::Bool(true)),
                b"false" => Ok(Value::Bool(false)),
                _ => Err("expected true or false"),
            }),
            _ => panic!("the interpreter lacks {name}"),
        })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | 32)
}

/// The pieces between line ends, and what is behind the last one, if anything is.
fn lines(mut text: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while let Some(end) = text.iter().position(|b| matches!(b, b'\n' | b'\r')) {
        out.push(&text[..end]);
        let both = text[end..].starts_with(b"\r\n");
        text = &text[end + 1 + usize::from(both)..];
    }
    if !text.is_empty() {
        out.push(text);
    }
    out
}

fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    if needle.is_empty() {
        return Some(from);
    }
    text[from..].windows(needle.len()).position(|w| w == needle).map(|i| from + i)
}

fn split<'t>(text: &'t [u8], by: &[u8]) -> Vec<&'t [u8]> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    if !by.is_empty() {
        while let Some(at) = find(text, by, from) {
            pieces.push(&text[from..at]);
            from = at + by.len();
        }
    }
    pieces.push(&text[from..]);
    pieces
}

/// Language reference, chapter 12.3.2.
fn power(base: f64, exponent: i64) -> f64 {
    let (mut result, mut x, mut left) = (1.0, base, exponent.unsigned_abs());
    while left != 0 {
        if left % 2 == 1 {
            result *= x;
        }
        x *= x;
        left /= 2;
    }
    if exponent < 0 { 1.0 / result } else { result }
}

/// Language reference, chapter 12.4.1.
fn parse_int(text: &[u8]) -> Result<i64, &'static str> {
    let (negative, digits) = match without_spaces(text) {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut value: i64 = 0;
    for byte in digits {
        let digit = match byte {
            b'0'..=b'9' => i64::from(byte - b'0'),
            _ => return Err("invalid digit"),
        };
        let next = value.checked_mul(10);
        let next =
            next.and_then(|v| if negative { v.checked_sub(digit) } else { v.checked_add(digit) });
        value = next.ok_or("out of range")?;
    }
    if digits.is_empty() { Err("empty string") } else { Ok(value) }
}

fn without_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ', tail @ ..] = text {
        text = tail;
    }
    while let [head @ .., b' '] = text {
        text = head;
    }
    text
}
