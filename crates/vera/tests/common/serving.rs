//! `vera serve` under test, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::desk::Desk;

/// A server under test. Dropping it ends it.
pub struct Serving {
    pub child: Child,
    pub address: SocketAddr,
    pub desk: Desk,
}

impl Serving {
    /// Serves a program on a free port, with these flags.
    pub fn of(program: &str, flags: &str) -> Serving {
        let desk = Desk::new().with("app.vera", program);
        let mut command = Command::new(env!("CARGO_BIN_EXE_vera"));
        command.args(["serve", "app.vera", "--port", "0"]).args(flags.split_whitespace());
        command.current_dir(desk.path("")).env("XDG_CACHE_HOME", desk.path("cache"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("vera starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut line).expect("the start line");
        let place = line.strip_prefix("Serving app.vera ").and_then(|l| l.split_once("://"));
        let Some((_, place)) = place else {
            let _ = child.kill();
            let mut why = String::new();
            let _ = child.stderr.take().expect("it is piped").read_to_string(&mut why);
            panic!("not served: {line}{why}")
        };
        let place = place.strip_suffix(" (Ctrl-C to stop)\n").expect("the whole line");
        let place = place.strip_suffix("/mcp").unwrap_or(place);
        let address = place.parse().expect("an address");
        child.stdout = Some(stdout.into_inner());
        Serving { child, address, desk }
    }

    /// Sends bytes on a connection of its own and reads until the server closes it.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        // A server that has heard enough may have stopped listening.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A request; the status and the body of its answer.
    pub fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        let answer = self.raw(request.as_bytes());
        (status(&answer), answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
    }

    /// A request without a body.
    pub fn get(&self, target: &str) -> (u16, String) {
        self.ask("GET", target, "", "")
    }

    /// Ends the server as Ctrl-C does; its exit status and what it wrote.
    pub fn stop(mut self) -> (Option<i32>, String, String) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().expect("kill runs");
        let read = |stream: Option<&mut dyn Read>| {
            let mut text = String::new();
            stream.expect("it is piped").read_to_string(&mut text).expect("text");
            text
        };
        let out = read(self.child.stdout.as_mut().map(|s| s as &mut dyn Read));
        let err = read(self.child.stderr.as_mut().map(|s| s as &mut dyn Read));
        (self.child.wait().expect("it ends").code(), out, err)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status of an answer.
pub fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1).unwrap_or_default();
    word.parse().unwrap_or_else(|_| panic!("no answer: {answer:?}"))
}
