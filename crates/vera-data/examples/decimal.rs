//! Drives decimal arithmetic from outside, for `scripts/compare_decimal.py`:
//! each line of the input is an operation and its operands, separated by spaces;
//! each line of the output is the result, `none`, or `undefined`.

use std::io::{BufRead, BufWriter, Write};

use vera_data::decimal::{Decimal, Undefined};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = answer(&words).map_err(|failure| format!("{line}: {failure}"))?;
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn answer(words: &[&str]) -> Result<String, Failure> {
    Ok(match *words {
        ["text", a] => match Decimal::from_text(a.as_bytes()) {
            Some(number) => shown(&number)?,
            None => "none".into(),
        },
        ["int", a] => shown(&Decimal::from_int(a.parse()?))?,
        ["from_float", a] => shown(&Decimal::from_float(a.parse()?))?,
        ["to_float", a] => format!("{:?}", number(a)?.to_float(nearest)),
        ["add", a, b] => result(number(a)?.add(&number(b)?))?,
        ["sub", a, b] => result(number(a)?.sub(&number(b)?))?,
        ["mul", a, b] => result(number(a)?.mul(&number(b)?))?,
        ["div", a, b] => match number(a)?.div(&number(b)?) {
            Ok(None) => "none".into(),
            Ok(Some(number)) => shown(&number)?,
            Err(Undefined) => "undefined".into(),
        },
        ["neg", a] => shown(&number(a)?.neg())?,
        ["abs", a] => shown(&number(a)?.abs())?,
        ["round", a, places] => shown(&number(a)?.round(places.parse()?))?,
        ["compare", a, b] => match number(a)?.compare(&number(b)?) {
            Ok(order) => {
                let (a, b) = (number(a)?, number(b)?);
                let alike = a.canonical().to_bytes()[..] == b.canonical().to_bytes()[..];
                if alike != order.is_eq() || a.equals(&b) != alike {
                    return Err("order, equality and the canonical form disagree".into());
                }
                format!("{}", order as i8)
            }
            Err(Undefined) => "undefined".into(),
        },
        _ => return Err("unknown operation".into()),
    })
}

/// A number by its text; the three others as doubles have them.
fn number(text: &str) -> Result<Decimal, Failure> {
    match text {
        "NaN" | "Infinity" | "-Infinity" => Ok(Decimal::from_float(text.parse()?)),
        _ => Decimal::from_text(text.as_bytes()).ok_or_else(|| "not a number".into()),
    }
}

fn nearest(text: &[u8]) -> f64 {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

fn result(result: Result<Decimal, Undefined>) -> Result<String, Failure> {
    result.map_or(Ok("undefined".into()), |number| shown(&number))
}

/// The text of a number, by way of its bytes.
fn shown(number: &Decimal) -> Result<String, Failure> {
    let back = Decimal::from_bytes(&number.to_bytes()).ok_or("bytes do not come back")?;
    Ok(String::from_utf8(back.to_text())?)
}
