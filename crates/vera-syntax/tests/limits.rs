//! Depth and size: chains of any sensible length parse, absurd depth is an
//! ordinary error, and time grows linearly.

use std::thread;
use std::time::{Duration, Instant};

use vera_diagnostics::{Code, FileId};
use vera_syntax::{Parsed, parse};

/// Runs a test with the stack that nesting at the limit takes.
fn with_stack(test: fn()) {
    let thread = thread::Builder::new().stack_size(8 << 20).spawn(test);
    let outcome = thread.expect("the system can start a thread").join();
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// A function with this body.
fn body(expr: &str) -> String {
    format!("private fn f(@Int -> @Int) requires(true) effects(pure) {{ {expr} }}")
}

/// `open` and `close` repeated around `inner`.
fn around(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// Everything that nests, as text around an inner part of its own sort.
fn nestings(depth: usize) -> Vec<(&'static str, String)> {
    let expr = |name, open, close| (name, body(&around(open, "1", close, depth)));
    let helper = "where { fn g(-> @Int) requires(true) effects(pure) { 1 } ";
    let signature = "private fn f(-> @Int) requires(true) effects(pure) { 1 } ";
    let pattern = around("Some(", "_", ")", depth);
    vec![
        expr("parentheses", "(", ")"),
        expr("blocks", "{ ", " }"),
        expr("blocks with statements", "{ let @Int = ", "; 2 }"),
        expr("ifs", "if true then { ", " } else { 1 }"),
        expr("conditions", "if ", " then { 1 } else { 1 }"),
        expr("matches", "match 1 { _ -> ", " }"),
        expr("scrutinees", "match ", " { _ -> 1 }"),
        expr("arrays", "[", "]"),
        expr("calls", "f(", ")"),
        expr("constructor calls", "1 + Some(", ")"),
        expr("operation calls", "1 * 2 + E.f(", ")"),
        expr("module calls", "!m::f(1, ", ")"),
        expr("indices", "@T.0[", "]"),
        expr("closures", "fn(-> @Int) effects(pure) { ", " }"),
        expr("claims", "assert(", ")"),
        expr("handlers", "handle[E] { f() -> 1 } in { ", " }"),
        expr("clauses", "handle[E] { f() -> ", " } in { 1 }"),
        expr("states", "handle[E](@Int = ", ") { f() -> 1 } in { 1 }"),
        expr("bounds", "forall(@Int, ", ", fn(@Int -> @Bool) effects(pure) { true })"),
        expr("pipes on the right", "1 |> f(", ")"),
        expr("implications on the right", "1 ==> (", ")"),
        ("types", format!("type T = {};", around("A<", "B", ">", depth))),
        (
            "function types",
            format!("type T = {};", around("fn(", "A", " -> A) effects(pure)", depth)),
        ),
        ("refinements", format!("type T = {};", around("{ @", "A", " | true }", depth))),
        ("patterns", body(&format!("match 1 {{ {pattern} -> 1 }}"))),
        ("helpers", format!("{signature}{}{}", helper.repeat(depth), "}".repeat(depth))),
    ]
}

fn is_too_deep(parsed: &Parsed) -> bool {
    let [error] = parsed.errors.as_slice() else { return false };
    let diagnostic = error.to_diagnostic(FileId(0));
    error.code() == Code::E005 && diagnostic.description.contains("nested too deeply")
}

#[test]
fn deep_nesting_parses() {
    with_stack(|| {
        for (name, text) in nestings(300) {
            assert_eq!(parse(&text).errors, [], "{name}");
        }
    });
}

#[test]
fn absurd_nesting_is_one_error() {
    with_stack(|| {
        for (name, text) in nestings(10_000) {
            assert!(is_too_deep(&parse(&text)), "{name}: {:?}", parse(&text).errors);
        }
    });
}

#[test]
fn the_declaration_after_the_deep_one_is_read() {
    with_stack(|| {
        let text = format!("{}\ntype A = B;\n", body(&around("(", "1", ")", 10_000)));
        let parsed = parse(&text);
        assert!(is_too_deep(&parsed));
        assert_eq!(parsed.program.decls.len(), 2);
    });
}

/// Chains, which need no nesting in the text.
fn chains(length: usize) -> Vec<(&'static str, String)> {
    let infix = |op: &str| body(&format!("1{}", format!(" {op} 1").repeat(length)));
    vec![
        ("+", infix("+")),
        ("*", infix("*")),
        ("&&", infix("&&")),
        ("||", infix("||")),
        ("==>", infix("==>")),
        ("|>", body(&format!("1{}", " |> f()".repeat(length)))),
        ("mixed", body(&format!("1{}", " + 2 * 3 ==> 4 || 5 && 6".repeat(length / 4)))),
        ("!", body(&format!("{}true", "!".repeat(length)))),
        ("-", body(&format!("{}1", "- ".repeat(length)))),
        ("index", body(&format!("@T.0{}", "[0]".repeat(length)))),
    ]
}

#[test]
fn chains_of_ten_thousand_operators_parse() {
    for (name, text) in chains(10_000) {
        assert_eq!(parse(&text).errors, [], "{name}");
    }
}

#[test]
fn endless_chains_are_one_error() {
    with_stack(|| {
        for (name, text) in chains(100_000) {
            assert!(is_too_deep(&parse(&text)), "{name}: {:?}", parse(&text).errors);
        }
    });
}

#[test]
fn chains_inside_chains_count_together() {
    let chain = |inner: &str| format!("({inner}{})", " + 1".repeat(5_000));
    assert_eq!(parse(&body(&chain(&chain("1")))).errors, []);
    assert!(is_too_deep(&parse(&body(&chain(&chain(&chain("1")))))));
}

/// A megabyte each, well-formed or hostile.
fn large_texts() -> Vec<(&'static str, String)> {
    const SIZE: usize = 1 << 20;
    let fill = |piece: &str| piece.repeat(SIZE / piece.len());
    let item =
        "private fn f(@Int -> @Int)\n  requires(true)\n  effects(pure)\n{\n  f(@Int.0 + 1)\n}\n";
    vec![
        ("functions", fill(item)),
        ("functions on one line", fill(&item.replace('\n', " "))),
        ("an array", body(&format!("[{}0]", fill("1, ")))),
        ("a string", body(&format!("\"{}\"", fill("é\\n")))),
        ("an interpolated string", body(&format!("\"{}\"", fill("a\\(1)b")))),
        ("a number", body(&"9".repeat(SIZE))),
        ("a name", body(&format!("{}()", "a".repeat(SIZE)))),
        ("comments", fill("-- c\n{- d -} /* e */")),
        ("nested comments", format!("{}{}", "{-".repeat(SIZE / 4), "-}".repeat(SIZE / 4))),
        ("labels", {
            format!(
                "private fn f({}@A -> @A) requires(true) effects(pure) {{ 1 }}",
                fill("@A /*a*/, ")
            )
        }),
        ("quotes", fill("\"\\\"")),
        ("escaped quotes", format!("\"{}", fill("\\\""))),
        ("block comments in an open string", format!("\"{}", fill("{-"))),
        ("annotations in an open string", format!("\"{}", fill("/*"))),
        ("open holes", fill("\"\\(\" ")),
        ("open holes without end", fill("\"\\(")),
        ("holes in holes", fill("\"\\(\"\\(\"\\(")),
        ("unknown characters", fill("#")),
        ("wide unknown characters", fill("é")),
        ("braces", fill("{")),
        ("closing braces", fill("}")),
        ("broken declarations", fill("data A\n")),
        ("broken functions", fill("private fn f( { \n")),
        ("words", fill("public ")),
        ("split tokens", body(&fill("let @A<B<C>>=1; "))),
        ("bad strings", body(&format!("[{}0]", fill("\"\\q\",")))),
        ("bad pipes", body(&format!("[{}0]", fill("1|>2,")))),
        ("white space", fill(" \t\n")),
    ]
}

#[test]
fn time_is_linear() {
    // Far above what is needed even without optimisation on a busy machine; a
    // quadratic step would take an hour.
    let limit = Duration::from_secs(20);
    for (name, text) in large_texts() {
        let start = Instant::now();
        let parsed = parse(&text);
        let errors = parsed.errors.len();
        for error in &parsed.errors {
            error.to_diagnostic(FileId(0));
        }
        let time = start.elapsed();
        assert!(errors <= 200, "{name}: {errors} errors");
        assert!(time < limit, "{name}: {time:?}");
    }
}
