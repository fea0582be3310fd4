//! Responses whose parts the program sends while it runs.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use vera_host::{Responder, Unwritten};

use crate::exchange;
use crate::front::Body;

/// Chunks on their way to a slow client before the program waits.
const CHUNKS: usize = 16;

/// The program's side of a response, its head once that is sent, and its chunks. A
/// response without a body swallows them.
pub(crate) fn open(
    bodiless: bool,
) -> (Sink, oneshot::Receiver<Response<()>>, mpsc::Receiver<Bytes>) {
    let (head, begun) = oneshot::channel();
    let (chunks, receiver) = mpsc::channel(CHUNKS);
    (Sink { head: Some(head), chunks, bodiless, handle: Handle::current() }, begun, receiver)
}

/// See [`open`].
pub(crate) struct Sink {
    head: Option<oneshot::Sender<Response<()>>>,
    chunks: mpsc::Sender<Bytes>,
    bodiless: bool,
    /// The program runs on a thread of its own.
    handle: Handle,
}

impl Responder for Sink {
    fn respond(&mut self, status: i64, headers: &[(&[u8], &[u8])]) -> Result<(), String> {
        if self.head.is_none() {
            return Err("the response has begun already".to_owned());
        }
        let mut response = Response::new(());
        *response.status_mut() = exchange::status(status)?;
        for (name, value) in headers {
            exchange::header(response.headers_mut(), name, value)?;
        }
        self.bodiless |= exchange::is_bodiless(response.status());
        if let Some(head) = self.head.take() {
            // A client that is gone shows itself at the first chunk.
            let _ = head.send(response);
        }
        Ok(())
    }

    fn write(&mut self, chunk: Vec<u8>, deadline: Option<Instant>) -> Result<(), Unwritten> {
        if self.head.is_some() {
            return Err(Unwritten::Refused("no response has begun".to_owned()));
        }
        if self.bodiless || chunk.is_empty() {
            return Ok(());
        }
        let send = self.chunks.send(chunk.into());
        let sent = self.handle.block_on(async {
            match deadline {
                None => Ok(send.await),
                Some(deadline) => tokio::time::timeout_at(deadline.into(), send).await,
            }
        });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Unwritten::Refused("the client is gone".to_owned())),
            Err(_) => Err(Unwritten::Late),
        }
    }
}

/// The chunks of a response, up to the end of the run that sends them.
pub(crate) struct Streamed {
    chunks: mpsc::Receiver<Bytes>,
    ended: Option<oneshot::Receiver<std::io::Result<()>>>,
}

impl Streamed {
    pub fn body(
        chunks: mpsc::Receiver<Bytes>,
        ended: oneshot::Receiver<std::io::Result<()>>,
    ) -> Body {
        Streamed { chunks, ended: Some(ended) }.boxed_unsync()
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let closed = match self.chunks.poll_recv(cx) {
            Poll::Ready(Some(chunk)) => return Poll::Ready(Some(Ok(Frame::data(chunk)))),
            Poll::Ready(None) => true,
            Poll::Pending => false,
        };
        let Some(ended) = &mut self.ended else {
            return if closed { Poll::Ready(None) } else { Poll::Pending };
        };
        match Pin::new(ended).poll(cx) {
            Poll::Pending => Poll::Pending,
            // A worker that hangs never lets go of its end.
            Poll::Ready(Ok(Err(why))) => {
                self.ended = None;
                Poll::Ready(Some(Err(why)))
            }
            Poll::Ready(Ok(Ok(())) | Err(_)) => {
                self.ended = None;
                match self.chunks.poll_recv(cx) {
                    Poll::Ready(chunk) => Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk)))),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_response_begins_once_and_before_its_chunks() {
        let (mut sink, mut begun, mut chunks) = open(false);
        let unwritten = sink.write(b"a".to_vec(), None);
        assert_eq!(unwritten, Err(Unwritten::Refused("no response has begun".to_owned())));
        let bad = sink.respond(99, &[]);
        assert_eq!(bad.unwrap_err(), "99 is no status of a response: it is from 200 to 599");
        assert!(sink.respond(200, &[(b"x", b"a\r\nb: c")]).is_err());
        sink.respond(200, &[(b"x", b"y")]).expect("a legal head");
        assert_eq!(begun.try_recv().expect("it is sent").headers()["x"], "y");
        assert_eq!(sink.respond(200, &[]).unwrap_err(), "the response has begun already");
        let sink = tokio::task::spawn_blocking(move || {
            sink.write(b"a".to_vec(), None).expect("there is room");
            sink
        });
        let mut sink = sink.await.expect("it does not panic");
        assert_eq!(chunks.recv().await.as_deref(), Some(&b"a"[..]));
        drop(chunks);
        let gone = tokio::task::spawn_blocking(move || sink.write(b"b".to_vec(), None));
        let gone = gone.await.expect("it does not panic");
        assert_eq!(gone, Err(Unwritten::Refused("the client is gone".to_owned())));
    }
}
