//! Programs with mistakes: what is typed all the same, and what can still be proved.

use vera_check::typed::{ExprKind, FnId, Program};
use vera_check::{Checked, NoModules, check};
use vera_diagnostics::SourceFile;

fn checked(text: &str) -> Checked {
    check(SourceFile::new("main.vera", text), &mut NoModules)
}

/// Codes and lines of the reports.
fn reports(checked: &Checked) -> Vec<String> {
    let shown = |d: &vera_diagnostics::Diagnostic| {
        let at = d.location.expect("a place");
        let line = checked.sources.get(at.file).line_col(at.span.start).line;
        format!("{}:{line}", d.code.map_or("-", |c| c.as_str()))
    };
    checked.diagnostics.iter().map(shown).collect()
}

fn function<'p>(
    program: &'p Program,
    name: &str,
) -> Option<(FnId, &'p vera_check::typed::Function)> {
    let found = program.fns.iter().position(|f| f.module.0 == 0 && f.name == name)?;
    let id = FnId(found as u32);
    Some((id, program.function(id)))
}

/// The functions that can be proved with their bodies.
fn provable(checked: &Checked) -> Option<Vec<String>> {
    let program = checked.partial.as_ref()?.provable(&checked.diagnostics)?;
    let whole = |id: &&FnId| {
        let f = program.function(**id);
        !matches!(f.body[f.result].kind, ExprKind::Hole)
    };
    let names = program.entry_fns.iter().filter(whole);
    Some(names.map(|id| program.function(*id).name.to_string()).collect())
}

/// A function `a` with a mistake, `b` that calls it, and `c` that does not.
fn three(signature: &str, contract: &str, body: &str) -> String {
    format!(
        "private fn a({signature})\n  {contract}\n  ensures(true)\n  effects(pure)\n{{\n{body}\n}}\n\npublic fn b(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  a(@Int.0)\n}}\n\npublic fn c(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  @Int.0\n}}\n"
    )
}

#[test]
fn a_mistake_in_a_body_leaves_all_others_to_be_proved() {
    for (body, report) in [
        ("  @Int.0 + true", "E140:6"),
        ("  @Int.0 +", "E005:7"),
        ("  let @Int = ;\n  @Int.0", "E005:6"),
        ("  g(@Int.0)", "E200:6"),
        ("  match @Int.0 {\n    0 -> 1\n  }", "E313:6"),
    ] {
        let checked = checked(&three("@Int -> @Int", "requires(true)", body));
        assert_eq!(reports(&checked), [report], "{body}");
        assert_eq!(provable(&checked).unwrap(), ["b", "c"], "{body}");
    }
}

#[test]
fn a_mistake_in_a_signature_or_contract_takes_callers_with_it() {
    for (signature, contract, report) in [
        ("@Nothing -> @Int", "requires(true)", "E136:1"),
        ("@Int -> @Int", "requires(1)", "E123:2"),
        ("@Int -> @Int", "requires(@Int.0 >)", "E005:2"),
        ("@Int, @int -> @Int", "requires(true)", "E005:1"),
    ] {
        let checked = checked(&three(signature, contract, "  1"));
        assert_eq!(reports(&checked)[0], report, "{signature} {contract}");
        assert_eq!(provable(&checked).unwrap(), ["c"], "{signature} {contract}");
    }
}

#[test]
fn independent_mistakes_are_reported_each() {
    let text = "public fn a(@Int -> @Int)\n  requires(@Int.0 > )\n  ensures(true)\n  effects(pure)\n{\n  let @Int = f(1, , 2);\n  let @Nat = true;\n  let @Int = 3\n  let @Int = 4;\n  match @Int.0 {\n    0 -> 1 2,\n    _ -> @Bool.0\n  }\n}\n\npublic fn b(@Int -> @Int)\n{\n  @Int.0\n}\n\npublic fn c(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  b(true)\n}\n";
    assert_eq!(
        reports(&checked(text)),
        [
            "E005:2", "E005:6", "E005:9", "E005:11", "E001:17", "E200:6", "E170:7", "E130:12",
            "E202:26"
        ]
    );
}

#[test]
fn what_refers_to_a_lost_declaration_is_no_mistake() {
    let text = "private data Coin {\n  Head, tail\n}\n\npublic fn a(@Coin -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  flip(@Coin.0)\n}\n";
    let checked = checked(text);
    assert_eq!(reports(&checked), ["E005:2"]);
    assert_eq!(provable(&checked), None);
    assert!(function(checked.typed().unwrap(), "a").is_some());
}

#[test]
fn slots_in_scope_are_known_at_every_expression() {
    let text = "public fn a(@Int, @Bool -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  let @Nat = 1;\n  match Some(2) {\n    Some(@Int) -> @Int.0 + @Int.1,\n    None -> @Int.0\n  }\n}\n";
    let checked = checked(text);
    let (_, a) = function(checked.typed().unwrap(), "a").unwrap();
    let slots = |line: &str| {
        let at = (text.find(line).unwrap() + line.len() - 6) as u32;
        let exprs = a.body.exprs.iter().enumerate();
        let (i, _) = exprs.rev().find(|(_, e)| e.span.start == at).unwrap();
        let scope = a.body.in_scope(vera_check::typed::ExprId(i as u32));
        scope.map(|l| a.body[l].slot.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(slots("Some(@Int) -> @Int.0"), ["Int", "Nat", "Bool", "Int"]);
    assert_eq!(slots("None -> @Int.0"), ["Nat", "Bool", "Int"]);
}
