//! Inputs for one function: boundary values first, then all values of a small
//! domain, or random ones with the solver's help.
//!
//! Each candidate is judged by evaluating the precondition's terms, which is cheap
//! but does not decide everything, and at last by the compiled precondition itself,
//! when the candidate is tried.

use std::collections::HashMap;

use vera_verify::solver::Value as Model;
use vera_verify::{Cache, Found, Precondition};

use crate::boundary;
use crate::models::{from_model, to_model};
use crate::random::{ANY, MAX_ELEMENTS, Range, Source};
use crate::shape::{Shape, ShapeId};
use crate::value::Value;

/// Budget of a question for inputs, in milliseconds.
const BUDGET_MS: u32 = 5_000;

/// Domains of at most so many inputs are tried in order.
const SMALL: u128 = 4_096;

/// So many useless random inputs in a row, and the next are larger; and so many, and
/// the solver is asked for one.
const MISSES_TO_GROW: usize = 20;
const MISSES: usize = 200;

/// The size of a random argument that the solver completes.
const LARGE: u32 = ANY - 1;

/// Most elements of an array that the solver finds where short ones do not do.
const LONG: usize = 64;

/// The greatest size of random inputs.
const MAX_SIZE: u32 = 100;

/// So many neighbours of a known input are tried before the solver is asked again.
const NEIGHBOURS: usize = 10;

/// So many useless answers of the solver, and the search ends.
const VAIN: usize = 20;

/// So many inputs are made of the function's literals alone.
const LITERALS: usize = 10;

/// How often other parameters of a boundary input are varied.
const VARIATIONS: usize = 6;

/// A parameter to generate for.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// The slot reference, `@Int.0`.
    pub label: String,
    pub shape: ShapeId,
    /// The integers it can be, if it is one.
    pub range: Range,
}

/// What became of a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tried {
    /// It met the precondition.
    Admitted,
    /// It did not.
    Rejected,
    /// It was too large to tell anything.
    TooLarge,
    /// Enough: no more inputs are wanted.
    Stop,
}

/// How a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// There are enough inputs, or no more were wanted.
    Enough,
    /// There are no others.
    Exhausted,
    /// There may be others.
    GivenUp,
}

/// Generates inputs and hands each to a function that tries it, until `wanted` are
/// admitted. Boundary inputs are all tried, even if they are more. The function also
/// learns whether the input is a far one, drawn from all there are.
pub(crate) struct Generator<'g> {
    pub parameters: &'g [Parameter],
    pub precondition: &'g mut Precondition,
    pub source: Source<'g>,
    pub cache: &'g dyn Cache,
    pub wanted: usize,
    /// Whether the solver may be asked for inputs.
    pub asks: bool,
}

/// The search under way.
struct Search<'s, 'g> {
    g: &'s mut Generator<'g>,
    attempt: &'s mut dyn FnMut(&[Value], bool) -> Tried,
    /// What was looked at, and whether it met the precondition.
    seen: HashMap<String, bool>,
    tried: Vec<Vec<Value>>,
    /// Of these, the ones that met the precondition.
    known: Vec<Vec<Value>>,
    admitted: usize,
    /// The size of inputs grows up to here.
    max_size: u32,
}

/// Nobody wants more inputs.
struct Stopped;

impl<'g> Generator<'g> {
    pub fn run(&mut self, attempt: &mut dyn FnMut(&[Value], bool) -> Tried) -> Ended {
        if self.parameters.iter().any(|p| p.range.is_empty()) {
            return Ended::Exhausted;
        }
        let mut search = Search {
            g: self,
            attempt,
            seen: HashMap::new(),
            tried: Vec::new(),
            known: Vec::new(),
            admitted: 0,
            max_size: MAX_SIZE,
        };
        search.boundaries().and_then(|()| search.rest()).unwrap_or(Ended::Enough)
    }

    fn key(&self, input: &[Value]) -> String {
        let parts = input.iter().zip(self.parameters);
        let texts: Vec<String> =
            parts.map(|(v, p)| v.literal(self.source.shapes, p.shape)).collect();
        texts.join("\n")
    }

