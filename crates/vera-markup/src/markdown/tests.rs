//! The rows of chapter 13.6 that its decisions keep, the round trip, and the limits.

use super::*;
use proptest::prelude::*;

fn round(text: &str) -> String {
    let tree = parse(text.as_bytes());
    String::from_utf8(render(&tree, tree.root().unwrap())).unwrap()
}

/// A tree in one line.
fn show(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for (node, at) in tree.descendants(tree.root().unwrap()) {
        while depth > at {
            out.push(')');
            depth -= 1;
        }
        if at > depth {
            out.push('(');
        } else if !out.is_empty() {
            out.push(' ');
        }
        depth = at;
        let text = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
        out.push_str(&match tree.node(node) {
            Node::Text(t) => text(t),
            Node::Code(t) => format!("code{}", text(t)),
            Node::Link(to) => format!("link{}", text(to)),
            Node::Image(alt, to) => format!("image{}{}", text(alt), text(to)),
            Node::CodeBlock(info, code) => format!("block{}{}", text(info), text(code)),
            Node::Document => "doc".into(),
            Node::Paragraph => "p".into(),
            Node::Heading(level) => format!("h{level}"),
            Node::BlockQuote => "quote".into(),
            Node::List(true) => "ol".into(),
            Node::List(false) => "ul".into(),
            Node::ThematicBreak => "hr".into(),
            Node::Emph => "em".into(),
            Node::Strong => "strong".into(),
            other => format!("{other:?}").to_lowercase(),
        });
    }
    out
}

#[track_caller]
fn check_round(text: &str) -> Result<(), TestCaseError> {
    let tree = parse(text.as_bytes());
    let printed = render(&tree, tree.root().unwrap());
    let again = parse(&printed);
    if tree != again {
        let printed = String::from_utf8_lossy(&printed).into_owned();
        return Err(TestCaseError::fail(format!(
            "\n  text    {text:?}\n  tree    {}\n  printed {printed:?}\n  again   {}",
            show(&tree),
            show(&again)
        )));
    }
    Ok(())
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, printed) in cases {
        assert_eq!(round(text), *printed, "{text}");
    }
}

#[track_caller]
fn check_tree(cases: &[(&str, &str)]) {
    for (text, tree) in cases {
        assert_eq!(show(&parse(text.as_bytes())), format!("doc(p({tree}"), "{text}");
    }
}

#[test]
fn breaks_and_html_are_text() {
    check_tree(&[
        ("a\nb", "\"a\\nb\""),
        ("a  \nb", "\"a  \\nb\""),
        ("a\\\nb", "\"a  \\nb\""),
        ("a <b>*c*</b>", "\"a <b>\" em(\"c\") \"</b>\""),
        ("<div>\n*a*\n</div>", "\"<div>\\n*a*\\n</div>\""),
        ("[a](u 'title')", "link\"u\"(\"a\""),
        ("![a *b*](u)", "image\"a b\"\"u\""),
        ("<a@b.c>", "link\"mailto:a@b.c\"(\"a@b.c\""),
        ("~~a~~ [ ] b", "\"~~a~~ [ ] b\""),
        ("a\u{0}b", "\"a\u{fffd}b\""),
    ]);
    assert_eq!(show(&parse(b"a\xffb")), "doc(p(\"a\u{fffd}b\"");
    let shown = |text: &[u8]| show(&parse(text));
    assert_eq!(shown(b"```x y\n\na\n```"), "doc(block\"x y\"\"\\na\"");
    assert_eq!(shown(b"- a\n- b"), "doc(ul(item(p(\"a\")) item(p(\"b\"");
}

