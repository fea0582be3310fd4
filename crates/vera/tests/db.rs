//! `DB` against real SQLite files (language reference, chapter 10.12.6).

mod common;

use common::{TempDir, vera};

const PROGRAM: &str = "\
private fn failed(@String -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  \"err: \\(@String.0)\"
}

private fn done(@Result<Unit, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<Unit, String>.0 {
    Ok(_) -> \"done\",
    Err(@String) -> failed(@String.0)
  }
}

private fn changed(@Result<Int, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<Int, String>.0 {
    Ok(@Int) -> \"\\(@Int.0)\",
    Err(@String) -> failed(@String.0)
  }
}

private fn counted(@Unit -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  match DB.query(\"SELECT count(*) FROM t\", []) {
    Ok(@Array<Array<Option<String>>>) -> show(@Array<Array<Option<String>>>.0),
    Err(@String) -> failed(@String.0)
  }
}

public fn create(@Unit -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  changed(DB.execute(\"CREATE TABLE t (a INTEGER, b TEXT)\", []))
}

public fn insert(@Int, @String -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  changed(DB.run(\"INSERT INTO t VALUES (?, ?)\", [DbInt(@Int.0), DbText(@String.0)]))
}

public fn count(@Unit -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  counted(())
}

public fn cells(@Unit -> @Result<Array<Array<Option<String>>>, String>)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  DB.query(\"SELECT 1, 2.0, 1e20, 'x', x'c3a9', NULL, ?, ?\", [Some(\"7\"), None])
}

public fn rows(@Unit -> @Result<Array<Map<String, DbValue>>, String>)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  DB.query_rows(\"SELECT ? AS i, ? AS r, ? AS t, ? AS b, ? AS n, 1 AS i\", [DbInt(-5), DbReal(0.5), DbText(\"x\"), DbBlob([1, 255]), DbNull])
}

public fn wrong(@Int -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  if @Int.0 == 0 then {
    changed(DB.execute(\"SELEC 1\", []))
  } else {
    if @Int.0 == 1 then {
      changed(DB.execute(\"SELECT 1; SELECT 2\", []))
    } else {
      let @Array<Option<String>> = array_append([], Some(\"1\"));
      changed(DB.execute(\"SELECT 1\", array_append(@Array<Option<String>>.0, None)))
    }
  }
}

public fn kept(@Bool -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  let @String = done(DB.begin(()));
  let @String = \"\\(@String.0) \\(done(DB.begin(())))\";
  let @String = \"\\(@String.0) \\(changed(DB.execute(\"INSERT INTO t VALUES (1, 'a')\", [])))\";
  let @String = if @Bool.0 then { \"\\(@String.0) \\(done(DB.commit(())))\" } else { \"\\(@String.0) \\(done(DB.rollback(())))\" };
  \"\\(@String.0) \\(done(DB.commit(()))) \\(counted(()))\"
}

public fn trapped(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  let @Result<Unit, String> = DB.begin(());
  let @Result<Int, String> = DB.execute(\"INSERT INTO t VALUES (9, 'lost')\", []);
  10 / @Int.0
}

public fn thrown(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<DB, Exn<String>>)
{
  let @Result<Unit, String> = DB.begin(());
  let @Result<Int, String> = DB.execute(\"INSERT INTO t VALUES (9, 'lost')\", []);
  throw(\"away\")
}

public fn queried(@Unit -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  match DB.query(\"INSERT INTO t VALUES (3, 'c')\", []) {
    Ok(@Array<Array<Option<String>>>) -> show(@Array<Array<Option<String>>>.0),
    Err(@String) -> failed(@String.0)
  }
}

public fn attach(@Unit -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  changed(DB.execute(\"ATTACH DATABASE 'other.db' AS other\", []))
}

private fn filled(@Nat -> @Nat)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(<DB>)
{
  if @Nat.0 == 0 then {
    0
  } else {
    match DB.run(\"INSERT INTO t VALUES (?, ?)\", [DbInt(@Nat.0), DbText(\"row\")]) {
      Ok(_) -> filled(@Nat.0 - 1),
      Err(_) -> @Nat.0
    }
  }
}

public fn fill(@Nat -> @String)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  let @Result<Unit, String> = DB.begin(());
  let @Nat = filled(@Nat.0);
  \"\\(@Nat.0) \\(done(DB.commit(()))) \\(counted(()))\"
}
";

struct Desk {
    dir: TempDir,
    url: String,
}

impl Desk {
    fn new(url: &str) -> Desk {
        let dir = TempDir::new("db");
        dir.file("db.vera", PROGRAM);
        Desk { dir, url: url.to_owned() }
    }

    fn outcome(&self, flags: &[&str], function: &str, words: &[&str]) -> common::Outcome {
        let args = [&["run", "db.vera", "--fn", function], flags, &["--"], words].concat();
        vera(args).env("VERA_DB_URL", &self.url).dir(self.dir.path()).run()
    }

    fn run_with(&self, flags: &[&str], function: &str, words: &[&str]) -> String {
        let outcome = self.outcome(flags, function, words);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{function}");
        outcome.stdout.trim_end().to_owned()
    }

    fn run(&self, function: &str, words: &[&str]) -> String {
        self.run_with(&[], function, words)
    }
}

#[test]
fn a_file_keeps_what_was_executed() {
    for url in ["sqlite:///t.db", "sqlite://t.db", "t.db"] {
        let desk = Desk::new(url);
        assert_eq!(desk.run("create", &[]), "-1");
        assert_eq!(desk.run("insert", &["1", "it's"]), "1");
        assert_eq!(desk.run("count", &[]), "[[Some(1)]]");
        assert!(desk.dir.path().join("t.db").exists());
        // What `query` changes is lost at the end.
        assert_eq!(desk.run("queried", &[]), "[]");
        assert_eq!(desk.run("count", &[]), "[[Some(1)]]");
    }
    let desk = Desk::new("");
    desk.run("create", &[]);
    assert_eq!(desk.run("count", &[]), "err: no such table: t");
}

#[test]
fn cells_are_texts_or_typed() {
    let desk = Desk::new(":memory:");
    assert_eq!(
        desk.run("cells", &[]),
        "Ok([[Some(\"1\"), Some(\"2.0\"), Some(\"100000000000000000000.0\"), Some(\"x\"), Some(\"é\"), None, Some(\"7\"), None]])"
    );
    assert_eq!(
        desk.run("rows", &[]),
        "Ok([map_new() |> map_insert(\"i\", DbInt(1)) |> map_insert(\"r\", DbReal(0.5)) |> map_insert(\"t\", DbText(\"x\")) |> map_insert(\"b\", DbBlob([1, 255])) |> map_insert(\"n\", DbNull)])"
    );
}

#[test]
fn what_goes_wrong_has_stable_words() {
    let desk = Desk::new("");
    assert_eq!(desk.run("wrong", &["0"]), "err: near \"SELEC\": syntax error");
    assert_eq!(desk.run("wrong", &["1"]), "err: only one statement per call");
    assert_eq!(desk.run("wrong", &["2"]), "err: expected 0 parameter(s), got 2");
    for (url, why) in [
        ("postgres://h/d", "unsupported scheme 'postgres'"),
        ("sqlite:///none/t.db", "unable to open database file: none/t.db"),
        ("sqlite:///missing.db?mode=ro", "unable to open database file: missing.db"),
        ("db.vera", "file is not a database"),
    ] {
        let desk = Desk::new(url);
        assert_eq!(desk.run("create", &[]), format!("err: cannot open database: {why}"), "{url}");
    }
}

#[test]
fn a_database_can_be_read_only_or_locked() {
    let desk = Desk::new("t.db");
    desk.run("create", &[]);
    let readers = Desk { url: "sqlite:///t.db?mode=ro".to_owned(), ..desk };
    assert_eq!(readers.run("count", &[]), "[[Some(0)]]");
    assert_eq!(readers.run("insert", &["1", "a"]), "err: attempt to write a readonly database");
    let desk = Desk { url: "t.db".to_owned(), ..readers };
    // Another process, which this one is, holds the lock for longer than anybody waits.
    let other = rusqlite::Connection::open(desk.dir.path().join("t.db")).expect("a database");
    other.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    assert_eq!(desk.run("insert", &["1", "a"]), "err: database is locked");
    other.execute_batch("ROLLBACK").expect("an end");
    assert_eq!(desk.run("insert", &["1", "a"]), "1");
}

#[test]
fn transactions_end_with_the_run() {
    let desk = Desk::new("t.db");
    desk.run("create", &[]);
    let open = "done err: transaction already open 1";
    assert_eq!(
        desk.run("kept", &["false"]),
        format!("{open} done err: no transaction is open [[Some(0)]]")
    );
    assert_eq!(
        desk.run("kept", &["true"]),
        format!("{open} done err: no transaction is open [[Some(1)]]")
    );
    assert_eq!(desk.outcome(&[], "trapped", &["0"]).code, Some(1));
    assert_eq!(desk.run("count", &[]), "[[Some(1)]]");
    assert_eq!(desk.outcome(&[], "thrown", &[]).code, Some(1));
    assert_eq!(desk.run("count", &[]), "[[Some(1)]]");
    // Nobody committed.
    assert_eq!(desk.run("trapped", &["1"]), "10");
    assert_eq!(desk.run("count", &[]), "[[Some(1)]]");
    assert_eq!(desk.run("fill", &["10000"]), "0 done [[Some(10001)]]");
}

#[test]
fn files_that_are_not_allowed_are_refused() {
    let desk = Desk::new("t.db");
    desk.run("create", &[]);
    for flags in [&["--sandbox"][..], &["--allow-db", "u.db"]] {
        assert_eq!(desk.run_with(flags, "count", &[]), "err: permission denied: t.db");
    }
    let allowed = ["--sandbox", "--allow-db", "t.db"];
    assert_eq!(desk.run_with(&allowed, "count", &[]), "[[Some(0)]]");
    assert_eq!(desk.run_with(&allowed, "attach", &[]), "err: not authorized");
    assert!(!desk.dir.path().join("other.db").exists());
    let memory = Desk { url: String::new(), ..desk };
    assert_eq!(memory.run_with(&["--sandbox"], "create", &[]), "-1");
}
