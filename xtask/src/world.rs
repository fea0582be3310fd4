//! Benchmarks of what a program does with the outside world: a server under load, and
//! inserts against SQLite without a program between.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Connections of the load.
const CONNECTIONS: usize = 64;

/// How long the load lasts.
const LOAD: Duration = Duration::from_secs(5);

/// `vera serve` of a program.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(vera: &Path, program: &Path, cache: &Path, flags: &[&str]) -> Result<Server, String> {
        let mut command = Command::new(vera);
        command.arg("serve").arg(program).args(["--port", "0"]).args(flags);
        command.env("VERA_CACHE_DIR", cache).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|e| e.to_string())?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).map_err(|e| e.to_string())?;
        let place = line.split("://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = place.and_then(|place| place.parse().ok());
        let address = address.ok_or_else(|| format!("not served: {line}"))?;
        Ok(Server { child, address })
    }

    /// Pages of memory it holds; 0 where the system does not tell.
    fn pages(&self) -> u64 {
        let file = format!("/proc/{}/statm", self.child.id());
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> std::io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Client(BufReader::new(stream)))
    }

    /// The status of the answer to a request.
    fn get(&mut self, path: &str) -> std::io::Result<u16> {
        self.0.get_mut().write_all(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(status)
    }
}

/// Requests per second of the minimal handler, and what 99 of 100 take at most.
pub fn serve(vera: &Path, program: &Path, cache: &Path) -> Result<(), String> {
    let server = Server::start(vera, program, cache, &[])?;
    let address = server.address;
    let load = move || -> std::io::Result<Vec<Duration>> {
        let mut client = Client::connect(address)?;
        let (start, mut took) = (Instant::now(), Vec::new());
        while start.elapsed() < LOAD {
            let sent = Instant::now();
            client.get("/")?;
            took.push(sent.elapsed());
        }
        Ok(took)
    };
    let threads: Vec<_> = (0..CONNECTIONS).map(|_| std::thread::spawn(load)).collect();
    let mut took = Vec::new();
    for thread in threads {
        let times = thread.join().map_err(|_| "the load panicked")?;
        took.extend(times.map_err(|e| e.to_string())?);
    }
    took.sort();
    let rate = took.len() as f64 / LOAD.as_secs_f64();
    let slow = took.get(took.len() * 99 / 100).copied().unwrap_or_default();
    println!("serve: {rate:.0} requests/s (15000), p99 {:.1} ms (15 ms)", slow.as_secs_f64() * 1e3);
    Ok(())
}

/// 10,000 requests of which some trap and some never end: the others are answered, and
/// the server's memory is what it was.
pub fn mixed(vera: &Path, program: &Path, cache: &Path) -> Result<(), String> {
    let server = Server::start(vera, program, cache, &["--timeout", "0.2"])?;
    let address = server.address;
    let run = move |count: usize| -> std::io::Result<usize> {
        let mut client = Client::connect(address)?;
        let mut wrong = 0;
        for i in 0..count {
            let (path, wanted) = match i % 100 {
                33 => ("/trap", 500),
                66 => ("/loop", 504),
                _ => ("/", 200),
            };
            wrong += usize::from(client.get(path)? != wanted);
        }
        Ok(wrong)
    };
    run(200).map_err(|e| e.to_string())?;
    let before = server.pages();
    let threads: Vec<_> = (0..20).map(|_| std::thread::spawn(move || run(500))).collect();
    let mut wrong = 0;
    for thread in threads {
        let counted = thread.join().map_err(|_| "the load panicked")?;
        wrong += counted.map_err(|e| e.to_string())?;
    }
    let after = server.pages();
    let growth = after as f64 / before.max(1) as f64;
    println!("serve: 10000 mixed requests, {wrong} wrong answers (0), memory x {growth:.2} (1.10)");
    Ok(())
}