#[test]
fn canonical_text() {
    check(&[
        ("", ""),
        ("Title\n=====\n\ntext", "# Title\n\ntext"),
        ("### a ###", "### a"),
        ("    code", "```\ncode\n```"),
        ("~~~ a`b\n~~~", "~~~a`b\n~~~"),
        ("> a\n> > b", "> a\n>\n> > b"),
        (">", ">"),
        ("* a\n\n* b\n    * c", "- a\n- b\n  - c"),
        ("5. a\n6. b", "1. a\n2. b"),
        ("- a\n\n  b", "- a\n\n  b"),
        ("- a\n* b\n- c", "- a\n\n* b\n\n- c"),
        ("1. `` `x` ``\n2.\n3. - ***q***", "1. `` `x` ``\n2. \n3. - ***q***"),
        ("***", "---"),
        ("- ***", "- ___"),
        ("|a|b|\n|-|-|\n|c|", "| a | b |\n| --- | --- |\n| c |  |"),
        ("|a\\|b|\n|-|", "| a\\|b |\n| --- |"),
        ("snake_case 2 * 3 a < b AT&T", "snake_case 2 * 3 a < b AT&T"),
        ("\\*a\\* &lt;b> &amp;amp;", "\\*a\\* <b> \\&amp;"),
        ("_a_ __b__", "*a* **b**"),
        ("<div>\n*a*\n</div>\n\nb", "<div>\n*a*\n</div>\n\nb"),
        ("[a]: u\n\n[a] [b] [c](d)", "[a](u) [b] [c](d)"),
        ("[a](<b c>) [a](b(c)", "[a](<b c>) [a\\](b(c)"),
        ("\\# a\n1\\. b\n\\- c", "\\# a\n1\\. b\n\\- c"),
        ("# a \\#", "# a \\#"),
        ("a\nb\n===", "a\nb\n==="),
        ("- x\n\n  a  \n  b\n  -", "- x\n\n  a  \n  b\n  ---"),
        ("# a&#10;b", "a\nb\n==="),
        ("# &#10;|", "# &#10;|"),
        ("### a&#10;b", "### a&#10;b"),
        ("a&#10;b  \nc", "a\nb  \nc"),
        ("a \\\nb", "a \\\nb"),
        // Found by random inputs.
        ("- <b\n  c>", "- <b\n  c>"),
        ("> <b\n> c>", "> <b\n> c>"),
        ("***m*\u{8}*", "\\**_m_&#8;*"),
    ]);
}

/// Found by random inputs.
#[test]
fn spaces_before_a_hard_break_beside_markers() {
    for text in ["*|**|\n**<* \\\n<**_*", "__# __/_ \\\n]__(", "**>*<*_+\\__* \\\n\u{fffd}"] {
        check_round(text).unwrap();
    }
}

/// The line break beside a marker tells what it does, so a heading keeps its lines.
#[test]
fn headings_of_several_lines() {
    for text in [
        "__\\\n*(*._\n<__\n=",
        "*#\n**:* |** \n-",
        "_*|\n_`_*&_\n-",
        "**@\n**`\x7f*>**)\n-",
        "*:\n__[_\n\x1f_*\'\n-",
        "_*m\n*`***_\n-",
        "b\n**-*&*&* -**\n-",
        "|a|\nb\n-",
        "> - a\n>   *b\n>   -*\n>   -",
    ] {
        check_round(text).unwrap();
    }
}

/// Runs that open nothing keep others from pairing; and classes of characters beyond
/// ASCII are those of the parser.
#[test]
fn runs_that_only_other_runs_explain() {
    for text in [
        "`_****| __|b_**=***=*_",
        "[`\u{fffd}?_****| __|b_**=***<*_#",
        "**\\**\u{301}**#*\n",
        "__*_\u{301}__\u{fffd}_",
        "__**|_\u{2460}__(_",
        "**>*[*_\u{2460}*`**&#7;",
        "__***b*|&#7;****\u{fffd}_;_*\u{fffd}*",
    ] {
        check_round(text).unwrap();
    }
}

#[test]
fn html_over_several_lines_in_a_quote() {
    for text in [
        "><<!a\n&mp;>",
        "> <!a\n> &mp;>",
        "> <?a\n>b?>",
        "> - <b\n> c='>'>",
        "> <div>\n> x\n> </div>",
    ] {
        check_round(text).unwrap();
    }
}