    fn models(&self, input: &[Option<&Value>]) -> Vec<Model> {
        let sorts = self.precondition.sorts();
        input
            .iter()
            .enumerate()
            .map(|(i, v)| {
                v.map_or(Model::Opaque, |v| to_model(v, self.precondition.sort(i), sorts))
            })
            .collect()
    }

    fn admits(&mut self, input: &[Value]) -> Option<bool> {
        let all: Vec<Option<&Value>> = input.iter().map(Some).collect();
        let models = self.models(&all);
        self.precondition.admits(&models)
    }

    fn draw(&mut self, size: u32) -> Vec<Value> {
        let parameters = self.parameters;
        self.source.begin();
        parameters.iter().map(|p| self.source.draw(p.shape, p.range, size)).collect()
    }
}

impl Search<'_, '_> {
    /// Tries an input that is new and not known to be inadmissible; whether it met
    /// the precondition.
    fn offer(&mut self, input: Vec<Value>) -> Result<bool, Stopped> {
        self.offer_sized(input, false)
    }

    fn offer_sized(&mut self, input: Vec<Value>, far: bool) -> Result<bool, Stopped> {
        let key = self.g.key(&input);
        if self.seen.contains_key(&key) {
            return Ok(false);
        }
        if self.g.admits(&input) == Some(false) {
            self.seen.insert(key, false);
            return Ok(false);
        }
        let tried = (self.attempt)(&input, far);
        self.seen.insert(key, tried == Tried::Admitted);
        self.tried.push(input.clone());
        match tried {
            Tried::Admitted => {
                self.known.push(input);
                self.admitted += 1;
                Ok(true)
            }
            Tried::Rejected => Ok(false),
            Tried::TooLarge => {
                self.max_size = ANY - 1;
                Ok(false)
            }
            Tried::Stop => Err(Stopped),
        }
    }

    fn enough(&self) -> bool {
        self.admitted >= self.g.wanted
    }

    /// One input for each boundary value of each parameter.
    fn boundaries(&mut self) -> Result<(), Stopped> {
        let (parameters, shapes) = (self.g.parameters, self.g.source.shapes);
        let tables: Vec<Vec<Value>> =
            parameters.iter().map(|p| boundary::values(shapes, p.shape, p.range)).collect();
        for (i, table) in tables.iter().enumerate() {
            for value in table {
                self.boundary(i, value, &tables)?;
            }
        }
        if parameters.is_empty() {
            self.offer(Vec::new())?;
        }
        Ok(())
    }

    /// An input with this value of parameter `at`, the others being their first
    /// boundary values, if that meets the precondition, else what the solver finds.
    fn boundary(&mut self, at: usize, value: &Value, tables: &[Vec<Value>]) -> Result<(), Stopped> {
        let mut known: Vec<Option<&Value>> = vec![None; tables.len()];
        known[at] = Some(value);
        let fixed = self.g.models(&known);
        if self.g.precondition.admits(&fixed) == Some(false) {
            return Ok(());
        }
        let alone = self.others(at).all(|p| matches!(self.g.source.shapes[p.shape], Shape::Unit));
        for k in 0..VARIATIONS {
            let other = |table: &Vec<Value>| table.get(k % table.len().max(1)).cloned();
            let row: Option<Vec<Value>> = tables
                .iter()
                .enumerate()
                .map(|(i, t)| if i == at { Some(value.clone()) } else { other(t) })
                .collect();
            let Some(row) = row else { break };
            let covered = self.seen.get(&self.g.key(&row)) == Some(&true);
            if covered || self.offer(row)? || alone {
                return Ok(());
            }
        }
        match self.ask(&fixed, &[]) {
            Found::Arguments(found) => {
                let input = self.completed(&found);
                self.offer(input).map(|_| ())
            }
            Found::Nothing | Found::Unknown => Ok(()),
        }
    }

    fn others(&self, at: usize) -> impl Iterator<Item = &Parameter> {
        self.g.parameters.iter().enumerate().filter(move |(i, _)| *i != at).map(|(_, p)| p)
    }

