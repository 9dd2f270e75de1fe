//! As much of HTTP as a measurement needs: one connection, kept open, one question after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What came back, as it travelled.
#[derive(Debug, Default)]
pub struct Reply {
    /// 200, 304, …
    pub status: u16,
    /// Tag of the answer; empty for none.
    pub tag: String,
    /// Bytes of the body on the wire, compressed or not.
    pub bytes: usize,
}

/// A connection.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn new(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks for an address below `/api/v1`; `headers` are whole lines that end with CR LF.
    ///
    /// # Errors
    /// When the connection breaks or what comes is no answer.
    pub fn get(&mut self, path: &str, headers: &str) -> io::Result<Reply> {
        let question = format!("GET /api/v1{path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n");
        self.stream.get_mut().write_all(question.as_bytes())?;
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut reply = Reply { status: status.unwrap_or(0), ..Reply::default() };
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(": ") else { continue };
            match name.to_ascii_lowercase().as_str() {
                "etag" => value.clone_into(&mut reply.tag),
                "content-length" => length = value.parse().unwrap_or(0),
                "transfer-encoding" => is_chunked = value == "chunked",
                _ => (),
            }
        }
        if reply.status == 304 {
            return Ok(reply);
        }
        if !is_chunked {
            reply.bytes = self.skip(length)?;
            return Ok(reply);
        }
        loop {
            let size = usize::from_str_radix(self.line()?.trim(), 16).map_err(io::Error::other)?;
            reply.bytes += self.skip(size)?;
            self.line()?;
            if size == 0 {
                return Ok(reply);
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn skip(&mut self, length: usize) -> io::Result<usize> {
        let mut body = (&mut self.stream).take(length as u64);
        let count = io::copy(&mut body, &mut io::sink())? as usize;
        if count < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(count) }
    }
}
