//! What must hold of any input to the library's parsers: an answer without a panic, and
//! what is printed reads back. Fuzz targets and the driver `random` call these.

use vera_data::date::{Date, DateTime, Duration};
use vera_data::decimal::Decimal;
use vera_data::encoding::{base64, hex, percent, url};
use vera_data::regex::Regex;
use vera_data::{csv, json};
use vera_markup::{html, markdown};

/// A target, and what inputs of its format are made of.
pub struct Target {
    pub name: &'static str,
    pub check: fn(&[u8]),
    pub pieces: &'static [&'static str],
}

/// All of them.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    Target { name: "json", check: check_json, pieces: &["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "dc00", "0041", "null", "true", "false", "NaN", "Infinity", "-", "0", "1", "9007199254740993", ".", "e", "E+", "308", " ", "\n", "\u{feff}", "é", "\0", "\\n", "\"a\":", "[[", "]]"] },
    Target { name: "regex", check: check_regex, pieces: &["(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "^", "$", ".", "\\", "\\d", "\\b", "\\1", "\\p{L}", "\\x41", "(?:", "(?=", "(?<=", "(?!", "(?<!", "(?>", "(?i)", "(?P<n>", "(?P=n)", "(?(1)", "a", "b", "-", "{2,3}", "{0,}", "é", "\\Z", "(?i:", "\u{1}"] },
    Target { name: "decimal", check: check_decimal, pieces: &["0", "1", "9", "00", "123456789012345678901234567890", ".", "-", "+", "e", "E", "E-", "28", "999999999", "Infinity", "inf", "NaN", "sNaN", "_", " ", "\u{1}"] },
    Target { name: "csv", check: check_csv, pieces: &["\"", "\"\"", ",", "\n", "\r", "\r\n", "a", "b c", " ", "é", "\0", "\"x\"", ";"] },
    Target { name: "date", check: check_date, pieces: &["2024", "0000", "9999", "-", "02", "29", "12", "31", "T", "t", " ", ":", "23", "59", "60", ".", "5", "999", "Z", "+", "P", "Y", "M", "W", "D", "H", "S", "1", "0", "9223372036854775807", ","] },
    Target { name: "html", check: check_html, pieces: &["<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<a href=", "<table>", "<tr>", "<td>", "</table>", "<select>", "<option>", "<script>", "</script>", "<style>", "<textarea>", "</textarea>", "<title>", "</title>", "<pre>", "\n", "<!--", "-->", "--!>", "<!doctype html>", "<html>", "</html>", "<head>", "<body>", "<body a=b>", "</body>", "<svg>", "<math>", "<mi>", "<foreignObject>", "<template>", "</template>", "<li>", "<ul>", "<br>", "<br/>", "<img x=\"", "\"", "'", "&amp;", "&lt;", "&#0;", "&notit;", "&", "<", ">", "=", "x", " ", "<form>", "<button>", "<frameset>", "<noscript>", "<plaintext>", "<h1>", "<dd>", "<ruby>", "<rt>", "<![CDATA[", "]]>", "\0", "é", "<caption>", "<col>", "<input type=hidden>", "<nobr>"] },
    Target { name: "selector", check: check_selector, pieces: &["p", "*", ".", "#", "[", "]", "=", "\"", "'", ">", "+", "~", ",", " ", "a", "b", "class", "\\", "é", "i"] },
    Target { name: "markdown", check: check_markdown, pieces: &["# ", "## ", "\n", "\n\n", "- ", "* ", "+ ", "1. ", "2) ", "> ", "    ", "  ", "\t", "```", "~~~", "`", "``", "*", "**", "_", "__", "[", "]", "(", ")", "![", "](", "<", ">", "</b>", "<b>", "<!--", "-->", "<!a", "<?", "?>", "&mp;", "<a\nb", "<![CDATA[", "]]>", "='", "<http://a.b>", "\\", "&amp;", "&#35;", "|", "| a | b |\n|---|---|\n", "|:-:|", "---", "===", "a", "b c", "!", "\"t\"", "[a]: b\n", "é", "\0", "  \n", "~", ":", "\\\n", "***", "1", ".", "-"] },
    Target { name: "markdown_emphasis", check: check_markdown, pieces: &["*", "**", "***", "****", "_", "__", "___", "a", "b", ".", "(", " ", "\n", "\\\n", "&#32;", "&#97;", "é", "…", "\u{301}", "\u{a0}", "😀", "①", "[", "](u)", "`", "<b>", "|", "\n=", "\n-", "\\*"] },
    Target { name: "base64", check: check_base64, pieces: &["QUJD", "YQ==", "YWI=", "=", "A", "+", "/", "-", "_", "\n", "é"] },
    Target { name: "hex", check: check_hex, pieces: &["0", "f", "F", "g", "00", " ", "0x"] },
    Target { name: "url", check: check_url, pieces: &["http", ":", "//", "/", "?", "#", "@", "a", "b.c", "%", "%41", "%zz", "+", "=", "&", "[::1]", "é", " ", "\\", "mailto"] },
];

/// Checks one input of the target of this name.
pub fn check(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").check)(input);
}

fn check_json(text: &[u8]) {
    let mut tree = json::Tree::default();
    match json::parse(text, &mut tree) {
        Err(error) => assert!(!error.message().is_empty()),
        Ok(()) => {
            // A number that is NaN or infinite has no text, and is left out.
            let printed = tree.to_bytes();
            let mut again = json::Tree::default();
            if json::parse(&printed, &mut again).is_ok() {
                assert_eq!(again.to_bytes(), printed);
            }
        }
    }
}

/// A pattern, a text and a template, between bytes 1.
fn check_regex(input: &[u8]) {
    let mut parts = input.split(|byte| *byte == 1);
    let pattern = parts.next().unwrap_or_default();
    let text = parts.next().unwrap_or(b"aab abba 1 \xc3\xa9\nb");
    let template = parts.next().unwrap_or(b"<\\0>");
    let Ok(mut regex) = Regex::new(pattern) else { return };
    let found = regex.find(text);
    if let (Ok(found), Ok(groups)) = (&found, regex.captures(text)) {
        assert_eq!(*found, groups.and_then(|groups| groups[0].clone()));
    }
    if let (Ok(found), Ok(all)) = (found, regex.find_all(text)) {
        assert_eq!(found.as_ref(), all.first());
        assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
    let _ = regex.replace_first(text, template);
}

/// Two numbers between bytes 1, and what can be done with them.
fn check_decimal(input: &[u8]) {
    let mut numbers = input.split(|byte| *byte == 1).map(Decimal::from_text);
    let (Some(Some(a)), b) = (numbers.next(), numbers.next().flatten()) else { return };
    let read_again = |number: &Decimal| {
        // Numbers have exponents that no text may say.
        let text = number.to_text();
        if let Some(again) = Decimal::from_text(&text) {
            assert_eq!(again.to_text(), text);
        }
    };
    read_again(&a);
    let bytes = a.to_bytes();
    assert_eq!(Decimal::from_bytes(&bytes).map(|again| again.to_text()), Some(a.to_text()));
    let b = b.unwrap_or_else(|| a.clone());
    [a.add(&b), a.sub(&b), a.mul(&b)].iter().flatten().for_each(read_again);
    let _ = a.div(&b);
    for places in [-3, 0, 2, i64::MIN, i64::MAX] {
        a.round(places).to_text();
    }
    if let (Ok(order), Ok(back)) = (a.compare(&b), b.compare(&a)) {
        assert_eq!(order, back.reverse());
        assert_eq!(order.is_eq(), a.equals(&b));
    }
}

fn check_csv(text: &[u8]) {
    match csv::parse(text) {
        Ok(records) => assert_eq!(csv::parse(&csv::write(&records)), Ok(records)),
        Err(error) => assert!(!error.message().is_empty()),
    }
}

fn check_date(text: &[u8]) {
    if let Ok(date) = Date::parse(text) {
        assert_eq!(Date::parse(&date.to_text()), Ok(date));
        assert_eq!(Date::from_days(date.to_days()), Some(date));
    }
    if let Ok(instant) = DateTime::parse(text) {
        assert_eq!(DateTime::parse(&instant.to_text()), Ok(instant));
        assert_eq!(DateTime::new(instant.milliseconds(), instant.offset()), Some(instant));
    }
    if let Ok(duration) = Duration::parse(text) {
        assert_eq!(Duration::parse(&duration.to_text()), Ok(duration));
        let start = DateTime::new(0, 0).expect("the epoch");
        let _ = (start.plus(duration), duration.negated(), duration.plus(duration));
    }
}

/// Not every tree has a text that reads back, but what was read back has one as soon as
/// nothing changes any more.
fn check_html(text: &[u8]) {
    let printed = |text: &[u8]| {
        let tree = html::parse(text);
        let root = tree.root().expect("a tree has a root");
        html::text(&tree, root);
        html::query(&tree, root, b"p > b, [class] i");
        html::to_string(&tree, root)
    };
    printed(&printed(&printed(text)));
}

fn check_selector(selector: &[u8]) {
    let tree = html::parse(b"<div class='a b'><p id=i>x<b a=b>y</b></p><a></a><p></p></div>");
    let found = html::query(&tree, tree.root().expect("a root"), selector);
    assert!(found.windows(2).all(|pair| pair[0] != pair[1]));
}

/// What is printed reads back as the same tree.
fn check_markdown(text: &[u8]) {
    let tree = markdown::parse(text);
    let root = tree.root().expect("a tree has a root");
    markdown::has_heading(&tree, root, 2);
    let _ = markdown::extract_code_blocks(&tree, root, b"a");
    let printed = markdown::render(&tree, root);
    assert!(markdown::parse(&printed) == tree, "{:?}", String::from_utf8_lossy(&printed));
}

fn check_base64(text: &[u8]) {
    if let Ok(bytes) = base64::decode(text) {
        assert_eq!(base64::decode(&base64::encode(&bytes)), Ok(bytes));
    }
    assert_eq!(base64::decode(&base64::encode(text)).as_deref(), Ok(text));
}

fn check_hex(text: &[u8]) {
    if let Ok(bytes) = hex::decode(text) {
        assert_eq!(hex::encode(&bytes), text.to_ascii_lowercase());
    }
    assert_eq!(hex::decode(&hex::encode(text)).as_deref(), Ok(text));
}

fn check_url(text: &[u8]) {
    if let Ok(parts) = url::parse(text) {
        assert_eq!(parts.join(), text);
    }
    let _ = percent::decode(text);
    assert_eq!(percent::decode(&percent::encode(text)).as_deref(), Ok(text));
}