    fn rest(&mut self) -> Result<Ended, Stopped> {
        let (parameters, shapes) = (self.g.parameters, self.g.source.shapes);
        let counts = parameters.iter().map(|p| boundary::count(shapes, p.shape, p.range, SMALL));
        let counts: Option<Vec<u128>> = counts.collect();
        match counts {
            Some(counts) if counts.iter().product::<u128>() <= SMALL => self.every(&counts),
            Some(_) | None => {
                self.literals()?;
                self.random()
            }
        }
    }

    /// Every input, the first parameter changing fastest.
    fn every(&mut self, counts: &[u128]) -> Result<Ended, Stopped> {
        let (parameters, shapes) = (self.g.parameters, self.g.source.shapes);
        for n in 0..counts.iter().product() {
            if self.enough() {
                return Ok(Ended::Enough);
            }
            let mut left = n;
            let mut input = Vec::new();
            for (parameter, count) in parameters.iter().zip(counts) {
                input.push(boundary::nth(shapes, parameter.shape, parameter.range, left % count));
                left /= count;
            }
            self.offer(input)?;
        }
        Ok(Ended::Exhausted)
    }

    /// Literals of the function in all parameters at once: code often compares with
    /// several of them.
    fn literals(&mut self) -> Result<(), Stopped> {
        let parameters = self.g.parameters;
        for n in 0..LITERALS {
            let source = &mut self.g.source;
            let drawn = parameters.iter().map(|p| {
                let literal = source.literal(p.shape, n);
                literal.unwrap_or_else(|| source.draw(p.shape, p.range, 0))
            });
            let input = drawn.collect();
            if self.enough() {
                break;
            }
            self.offer(input)?;
        }
        Ok(())
    }

    fn random(&mut self) -> Result<Ended, Stopped> {
        let (mut misses, mut vain) = (0, 0);
        while !self.enough() && vain < VAIN {
            let progress = self.admitted * MAX_SIZE as usize / self.g.wanted;
            let size = (progress + misses / MISSES_TO_GROW * 10) as u32;
            let size = size.min(self.max_size);
            let input = self.g.draw(size);
            if self.offer_sized(input, size >= ANY)? {
                (misses, vain) = (0, 0);
                continue;
            }
            misses += 1;
            if misses < MISSES || self.neighbour()? || self.completion()? {
                continue;
            }
            match self.another() {
                Found::Arguments(found) => {
                    let input = self.completed(&found);
                    vain = if self.offer(input)? { 0 } else { vain + 1 };
                }
                // There may be longer arrays.
                Found::Nothing if self.has_arrays() => return Ok(Ended::GivenUp),
                Found::Nothing => return Ok(Ended::Exhausted),
                Found::Unknown => vain = VAIN,
            }
        }
        Ok(if self.enough() { Ended::Enough } else { Ended::GivenUp })
    }

