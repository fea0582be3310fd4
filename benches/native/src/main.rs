//! The same work as `benches/library.vera`, by the libraries people use.

use std::hint::black_box;

fn objects(n: usize) -> String {
    let object = r#"{"id": 1234, "name": "a name", "tags": ["x", "y", null], "value": 12.5, "open": true}"#;
    format!("[{}{object}]", format!("{object},\n ").repeat(n))
}

fn main() {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    let n: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let n = black_box(n);
    match name.as_str() {
        "json_in" => {
            let value: serde_json::Value = serde_json::from_str(&objects(n)).expect("JSON");
            println!("{}", value.as_array().map_or(0, Vec::len));
        }
        "json_both" => {
            let value: serde_json::Value = serde_json::from_str(&objects(n)).expect("JSON");
            println!("{}", value.to_string().len());
        }
        "words" => {
            let text = "lorem ipsum a1 dolor needle sit amet b22 ".repeat(n);
            let regex = regex::Regex::new(r"[a-z]+\d").expect("a pattern");
            let found: Vec<&str> = regex.find_iter(&text).map(|m| m.as_str()).collect();
            println!("{}", found.len());
        }
        "sums" => {
            let cent = black_box(rust_decimal::Decimal::new(1, 2));
            let sum = (0..n).fold(rust_decimal::Decimal::ZERO, |sum, _| black_box(sum + cent));
            println!("{sum}");
        }
        "inserts" => {
            let database = rusqlite::Connection::open_in_memory().expect("a database");
            database.execute_batch("CREATE TABLE t (a, b); BEGIN").expect("a table");
            let sql = "INSERT INTO t (a, b) VALUES (?, ?)";
            for i in 0..n {
                let mut insert = database.prepare_cached(sql).expect("a statement");
                insert.execute([i.to_string().as_str(), "a text of some length"]).expect("a row");
            }
            database.execute_batch("COMMIT").expect("a commit");
            println!("0");
        }
        "markdown" => {
            let text = "# Heading\n\nA paragraph with *emphasis*, **strong** text, `code` and a [link](to).\n\n- one\n- two\n  - three\n\n> quoted\n\n".repeat(n);
            let events: Vec<_> = pulldown_cmark::Parser::new(&text).collect();
            println!("{}", events.len());
        }
        "html" => {
            use html5ever::tendril::TendrilSink;
            let text = "<div class=\"a b\"><p>A paragraph with <b>bold</b> &amp; <a href=\"to\">link</a><ul><li>one<li>two</ul></div>\n".repeat(n);
            let tree = html5ever::parse_document(markup5ever_rcdom::RcDom::default(), Default::default());
            let tree = tree.one(text.as_str());
            println!("{}", tree.document.children.borrow().len());
        }
        "sets" => {
            let mut v: Vec<i64> = (0..1_000_000).collect();
            for round in 0..n as i64 {
                for i in 0..1_000_000 {
                    v[i] = round;
                }
                black_box(&mut v);
            }
            println!("{}", v[999_999]);
        }
        other => panic!("no work is called {other}"),
    }
}
