//! The built-in functions that read and write formats, and digests, by the words of the language
//! reference, chapter 13.

use super::{Machine, Value};

impl<'p> Machine<'p> {
    /// Calls a function of this file; `None`: it is of another.
    pub(super) fn format_function(&self, name: &str, args: &[Value<'p>]) -> Option<Value<'p>> {
        let text = |bytes: Vec<u8>| Value::Str(bytes.into());
        let all = |bytes: &[u8]| Value::Array(bytes.iter().map(|b| Value::Byte(*b)).collect());
        Some(match name {
            "constant_time_eq" => Value::Bool(args[0].bytes() == args[1].bytes()),
            "hex_encode" => text(hex(args[0].bytes())),
            "hex_encode_bytes" => text(hex(&bytes(&args[0]))),
            "hex_decode" => self.parsed(unhex(args[0].bytes()).map(text)),
            "hex_decode_bytes" => self.parsed(unhex(args[0].bytes()).map(|b| all(&b))),
            "sha256_bytes" => all(&sha256(&bytes(&args[0]))),
            "hmac_sha256_bytes" => all(&hmac(&bytes(&args[0]), &bytes(&args[1]))),
            "csv_write" => {
                let records = args[0].items().iter();
                text(records.flat_map(|r| record(r.items())).collect())
            }
            "csv_parse" => {
                let field = |f: Vec<u8>| Value::Str(f.into());
                let records = read_csv(args[0].bytes()).map(|records| {
                    let record = |r: Vec<_>| Value::Array(r.into_iter().map(field).collect());
                    Value::Array(records.into_iter().map(record).collect())
                });
                match records {
                    Ok(records) => self.parsed(Ok(records)),
                    Err(why) => self.parsed(Err(&why)),
                }
            }
            "date_from_parts" => {
                self.option(days(args[0].int(), args[1].int(), args[2].int()).map(Value::Int))
            }
            "date_parts" => self.option(date(args[0].int()).map(|(y, m, d)| {
                Value::Tuple([Value::Int(y), Value::Int(m), Value::Int(d)].into())
            })),
            "date_to_string" => self.option(
                date(args[0].int()).map(|(y, m, d)| Value::str(&format!("{y:04}-{m:02}-{d:02}"))),
            ),
            "date_parse" => self.parsed(parse_date(args[0].bytes()).map(Value::Int)),
            "date_add_months" => self.option(later(args[0].int(), args[1].int()).map(Value::Int)),
            _ => return None,
        })
    }
}

fn bytes(value: &Value<'_>) -> Vec<u8> {
    let byte = |item: &Value<'_>| match item {
        Value::Byte(byte) => *byte,
        _ => unreachable!("the checker found bytes here"),
    };
    value.items().iter().map(byte).collect()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect()
}

fn unhex(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    if !text.len().is_multiple_of(2) {
        return Err("invalid hex length");
    }
    let digit = |b: u8| char::from(b).to_digit(16).ok_or("invalid hex");
    text.chunks(2).map(|pair| Ok((digit(pair[0])? * 16 + digit(pair[1])?) as u8)).collect()
}

/// FIPS 180-4; the constants are the fractions of roots of the first primes.
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes: Vec<u64> = (2..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    // The first 32 bits behind the point of the root of a prime: the largest `r` with
    // `r^power <= prime · 2^(32 · power)`, by bisection.
    let fraction = |prime: u64, power: u32| {
        let (mut low, mut high) = (0_u128, 1_u128 << 40);
        while high - low > 1 {
            let middle = u128::midpoint(low, high);
            match middle.pow(power) <= u128::from(prime) << (32 * power) {
                true => low = middle,
                false => high = middle,
            }
        }
        low as u32
    };
    let constants: Vec<u32> = primes[..64].iter().map(|p| fraction(*p, 3)).collect();
    let mut state: Vec<u32> = primes[..8].iter().map(|p| fraction(*p, 2)).collect();
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let word = |w: &[u8]| u32::from_be_bytes([w[0], w[1], w[2], w[3]]);
        let mut words: Vec<u32> = block.chunks(4).map(word).collect();
        for i in 16..64 {
            let (a, b) = (words[i - 15], words[i - 2]);
            let a = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
            let b = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
            words.push(words[i - 16].wrapping_add(a).wrapping_add(words[i - 7]).wrapping_add(b));
        }
        let mut s = state.clone();
        for i in 0..64 {
            let e = s[4].rotate_right(6) ^ s[4].rotate_right(11) ^ s[4].rotate_right(25);
            let choice = s[4] & s[5] ^ !s[4] & s[6];
            let one = s[7].wrapping_add(e).wrapping_add(choice);
            let one = one.wrapping_add(constants[i]).wrapping_add(words[i]);
            let a = s[0].rotate_right(2) ^ s[0].rotate_right(13) ^ s[0].rotate_right(22);
            let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2];
            s.rotate_right(1);
            s[4] = s[4].wrapping_add(one);
            s[0] = one.wrapping_add(a).wrapping_add(majority);
        }
        state.iter_mut().zip(s).for_each(|(sum, part)| *sum = sum.wrapping_add(part));
    }
    let mut out = [0; 32];
    out.chunks_mut(4).zip(state).for_each(|(to, word)| to.copy_from_slice(&word.to_be_bytes()));
    out
}

/// RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = if key.len() > 64 { sha256(key).to_vec() } else { key.to_vec() };
    block.resize(64, 0);
    let with = |pad: u8| block.iter().map(move |b| b ^ pad);
    let inner: Vec<u8> = with(0x36).chain(message.iter().copied()).collect();
    let outer: Vec<u8> = with(0x5c).chain(sha256(&inner)).collect();
    sha256(&outer)
}

fn record(fields: &[Value<'_>]) -> Vec<u8> {
    let field = |value: &Value<'_>| {
        let field = value.bytes();
        if !field.iter().any(|b| b",\"\r\n".contains(b)) {
            return field.to_vec();
        }
        let quoted = field.iter().flat_map(|b| if *b == b'"' { vec![*b, *b] } else { vec![*b] });
        [b'"'].into_iter().chain(quoted).chain([b'"']).collect()
    };
    let fields: Vec<Vec<u8>> = fields.iter().map(field).collect();
    [fields.join(&b','), b"\r\n".to_vec()].concat()
}

/// The records, read byte by byte.
fn read_csv(text: &[u8]) -> Result<Vec<Vec<Vec<u8>>>, String> {
    let wrong = |what: &str, at: usize| {
        let before = &text[..at];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = 1 + before[start..].iter().filter(|b| **b & 0xc0 != 0x80).count();
        Err(format!("{what}: line {line} column {column}"))
    };
    let (mut records, mut record, mut at) = (Vec::new(), Vec::new(), 0);
    while at < text.len() || !record.is_empty() {
        let (start, mut field) = (at, Vec::new());
        let is_quoted = text.get(at) == Some(&b'"');
        if is_quoted {
            at += 1;
            loop {
                match (text.get(at), text.get(at + 1)) {
                    (None, _) => return wrong("unterminated quoted field", start),
                    (Some(b'"'), Some(b'"')) => {
                        field.push(b'"');
                        at += 2;
                    }
                    (Some(b'"'), _) => break,
                    (Some(byte), _) => {
                        field.push(*byte);
                        at += 1;
                    }
                }
            }
            at += 1;
        } else {
            while text.get(at).is_some_and(|b| !b",\"\r\n".contains(b)) {
                field.push(text[at]);
                at += 1;
            }
        }
        record.push(field);
        let (ends, length) = match (text.get(at), text.get(at + 1)) {
            (None, _) => (true, 0),
            (Some(b','), _) => (false, 1),
            (Some(b'\n'), _) => (true, 1),
            (Some(b'\r'), Some(b'\n')) => (true, 2),
            (Some(b'\r'), _) => return wrong("carriage return without a line feed", at),
            (Some(_), _) if is_quoted => return wrong("text after a quoted field", at),
            (Some(_), _) => return wrong("quote in an unquoted field", at),
        };
        at += length;
        if ends {
            records.push(std::mem::take(&mut record));
        }
    }
    Ok(records)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && year % 100 != 0 || year % 400 == 0
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn year_length(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// Days since the first of the year 0, by counting.
fn counted(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (0..year).map(year_length).sum();
    let months: i64 = (1..month).map(|m| month_length(year, m)).sum();
    years + months + day - 1
}

/// Days since 1970-01-01 of a date that exists.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let exists = (0..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=month_length(year, month)).contains(&day);
    exists.then(|| counted(year, month, day) - counted(1970, 1, 1))
}

fn date(days: i64) -> Option<(i64, i64, i64)> {
    let mut left = days.checked_add(counted(1970, 1, 1)).filter(|left| *left >= 0)?;
    for year in 0..=9999 {
        if left >= year_length(year) {
            left -= year_length(year);
            continue;
        }
        let mut month = 1;
        while left >= month_length(year, month) {
            left -= month_length(year, month);
            month += 1;
        }
        return Some((year, month, left + 1));
    }
    None
}

fn parse_date(text: &[u8]) -> Result<i64, &'static str> {
    let is_right = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 10 || !text.iter().enumerate().all(is_right) {
        return Err("invalid date");
    }
    let number = |from: usize, to: usize| {
        text[from..to].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    days(number(0, 4), number(5, 7), number(8, 10)).ok_or("date out of range")
}

fn later(date_of: i64, months: i64) -> Option<i64> {
    let (year, month, day) = date(date_of)?;
    let all = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
    days(year, month, day.min(month_length(year, month)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_the_standards() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), abc.as_bytes());
        let jefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&hmac(b"Jefe", b"what do ya want for nothing?")), jefe.as_bytes());
    }

    #[test]
    fn dates_are_counted() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(date(11_016), Some((2000, 2, 29)));
        assert_eq!(later(11_016, 12).and_then(date), Some((2001, 2, 28)));
        assert_eq!(date(i64::MAX), None);
    }

    #[test]
    fn records_are_read() {
        let fields = |f: &[&[u8]]| f.iter().map(|f| f.to_vec()).collect::<Vec<_>>();
        assert_eq!(
            read_csv(b"a,\"x\"\"\"\r\n\nb,"),
            Ok(vec![fields(&[b"a", b"x\""]), fields(&[b""]), fields(&[b"b", b""]),])
        );
        assert_eq!(read_csv(b"a\n\"b"), Err("unterminated quoted field: line 2 column 1".into()));
    }
}
