//! What an officer's browser does at a console, over a real socket: signs in, asks for something,
//! reads what is to be signed, and signs it by a key file.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vernet_common::{Algorithm, NumericDate, SecretKey, Signed, Signer};
use vernet_register::{OfficerSigner, SignIn, Statement};

use crate::serve::Serving;

/// An officer's browser, with its session.
pub(crate) struct AtConsole<'a> {
    address: String,
    officer: &'a SecretKey,
    session: String,
    token: String,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

/// What a page has to sign.
#[derive(Clone, Debug)]
pub(crate) struct ToSign {
    path: String,
    pub(crate) statements: Vec<Vec<u8>>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    fn value(&self, before: &str) -> io::Result<String> {
        let after = self.body.split_once(before).map(|(_, after)| after);
        let value = after.and_then(|after| after.split('"').next());
        value.map(ToOwned::to_owned).ok_or_else(|| self.unexpected(before))
    }

    fn unexpected(&self, expected: &str) -> io::Error {
        io::Error::other(format!("no `{expected}`: {} {}{}", self.status, self.head, self.body))
    }

    /// What a script is told.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl<'a> AtConsole<'a> {
    /// Signs in.
    pub(crate) fn sign_in(serving: &Serving, officer: &'a SecretKey) -> io::Result<Self> {
        let address = serving.address.clone();
        let mut browser = Self { address, officer, session: String::new(), token: String::new() };
        let page = browser.get("/sign-in")?;
        let iat: i64 = page.value("data-iat=\"")?.parse().map_err(io::Error::other)?;
        let wish = SignIn {
            origin: browser.origin(),
            nonce: page.value("data-nonce=\"")?,
            iat: NumericDate::from_seconds(iat).map_err(io::Error::other)?,
        };
        let signed = Signed::sign(&wish, Algorithm::EdDsa, officer).expect("signs");
        let form = format!(
            "kid={}&payload={}&signature={}",
            officer.public_key().kid(),
            base64url(signed.unverified_payload()),
            base64url(signed.signature())
        );
        let answer = browser.post("/sign-in", FORM, form.as_bytes())?;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        browser.session = cookie.to_owned();
        browser.token = browser.get("/")?.value("name=\"token\" value=\"")?;
        Ok(browser)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    fn host(&self) -> String {
        self.address.replace("127.0.0.1", "localhost")
    }

    pub(crate) fn get(&self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, "", b"")
    }

    /// Asks to propose what is typed, with a document.
    pub(crate) fn propose(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        document: &[u8],
    ) -> io::Result<ToSign> {
        let mut body = Vec::new();
        for (name, value) in [("token", self.token.as_str())].iter().chain(fields) {
            let part = format!(
                "--between\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        body.extend_from_slice(b"--between\r\nContent-Disposition: form-data; name=\"documents\"; filename=\"diploma.pdf\"\r\n\r\n");
        body.extend_from_slice(document);
        body.extend_from_slice(b"\r\n--between--\r\n");
        let answer = self.post(path, "multipart/form-data; boundary=between", &body)?;
        self.to_sign(&answer)
    }

    /// Asks to approve a proposal, as its page shows it.
    pub(crate) fn approve(&self, seq: u64) -> io::Result<Answer> {
        let page = self.get(&format!("/proposals/{seq}"))?;
        let shown = page.body.split_once("<code>sha256 ").map(|(_, after)| after);
        let sha256 = shown.and_then(|after| after.split('<').next()).unwrap_or_default();
        let form = format!("token={}&sha256={sha256}", self.token);
        self.post(&format!("/proposals/{seq}/approve"), FORM, form.as_bytes())
    }

    /// What an answer sends the officer to sign.
    pub(crate) fn to_sign(&self, answer: &Answer) -> io::Result<ToSign> {
        let path = answer.header("location").to_owned();
        if !path.starts_with("/sign/") {
            return Err(answer.unexpected("page to sign on"));
        }
        self.page(path)
    }

    fn page(&self, path: String) -> io::Result<ToSign> {
        let data = self.get(&path)?.value("data-to-sign=\"")?.replace("&#34;", "\"");
        let data: Value = serde_json::from_str(&data).map_err(io::Error::other)?;
        let statements = data["statements"].as_array().into_iter().flatten();
        let statements = statements.filter_map(Value::as_str).map(bytes).collect();
        Ok(ToSign { path, statements })
    }

    /// Signs the bytes, and sends the signatures.
    pub(crate) fn sign(&self, to_sign: &ToSign) -> io::Result<Answer> {
        let one = |bytes: &Vec<u8>| {
            let statement = Statement::from_bytes(bytes).expect("a statement");
            let signed = self.officer.sign_statement(&statement).expect("signs").expect("at once");
            json!({ "signature": base64url(&signed.signature) })
        };
        let signatures: Vec<Value> = to_sign.statements.iter().map(one).collect();
        self.send_signed(to_sign, &json!({ "signatures": signatures }))
    }

    /// Sends what a page would send.
    pub(crate) fn send_signed(&self, to_sign: &ToSign, signed: &Value) -> io::Result<Answer> {
        self.post(&to_sign.path, "application/json", signed.to_string().as_bytes())
    }

    /// Asks for the same deed as it would be recorded now.
    #[cfg(feature = "postgres")]
    pub(crate) fn again(&self, to_sign: &ToSign) -> io::Result<ToSign> {
        let answer = self.post(&format!("{}/again", to_sign.path), "application/json", b"")?;
        match answer.json()["to"].as_str() {
            Some(to) => self.page(to.to_owned()),
            None => Err(answer.unexpected("another page")),
        }
    }

    fn post(&self, path: &str, media_type: &str, body: &[u8]) -> io::Result<Answer> {
        self.send("POST", path, media_type, body)
    }

    fn send(&self, method: &str, path: &str, media_type: &str, body: &[u8]) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let (host, origin) = (self.host(), self.origin());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {}\r\nX-Form-Token: {}\r\nAccept-Language: en\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.session,
            self.token,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        // An answer that is cut off tells nothing.
        let answer = Answer { status, head: head.to_owned(), body: body.to_owned() };
        match answer.header("content-length").parse::<usize>() {
            Ok(length) if length != body.len() => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(answer),
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of an application that the rules allow.
pub(crate) fn application<'a>(hpr_number: &'a str, today: &'a str) -> [(&'a str, &'a str); 10] {
    [
        ("given_name", "Solveig"),
        ("family_name", "Ørstavik"),
        ("birthdate", "24.12.1985"),
        ("hpr_number", hpr_number),
        ("kind", "authorisation"),
        ("basis", "norwegian_exam"),
        ("exam_school", "A made-up school of perfusion"),
        ("exam_date", "15.06.2012"),
        ("decided", today),
        ("granted", today),
    ]
}

fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(base64url: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(base64url).expect("the console sends base64url")
}
