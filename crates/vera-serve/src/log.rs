//! One line for each request.

use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

/// What lines look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogForm {
    /// `127.0.0.1:50000 "GET / HTTP/1.1" 200`
    Text,
    /// An object a line, for tools.
    Json,
    Nothing,
}

/// A request that has been answered.
pub(crate) struct Line<'a> {
    pub client: SocketAddr,
    /// The id that the response carries as `x-request-id`.
    pub id: &'a str,
    pub method: &'a str,
    pub target: &'a str,
    pub version: &'a str,
    pub status: u16,
    pub took: Duration,
    /// Why the program did not answer.
    pub failure: Option<&'a str>,
}

impl Line<'_> {
    /// Writes the line to the error stream; a closed one is no reason to stop.
    pub fn write(&self, form: LogForm) {
        let text = match form {
            LogForm::Nothing => return,
            LogForm::Text => format!(
                "{} \"{} {} {}\" {}\n",
                self.client,
                printable(self.method),
                printable(self.target),
                self.version,
                self.status
            ),
            LogForm::Json => self.json(),
        };
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    fn json(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut object = json!({
            "time_ms": now.as_millis() as u64,
            "id": self.id,
            "client": self.client.to_string(),
            "method": self.method,
            "target": self.target,
            "status": self.status,
            "took_us": self.took.as_micros() as u64,
        });
        if let Some(failure) = self.failure {
            object["failure"] = failure.into();
        }
        format!("{object}\n")
    }
}

/// Tells of a response that has begun and does not come to its end.
pub(crate) fn cut_off(form: LogForm, id: &str, why: &str) {
    let text = match form {
        LogForm::Nothing => return,
        LogForm::Text => format!("{id}: the response was cut off: {}\n", printable(why)),
        LogForm::Json => format!("{}\n", json!({ "id": id, "cut_off": why })),
    };
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Without characters that would forge other lines.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}