#[test]
fn questions() {
    let tree = parse(b"# a\n\n> ## b\n\n- ```rust,ignore\n  x\n  ```\n\n```\ny\n```");
    let root = tree.root().unwrap();
    assert!(has_heading(&tree, root, 1) && has_heading(&tree, root, 2));
    assert!(!has_heading(&tree, root, 0) && !has_heading(&tree, root, 9));
    assert!(has_code_block(&tree, root, b"rust,ignore") && !has_code_block(&tree, root, b"rust"));
    assert_eq!(extract_code_blocks(&tree, root, b""), [b"y"]);
}

#[test]
fn limits() {
    for text in [
        "# h\n\np\n\n".repeat(50_000),
        format!("{}x", "> ".repeat(10_000)),
        format!("{}x", "- ".repeat(10_000)),
        "[".repeat(100_000),
        "*a **b ".repeat(10_000),
        "*".repeat(100_000),
        "&#10;".repeat(10_000),
        "_".repeat(100_000),
        "a_".repeat(50_000),
        "<!-- ".repeat(20_000),
    ] {
        check_round(&text).unwrap();
    }
}

fn arbitrary_node() -> impl Strategy<Value = Node<'static>> {
    let text = || "[ -~\n\r\t]{0,6}".prop_map(|text| text.into_bytes().into());
    prop_oneof![
        Just(Node::Document),
        Just(Node::Paragraph),
        (0_u64..10).prop_map(Node::Heading),
        (text(), text()).prop_map(|(info, code)| Node::CodeBlock(info, code)),
        Just(Node::BlockQuote),
        any::<bool>().prop_map(Node::List),
        Just(Node::ThematicBreak),
        Just(Node::Table),
        Just(Node::Item),
        Just(Node::Row),
        Just(Node::Cell),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(|text| Node::Text(text.into())),
        text().prop_map(Node::Code),
        Just(Node::Emph),
        Just(Node::Strong),
        text().prop_map(Node::Link),
        (text(), text()).prop_map(|(alt, source)| Node::Image(alt, source)),
    ]
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(vec![
            "*", "**", "_", "__", "***", "`", "``", "[", "](u)", "![", "](<a b>)", "<b>", "</b>",
            "<!-- c -->", "&amp;", "&#32;", "&#10;", "&#42;", "\\", "\\\n", "  \n", "\n", "\n\n", "a", "b", "é",
            " ", ".", "!", "\"", "(", ")", "# ", "## ", "- ", "* ", "+ ", "1. ", "2) ", "> ", ">", "```",
            "~~~", "---", "===", "    ", "\t", "  ", "| a | b |\n|---|---|\n", "|", "<div>", "</div>",
            "<script>", "<http://x>", "<a@b.c>", "[x]: y\n", "\u{a0}", "…", "   ", "#", "=", "-", "<", ">",
            "x y", "<!a", "<?", "?>", "&mp;", "<a\nb", "<![CDATA[", "]]>", "\n- ", "\n  ", "\n> ", "\n1. ", "\n    ", "\\|", "\\*", "~", ":", "<pre>", "\r", "\r\n",
        ]).prop_map(String::from),
        1 => "[ -~\n]{0,8}",
    ]
}

fn inline_piece() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "*", "**", "_", "__", "***", "`", "[", "](u)", "a", "b", " ", ".", "&#32;", "é", "…", "!",
        "\n", "\\", "<b>", "|",
    ])
    .prop_map(String::from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back(pieces in proptest::collection::vec(piece(), 0..30)) {
        check_round(&pieces.concat())?;
    }

    #[test]
    fn any_tree_is_rendered(nodes in proptest::collection::vec((arbitrary_node(), any::<u16>()), 0..30)) {
        let mut tree = Tree::new();
        let mut ids = vec![tree.add(None, Node::Document)];
        for (node, parent) in nodes {
            let parent = ids[usize::from(parent) % ids.len()];
            ids.push(tree.add(Some(parent), node));
        }
        render(&tree, ids[0]);
    }

    #[test]
    fn any_inlines_come_back(pieces in proptest::collection::vec(inline_piece(), 0..24)) {
        check_round(&pieces.concat())?;
    }
}
