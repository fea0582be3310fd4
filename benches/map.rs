// The same steps as map.vera with the persistent map of the crate `rpds`.
use rpds::HashTrieMap;

fn main() {
    let n = std::hint::black_box(1_000_000);
    let map = (0..n).fold(HashTrieMap::new(), |map, i: i64| map.insert(i * 7919, i));
    println!("{}", (0..n).map(|i| map.get(&(i * 7919)).copied().unwrap_or(0)).sum::<i64>());
}
