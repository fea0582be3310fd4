// The same steps as pipeline.vera, one `Vec` for each.
fn main() {
    let range: Vec<i64> = (0..std::hint::black_box(5_000_000)).collect();
    let mapped: Vec<i64> = range.iter().map(|x| x * 3 + 1).collect();
    let kept: Vec<i64> = mapped.iter().copied().filter(|x| x % 2 == 0).collect();
    println!("{}", kept.iter().fold(0, |sum, x| sum + x));
}
