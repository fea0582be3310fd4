// The same steps as sort.vera; with an argument, by key.
fn main() {
    let mut numbers = Vec::new();
    let mut last: i64 = 42;
    for _ in 0..std::hint::black_box(1_000_000) {
        last = (last * 1_103_515_245 + 12_345) % 2_147_483_648;
        numbers.push(last);
    }
    if std::env::args().len() > 1 {
        numbers.sort_by(|a, b| (a % 65_536).cmp(&(b % 65_536)));
    } else {
        numbers.sort();
    }
    println!("{}", numbers[500_000]);
}
