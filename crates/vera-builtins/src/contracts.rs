//! What built-in operations owe and are owed beyond their types. Prover and
//! compiled code read the same clauses.

/// What an operation's caller owes, and what whoever answers it owes: the host, or
/// the clause of a handler where it resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    pub requires: &'static [Clause],
    pub ensures: &'static [Clause],
}

/// A comparison that must hold. One with a NaN never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clause {
    pub left: Term,
    pub relation: Relation,
    pub right: Term,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// The parameter at this position, from 0.
    Param(usize),
    /// What the operation yields.
    Result,
    /// A number, of the type of what it is compared with.
    Number(i32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    AtMost,
    LessThan,
}

pub(crate) const fn at_most(left: Term, right: Term) -> Clause {
    Clause { left, relation: Relation::AtMost, right }
}

pub(crate) const fn less_than(left: Term, right: Term) -> Clause {
    Clause { left, relation: Relation::LessThan, right }
}

impl Clause {
    /// The clause as Vera text, where the operation has these parameter types and
    /// this result type: `@Int.1 <= @Int.result`.
    pub fn text(&self, params: &[&str], ret: &str) -> String {
        let relation = match self.relation {
            Relation::AtMost => "<=",
            Relation::LessThan => "<",
        };
        let term = |term: Term| match term {
            Term::Param(at) => {
                let later = params[at + 1..].iter().filter(|p| **p == params[at]).count();
                format!("@{}.{later}", params[at])
            }
            Term::Result => format!("@{ret}.result"),
            Term::Number(n) if ret == "Float64" => format!("{n}.0"),
            Term::Number(n) => n.to_string(),
        };
        format!("{} {relation} {}", term(self.left), term(self.right))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn clauses_read_as_vera() {
        let contract = crate::contract("Random", "random_int").expect("it is built in");
        let texts = |clauses: &[super::Clause]| {
            let texts: Vec<String> =
                clauses.iter().map(|c| c.text(&["Int", "Int"], "Int")).collect();
            texts.join("; ")
        };
        assert_eq!(texts(contract.requires), "@Int.1 <= @Int.0");
        assert_eq!(texts(contract.ensures), "@Int.1 <= @Int.result; @Int.result <= @Int.0");
        let float = crate::contract("Random", "random_float").expect("it is built in");
        assert_eq!(float.ensures[1].text(&["Unit"], "Float64"), "@Float64.result < 1.0");
    }
}
