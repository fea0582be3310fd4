// The same steps as strings.vera.
fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let mut text = String::new();
    for _ in 0..std::hint::black_box(count) {
        text.push_str(std::hint::black_box("ab"));
    }
    println!("{}", text.len());
}
