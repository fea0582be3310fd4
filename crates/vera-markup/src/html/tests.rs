//! The rows of chapter 13.5 that its decisions keep, and the limits.

use super::*;
use proptest::prelude::*;

fn round(text: &str) -> String {
    let tree = parse(text.as_bytes());
    String::from_utf8(to_string(&tree, tree.root().unwrap())).unwrap()
}

fn count(text: &str, selector: &str) -> usize {
    let tree = parse(text.as_bytes());
    query(&tree, tree.root().unwrap(), selector.as_bytes()).len()
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, printed) in cases {
        assert_eq!(round(text), *printed, "{text}");
    }
}

#[test]
fn roots() {
    check(&[
        ("<p>hi</p>", "<p>hi</p>"),
        ("hi", "<html>hi</html>"),
        ("", "<html></html>"),
        (" <p>x</p>", "<html> <p>x</p></html>"),
        ("<p></p>\n", "<p>\n</p>"),
        ("<p>a</p>\n", "<p>a\n</p>"),
        ("<p>a</p><!--c-->", "<html><p>a</p><!--c--></html>"),
        ("<!DOCTYPE html><p>x", "<html><head></head><body><p>x</p></body></html>"),
        ("<body class=a>x", "<html><head></head><body class=\"a\">x</body></html>"),
        ("<p title='<body>'>x</p>", "<p title=\"&lt;body&gt;\">x</p>"),
        ("<!--<body>-->x", "<html><!--<body>-->x</html>"),
        ("<script>'<body>'</script>", "<script>'<body>'</script>"),
        ("<title>a</title>", "<title>a</title>"),
    ]);
}

#[test]
fn nesting() {
    check(&[
        ("<p>a</p><p>b</p>", "<html><p>a</p><p>b</p></html>"),
        ("<ul><li>1</li><li>2</li></ul>tail", "<html><ul><li>1</li><li>2</li></ul>tail</html>"),
        ("<b><i>x</b>y</i>z", "<html><b><i>x</i></b><i>y</i>z</html>"),
        ("<table>a<tr><td>b", "<html>a<table><tbody><tr><td>b</td></tr></tbody></table></html>"),
        ("<template><td>a</template>", "<template><td>a</td></template>"),
        ("<noscript><b>a</b></noscript>", "<noscript><b>a</b></noscript>"),
    ]);
}

#[test]
fn tokens() {
    check(&[
        ("<p a=1 a=2 A=3>", "<p a=\"1\"></p>"),
        ("a < b", "<html>a &lt; b</html>"),
        ("&copy;&nbsp;&#66 &bogus;", "<html>©\u{a0}B &amp;bogus;</html>"),
        ("hello AT&T", "<html>hello AT&amp;T</html>"),
        (
            "<svg viewbox=1><foreignobject><p>x",
            "<svg viewBox=\"1\"><foreignObject><p>x</p></foreignObject></svg>",
        ),
        ("<svg><a xlink:href='u'/></svg>", "<svg><a xlink:href=\"u\"></a></svg>"),
        ("<br>", "<br>"),
        ("<style>a<b&c</style>", "<style>a<b&c</style>"),
        ("<svg><style>a&lt;b</style></svg>", "<svg><style>a&lt;b</style></svg>"),
        ("<pre>\n\nx</pre>", "<pre>\n\nx</pre>"),
        ("<p>&#13;</p>", "<p>&#13;</p>"),
        ("<div>a<plaintext>b</div>", "<div>a<plaintext>b</div>"),
        ("<p>a\0b</p>", "<p>ab</p>"),
    ]);
    let invalid = parse(b"<p>a\xffb</p>");
    assert_eq!(&*text(&invalid, invalid.root().unwrap()), "a\u{fffd}b".as_bytes());
}

#[test]
fn printing_what_a_program_made() {
    let mut tree = Tree::new();
    let br = tree.add_element(None, "BR");
    tree.add_attribute(br, b"a b", b"\"'");
    tree.add_text(Some(br), "x");
    assert_eq!(to_string(&tree, br), b"<BR a b=\"&quot;'\">");

    let mut tree = Tree::new();
    let root = tree.add_element(None, "");
    tree.add_comment(Some(root), "a-->b");
    tree.add_text(Some(root), "\"'");
    assert_eq!(to_string(&tree, root), b"<><!--a-- >b-->\"'</>");

    let mut tree = Tree::new();
    let comment = tree.add_comment(None, "-->");
    assert_eq!(to_string(&tree, comment), b"<!---- >-->");
    assert!(query(&tree, comment, b"*").is_empty());
    assert_eq!(attr(&tree, comment, b"a"), None);
}

