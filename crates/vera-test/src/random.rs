//! Random values, the same for the same seed on every machine.

use crate::constants::Constants;
use crate::shape::{Shape, ShapeId, Shapes};
use crate::value::{Value, different};

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
/// 2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers for one function: they do not change when others come and go.
    pub fn new(seed: u64, function: &str) -> Random {
        // FNV-1a.
        let hash = function.bytes().fold(14_695_981_039_346_656_037, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
        });
        Random(seed ^ hash)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A number between two, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = (i128::from(high) - i128::from(low) + 1) as u128;
        let offset = (u128::from(self.next()) * span) >> 64;
        (i128::from(low) + offset as i128) as i64
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

/// The integers that are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub low: i64,
    pub high: i64,
}

impl Range {
    pub const INT: Range = Range { low: i64::MIN, high: i64::MAX };
    pub const NAT: Range = Range { low: 0, high: i64::MAX };
    pub const BYTE: Range = Range { low: 0, high: 255 };

    pub fn contains(self, n: i64) -> bool {
        self.low <= n && n <= self.high
    }

    pub fn is_empty(self) -> bool {
        self.low > self.high
    }

    /// Those within bounds, where there are any.
    pub fn within(self, (low, high): (Option<i128>, Option<i128>)) -> Range {
        let clamped = |n: i128| n.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        Range {
            low: low.map_or(self.low, |n| self.low.max(clamped(n))),
            high: high.map_or(self.high, |n| self.high.min(clamped(n))),
        }
    }

    /// How many there are; at least one.
    pub fn size(self) -> u128 {
        (i128::from(self.high) - i128::from(self.low) + 1) as u128
    }

    /// Those at most `limit` away from the one closest to 0.
    fn near_zero(self, limit: i64) -> Range {
        let center = 0.clamp(self.low, self.high);
        Range {
            low: center.saturating_sub(limit).max(self.low),
            high: center.saturating_add(limit).min(self.high),
        }
    }
}

/// Ranges of at most so many integers are drawn from as a whole at once.
const EVEN: u128 = 1_000_000;

/// The sizes from which on values are larger, and are anything at all.
const LARGER: u32 = 50;
pub(crate) const ANY: u32 = 90;

/// How far from 0 integers are at first; then it is [`Source::reach`].
const NEAR: i64 = 20;

/// Most elements of an array, and most characters of a text.
pub(crate) const MAX_ELEMENTS: usize = 4;

/// And now and then.
const MANY_ELEMENTS: usize = 16;

const MAX_CHARS: usize = 50;

/// How deeply random values of recursive types nest.
const MAX_DEPTH: u32 = 4;

/// Draws values for one function.
pub(crate) struct Source<'s> {
    pub shapes: &'s Shapes,
    pub random: Random,
    pub constants: Constants,
    /// How far from 0 integers are that are neither small nor anything at all.
    pub reach: i64,
    /// The integers drawn for the input that is being made.
    pub drawn: Vec<i64>,
}

