//! Random inputs, where there is no nightly toolchain:
//!
//!     cargo run --release --no-default-features --bin random -- SECONDS SEED [TARGET…]
//!
//! Inputs are made of pieces of the format, of bytes, and of earlier inputs. Each target
//! gets that many seconds. An input that fails is made smaller and printed as an escaped
//! string.

use std::time::{Duration, Instant};

use vera_fuzz::{TARGETS, Target};

/// A generator of Marsaglia's ("Xorshift RNGs", 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn input(random: &mut Random, target: &Target, earlier: &[Vec<u8>]) -> Vec<u8> {
    let mut input = match random.below(3) {
        0 if !earlier.is_empty() => earlier[random.below(earlier.len())].clone(),
        _ => Vec::new(),
    };
    for _ in 0..=random.below(24) {
        let at = if random.below(2) == 0 { input.len() } else { random.below(input.len() + 1) };
        match random.below(12) {
            0 => input.insert(at, random.next() as u8),
            1 => drop(input.drain(at..).take(random.below(8))),
            2 if !earlier.is_empty() => {
                let other = &earlier[random.below(earlier.len())];
                let from = random.below(other.len() + 1);
                let part = other[from..].to_vec();
                input.splice(at..at, part);
            }
            _ => {
                let piece = target.pieces[random.below(target.pieces.len())];
                input.splice(at..at, piece.bytes());
            }
        }
        input.truncate(600);
    }
    input
}

fn fails(target: &Target, input: &[u8]) -> bool {
    std::panic::catch_unwind(|| (target.check)(input)).is_err()
}

/// Leaves out parts, large ones first, as long as the rest still fails.
fn shrunk(target: &Target, mut input: Vec<u8>) -> Vec<u8> {
    let mut size = input.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < input.len() {
            let end = (at + size).min(input.len());
            let rest = [&input[..at], &input[end..]].concat();
            match fails(target, &rest) {
                true => input = rest,
                false => at += size,
            }
        }
        size /= 2;
    }
    input
}

fn run(target: &Target, seconds: u64, seed: u64) {
    let mut random = Random(seed | 1);
    let mut earlier: Vec<Vec<u8>> = Vec::new();
    let (start, mut count, mut faults) = (Instant::now(), 0u64, 0);
    while start.elapsed() < Duration::from_secs(seconds) && faults < 5 {
        let input = input(&mut random, target, &earlier);
        if fails(target, &input) {
            let small = shrunk(target, input.clone());
            println!("{}: \"{}\"", target.name, small.escape_ascii());
            faults += 1;
        }
        let place = random.below(256);
        match earlier.get_mut(place) {
            Some(old) => *old = input,
            None => earlier.push(input),
        }
        count += 1;
    }
    println!("{}: {count} inputs in {} s, {faults} faults", target.name, start.elapsed().as_secs());
}

fn main() {
    let mut args = std::env::args().skip(1);
    let mut number = |default| args.next().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (seconds, seed) = (number(60), number(1));
    let names: Vec<String> = args.collect();
    std::panic::set_hook(Box::new(|_| {}));
    for target in TARGETS {
        if names.is_empty() || names.iter().any(|name| name == target.name) {
            run(target, seconds, seed);
        }
    }
}
