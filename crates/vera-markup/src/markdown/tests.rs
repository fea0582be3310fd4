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
        out.push_str(if at > depth { "(" } else { " " });
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

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(vec![
            "*", "**", "_", "__", "***", "`", "``", "[", "](u)", "![", "](<a b>)", "<b>", "</b>",
            "<!-- c -->", "&amp;", "&#32;", "&#10;", "&#42;", "\\", "\\\n", "  \n", "\n", "\n\n", "a", "b", "é",
            " ", ".", "!", "\"", "(", ")", "# ", "## ", "- ", "* ", "+ ", "1. ", "2) ", "> ", ">", "```",
            "~~~", "---", "===", "    ", "\t", "  ", "| a | b |\n|---|---|\n", "|", "<div>", "</div>",
            "<script>", "<http://x>", "<a@b.c>", "[x]: y\n", "\u{a0}", "…", "   ", "#", "=", "-", "<", ">",
            "x y", "\n- ", "\n  ", "\n> ", "\n1. ", "\n    ", "\\|", "\\*", "~", ":", "<pre>", "\r", "\r\n",
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
    fn any_inlines_come_back(pieces in proptest::collection::vec(inline_piece(), 0..24)) {
        check_round(&pieces.concat())?;
    }
}
