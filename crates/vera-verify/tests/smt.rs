//! The text of queries: its shape, and what solver programs say to it.

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use vera_verify::logic::{Ctor, Data, DataId, Sort, Sorts, Terms};
use vera_verify::solver::Problem;

#[test]
fn a_problem_as_text() {
    let (mut terms, mut sorts) = (Terms::default(), Sorts::default());
    sorts.datas.push(Data {
        name: "Option<Int>".to_owned(),
        ctors: vec![
            Ctor { name: "None".to_owned(), fields: Vec::new() },
            Ctor { name: "Some".to_owned(), fields: vec![Sort::Int] },
        ],
    });
    let data = DataId(0);
    let value = terms.constant("Option<Int>", Sort::Data(data));
    let is_some = terms.is_ctor(&sorts, data, 1, value);
    let payload = terms.select(&sorts, data, 1, 0, value);
    let (two, seven) = (terms.int(2), terms.int(-7));
    let half = terms.divide(payload, two);
    let doubled = terms.add(half, half);
    let claim = terms.less(doubled, seven);
    let problem = Problem {
        terms: &terms,
        sorts: &sorts,
        assertions: vec![is_some],
        refuted: Some(claim),
        values: vec![payload],
    };
    let script = problem.script();
    assert_eq!(script.assertions, 3);
    insta::assert_snapshot!(script.file());
}

#[test]
fn strings_floats_and_quantifiers_as_text() {
    let (mut terms, mut sorts) = (Terms::default(), Sorts::default());
    sorts.arrays.push(Sort::Int);
    let array = terms.constant("a", Sort::Array(vera_verify::logic::ArrayId(0)));
    let (variable, index) = terms.variable();
    let element = terms.element(&sorts, array, index);
    let zero = terms.int(0);
    let positive = terms.less(zero, element);
    let all = terms.quantified(true, variable, positive);
    let text = terms.constant("s", Sort::String);
    let part = terms.string("say \"é\\\"");
    let contains = terms.string_contains(text, part);
    let float = terms.constant("f", Sort::Float);
    let (half, other) = (terms.float(0.5), terms.float(-0.0));
    let rest = terms.float_remainder(float, half);
    let less = terms.float_less(rest, other);
    let literal = terms.array_literal(vera_verify::logic::ArrayId(0), &[zero, zero]);
    let same = terms.equal(literal, array);
    let problem = Problem {
        terms: &terms,
        sorts: &sorts,
        assertions: vec![all, contains, less, same],
        refuted: None,
        values: Vec::new(),
    };
    insta::assert_snapshot!(problem.script().file());
}

/// Runs a solver program on a script; `None` where it is not installed.
fn solve(program: &str, args: &[&str], script: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(script.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn solver_programs_read_every_query() {
    let (program, sources) = common::checked(include_str!("programs/acceptance.vera"));
    for (name, script) in vera_verify::scripts(&program, &sources) {
        let z3 = solve("z3", &["-in", "-T:1"], &script);
        let cvc5 = solve("cvc5", &["--lang=smt2", "--strings-exp", "--tlimit=1000"], &script);
        for answer in [&z3, &cvc5].into_iter().flatten() {
            assert!(!answer.contains("error"), "{name}: {answer}");
        }
        if let (Some(z3), Some(cvc5)) = (&z3, &cvc5) {
            let decided = |answer: &str| ["sat", "unsat"].contains(&answer);
            assert!(z3 == cvc5 || !decided(z3) || !decided(cvc5), "{name}: {z3} and {cvc5}");
        }
    }
}
