//! Themes of programs.

use super::types::Ty;

/// A theme: what programs have more of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Profile {
    /// A little of everything, in large programs.
    Rich,
    /// Truth values that are kept and asked again.
    Branches,
    /// Contracts of arithmetic.
    Claims,
    /// Texts of many scripts, cut anywhere.
    Strings,
    /// Floats that are no numbers, deep in data.
    Floats,
    /// Handlers in handlers, also of chance.
    Effects,
    /// Generic functions, and recursion at larger types.
    Generics,
    /// Predicates over ranges.
    Quantifiers,
    /// Values that enter narrower types: inside data, as functions, in cells.
    Narrowing,
    /// Recursion on measures.
    Measures,
    /// Assumptions.
    Trust,
    /// Library functions written in Vera, and contracts about maps, sets and texts.
    Library,
}

/// How often things are made, in percent unless it says otherwise.
#[derive(Clone, Debug)]
pub struct Style {
    /// Types without parts, by how often they come up.
    pub simple: &'static [Ty],
    /// That a type has parts.
    pub compound: usize,
    /// The functions and data of the library that every rich program has.
    pub library: bool,
    /// Compound expressions a function may have.
    pub budget: usize,
    /// How deep bodies are.
    pub depth: usize,
    /// How many private functions there are at least; one or two more may be.
    pub functions: usize,
    /// Public functions.
    pub entries: usize,
    /// That an expression asks a truth value.
    pub branches: usize,
    /// That it handles or performs something.
    pub effects: usize,
    /// That a function has a row.
    pub rows: usize,
    /// Contracts that say something.
    pub claims: usize,
    pub quantifiers: usize,
    /// That a value comes from a wider type.
    pub narrowing: usize,
    pub measures: usize,
    pub generics: usize,
    pub assumptions: usize,
    /// Types nested deeply around a scalar.
    pub deep: usize,
    /// Comparisons of texts in scope.
    pub texts: usize,
    /// That a value comes from a library function written in Vera.
    pub written: usize,
    /// Tests of maps, sets, arrays and texts in scope.
    pub collections: usize,
    /// Clauses that resume inside a cell of their own.
    pub covers: usize,
    /// Handlers in handlers, with operations of them all.
    pub nests: usize,
    /// That a number is negative.
    pub negative: usize,
}

const MIXED: &[Ty] =
    &[Ty::Int, Ty::Int, Ty::Nat, Ty::Bool, Ty::Byte, Ty::Float, Ty::Str, Ty::Small];
const NUMBERS: &[Ty] = &[Ty::Int, Ty::Int, Ty::Int, Ty::Nat, Ty::Bool, Ty::Small];

/// What the themes with small programs have in common.
const SMALL: Style = Style {
    simple: NUMBERS,
    compound: 15,
    library: false,
    budget: 10,
    depth: 3,
    functions: 1,
    entries: 4,
    branches: 0,
    effects: 6,
    rows: 15,
    claims: 35,
    quantifiers: 3,
    narrowing: 4,
    measures: 5,
    generics: 5,
    assumptions: 0,
    deep: 0,
    texts: 0,
    written: 2,
    collections: 2,
    covers: 8,
    nests: 10,
    negative: 10,
};

impl Profile {
    pub const ALL: &[Profile] = &[
        Profile::Rich,
        Profile::Branches,
        Profile::Claims,
        Profile::Strings,
        Profile::Floats,
        Profile::Effects,
        Profile::Generics,
        Profile::Quantifiers,
        Profile::Narrowing,
        Profile::Measures,
        Profile::Trust,
        Profile::Library,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Rich => "rich",
            Profile::Branches => "branches",
            Profile::Claims => "claims",
            Profile::Strings => "strings",
            Profile::Floats => "floats",
            Profile::Effects => "effects",
            Profile::Generics => "generics",
            Profile::Quantifiers => "quantifiers",
            Profile::Narrowing => "narrowing",
            Profile::Measures => "measures",
            Profile::Trust => "trust",
            Profile::Library => "library",
        }
    }

    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.iter().copied().find(|p| p.name() == name)
    }

    /// Whether the program of this number is given to the prover.
    pub fn is_proved(self, seed: u64) -> bool {
        match self {
            Profile::Rich => seed.is_multiple_of(2),
            Profile::Branches => seed.is_multiple_of(4),
            Profile::Claims
            | Profile::Strings
            | Profile::Floats
            | Profile::Effects
            | Profile::Generics
            | Profile::Quantifiers
            | Profile::Narrowing
            | Profile::Measures
            | Profile::Trust
            | Profile::Library => true,
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Profile::Rich => Style {
                simple: MIXED,
                compound: 55,
                library: true,
                budget: 30,
                depth: 4,
                functions: 2,
                entries: 1,
                effects: 25,
                rows: 100,
                claims: 10,
                narrowing: 1,
                assumptions: 1,
                deep: 2,
                written: 12,
                ..SMALL
            },
            Profile::Branches => Style {
                simple: &[Ty::Bool, Ty::Bool, Ty::Int, Ty::Int, Ty::Nat],
                branches: 50,
                budget: 16,
                depth: 5,
                compound: 5,
                ..SMALL
            },
            Profile::Claims => Style { claims: 80, functions: 2, ..SMALL },
            Profile::Strings => Style {
                simple: &[Ty::Str, Ty::Str, Ty::Str, Ty::Int, Ty::Bool],
                claims: 70,
                branches: 25,
                texts: 60,
                budget: 7,
                ..SMALL
            },
            Profile::Floats => Style {
                simple: &[Ty::Float, Ty::Float, Ty::Float, Ty::Int, Ty::Bool],
                deep: 40,
                claims: 50,
                ..SMALL
            },
            Profile::Effects => Style {
                effects: 55,
                rows: 70,
                claims: 30,
                budget: 12,
                depth: 4,
                covers: 55,
                nests: 50,
                simple: &[Ty::Int, Ty::Int, Ty::Int, Ty::Bool],
                ..SMALL
            },
            Profile::Generics => {
                Style { generics: 90, effects: 25, nests: 60, compound: 25, simple: MIXED, ..SMALL }
            }
            Profile::Quantifiers => Style { quantifiers: 45, claims: 50, narrowing: 8, ..SMALL },
            Profile::Narrowing => Style {
                narrowing: 30,
                negative: 30,
                compound: 45,
                simple: &[Ty::Nat, Ty::Nat, Ty::Int, Ty::Small],
                budget: 9,
                effects: 10,
                ..SMALL
            },
            Profile::Measures => Style { measures: 90, functions: 2, claims: 50, ..SMALL },
            Profile::Trust => Style { assumptions: 25, claims: 50, ..SMALL },
            Profile::Library => Style {
                simple: &[Ty::Int, Ty::Int, Ty::Nat, Ty::Bool, Ty::Str, Ty::Float],
                compound: 60,
                written: 55,
                collections: 45,
                claims: 60,
                branches: 8,
                budget: 9,
                ..SMALL
            },
        }
    }
}
