//! Answers questions about regular expressions, one a line; for scripts/compare_regex.py.
//!
//! A question is `PATTERN TEXT TEMPLATE`, each as hexadecimal digits behind a `.`.
//! The answer is `bad MESSAGE`, or `ok MATCHES REPLACED`: the matches as
//! `start-end,` in bytes, the text after replacing the first match, or an error's
//! message behind `!`; messages and texts as hexadecimal digits.

use std::fmt::Write;
use std::io::{self, BufRead};

use vera_data::regex::Regex;

fn bytes(field: &str) -> Vec<u8> {
    let digits = field.as_bytes()[1..].chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn answer(pattern: &[u8], text: &[u8], template: &[u8]) -> String {
    let mut regex = match Regex::new(pattern) {
        Ok(regex) => regex,
        Err(error) => return format!("bad {}", hex(error.text())),
    };
    let all = match regex.find_all(text) {
        Ok(all) => all.iter().fold(String::from("."), |mut out, found| {
            write!(out, "{}-{},", found.start, found.end).unwrap();
            out
        }),
        Err(error) => format!("!{}", hex(error.text())),
    };
    let replaced = match regex.replace_first(text, template) {
        Ok(text) => format!(".{}", hex(&text)),
        Err(error) => format!("!{}", hex(error.text())),
    };
    format!("ok {all} {replaced}")
}

fn main() {
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let fields: Vec<Vec<u8>> = line.split(' ').map(bytes).collect();
        println!("{}", answer(&fields[0], &fields[1], &fields[2]));
    }
}
