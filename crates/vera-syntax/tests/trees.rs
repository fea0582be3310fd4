//! Tree shapes and positions (language reference, chapter 01 sections 3 to 6 and 9).

mod common;

use common::{SAMPLE, errors, in_body, tree};
use insta::assert_snapshot;
use vera_diagnostics::SourceFile;
use vera_syntax::ast::{Decl, ExprId, ExprKind, Program};
use vera_syntax::{CommentKind, ast_json, ast_text, parse};

/// The tree of an expression, which stands at line 2, column 1.
fn expr(text: &str) -> String {
    let whole = tree(&in_body(text));
    let (_, body) = whole.split_once("body: Block").expect("the function has a body");
    let (_, result) = body.split_once("        expr: ").expect("the body has a result");
    let mut lines = result.lines();
    let first = lines.next().unwrap_or_default().to_string();
    let rest = lines.map_while(|line| line.strip_prefix("          "));
    let rest: String = rest.map(|line| format!("\n  {line}")).collect();
    first + &rest
}

/// An expression with all its parentheses.
fn grouped(text: &str) -> String {
    fn print(program: &Program, id: ExprId) -> String {
        let print_all = |args: &[ExprId]| {
            let args: Vec<String> = args.iter().map(|arg| print(program, *arg)).collect();
            args.join(", ")
        };
        match &program.nodes[id].kind {
            ExprKind::Int(digits) => digits.to_string(),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Unary { op, operand } => {
                format!("{}{}", op.as_str(), print(program, *operand))
            }
            ExprKind::Binary { op, left, right } => {
                format!("({} {} {})", print(program, *left), op.as_str(), print(program, *right))
            }
            ExprKind::Index { array, index } => {
                format!("{}[{}]", print(program, *array), print(program, *index))
            }
            ExprKind::Call { name, args, .. } => format!("{}({})", name.text, print_all(args)),
            ExprKind::CtorCall { name, args, .. } => format!("{}({})", name.text, print_all(args)),
            ExprKind::OpCall { qualifier, name, args, .. } => {
                format!("{}.{}({})", qualifier.text, name.text, print_all(args))
            }
            ExprKind::ModuleCall { path, name, args, .. } => {
                format!("{}::{}({})", path.dotted(), name.text, print_all(args))
            }
            ExprKind::If { cond, then, otherwise } => format!(
                "if {} {{{}}} {{{}}}",
                print(program, *cond),
                print(program, then.result),
                print(program, otherwise.result)
            ),
            other => format!("{other:?}"),
        }
    }
    let parsed = parse(&in_body(text));
    assert!(parsed.errors.is_empty(), "{}", errors(&in_body(text)));
    let Decl::Fn(decl) = &parsed.program.decls[0].decl else { return String::new() };
    print(&parsed.program, decl.body.result)
}

