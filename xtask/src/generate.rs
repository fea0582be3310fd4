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

/// A match over `n` constructors.
pub fn constructors(n: usize) -> String {
    let ctors: Vec<String> = (0..n).map(|i| format!("C{i}(Int)")).collect();
    let arms: Vec<String> = (0..n).map(|i| format!("C{i}(@Int) -> @Int.0")).collect();
    let body = format!("match @D.0 {{ {} }}", arms.join(", "));
    format!("private data D {{ {} }}\n{}", ctors.join(", "), single("@D -> @Int", &body, "C7(3)"))
}

/// A match over `n` literals.
pub fn literals(n: usize) -> String {
    let arms: String = (0..n).map(|i| format!("\"k{i}\" -> {i}, ")).collect();
    let body = format!("match @String.0 {{ {arms}_ -> -1 }}");
    single("@String -> @Int", &body, "\"k7\"")
}

/// A text of `n` interpolated parts.
pub fn parts(n: usize) -> String {
    let body = format!("string_length(\"{}\")", "\\(@Int.0)".repeat(n));
    single("@Int -> @Int", &body, "7")
}

/// A program of one function, called once.
fn single(signature: &str, body: &str, argument: &str) -> String {
    let clauses = "requires(true)\n  ensures(true)\n  effects(pure)";
    format!(
        "private fn f({signature})\n  {clauses}\n{{\n  {body}\n}}\n\npublic fn main(@Unit -> @Int)\n  {clauses}\n{{\n  f({argument})\n}}\n"
    )
}

/// The files of a project: `modules` modules of 100 lines each, every one using
/// up to three before it, and an entry file that uses the last; name and text.
pub fn project(modules: usize) -> Vec<(String, String)> {
    let name = |i: usize| format!("m{}/part{i}", i % 10);
    let mut files: Vec<(String, String)> = (0..modules)
        .map(|i| {
            let used: Vec<usize> =
                [1, 7, 31].into_iter().filter_map(|d| i.checked_sub(d)).collect();
            let imports: Vec<String> =
                used.iter().map(|u| format!("{}(step{u})", name(*u).replace('/', "."))).collect();
            (format!("{}.vera", name(i)), module(i, &imports, &used))
        })
        .collect();
    let last = modules - 1;
    let text = format!(
        "import {}(step{last});\n\npublic fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  step{last}(3)\n}}\n",
        name(last).replace('/', ".")
    );
    files.push(("main.vera".to_owned(), text));
    files
}

fn module(i: usize, imports: &[String], used: &[usize]) -> String {
    let mut text: String = imports.iter().map(|import| format!("import {import};\n")).collect();
    text.push_str(&format!(
        "\nprivate data Shape{i} {{\n  Dot{i},\n  Box{i}(Int, Int)\n}}\n\ntype Small{i} = {{ @Int | @Int.0 < 1000000 }};\n\n"
    ));
    for k in 0..8 {
        text.push_str(&format!(
            "private fn area{i}_{k}(@Shape{i} -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  match @Shape{i}.0 {{\n    Dot{i} -> {k},\n    Box{i}(@Int, @Int) -> if @Int.0 > 100 then {{ @Int.1 }} else {{ @Int.0 * @Int.1 + {k} }}\n  }}\n}}\n\n"
        ));
    }
    let calls: Vec<String> = used.iter().map(|u| format!("step{u}(@Int.0)")).collect();
    let sum = if calls.is_empty() { "@Int.0".to_owned() } else { calls.join(" + ") };
    text.push_str(&format!(
        "public fn step{i}(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  let @Int = area{i}_0(Box{i}(@Int.0, 2)) + area{i}_5(Dot{i});\n  if @Int.0 > 10 then {{ @Int.1 }} else {{ {sum} }}\n}}\n"
    ));
    text
}

/// A file as one edits it: `n` functions of 13 lines, each with a contract that is proved.
pub fn editable(n: usize) -> String {
    let function = |i: usize| {
        format!(
            "public fn f{i}(@Int, @Bool -> @Int)\n  requires(@Int.0 < 100)\n  ensures(@Int.result > @Int.0)\n  effects(pure)\n{{\n  let @Int = @Int.0 + 1;\n  if @Bool.0 then {{\n    @Int.0\n  }} else {{\n    @Int.1 + 2\n  }}\n}}\n\n"
        )
    };
    (0..n).map(function).collect()
}
