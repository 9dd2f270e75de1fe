//! Not more connections than the limit: further ones wait in the system's queue until one closes. One on
//! which nothing moves is closed, so that silence cannot keep the others out.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// A listener with a limit on its open connections.
pub struct Connections {
    listener: TcpListener,
    free: Arc<Semaphore>,
    idle_max: Duration,
}

impl Connections {
    /// At most `connections_max` of this listener at the same time, each silent for at most `idle_max`.
    pub fn new(listener: TcpListener, connections_max: u64, idle_max: Duration) -> Self {
        let max = usize::try_from(connections_max).unwrap_or(usize::MAX);
        let free = Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS)));
        Self { listener, free, idle_max }
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // Never closed, so there is always a permit in the end.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        let (idle_max, idle) = (self.idle_max, Box::pin(sleep(self.idle_max)));
        (Connection { stream, idle, idle_max, _permit: permit }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// The address that a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A connection; it gives its place back when it closes.
pub struct Connection {
    stream: TcpStream,
    /// Ends when nothing was read or written for `idle_max`.
    idle: Pin<Box<Sleep>>,
    idle_max: Duration,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Puts the end of patience off when something moved.
    fn moved<T>(&mut self, outcome: Poll<T>) -> Poll<T> {
        if outcome.is_ready() {
            let end = Instant::now() + self.idle_max;
            self.idle.as_mut().reset(end);
        }
        outcome
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() && self.idle.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        self.moved(read)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.moved(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.moved(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn a_connection_that_never_asks_is_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections::new(listener, 1, Duration::from_millis(20));
        tokio::spawn(axum::serve(connections, Router::new()).into_future());
        // The second one gets its place only when the first one has lost it.
        let mut first = TcpStream::connect(address).await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        assert_eq!(second.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(first.read(&mut [0]).await.unwrap(), 0);
    }
}