#[test]
fn reading() {
    let tree = parse(b"<a B=2 c>x<!--y--><script>z</script></a>");
    let root = tree.root().unwrap();
    assert_eq!(&*text(&tree, root), b"xz");
    assert_eq!(attr(&tree, root, b"b"), Some(&b"2"[..]));
    assert_eq!(attr(&tree, root, b"c"), Some(&b""[..]));
    assert_eq!(attr(&tree, root, b"B"), None);
}

#[test]
fn selectors() {
    let page = "<div id=d class='x y'><p>1</p><p class=x>2</p><a href=u>3</a><p id=''>4</p></div>";
    for (selector, expected) in [
        ("p", 3),
        ("P", 3),
        (".x", 2),
        ("#d", 1),
        ("#", 0),
        ("[href]", 1),
        ("[HREF]", 1),
        ("", 0),
        ("*", 5),
        ("p.x", 1),
        ("div#d.x.y[class]", 1),
        ("[href=u]", 1),
        ("[href=\"u\"]", 1),
        ("[ href = 'u' ]", 1),
        ("[href=v]", 0),
        ("div > p", 3),
        ("p + p", 1),
        ("p ~ p", 2),
        ("p~*", 3),
        ("p, a", 4),
        ("p,p", 3),
        (" div  p ", 3),
        ("div div", 0),
        (".X", 0),
        ("p,", 0),
        (">p", 0),
        ("p >", 0),
        ("p > > a", 0),
        (".", 0),
        ("[", 0),
        ("[a", 0),
        ("[]", 0),
        ("p:first-child", 0),
        ("p*", 0),
        ("[a~=b]", 0),
        ("[a=\"b]", 0),
        ("p, #", 3),
        ("\\", 0),
    ] {
        assert_eq!(count(page, selector), expected, "{selector}");
    }
    assert_eq!(count("<a><b><i></i></b></a>", "a i"), 1);
}

#[test]
fn each_match_once_and_at_once() {
    let nested = format!("{}<p>x", "<div>".repeat(30));
    assert_eq!(count(&nested, "div p"), 1);
    assert_eq!(count(&nested, "div div div div div p"), 1);
    let wide = format!("<div>{}</div>", "<i></i>".repeat(100_000));
    assert_eq!(count(&wide, "i ~ i ~ i"), 99_998);
    assert_eq!(count(&wide, "div i"), 100_000);
}

#[test]
fn limits() {
    let deep = format!("{}x", "<div>".repeat(10_000));
    let printed = round(&deep);
    assert_eq!(printed.len(), 11 * 10_000 + 1);
    assert_eq!(round(&printed), printed);
    let void = "<br>x".repeat(100_000);
    assert_eq!(round(&void).len(), void.len() + 13);
    let siblings = "<p>x</p>".repeat(100_000);
    assert_eq!(round(&siblings).len(), siblings.len() + 13);
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<i a=1>",
            "</i>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<svg>",
            "</svg>",
            "<math>",
            "<mi>",
            "<foreignObject>",
            "<style>",
            "</style>",
            "<pre>",
            "\n",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<select>",
            "<option>",
            "</select>",
            "<a>",
            "</a>",
            "<template>",
            "</template>",
            "<body>",
            "<html a=b>",
            "<head>",
            "<frameset>",
            "&amp;",
            "&lt;",
            "<",
            "<!",
            "<![CDATA[",
            "]]>",
            "<br>",
            "</br>",
            "<form>",
            "</form>",
            "<plaintext>",
            "<textarea>",
            "</textarea>",
            "<title>",
            "</title>",
            "<li>",
            "<h1>",
            "</h2>",
            "<!doctype html>",
            "<caption>",
            "<col>",
            "<input type=hidden>",
            "</body>",
            "</html>",
        ])
        .prop_map(String::from),
        "[ a-c<>&;/='\"\\x00-]{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_tree(pieces in proptest::collection::vec(piece(), 0..40)) {
        let tree = parse(pieces.concat().as_bytes());
        let root = tree.root().unwrap();
        // Links are consistent, and no two texts are adjacent.
        for node in tree.descendants(root) {
            let mut was_text = false;
            for child in tree.children(node) {
                prop_assert_eq!(tree.parent(child), Some(node));
                let is_text = matches!(tree.kind(child), Kind::Text(_));
                prop_assert!(!(was_text && is_text));
                was_text = is_text;
            }
        }
        to_string(&tree, root);
        query(&tree, root, b"p ~ b, * > i");
    }
}
