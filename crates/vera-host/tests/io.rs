//! What programs read and write.

mod common;

use std::collections::BTreeMap;
use std::io::{self, Write};

use common::run_with;
use vera_abi::runtime::GcMode;
use vera_abi::trap::TrapKind;
use vera_host::{Captured, Env, Input, Io, Outcome, Output, RunOptions, Streams, Value};

/// `show` prints a status, then the text the host has pending.
const PROGRAM: &str = r#"
export "lines" f0 (unit) -> unit
export "chars" f1 (int) -> unit
export "file" f2 (string, string) -> unit
export "env" f3 (string) -> unit
export "args" f4 (unit) -> nat
export "leave" f5 (int) -> unit
s0 = string "bye\xff"
fn f0 "lines" src0 () {
  v0: i32 = const 0
  call_host read_line()
  call f6(v0)
  call_host read_line()
  call f6(v0)
  call_host read_line()
  call f6(v0)
  return
}
fn f1 "chars" src0 (v0: i64) {
  v1: i64 = const 0
  v2: i32 = eq_i64 v0, v1
  if v2 {
    return
  } else {
    yield
  }
  v3: i32 = call_host read_char()
  call f6(v3)
  v4: i64 = const 1
  v5: i64 = sub_checked v0, v4
  tail_call f1(v5)
}
fn f2 "file" src0 (v0: ref, v1: ref) {
  v2: i32 = seq_data v0
  v3: i32 = seq_len v0
  v4: i32 = seq_data v1
  v5: i32 = seq_len v1
  v6: i32 = call_host write_file(v2, v3, v4, v5)
  call f6(v6)
  v7: i32 = seq_data v0
  v8: i32 = call_host read_file(v7, v3)
  call f6(v8)
  return
}
fn f3 "env" src0 (v0: ref) {
  v1: i32 = seq_data v0
  v2: i32 = seq_len v0
  v3: i32 = call_host get_env(v1, v2)
  call f6(v3)
  return
}
fn f4 "args" src0 () -> i64 {
  v0: ref = call_rt vera_host_args()
  v1: i32 = seq_data v0
  v2: i32 = const 1
  v3: ref = element ref v1, v2
  v4: i32 = seq_data v3
  v5: i32 = seq_len v3
  call_host print(v4, v5)
  v6: i32 = seq_len v0
  v7: i64 = i32_to_i64 v6
  return v7
}
fn f5 "leave" src0 (v0: i64) {
  v1: ref = static s0
  v2: i32 = seq_data v1
  v3: i32 = seq_len v1
  call_host print(v2, v3)
  call_host stderr(v2, v3)
  call_host exit(v0)
  unreachable
}
fn f6 "show" src0 (v0: i32) {
  v1: i64 = i32_to_i64 v0
  v2: ref = call_rt vera_int_to_string(v1)
  v3: i32 = seq_data v2
  v4: i32 = seq_len v2
  call_host print(v3, v4)
  v5: ref = call_rt vera_string_from_host()
  v6: i32 = seq_data v5
  v7: i32 = seq_len v5
  call_host print(v6, v7)
  return
}
"#;

fn run(entry: &str, args: &[Value], io: &mut Io) -> Outcome {
    let eager = RunOptions { gc: GcMode::Eager, ..RunOptions::default() };
    run_with(PROGRAM, entry, args, io, &eager).outcome
}

fn string(text: &str) -> Value {
    Value::String(text.as_bytes().to_vec())
}

#[test]
fn lines() {
    let mut io = Io { input: Input::bytes("one\r\ntw\u{f6}"), ..Io::null() };
    assert_eq!(run("lines", &[], &mut io), Outcome::Returned(Value::Unit));
    assert_eq!(io.captured_stdout(), "0one\r0tw\u{f6}0");
}

#[test]
fn characters() {
    let mut io = Io { input: Input::bytes(*b"a\xf0\x9f\x8d\x8e\xff"), ..Io::null() };
    assert_eq!(run("chars", &[Value::Int(4)], &mut io), Outcome::Returned(Value::Unit));
    assert_eq!(io.captured_stdout(), "0a0\u{1f34e}0\u{fffd}1EOF");
}

#[test]
fn files() {
    let dir = std::env::temp_dir().join(format!("vera-host-io-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("f.txt");
    let path = |p: &std::path::Path| string(p.to_str().expect("a Unicode path"));
    let mut io = Io::null();
    run("file", &[path(&file), string("h\r\nello")], &mut io);
    assert_eq!(io.captured_stdout(), "00h\r\nello");
    let mut io = Io::null();
    run("file", &[path(&dir), string("")], &mut io);
    let shown = dir.display();
    assert_eq!(io.captured_stdout(), format!("1is a directory: {shown}1is a directory: {shown}"));
    let mut io = Io::null();
    run("file", &[path(&dir.join("no/f")), string("")], &mut io);
    let shown = dir.join("no/f");
    let shown = shown.display();
    assert_eq!(io.captured_stdout(), format!("1not found: {shown}1not found: {shown}"));
    std::fs::remove_dir_all(&dir).expect("removable");
}

#[test]
fn environment_and_arguments() {
    let vars = BTreeMap::from([("A".to_owned(), String::new()), ("B".into(), "x".into())]);
    for (name, shown) in [("A", "1"), ("B", "1x"), ("C", "0")] {
        let mut io = Io { env: Env::Fixed(vars.clone()), ..Io::null() };
        run("env", &[string(name)], &mut io);
        assert_eq!(io.captured_stdout(), shown);
    }
    let mut io = Io { args: vec!["a".into(), "b c".into()], ..Io::null() };
    assert_eq!(run("args", &[], &mut io), Outcome::Returned(Value::Int(2)));
    assert_eq!(io.captured_stdout(), "b c");
}

#[test]
fn exit_keeps_what_was_printed() {
    let mut io = Io::null();
    assert_eq!(run("leave", &[Value::Int(300)], &mut io), Outcome::Exited(300));
    assert_eq!(io.captured_stdout(), "bye\u{fffd}");
    assert_eq!(io.captured_stderr(), "bye\u{fffd}");
    assert_eq!((io.streams.summary().printed, io.streams.summary().last_byte), (4, Some(0xff)));
}

struct Failing(io::ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_stdout_ends_the_program_quietly() {
    let to = |kind| {
        let stdout = Output::Stream(Box::new(Failing(kind)));
        Streams::new(stdout, Output::Capture(Captured::default()))
    };
    let streams = to(io::ErrorKind::BrokenPipe);
    let mut io = Io { streams, ..Io::null() };
    assert_eq!(run("leave", &[Value::Int(0)], &mut io), Outcome::Exited(1));
    let streams = to(io::ErrorKind::StorageFull);
    let mut io = Io { streams, ..Io::null() };
    let Outcome::Trapped(trap) = run("leave", &[Value::Int(0)], &mut io) else { panic!() };
    assert_eq!(trap.kind, TrapKind::HostError);
}
