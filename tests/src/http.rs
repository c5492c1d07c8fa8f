//! A minimal HTTP client, which can also send what no client should.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use serde_json::Value;

/// Longer than any timeout of the server, so that a test ends even if the server does not answer.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// One connection to a server.
pub struct Connection<S> {
    stream: BufReader<S>,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Connection<TcpStream> {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("not 0");
        stream.set_write_timeout(Some(PATIENCE)).expect("not 0");
        stream.set_nodelay(true).expect("it is a TCP connection");
        Self::over(stream)
    }

    pub fn writer(&self) -> TcpStream {
        self.stream.get_ref().try_clone().expect("a handle")
    }

    /// Sends in a separate thread, because a server may answer, and stop reading, before it has
    /// received everything.
    pub fn send_aside(&self, bytes: Vec<u8>) {
        let mut writer = self.writer();
        thread::spawn(move || writer.write_all(&bytes));
    }

    pub fn finish_sending(&self) {
        // The server may have closed the connection first.
        let _ = self.stream.get_ref().shutdown(Shutdown::Write);
    }
}

impl<S: Read + Write> Connection<S> {
    pub fn over(stream: S) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the server reads");
        self.stream.get_mut().flush().expect("the server reads");
    }

    /// The next answer, in full.
    pub fn answer(&mut self) -> io::Result<Answer> {
        self.answer_to("")
    }

    /// The answer to a request with this method: an answer to `HEAD` has no body, whatever its
    /// headers say.
    pub fn answer_to(&mut self, method: &str) -> io::Result<Answer> {
        let mut answer = self.head()?;
        let length =
            answer.header("content-length").map(|length| length.parse::<u64>().expect("a number"));
        match length {
            _ if method == "HEAD" || answer.status == 304 => {}
            Some(length) => {
                (&mut self.stream).take(length).read_to_end(&mut answer.body)?;
                assert_eq!(answer.body.len() as u64, length, "the answer is cut off");
            }
            None if answer.header("transfer-encoding") == Some("chunked") => {
                while let Some(chunk) = self.chunk()? {
                    answer.body.extend(chunk);
                }
            }
            None => drop(self.stream.read_to_end(&mut answer.body)?),
        }
        Ok(answer)
    }

    /// The head of an answer, its body still to come.
    pub fn head(&mut self) -> io::Result<Answer> {
        let first = self.line()?;
        let status = first
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3))
            .and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("not an answer: `{first}`")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Answer { status, headers, body: Vec::new() })
    }

    /// The next chunk of a body (RFC 9112 section 7.1), or `None` at its end.
    pub fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let size = self.line()?;
        let size = usize::from_str_radix(&size, 16)
            .map_err(|_| io::Error::other(format!("no chunk: `{size}`")))?;
        let mut chunk = vec![0; size];
        self.stream.read_exact(&mut chunk)?;
        self.line()?;
        Ok((size > 0).then_some(chunk))
    }

    /// The rest of the data until the server closes the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A server that was sent too much resets the connection.
        let _ = self.stream.read_to_end(&mut rest);
        rest
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("the server answers with UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The verdict, as an object.
    #[track_caller]
    pub fn verdict(&self) -> Value {
        assert_eq!(
            (self.status, self.header("content-type")),
            (200, Some("application/json")),
            "{}",
            self.text()
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
        self.json()
    }

    /// The code of a verdict.
    #[track_caller]
    pub fn code(&self) -> String {
        self.verdict()["code"].as_str().expect("a verdict has a code").to_owned()
    }

    /// Asserts that this is a problem with this code.
    #[track_caller]
    pub fn problem(&self, code: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(problem["status"], self.status, "{problem}");
        problem
    }
}

/// A complete request, as it is sent.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: hospital.example.no\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if method == "POST" || !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    [head.as_bytes(), b"\r\n", body].concat()
}