impl Source<'_> {
    /// The `n`th literal of the function that has this type.
    pub fn literal(&self, shape: ShapeId, n: usize) -> Option<Value> {
        fn nth<T: Clone>(all: &[T], n: usize) -> Option<T> {
            all.get(n % all.len().max(1)).cloned()
        }
        match &self.shapes[shape] {
            Shape::Int(_, range) => {
                let value = nth(&self.constants.ints, n)?;
                range.contains(value).then_some(Value::Int(value))
            }
            Shape::Float => nth(&self.constants.floats, n).map(Value::Float),
            Shape::Text => nth(&self.constants.texts, n).map(Value::Text),
            Shape::Unit
            | Shape::Bool
            | Shape::Decimal
            | Shape::Array(_)
            | Shape::Set(_)
            | Shape::Map(..)
            | Shape::Tuple(_)
            | Shape::Data(_) => None,
        }
    }

    /// A value whose integers, if it is one, come from `range`. Sizes go from 0 to
    /// 100; values grow with them.
    pub fn draw(&mut self, shape: ShapeId, range: Range, size: u32) -> Value {
        match &self.shapes[shape] {
            Shape::Int(..) => Value::Int(self.int(range, size)),
            _ => self.part(shape, size, MAX_DEPTH),
        }
    }

    /// A small value; `None` for a shape whose values never end.
    pub fn any(&mut self, shape: ShapeId) -> Option<Value> {
        self.shapes.depth(shape).map(|_| self.part(shape, 0, MAX_DEPTH))
    }

    fn part(&mut self, shape: ShapeId, size: u32, depth: u32) -> Value {
        let shapes = self.shapes;
        match &shapes[shape] {
            Shape::Unit => Value::Unit,
            Shape::Int(_, range) => Value::Int(self.int(*range, size)),
            Shape::Bool => Value::Bool(self.random.below(2) == 1),
            Shape::Float => Value::Float(self.float(size)),
            Shape::Text => Value::Text(self.text(size)),
            Shape::Decimal => self.decimal(size),
            Shape::Array(element) => Value::Array(self.several(*element, size, depth)),
            Shape::Set(element) => {
                Value::Set(different(self.several(*element, size, depth), |v| v))
            }
            Shape::Map(key, value) => {
                let keys = different(self.several(*key, size, depth), |v| v);
                let depth = depth.saturating_sub(1);
                let fits = shapes.depth(*value).is_some_and(|least| least <= depth);
                let entries = keys.into_iter().filter(|_| fits);
                Value::Map(entries.map(|k| (k, self.part(*value, size, depth))).collect())
            }
            Shape::Tuple(parts) => {
                let depth = depth.saturating_sub(1);
                let fields = parts.iter().map(|p| self.part(*p, size, depth)).collect();
                Value::Data { ctor: 0, fields }
            }
            Shape::Data(ctors) => {
                let depth = depth.saturating_sub(1);
                let least = ctors.iter().filter_map(|c| shapes.ctor_depth(c)).min().unwrap_or(0);
                let fits = |i: &usize| {
                    shapes.ctor_depth(&ctors[*i]).is_some_and(|d| d <= depth.max(least))
                };
                let fitting: Vec<usize> = (0..ctors.len()).filter(fits).collect();
                let ctor = *self.random.pick(&fitting);
                let fields = &ctors[ctor].fields;
                let fields = fields.iter().map(|f| self.part(*f, size, depth)).collect();
                Value::Data { ctor: ctor as u32, fields }
            }
        }
    }

    /// Elements of a sequence, a set, or the keys of a map.
    fn several(&mut self, element: ShapeId, size: u32, depth: u32) -> Vec<Value> {
        let most = if self.random.below(8) == 0 { MANY_ELEMENTS } else { MAX_ELEMENTS };
        let length = self.random.below(most + 1);
        let depth = depth.saturating_sub(1);
        // Elements that nest deeper than is allowed leave it empty.
        let fits = self.shapes.depth(element).is_some_and(|least| least <= depth);
        let length = if fits { length } else { 0 };
        (0..length).map(|_| self.part(element, size, depth)).collect()
    }

    /// A value that differs a little from another one.
    pub fn near(&mut self, value: &Value, shape: ShapeId) -> Value {
        let shapes = self.shapes;
        match (value, &shapes[shape]) {
            (Value::Int(n), Shape::Int(_, range)) => {
                let step = 1_i64 << self.random.below(12);
                let step = self.random.between(-step, step);
                Value::Int(n.saturating_add(step).clamp(range.low, range.high))
            }
            (Value::Float(x), _) => {
                let scale = 0.5 / (1_u64 << self.random.below(20)) as f64;
                let sign = if self.random.below(2) == 0 { scale } else { -scale };
                Value::Float(if *x == 0.0 { sign } else { x + x * sign })
            }
            (Value::Text(text), _) => Value::Text(self.near_text(text)),
            (Value::Array(values), Shape::Array(element)) => {
                Value::Array(self.near_elements(values, *element))
            }
            (Value::Set(values), Shape::Set(element)) => {
                Value::Set(different(self.near_elements(values, *element), |v| v))
            }
            (Value::Map(entries), Shape::Map(key, held)) => {
                let mut entries = entries.clone();
                if !entries.is_empty() {
                    let i = self.random.below(entries.len());
                    match self.random.below(3) {
                        0 => entries[i].0 = self.near(&entries[i].0, *key),
                        1 => _ = entries.remove(i),
                        _ => entries[i].1 = self.near(&entries[i].1, *held),
                    }
                }
                Value::Map(different(entries, |(key, _)| key))
            }
            (Value::Decimal(digits, places), _) => {
                let step = 1_i64 << self.random.below(12);
                Value::Decimal(digits.saturating_add(self.random.between(-step, step)), *places)
            }
            (Value::Data { ctor, fields }, Shape::Tuple(parts)) => {
                self.near_fields(*ctor, fields, parts)
            }
            (Value::Data { ctor, fields }, Shape::Data(ctors)) => {
                self.near_fields(*ctor, fields, &ctors[*ctor as usize].fields)
            }
            (
                Value::Unit
                | Value::Int(_)
                | Value::Bool(_)
                | Value::Array(_)
                | Value::Set(_)
                | Value::Map(_)
                | Value::Data { .. },
                _,
            ) => self.part(shape, 0, MAX_DEPTH),
        }
    }

    /// The elements, one of them twice, or left out, or another one.
    fn near_elements(&mut self, values: &[Value], element: ShapeId) -> Vec<Value> {
        let mut values = values.to_vec();
        match self.random.below(3) {
            0 if values.len() < MAX_ELEMENTS && !values.is_empty() => {
                let copy = self.random.pick(&values).clone();
                values.push(copy);
            }
            1 if !values.is_empty() => {
                values.remove(self.random.below(values.len()));
            }
            _ => {
                let changed = values.len().checked_sub(1).map(|n| self.random.below(n + 1));
                if let Some(i) = changed {
                    values[i] = self.near(&values[i], element);
                }
            }
        }
        values
    }

    fn near_fields(&mut self, ctor: u32, fields: &[Value], parts: &[ShapeId]) -> Value {
        let mut fields = fields.to_vec();
        if !fields.is_empty() {
            let i = self.random.below(fields.len());
            fields[i] = self.near(&fields[i], parts[i]);
        }
        Value::Data { ctor, fields }
    }

    /// The text with a character more, or less.
    fn near_text(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let at = self.random.below(chars.len() + 1);
        if at < chars.len() && self.random.below(4) == 0 {
            chars.remove(at);
        } else if chars.len() < MAX_CHARS {
            let kind = self.random.below(4);
            chars.insert(at, self.char(kind));
        }
        chars.into_iter().collect()
    }

    /// Forgets what integers were drawn: what follows is another input.
    pub fn begin(&mut self) {
        self.drawn.clear();
    }

    /// An integer, sometimes one that was drawn for this input before: code compares its
    /// arguments.
    fn int(&mut self, range: Range, size: u32) -> i64 {
        let again = !self.drawn.is_empty() && self.random.below(6) == 0;
        if again {
            let value = *self.random.pick(&self.drawn);
            if range.contains(value) {
                return value;
            }
        }
        let value = self.fresh_int(range, size);
        self.drawn.push(value);
        value
    }

    fn fresh_int(&mut self, range: Range, size: u32) -> i64 {
        if self.random.below(5) == 0 && !self.constants.ints.is_empty() {
            let constant = *self.random.pick(&self.constants.ints);
            let near = constant.saturating_add(self.random.between(-1, 1));
            if range.contains(near) {
                return near;
            }
        }
        if range.size() <= EVEN {
            return self.random.between(range.low, range.high);
        }
        if size < ANY {
            let near = range.near_zero(if size < LARGER { NEAR } else { self.reach });
            return self.random.between(near.low, near.high);
        }
        let power = 1_i64 << self.random.below(63);
        let power = power.saturating_add(self.random.between(-1, 1));
        let candidates = [range.low, range.high, power, power.saturating_neg()];
        let candidate = *self.random.pick(&candidates);
        let any = self.random.between(range.low, range.high);
        if range.contains(candidate) && self.random.below(2) == 0 { candidate } else { any }
    }

    fn float(&mut self, size: u32) -> f64 {
        if self.random.below(5) == 0 && !self.constants.floats.is_empty() {
            return *self.random.pick(&self.constants.floats);
        }
        let limit = if size < LARGER { 20 } else { 10_000 };
        let whole = self.random.between(-limit, limit) as f64;
        match self.random.below(10) {
            0..=3 => whole,
            4..=7 => whole + self.random.below(1 << 20) as f64 / f64::from(1 << 20),
            8 => self.scaled(limit),
            _ => *self.random.pick(&[
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                f64::MAX,
                f64::MIN_POSITIVE,
                f64::EPSILON,
            ]),
        }
    }

    /// A decimal number: whole, of money, or of any number of places.
    fn decimal(&mut self, size: u32) -> Value {
        let limit = if size < LARGER { 20 } else { 10_000 };
        let whole = self.random.between(-limit, limit);
        let places = *self.random.pick(&[0, 0, 1, 2, 2, 6]);
        match self.random.below(8) {
            0 => Value::Decimal(self.random.between(i64::MIN, i64::MAX), places),
            1..=3 => Value::Decimal(whole, 0),
            _ => Value::Decimal(whole * 100 + self.random.between(0, 99), places),
        }
    }

    /// A number of any magnitude.
    fn scaled(&mut self, limit: i64) -> f64 {
        let (digits, exponent) = (self.random.between(-limit, limit), self.random.between(-12, 12));
        // Read as text, which is exact everywhere; powers of ten are not.
        format!("{digits}e{exponent}").parse().unwrap_or(0.0)
    }

    fn text(&mut self, size: u32) -> String {
        if self.random.below(4) == 0 && !self.constants.texts.is_empty() {
            return self.random.pick(&self.constants.texts).clone();
        }
        let most = (3 + size as usize / 2).min(MAX_CHARS);
        let length = self.random.below(most + 1);
        let kind = self.random.below(4);
        (0..length).map(|_| self.char(kind)).collect()
    }

    fn char(&mut self, kind: usize) -> char {
        let between = |random: &mut Random, low: u8, high: u8| {
            char::from(random.between(low.into(), high.into()) as u8)
        };
        match kind {
            0 => between(&mut self.random, b'a', b'e'),
            1 => between(&mut self.random, b'0', b'9'),
            2 => between(&mut self.random, b' ', b'~'),
            _ => *self
                .random
                .pick(&['a', 'Z', '0', ' ', '\n', '\t', ',', '"', '\\', 'é', '漢', '😀']),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        let mut random = Random(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn draws_stay_in_range() {
        let shapes = Shapes::default();
        let constants = Constants { ints: vec![7, i64::MAX], ..Constants::default() };
        let random = Random::new(0, "f");
        let mut source =
            Source { shapes: &shapes, random, constants, reach: 1_000, drawn: Vec::new() };
        for range in
            [Range { low: 5, high: 9 }, Range { low: i64::MAX - 2, high: i64::MAX }, Range::NAT]
        {
            for size in 0..100 {
                let n = source.int(range, size);
                assert!(range.contains(n), "{n} in {range:?}");
            }
        }
    }

    #[test]
    fn large_integers_come_last() {
        let shapes = Shapes::default();
        let (random, constants) = (Random::new(0, "f"), Constants::default());
        let mut source =
            Source { shapes: &shapes, random, constants, reach: 1_000, drawn: Vec::new() };
        assert!((0..1000).all(|_| source.int(Range::INT, 0).abs() <= 20));
        assert!((0..1000).all(|_| source.int(Range::INT, 60).abs() <= 1000));
        assert!((0..100).any(|_| source.int(Range::INT, 95) == i64::MIN));
    }
}
