//! The site whose requests the function `handle` of a program answers.

use std::io::Write;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::{Method, Request};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vera_diagnostics::Sources;
use vera_host::{Host, Io, Module};

use crate::exchange::{self, Telling, answer, refusal};
use crate::front::{Answer, Answering, Site};
use crate::log::{LogForm, cut_off};
use crate::settings::ServeError;
use crate::streaming::{self, Streamed};
use crate::workers::{Bounds, Call, Lost, Workers};

/// A compiled program that answers requests.
pub struct Program {
    pub module: Module,
    /// The export that takes a request in parts and hands a response over.
    pub entry: String,
    pub request: RequestForm,
    pub response: ResponseForm,
    /// For the frames of traps.
    pub sources: Sources,
}

/// What a request's body is to the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestForm {
    /// The prelude's `Request`.
    Text,
    /// The prelude's `BytesRequest`.
    Bytes,
}

/// How the program answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResponseForm {
    /// It returns the prelude's `Response` or `BytesResponse`.
    Whole,
    /// It performs `HttpServer.respond` and `HttpServer.write`, and returns `Unit`.
    Streamed,
}

/// How requests are dealt with.
#[derive(Clone, Debug)]
pub struct Handling {
    /// Requests that are answered at a time, or wait for a worker; others get 503.
    pub max_requests: usize,
    /// Bytes of a request's body; more is 413.
    pub max_body: usize,
    /// How long a body may take to arrive.
    pub read_timeout: Duration,
    /// What is wrong with the program is not told to clients.
    pub production: bool,
    /// The status where a request breaks a `requires` of `handle`.
    pub precondition_status: u16,
    pub log: LogForm,
}

impl Default for Handling {
    /// The defaults of the language reference.
    fn default() -> Handling {
        Handling {
            max_requests: 1024,
            max_body: 10 << 20,
            read_timeout: Duration::from_secs(30),
            production: false,
            precondition_status: 500,
            log: LogForm::Text,
        }
    }
}

/// See the module.
pub struct Handler {
    program: RwLock<Arc<Program>>,
    workers: Arc<Workers>,
    requests: Arc<Semaphore>,
    handling: Handling,
}

impl Handler {
    /// Starts the threads that run the program.
    ///
    /// # Errors
    /// [`ServeError::Thread`].
    pub fn new(
        host: Host,
        bounds: Bounds,
        handling: Handling,
        program: Program,
    ) -> Result<Handler, ServeError> {
        Ok(Handler {
            program: RwLock::new(Arc::new(program)),
            workers: Arc::new(Workers::start(host, bounds)?),
            requests: Arc::new(Semaphore::new(handling.max_requests)),
            handling,
        })
    }

    /// Requests from now on go to this program; those under way end with the old one.
    pub fn replace(&self, program: Program) {
        *self.program.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(program);
    }

    fn telling(&self) -> Telling {
        let Handling { production, precondition_status, .. } = self.handling;
        Telling { production, precondition_status }
    }

    /// Has the program answer; the error is a status that it has no part in.
    async fn handle(&self, request: Request<Incoming>, id: &str) -> Result<Answer, u16> {
        let room = Arc::clone(&self.requests).try_acquire_owned().map_err(|_| 503_u16)?;
        let (head, body) = request.into_parts();
        let Handling { max_body, read_timeout, .. } = self.handling;
        let body = read_body(body, max_body, read_timeout).await?;
        let program = Arc::clone(&self.program.read().unwrap_or_else(PoisonError::into_inner));
        let method = head.method.clone();
        let call = self.call(&program, &head, body);
        match program.response {
            ResponseForm::Whole => {
                let done = self.workers.run(call).await.map_err(status)?;
                print(&done.io);
                Ok(answer(&done.run, &program.sources, &method, self.telling()))
            }
            ResponseForm::Streamed => self.stream(call, program, method, room, id).await,
        }
    }

    fn call(&self, program: &Program, head: &Parts, body: Vec<u8>) -> Call {
        Call {
            module: program.module.clone(),
            entry: program.entry.clone(),
            args: vec![exchange::request(head, body, program.request)],
            io: self.workers.io(),
        }
    }

    /// A response whose head and chunks come from operations of the program.
    async fn stream(
        &self,
        mut call: Call,
        program: Arc<Program>,
        method: Method,
        room: OwnedSemaphorePermit,
        id: &str,
    ) -> Result<Answer, u16> {
        let (sink, mut begun, chunks) = streaming::open(method == Method::HEAD);
        call.io.responder = Some(Box::new(sink));
        let workers = Arc::clone(&self.workers);
        let mut running = tokio::spawn(async move { workers.run(call).await });
        let (finished, head) = tokio::select! {
            biased;
            head = &mut begun => (None, head.ok()),
            // The head may have come at the last moment.
            finished = &mut running => (Some(finished), begun.try_recv().ok()),
        };
        let telling = self.telling();
        let Some(head) = head else {
            let finished = match finished {
                Some(finished) => finished,
                None => running.await,
            };
            let done = finished.unwrap_or(Err(Lost::Broken)).map_err(status)?;
            print(&done.io);
            return Ok(answer(&done.run, &program.sources, &method, telling));
        };
        let (end, ended) = tokio::sync::oneshot::channel();
        let (log, id) = (self.handling.log, id.to_owned());
        tokio::spawn(async move {
            let finished = match finished {
                Some(finished) => finished,
                None => running.await,
            };
            let why = match finished.unwrap_or(Err(Lost::Broken)) {
                Ok(done) => {
                    print(&done.io);
                    exchange::failed(&done.run)
                }
                Err(lost) => Some(exchange::reason(status(lost)).to_owned()),
            };
            if let Some(why) = &why {
                cut_off(log, &id, why);
            }
            let _ = end.send(why.map_or(Ok(()), |why| Err(std::io::Error::other(why))));
            drop(room);
        });
        Ok(Answer { response: head.map(|()| Streamed::body(chunks, ended)), failure: None })
    }
}

impl Site for Handler {
    fn answer<'a>(&'a self, request: Request<Incoming>, id: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let handled = self.handle(request, id).await;
            handled.unwrap_or_else(refusal)
        })
    }
}

/// The status of a request that nothing came of.
fn status(lost: Lost) -> u16 {
    match lost {
        Lost::Late => 504,
        Lost::Refused(_) | Lost::Broken => 500,
    }
}

/// The whole body of a request, of at most so many bytes, if it arrives in time.
///
/// # Errors
/// The status of the answer.
pub async fn read_body(body: Incoming, max: usize, limit: Duration) -> Result<Vec<u8>, u16> {
    if body.size_hint().lower() > max as u64 {
        return Err(413);
    }
    let read = Limited::new(body, max).collect();
    match tokio::time::timeout(limit, read).await {
        Err(_) => Err(408),
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(why)) if why.is::<LengthLimitError>() => Err(413),
        Ok(Err(_)) => Err(400),
    }
}

/// Shows what the handler printed.
fn print(io: &Io) {
    let (out, err) = (io.captured_stdout(), io.captured_stderr());
    // A closed stream is no reason to stop serving.
    if !out.is_empty() {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush());
    }
    if !err.is_empty() {
        let _ = std::io::stderr().lock().write_all(err.as_bytes());
    }
}
