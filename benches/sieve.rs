// The same steps as sieve.vera, one `Vec` for each.
fn sieve(mut primes: Vec<i64>, mut rest: Vec<i64>) -> Vec<i64> {
    loop {
        let prime = rest[0];
        if prime * prime > rest[rest.len() - 1] {
            primes.extend(rest);
            return primes;
        }
        primes.push(prime);
        rest = rest.iter().copied().filter(|x| x % prime != 0).collect();
    }
}

fn main() {
    println!("{}", sieve(Vec::new(), (2..std::hint::black_box(1_000_000)).collect()).len());
}