    /// Tries inputs that differ in one argument from a known one, until one is
    /// admitted.
    fn neighbour(&mut self) -> Result<bool, Stopped> {
        let parameters = self.g.parameters;
        for _ in 0..NEIGHBOURS {
            if self.known.is_empty() || parameters.is_empty() {
                break;
            }
            let random = &mut self.g.source.random;
            let (n, at) = (random.below(self.known.len()), random.below(parameters.len()));
            let mut input = self.known[n].clone();
            input[at] = self.g.source.near(&input[at], parameters[at].shape);
            if self.offer(input)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tries an input with a random argument that the solver completes.
    fn completion(&mut self) -> Result<bool, Stopped> {
        let parameters = self.g.parameters;
        if parameters.len() < 2 {
            return Ok(false);
        }
        let at = self.g.source.random.below(parameters.len());
        let parameter = &parameters[at];
        let value = self.g.source.draw(parameter.shape, parameter.range, LARGE);
        let mut known: Vec<Option<&Value>> = vec![None; parameters.len()];
        known[at] = Some(&value);
        let fixed = self.g.models(&known);
        match self.ask(&fixed, &[]) {
            Found::Arguments(found) => {
                let input = self.completed(&found);
                self.offer(input)
            }
            Found::Nothing | Found::Unknown => Ok(false),
        }
    }

    fn has_arrays(&self) -> bool {
        let shapes = self.g.source.shapes;
        self.g.parameters.iter().any(|p| matches!(shapes[p.shape], Shape::Array(_)))
    }

    /// Asks for an input that was not tried, with short arrays if there is one.
    fn another(&mut self) -> Found {
        let fixed = vec![Model::Opaque; self.g.parameters.len()];
        let tried = self.tried.iter();
        let forbidden: Vec<Vec<Model>> =
            tried.map(|input| self.g.models(&input.iter().map(Some).collect::<Vec<_>>())).collect();
        match self.ask(&fixed, &forbidden) {
            Found::Nothing if self.has_arrays() && self.g.asks => {
                let cache = self.g.cache;
                self.g.precondition.find(&fixed, &forbidden, LONG, BUDGET_MS, cache)
            }
            found => found,
        }
    }

    fn ask(&mut self, fixed: &[Model], forbidden: &[Vec<Model>]) -> Found {
        if !self.g.asks {
            return Found::Unknown;
        }
        let cache = self.g.cache;
        self.g.precondition.find(fixed, forbidden, MAX_ELEMENTS, BUDGET_MS, cache)
    }

    /// The solver's values, with random ones where it says nothing.
    fn completed(&mut self, found: &[Model]) -> Vec<Value> {
        let parameters = self.g.parameters;
        let mut out = Vec::new();
        for (parameter, model) in parameters.iter().zip(found) {
            let source = &mut self.g.source;
            let shapes = source.shapes;
            let mut fill = |shape| source.any(shape);
            let value = from_model(shapes, model, parameter.shape, &mut fill);
            out.push(value.unwrap_or_else(|| source.draw(parameter.shape, parameter.range, 0)));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use vera_check::NoModules;
    use vera_diagnostics::SourceFile;
    use vera_verify::NoCache;

    use super::*;
    use crate::Options;
    use crate::constants::Constants;
    use crate::random::Random;
    use crate::shape::Shapes;

    /// The inputs generated for the first public function of a program, as literals,
    /// and how the search ended; `admit` plays the compiled precondition.
    fn inputs(program: &str, wanted: usize, admit: fn(&str) -> Tried) -> (Vec<String>, Ended) {
        let checked = vera_check::check(SourceFile::new("t.vera", program), &mut NoModules);
        let program = checked.program.expect("a well-typed program");
        let options =
            Options { trials: wanted, function: None, distrust: false, seed: 0, timeout_ms: 1_000 };
        let mut shapes = Shapes::default();
        let subjects = crate::subjects(&program, &options, &mut shapes).expect("public functions");
        let mut parameters = subjects[0].parameters.clone().expect("types with literals");
        let mut preconditions =
            vera_verify::preconditions(&program, &checked.sources, &[subjects[0].id]);
        for (i, parameter) in parameters.iter_mut().enumerate() {
            parameter.range = parameter.range.within(preconditions[0].range(i));
        }
        let random = Random::new(0, "f");
        let constants = Constants::default();
        let mut generator = Generator {
            parameters: &parameters,
            precondition: &mut preconditions[0],
            source: Source { shapes: &shapes, random, constants, reach: 1_000, drawn: Vec::new() },
            cache: &NoCache,
            asks: true,
            wanted,
        };
        let mut out = Vec::new();
        let ended = generator.run(&mut |input, _| {
            let parts = input.iter().zip(&parameters);
            let parts: Vec<String> = parts.map(|(v, p)| v.literal(&shapes, p.shape)).collect();
            let text = parts.join(", ");
            let tried = admit(&text);
            if tried == Tried::Admitted {
                out.push(text);
            }
            tried
        });
        (out, ended)
    }

    fn all(_: &str) -> Tried {
        Tried::Admitted
    }

    fn function(params: &str, requires: &str) -> String {
        format!(
            "public fn f({params} -> @Int)\n  requires({requires})\n  ensures(true)\n  effects(pure)\n{{\n  0\n}}\n"
        )
    }

    #[test]
    fn boundaries_come_first_and_all_of_them() {
        let (found, ended) = inputs(&function("@Int, @Bool", "true"), 3, all);
        assert_eq!(found[..4], ["0, true", "1, true", "-1, true", "2, true"]);
        assert_eq!((found.len(), found.last().map(String::as_str)), (10, Some("0, false")));
        assert_eq!(ended, Ended::Enough);
    }

    #[test]
    fn stated_bounds_are_boundaries() {
        let requires = "@Int.0 >= 40 && @Int.0 <= 1000000000";
        let (found, _) = inputs(&function("@Int", requires), 0, all);
        assert_eq!(found, ["100", "40", "41", "1000000000", "999999999"]);
    }

    #[test]
    fn a_small_domain_is_exhausted() {
        let requires = "@Nat.0 < 9 && @Nat.0 != 3";
        let (mut found, ended) = inputs(&function("@Nat", requires), 100, all);
        found.sort();
        assert_eq!(found, ["0", "1", "2", "4", "5", "6", "7", "8"]);
        assert_eq!(ended, Ended::Exhausted);
    }

    #[test]
    fn the_solver_finds_what_chance_does_not() {
        let requires = "@Int.0 * 1000003 == @Int.1 * 7 && @Int.1 > 0";
        let (found, ended) = inputs(&function("@Int, @Int", requires), 5, all);
        assert_eq!((found.len(), ended), (5, Ended::Enough));
        for input in found {
            let (a, b) = input.split_once(", ").expect("two arguments");
            let (a, b): (i128, i128) = (a.parse().expect("a number"), b.parse().expect("a number"));
            assert!(b * 1_000_003 == a * 7 && a > 0, "{a}, {b}");
        }
        let (found, ended) = inputs(&function("@Int", "@Int.0 * @Int.0 == 1764"), 5, all);
        assert_eq!((found.len(), ended), (2, Ended::Exhausted));
    }

    #[test]
    fn contradictory_bounds_leave_nothing() {
        let (found, ended) = inputs(&function("@Int", "@Int.0 > 5 && @Int.0 < 3"), 5, all);
        assert_eq!((found.len(), ended), (0, Ended::Exhausted));
    }

    #[test]
    fn long_arrays_are_found_where_short_ones_do_not_do() {
        let requires = "array_length(@Array<Int>.0) > 10 && @Array<Int>.0[9] == 77";
        let (found, ended) = inputs(&function("@Array<Int>", requires), 5, all);
        assert_eq!((found.len(), ended), (5, Ended::Enough));
        for input in found {
            let elements: Vec<&str> = input.trim_matches(['[', ']']).split(", ").collect();
            assert!(elements.len() > 10 && elements[9] == "77", "{input}");
        }
        let requires = "array_length(@Array<Int>.0) > 1000";
        let (found, ended) = inputs(&function("@Array<Int>", requires), 5, all);
        assert_eq!((found.len(), ended), (0, Ended::GivenUp));
    }

    #[test]
    fn a_search_in_vain_ends() {
        let (found, ended) = inputs(&function("@String", "true"), 5, |_| Tried::Rejected);
        assert_eq!((found.len(), ended), (0, Ended::GivenUp));
        let (found, ended) = inputs(&function("@String", "true"), 5, |_| Tried::Stop);
        assert_eq!((found.len(), ended), (0, Ended::Enough));
    }

    #[test]
    fn inputs_do_not_repeat() {
        let (found, _) = inputs(&function("@Option<Array<Bool>>, @Byte", "true"), 300, all);
        let different: HashSet<&String> = found.iter().collect();
        assert_eq!((found.len(), different.len()), (300, 300));
    }

    #[test]
    fn recursive_types_nest_within_bounds() {
        let program = "private data Tree {\n  Leaf,\n  Node(Tree, Int, Tree)\n}\n\n".to_owned()
            + &function("@Tree", "true");
        let (found, _) = inputs(&program, 100, all);
        assert_eq!(
            found[..3],
            ["Leaf", "Node(Leaf, 0, Leaf)", "Node(Node(Leaf, 0, Leaf), 1, Node(Leaf, 0, Leaf))"]
        );
        assert_eq!(found.len(), 100);
        let depth = |text: &str| {
            let (mut now, mut most) = (0, 0);
            for c in text.chars() {
                now += i32::from(c == '(') - i32::from(c == ')');
                most = most.max(now);
            }
            most
        };
        assert!(found.iter().all(|text| depth(text) <= 4), "{found:#?}");
    }
}
