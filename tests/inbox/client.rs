//! An inbox, and somebody who talks to it.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, mpsc},
    thread,
};

use vernet_applications::{InboxKey, ReceiptCode, examine};
use vernet_common::{NumericDate, SecretKey};
use vernet_console::{Inbox, InboxSettings, Limits, Listener};

/// The host that the inbox is known by. Requests reach it at another address.
pub(crate) const HOST: &str = "soknad.example.no";

pub(crate) const ORIGIN: &str = "https://soknad.example.no";

pub(crate) fn now() -> NumericDate {
    "2026-12-01T10:00:00Z".parse().expect("an instant")
}

/// The office's key.
pub(crate) fn office() -> InboxKey {
    InboxKey::new(SecretKey::from_seed(&[5; 32]))
}

pub(crate) struct Server {
    pub(crate) root: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Limits {
            submissions: many(),
            codes: many(),
            requests: many(),
            ..Limits::default()
        })
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let public = serde_json::to_vec(&office().public()).expect("JSON");
        fs::write(root.path().join("inbox.pub"), public).expect("written");
        let settings = serde_json::json!({
            "folder": "inbox", "key": "inbox.pub", "origin": ORIGIN,
            "office": {"nb": "Kontoret", "en": "The Office"}, "contact": "post@example.no",
        });
        fs::write(root.path().join("inbox.json"), settings.to_string()).expect("written");
        let address = serve(root.path(), limits);
        Self { root, address }
    }

    /// What is in a folder of the inbox.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.path().join("inbox").join(folder)).expect("there");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("ASCII"))
            .collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(
            format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
    }

    /// A form without documents.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded: Vec<_> =
            fields.iter().map(|(name, text)| format!("{name}={}", percent(text))).collect();
        let body = encoded.join("&");
        let head = self.head(path, "application/x-www-form-urlencoded", body.len());
        self.send(&[head.as_bytes(), body.as_bytes()].concat())
    }

    /// A form with documents.
    pub(crate) fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[File<'_>]) -> Answer {
        let body = multipart(fields, files);
        let head = self.head(path, MULTIPART, body.len());
        self.send(&[head.as_bytes(), &body].concat())
    }

    pub(crate) fn head(&self, path: &str, media_type: &str, length: usize) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {ORIGIN}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    }

    pub(crate) fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        // It may answer and stop reading before it has everything.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::read(&answer)
    }

    /// The last page before the documents are sent: what it carries on.
    pub(crate) fn filled_in(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut fields = vec![
            ("step", "person"),
            ("title", "perfusionist"),
            ("kind", "authorisation"),
            ("basis", "accredited_school_exam"),
            ("given_name", "Ingrid Sofie"),
            ("family_name", "Ødegård"),
            ("birthdate", "28.02.1990"),
            ("hpr_number", "9144900"),
            ("school", "Fjordheim Perfusion School"),
            ("exam_date", "11.06.2014"),
            ("mail", "ingrid@example.no"),
        ];
        for (name, text) in changes {
            let field = fields.iter_mut().find(|(known, _)| known == name).expect("a field");
            field.1 = text;
        }
        let page = self.post("/nb/apply", &fields);
        assert_eq!(page.status, 200, "{}", page.body);
        let form = page.body.split("action=\"/nb/send\"").nth(1).expect("the form with documents");
        hidden(form)
    }

    /// Applies, and returns the code on the receipt.
    pub(crate) fn apply(&self) -> ReceiptCode {
        let fields = self.filled_in(&[]);
        let receipt = self.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")]);
        assert_eq!(receipt.status, 200, "{}", receipt.body);
        receipt.code()
    }
}

/// A number that no test reaches.
pub(crate) fn many() -> std::num::NonZeroU32 {
    std::num::NonZeroU32::new(100_000).expect("it is not 0")
}

/// Serves the inbox in a folder until the process ends.
pub(crate) fn serve(root: &Path, limits: Limits) -> SocketAddr {
    let settings = InboxSettings::read(&root.join("inbox.json")).expect("settings");
    let inbox =
        Inbox::open(settings, limits, (Arc::new(examine), Arc::new(now))).expect("an inbox");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = Listener::bind("127.0.0.1:0".parse().expect("an address"), None)
                .await
                .expect("bound");
            sender.send(listener.address()).expect("somebody waits");
            listener.serve(inbox.router(), false).await.expect("it serves");
        });
    });
    receiver.recv().expect("an address")
}

pub(crate) const MULTIPART: &str = "multipart/form-data; boundary=xxVERNETxx";

pub(crate) struct File<'a> {
    pub(crate) field: &'a str,
    pub(crate) name: &'a str,
    pub(crate) bytes: Vec<u8>,
}

impl<'a> File<'a> {
    pub(crate) fn pdf(field: &'a str) -> Self {
        Self { field, name: "scan.pdf", bytes: pdf("") }
    }
}

pub(crate) fn multipart(fields: &[(&str, &str)], files: &[File<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, text) in fields {
        body.extend(
            format!(
                "--xxVERNETxx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
            )
            .bytes(),
        );
    }
    for File { field, name, bytes } in files {
        body.extend(format!("--xxVERNETxx\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--xxVERNETxx--\r\n");
    body
}

/// A PDF of one page, with more in its catalogue.
pub(crate) fn pdf(more: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in [
        format!("<< /Type /Catalog /Pages 2 0 R {more} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        offsets.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
    }
    let start = bytes.len();
    bytes.extend(b"xref\n0 4\n0000000000 65535 f \n");
    offsets.iter().for_each(|offset| bytes.extend(format!("{offset:010} 00000 n \n").bytes()));
    bytes
        .extend(format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// A picture.
pub(crate) fn picture(format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 30).write_to(&mut bytes, format).expect("it is written");
    bytes.into_inner()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    fn read(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let bytes = answer.get(end + 4..).unwrap_or_default().to_vec();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The code on a receipt.
    pub(crate) fn code(&self) -> ReceiptCode {
        let shown = self.body.split("class=\"receipt-code\">").nth(1).expect("a receipt");
        ReceiptCode::parse(shown.split('<').next().expect("a text")).expect("a code")
    }
}

/// The hidden fields of the first form in a text.
pub(crate) fn hidden(html: &str) -> Vec<(String, String)> {
    let form = html.split("</form>").next().unwrap_or_default();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    inputs
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").expect("a value");
            let value = rest.split('"').next().expect("an end");
            (name.to_owned(), plain(value))
        })
        .collect()
}

pub(crate) fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn plain(html: &str) -> String {
    html.replace("&#38;", "&")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
