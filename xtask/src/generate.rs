//! Generated programs, for measuring growth.

/// A program of `n` small functions, each calling the one before.
pub fn chain(n: usize) -> String {
    let mut text = String::new();
    for i in 0..n {
        let body = if i == 0 {
            "@Int.0 + 1".to_owned()
        } else {
            format!("if @Int.0 > {i} then {{ f{}(@Int.0 - 1) }} else {{ @Int.0 * 2 + {i} }}", i - 1)
        };
        text.push_str(&format!(
            "private fn f{i}(@Int -> @Int)\n  requires(@Int.0 > -1000)\n  ensures(true)\n  effects(pure)\n{{\n  {body}\n}}\n\n"
        ));
    }
    text.push_str(&format!(
        "public fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  f{}(5)\n}}\n",
        n - 1
    ));
    text
}