#[test]
fn precedence_and_associativity() {
    let cases = [
        ("1 + 2 * 3 - 4 / 5 % 6", "((1 + (2 * 3)) - ((4 / 5) % 6))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("1 - (2 - 3)", "(1 - (2 - 3))"),
        ("1 ==> 2 ==> 3", "(1 ==> (2 ==> 3))"),
        ("1 || 2 ==> 3 || 4 ==> 5 && 6", "((1 || 2) ==> ((3 || 4) ==> (5 && 6)))"),
        ("1 && 2 || 3 && 4", "((1 && 2) || (3 && 4))"),
        ("1 < 2 == 3 > 4", "((1 < 2) == (3 > 4))"),
        ("1 == 2 < 3", "(1 == (2 < 3))"),
        ("1 == 2 && 3 == 4", "((1 == 2) && (3 == 4))"),
        ("1 <= 2 + 3 != 4 >= 5", "((1 <= (2 + 3)) != (4 >= 5))"),
        ("!!true", "!!true"),
        ("- -1", "--1"),
        ("-f()[0]", "-f()[0]"),
        ("(-f())[0][1]", "-f()[0][1]"),
        ("-1 * -2", "(-1 * -2)"),
        ("1 |> f(2) |> g()", "g(f(1, 2))"),
        ("1 + 2 |> f()", "f((1 + 2))"),
        ("1 |> C() |> E.f(2) |> a.b::g(3)", "a.b::g(E.f(C(1), 2), 3)"),
        ("1 ==> 2 |> f()", "f((1 ==> 2))"),
        ("1 + if true then { 1 } else { 2 } * 3", "(1 + (if true {1} {2} * 3))"),
        ("f(1)+-2", "(f(1) + -2)"),
        ("1--comment\n-2", "(1 - 2)"),
    ];
    for (text, expected) in cases {
        assert_eq!(grouped(text), expected, "{text}");
    }
}

#[test]
fn words_are_names_where_no_keyword_can_stand() {
    for text in [
        "module if;",
        "module match.old;",
        "import type.let(in, If);",
        "effect A { op match(-> Int); }",
        "fn requires(-> @Int) requires(true) effects(pure) { 1 }",
    ] {
        assert_eq!(errors(text), "", "{text}");
    }
    for body in [
        "f(let(1))",
        "with(1)",
        "type(1)",
        "resume(1)",
        "A.match(1)",
        "a.if::then(1)",
        "requires::let(1)",
        "letter(1)",
        "handler(1)",
        "handle[E] { match(@Int) -> 1, let() -> 2 } in { 3 }",
        "result(1)",
        "effects(pure())",
    ] {
        assert_eq!(errors(&in_body(body)), "", "{body}");
    }
}

#[test]
fn spans_of_operators_cover_parentheses() {
    assert_snapshot!(expr("(1 + 2) * 3"), @r"
    BinaryExpr 2:1-2:12 op=*
      left: BinaryExpr 2:2-2:7 op=+
        left: IntLit 2:2-2:3 value=1
        right: IntLit 2:6-2:7 value=2
      right: IntLit 2:11-2:12 value=3
    ");
    assert_snapshot!(expr("-(1)[(0)]"), @r"
    UnaryExpr 2:1-2:10 op=-
      operand: IndexExpr 2:2-2:10
        collection: IntLit 2:3-2:4 value=1
        index: IntLit 2:7-2:8 value=0
    ");
}

#[test]
fn pipes() {
    assert_snapshot!(expr("(1) |> (f(2)) |> g()"), @r"
    FnCall 2:1-2:21 name='g' piped=True stage_span=Span(line=2, column=18, end_line=2, end_column=21)
      args: FnCall 2:1-2:14 name='f' piped=True stage_span=Span(line=2, column=9, end_line=2, end_column=13)
        args: IntLit 2:2-2:3 value=1
        args: IntLit 2:11-2:12 value=2
    ");
}

#[test]
fn blocks_exclude_braces_and_statements_include_semicolons() {
    assert_snapshot!(expr("{ let @Int = (1) ; (2); { (3) } }"), @r"
    Block 2:3-2:32
      statements: LetStmt 2:3-2:19
        type_expr: NamedType 2:8-2:11 name='Int'
        value: IntLit 2:15-2:16 value=1
      statements: ExprStmt 2:20-2:24
        expr: IntLit 2:21-2:22 value=2
      expr: Block 2:27-2:30
        expr: IntLit 2:28-2:29 value=3
    ");
}

#[test]
fn interpolation() {
    assert_snapshot!(expr(r#""a\n\( @Int.0 )\(f("é\(1)"))""#), @r"
    InterpolatedString 2:1-2:30
      parts: 'a\n'
      parts: SlotRef 2:8-2:14 type_name='Int' index=0
      parts: ''
      parts: FnCall 2:18-2:28 name='f'
        args: InterpolatedString 2:20-2:27
          parts: 'é'
          parts: IntLit 2:24-2:25 value=1
          parts: ''
      parts: ''
    ");
}

#[test]
fn literals() {
    assert_snapshot!(expr(r#"[(), ?, 00.5, 123456789012345678901234567890, "\u{e9}\0", @A<B<C>>.4294967296, @A.result]"#), @r"
    ArrayLit 2:1-2:90
      elements: UnitLit 2:2-2:4
      elements: HoleExpr 2:6-2:7
      elements: FloatLit 2:9-2:13 value=0.5
      elements: IntLit 2:15-2:45 value=123456789012345678901234567890
      elements: StringLit 2:47-2:57 value='é\x00'
      elements: SlotRef 2:59-2:78 type_name='A' index=4294967295
        type_args: NamedType 2:62-2:66 name='B'
          type_args: NamedType 2:64-2:65 name='C'
      elements: ResultRef 2:80-2:89 type_name='A'
    ");
}

#[test]
fn arms_and_clauses_exclude_commas() {
    assert_snapshot!(expr("match { 1 } { C(_, @A<B>) -> (1), 0 -> 2 }"), @r"
    MatchExpr 2:1-2:43
      scrutinee: Block 2:9-2:10
        expr: IntLit 2:9-2:10 value=1
      arms: MatchArm 2:15-2:33
        pattern: ConstructorPattern 2:15-2:26 name='C'
          sub_patterns: WildcardPattern 2:17-2:18
          sub_patterns: BindingPattern 2:20-2:25
            type_expr: NamedType 2:21-2:25 name='A'
              type_args: NamedType 2:23-2:24 name='B'
        body: IntLit 2:31-2:32 value=1
      arms: MatchArm 2:35-2:41
        pattern: IntPattern 2:35-2:36 value=0
        body: IntLit 2:40-2:41 value=2
    ");
    assert_snapshot!(expr("handle[M.E<A>](@A = (1)) { f(@A) -> (1) with @A = 2, g() -> 3 } in { 4 }"), @r"
    HandleExpr 2:1-2:73
      effect: QualifiedEffectRef 2:8-2:14 module='M' name='E'
        type_args: NamedType 2:12-2:13 name='A'
      state: HandlerState 2:15-2:25
        type_expr: NamedType 2:17-2:18 name='A'
        init_expr: IntLit 2:22-2:23 value=1
      clauses: HandlerClause 2:28-2:52 op_name='f'
        params: NamedType 2:31-2:32 name='A'
        body: IntLit 2:38-2:39 value=1
        state_update: NamedType 2:47-2:48 name='A'
        state_update: IntLit 2:51-2:52 value=2
      clauses: HandlerClause 2:54-2:62 op_name='g'
        body: IntLit 2:61-2:62 value=3
      body: Block 2:70-2:71
        expr: IntLit 2:70-2:71 value=4
    ");
}

#[test]
fn a_whole_program() {
    assert_snapshot!(tree(SAMPLE));
}

#[test]
fn json_and_text_forms() {
    let file = SourceFile::new(
        "t.vera",
        "-- é\nprivate fn f(@A /* l */ -> @B)\n  requires(1 |> g() == 0.00001) effects(pure)\n{ \"\\u{1F600}\\(true)\" }\ndata C { D }",
    );
    let parsed = parse(file.text());
    assert_snapshot!(ast_json(&parsed.program, &file));
    assert_snapshot!(ast_text(&parsed.program, &file));
    let empty = SourceFile::new("t.vera", "-- nothing\n");
    assert_snapshot!(ast_json(&parse(empty.text()).program, &empty), @r#"
    {
      "_type": "Program",
      "span": null,
      "module": null,
      "imports": [],
      "declarations": []
    }
    "#);
}

/// The labels of a function with this signature, parameters then result.
fn labels(signature: &str) -> Vec<Option<String>> {
    let parsed = parse(&format!("fn f{signature} requires(true) effects(pure) {{ 1 }}"));
    let Some(Decl::Fn(decl)) = parsed.program.decls.first().map(|top| &top.decl) else {
        return Vec::new();
    };
    let all = decl.param_labels.iter().chain([&decl.ret_label]);
    all.map(|label| label.as_ref().map(|text| text.to_string())).collect()
}

#[test]
fn slot_labels() {
    let cases: [(&str, &[Option<&str>]); 11] = [
        ("(/* a */ @Int /* b */ /* c */ -> /* d */ @Int)", &[Some("b"), None]),
        ("(/* a */ @Int -> /* d */ @Int)", &[Some("d"), None]),
        ("(@Int /**/ /* x */ -> @Int)", &[Some(""), None]),
        (
            "(@Int /* w  x\n */, @Int /* h */ -> @Int /* area */)",
            &[Some("w  x"), Some("h"), Some("area")],
        ),
        ("(@Int, /* late */ @Int -> @Int)", &[Some("late"), None, None]),
        ("(@Int, @ /* later */ Int -> @Int)", &[Some("later"), None, None]),
        ("(-> @Int) /* outside */", &[None]),
        ("/* outside */ (-> @Int)", &[None]),
        ("(@Int {- block -} -- line\n -> @Int)", &[None, None]),
        ("(@Array<Int /* inside */> -> @Int)", &[None, None]),
        ("(@{ @Int | /* inside */ true } /* p */ -> @Int)", &[Some("p"), None]),
    ];
    for (signature, expected) in cases {
        let expected: Vec<Option<String>> =
            expected.iter().map(|label| label.map(str::to_string)).collect();
        assert_eq!(labels(signature), expected, "{signature}");
    }
}

#[test]
fn comments_are_kept_in_order() {
    let text = in_body("-- a\n\"x\\({- hole -} 1) -- no\" /* b */ -- c\n");
    let parsed = parse(&text);
    let found: Vec<(CommentKind, &str)> =
        parsed.comments.iter().map(|c| (c.kind, c.content(&text))).collect();
    let expected = [
        (CommentKind::Line, " a"),
        (CommentKind::Block, " hole "),
        (CommentKind::Annotation, " b "),
        (CommentKind::Line, " c"),
    ];
    assert_eq!(found, expected);
}
