// The same steps as strings.vera.
fn main() {
    let mut text = String::new();
    for _ in 0..std::hint::black_box(1_000_000) {
        text.push_str(std::hint::black_box("ab"));
    }
    println!("{}", text.len());
}
