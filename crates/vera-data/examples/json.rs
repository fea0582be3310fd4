//! Drives the JSON parser from outside: `scripts/check_json.py` and round trips.
//!
//!     json parse            each line of the input is a text in hexadecimal;
//!                           prints `ok` and the canonical form, or `error` and why
//!     json doubles N SEED   N random doubles, half of them between 1e-19 and 1e19,
//!                           to text and back

use std::io::{BufRead, BufWriter, Write};

use vera_data::json::{Tree, parse, write_number};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["parse"] => texts(),
        ["doubles", count, seed] => doubles(count.parse()?, seed.parse()?),
        _ => Err("usage: json parse | json doubles N SEED".into()),
    }
}

fn texts() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let byte = |at| u8::from_str_radix(line.get(at..at + 2).unwrap_or(""), 16);
        let text = (0..line.len()).step_by(2).map(byte).collect::<Result<Vec<u8>, _>>()?;
        let mut tree = Tree::default();
        let (verdict, text) = match parse(&text, &mut tree) {
            Ok(()) => ("ok", tree.to_bytes()),
            Err(error) => ("error", error.message()),
        };
        writeln!(out, "{verdict} {}", String::from_utf8(text)?)?;
    }
    Ok(())
}

fn doubles(count: u64, seed: u64) -> Result<(), Box<dyn std::error::Error>> {
    // Splitmix64 (Steele, Lea, Flood, 2014).
    let mut state = seed;
    let mut text = Vec::new();
    for i in 0..count {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mut bits = mixed ^ mixed >> 31;
        if i % 2 == 1 {
            let exponent = (bits >> 52 & 127) + 1023 - 64;
            bits = bits & !(0x7ff << 52) | exponent << 52;
        }
        let value = f64::from_bits(bits);
        text.clear();
        if write_number(&mut text, value).is_ok() {
            let mut tree = Tree::default();
            parse(&text, &mut tree)
                .map_err(|error| String::from_utf8_lossy(&error.message()).into_owned())?;
            let back: f64 = std::str::from_utf8(&text)?.parse()?;
            if back.to_bits() != value.to_bits() || tree.to_bytes() != text {
                return Err(format!("{value:e} became {}", String::from_utf8_lossy(&text)).into());
            }
        }
    }
    println!("{count} doubles came back");
    Ok(())
}
