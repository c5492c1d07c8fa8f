//! Forms with documents as nobody's browser sends them: too much, too long, too slow, not what they
//! say, and words that would be markup.

use std::fs;

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use futures_util::{StreamExt, stream};

use crate::{
    deciding::parts,
    desk::{Answer, Desk, ORIGIN},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
const EVIL: &str = "\"'><img src=x onerror=alert(1)></textarea><script>alert(2)</script>";

/// An application that the rules allow, with what is typed.
fn application<'a>(token: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let right = [
        ("given_name", "Solveig"),
        ("family_name", "Ørstavik"),
        ("birthdate", "24.12.1985"),
        ("hpr_number", "9122334"),
        ("kind", "authorisation"),
        ("basis", "norwegian_exam"),
        ("exam_school", "A made-up school of perfusion"),
        ("exam_date", "15.06.2012"),
        ("decided", "24.11.2026"),
        ("granted", "24.11.2026"),
    ];
    let kept = right.into_iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    [("token", token)].into_iter().chain(kept).chain(changed.iter().copied()).collect()
}

struct Uploads {
    desk: Desk,
    session: String,
    token: String,
    before: (usize, usize),
}

impl Uploads {
    async fn new() -> Self {
        let desk = Desk::new();
        let session = desk.sign_in(&desk.officers[0]).await;
        let token = desk.token(&session).await;
        let before = (desk.recorded(), stored(&desk));
        Self { desk, session, token, before }
    }

    async fn apply(&self, changed: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let fields = application(&self.token, changed);
        self.desk.file("/applications/new", &self.session, &fields, files).await
    }

    async fn send(&self, parts: &[Vec<u8>]) -> StatusCode {
        let request = self.desk.filing("/applications/new", &self.session, parts);
        self.desk.send(request).await.status
    }

    /// Nothing was recorded, no document was stored, and the session goes on.
    async fn check(&self) {
        assert_eq!((self.desk.recorded(), stored(&self.desk)), self.before);
        assert_eq!(self.desk.get("/", &self.session).await.status, StatusCode::OK);
    }
}

/// How many documents the office has.
fn stored(desk: &Desk) -> usize {
    let folder = desk.folder.path().join("office/documents");
    fs::read_dir(folder).map_or(0, |entries| entries.count())
}

#[tokio::test]
async fn what_is_not_what_it_says_is_not_taken() {
    let uploads = Uploads::new().await;
    let lies: [(&str, &[u8]); 9] = [
        ("page.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.pdf", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("program.pdf", b"\x7fELF\x02\x01\x01"),
        ("archive.pdf", b"PK\x03\x04\x14\x00"),
        ("text.pdf", b"Dear officer"),
        ("empty.pdf", b""),
        ("animation.gif", b"GIF89a"),
        ("picture.jpg", b"RIFF....WEBPVP8 "),
        ("sheet.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ];
    for (name, bytes) in lies {
        let answer = uploads.apply(&[], &[("diploma.pdf", PDF), (name, bytes)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(answer.body.contains("document_refused"), "{name}: {}", answer.body);
    }
    uploads.check().await;
    // What a reader of PDFs opens is one, whatever stands before and after. It waits in memory until
    // the proposal is signed, and is never sent as anything else.
    let polyglot = [b"<script>alert(1)</script>", PDF, b"<script>alert(1)</script>"].concat();
    let answer = uploads.apply(&[], &[("..\\..\\../etc/diploma.pdf", &polyglot)]).await;
    assert!(answer.header("location").starts_with("/sign/"), "{}", answer.body);
    uploads.check().await;
    let (desk, session) = (&uploads.desk, &uploads.session);
    let to_sign = desk.to_sign(&answer, session).await;
    let text = String::from_utf8_lossy(&to_sign.statements[0]).into_owned();
    assert!(text.contains("\"diploma.pdf\"") && !text.contains(".."), "{text}");
    let seq = desk.record(&to_sign, session, &to_sign.by_file(&desk.officers[0])).await;
    let office = desk.office();
    let (_, proposal) = office.register().state().open_proposal(seq).expect("it waits");
    let path = format!("/documents/{seq}/{}", proposal.documents[0].sha256);
    let shown = desk.get(&path, session).await;
    assert_eq!(shown.header("content-type"), "application/pdf");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    let policy = shown.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
}

#[tokio::test]
async fn forms_are_bounded_in_parts_in_files_and_in_bytes() {
    let uploads = Uploads::new().await;
    let own = application(&uploads.token, &[]);
    let with = |more: Vec<Vec<u8>>| [parts(&own, &[]), more].concat();
    let field = |name: &str, value: &str| parts(&[(name, value)], &[]).remove(0);

    let many = (0..10_000).map(|number| field(&format!("f{number}"), "x")).collect();
    assert_eq!(uploads.send(&with(many)).await, StatusCode::BAD_REQUEST, "many fields");
    let empty = vec![parts(&[], &[("", b"")]).remove(0); 10_000];
    assert_eq!(uploads.send(&with(empty)).await, StatusCode::BAD_REQUEST, "many empty files");
    let files = vec![("diploma.pdf", PDF); 21];
    let answer = uploads.apply(&[], &files).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("too_many_documents"), "{}", answer.body);
    let long = "x".repeat(200_000);
    assert_eq!(
        uploads.send(&with(vec![field("conditions", &long)])).await,
        StatusCode::BAD_REQUEST
    );
    let lines =
        format!("{}Content-Disposition: form-data; name=\"x\"\r\n\r\nx", "A: b\r\n".repeat(5000));
    assert_eq!(uploads.send(&with(vec![lines.into_bytes()])).await, StatusCode::BAD_REQUEST);

    let mut large = PDF.to_vec();
    large.resize((32 << 20) + 1, b' ');
    let answer = uploads.apply(&[], &[("large.pdf", &large)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "one file of 32 MB and a byte");
    large.truncate(22 << 20);
    let three: [(&str, &[u8]); 3] = [("a.pdf", &large), ("b.pdf", &large), ("c.pdf", &large)];
    let answer = uploads.apply(&[], &three).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "more than 64 MB together");
    uploads.check().await;
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let uploads = Uploads::new().await;
    let token = uploads.token.as_str();
    let own = application(token, &[]);
    let good = parts(&own, &[("diploma.pdf", PDF)]);
    let raw = |kind: &str, body: Vec<u8>| {
        let mut request = uploads.desk.filing("/applications/new", &uploads.session, &[]);
        request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().expect("a header"));
        *request.body_mut() = Body::from(body);
        uploads.desk.send(request)
    };
    let body: Vec<u8> = good
        .iter()
        .flat_map(|part| [b"--between\r\n".as_slice(), part, b"\r\n"].concat())
        .collect();
    for (why, kind, body) in [
        ("no boundary", "multipart/form-data", body.clone()),
        ("another boundary", "multipart/form-data; boundary=other", body.clone()),
        ("it never ends", "multipart/form-data; boundary=between", body.clone()),
        ("another type", "text/plain", body.clone()),
        ("JSON", "application/json", b"{}".to_vec()),
        ("nothing", "multipart/form-data; boundary=between", Vec::new()),
        ("no text", "multipart/form-data; boundary=between", vec![0xff; 5000]),
    ] {
        let answer = raw(kind, body).await;
        assert!(answer.status.is_client_error(), "{why}: {}", answer.status);
        assert!(!answer.header("location").starts_with("/sign/"), "{why}");
    }
    // The token comes first, and there is one.
    let mut last = good.clone();
    last.rotate_left(1);
    assert_eq!(uploads.send(&last).await, StatusCode::FORBIDDEN);
    let mut twice = good.clone();
    twice.insert(1, parts(&[("token", "another")], &[]).remove(0));
    assert_eq!(uploads.send(&twice).await, StatusCode::FORBIDDEN);
    let alone = parts(&[("token", "another")], &[]);
    assert_eq!(uploads.send(&alone).await, StatusCode::FORBIDDEN);
    let bytes = b"Content-Disposition: form-data; name=\"given_name\"\r\n\r\n\xff\xfe".to_vec();
    let mut binary = good;
    binary.push(bytes);
    assert_eq!(uploads.send(&binary).await, StatusCode::BAD_REQUEST);
    uploads.check().await;
}

/// A body that comes byte by byte, on each path that takes one. The clock of the test goes on by
/// itself when nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn a_form_that_does_not_end_is_given_up_on_every_path_that_decides() {
    let uploads = Uploads::new().await;
    let (desk, session) = (&uploads.desk, &uploads.session);
    let to_sign = desk.suspend(session).await;
    for (path, kind) in [
        ("/applications/new".to_owned(), "multipart/form-data; boundary=between"),
        (format!("/certificate/{}/decide", desk.number), "multipart/form-data; boundary=between"),
        ("/officers/enrol".to_owned(), "multipart/form-data; boundary=between"),
        (format!("/proposals/{}/approve", desk.proposal), "application/x-www-form-urlencoded"),
        (format!("/proposals/{}/reject", desk.proposal), "application/x-www-form-urlencoded"),
        (to_sign.path.clone(), "application/json"),
        ("/keys".to_owned(), "application/json"),
    ] {
        let slowly = stream::repeat(Bytes::from_static(b"-")).then(async |byte| {
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            Ok::<_, std::io::Error>(byte)
        });
        let request = Request::post(&path)
            .header(header::HOST, "localhost:8480")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, session)
            .header("x-form-token", &uploads.token)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from_stream(slowly.boxed()));
        let answer = desk.send(request.expect("a request")).await;
        assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{path}");
    }
    // What waited for its signature still does.
    desk.record(&to_sign, session, &to_sign.by_file(&desk.officers[0])).await;
}

/// An officer's browser that asks again and again keeps five things waiting, with their documents.
#[tokio::test]
async fn what_waits_for_a_signature_is_bounded() {
    let uploads = Uploads::new().await;
    let (desk, session) = (&uploads.desk, &uploads.session);
    let mut pages = Vec::new();
    for _ in 0..7 {
        desk.move_clock(pages.len() as i64);
        pages.push(uploads.apply(&[], &[("diploma.pdf", PDF)]).await.header("location").to_owned());
    }
    let mut there = Vec::new();
    for page in &pages {
        there.push(desk.get(page, session).await.status == StatusCode::OK);
    }
    assert_eq!(there, [false, false, true, true, true, true, true]);
    // An hour later nobody reads it any more.
    uploads.check().await;
}

#[tokio::test]
async fn whatever_is_typed_in_any_field_is_text() {
    let uploads = Uploads::new().await;
    let (desk, session) = (&uploads.desk, &uploads.session);
    let is_text = |body: &str, what: &str| {
        assert!(!body.contains("<img src=x") && !body.contains("<script>alert"), "{what}: {body}");
    };
    let fields = [
        "given_name",
        "family_name",
        "birthdate",
        "hpr_number",
        "title",
        "kind",
        "basis",
        "norwegian_language",
        "national_subjects",
        "previous_certificate",
        "special_reasons",
        "language",
        "conditions",
        "applied",
        "decided",
        "granted",
        "valid_to",
        "exam_school",
        "exam_date",
        "recognition_state",
    ];
    let mut taken = 0;
    for field in fields {
        let answer = uploads.apply(&[(field, EVIL)], &[]).await;
        is_text(&answer.body, field);
        if answer.header("location").starts_with("/sign/") {
            let page = desk.get(answer.header("location"), session).await;
            is_text(&page.body, field);
            taken += 1;
        }
    }
    assert!(taken > 0, "a school may be called anything");
    let path = format!("/certificate/{}/decide", desk.number);
    for act in ["limit", "instruct", "suspend", "reissue", "reverse"] {
        let evil =
            ["reference", "limits", "until", "given_name", "family_name", "decision", "runs_on"];
        for field in evil.into_iter().chain(["because", "act"]) {
            let mut form = vec![("token", uploads.token.as_str()), ("act", act)];
            form.retain(|(name, _)| *name != field);
            form.push((field, EVIL));
            let answer = desk.file(&path, session, &form, &[]).await;
            is_text(&answer.body, field);
        }
    }
    for field in ["name", "key", "from", "until", "role_grant"] {
        let form = [("token", uploads.token.as_str()), (field, EVIL)];
        is_text(&desk.file("/officers/enrol", session, &form, &[]).await.body, field);
    }
    let evil: String = EVIL.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for path in [
        "/search?q=",
        "/person/9144889?on=",
        "/person/9144889?known=",
        "/person/",
        "/figures?year=",
        "/sign-in?to=",
        "/language/nn?back=",
        "/rules?on=",
        "/proposals/",
        "/sign/",
        "/static/",
        "/nothing/",
        "/figures?from=",
        "/access-log?of=",
    ] {
        let answer = desk.get(&format!("{path}{evil}"), session).await;
        is_text(&answer.body, path);
        assert!(!answer.header("location").contains("<img"), "{path}");
    }
    let path = format!("{path}?act={evil}");
    is_text(&desk.get(&path, session).await.body, "act");
    uploads.check().await;
}

/// What somebody wrote into the register is text on every screen that shows it.
#[tokio::test]
async fn whatever_was_recorded_is_text() {
    let uploads = Uploads::new().await;
    let (desk, session) = (&uploads.desk, &uploads.session);
    let [kari, ola] = &desk.officers;
    let named = format!("{EVIL}.pdf").replace('"', "%22");
    let wrote = [("exam_school", EVIL), ("conditions", EVIL), ("special_reasons", EVIL)];
    let mut recorded = Vec::new();
    for (field, value) in wrote {
        let answer = uploads.apply(&[(field, value)], &[(&named, PDF)]).await;
        if answer.header("location").starts_with("/sign/") {
            let to_sign = desk.to_sign(&answer, session).await;
            recorded.push(desk.record(&to_sign, session, &to_sign.by_file(kari)).await);
        }
    }
    let path = format!("/certificate/{}/decide", desk.number);
    for (act, field) in [("limit", "reference"), ("instruct", "reference"), ("suspend", "limits")] {
        let form = [("token", uploads.token.as_str()), ("act", act), (field, EVIL)];
        let answer = desk.file(&path, session, &form, &[(&named, PDF)]).await;
        if answer.header("location").starts_with("/sign/") {
            let to_sign = desk.to_sign(&answer, session).await;
            recorded.push(desk.record(&to_sign, session, &to_sign.by_file(kari)).await);
        }
    }
    assert!(recorded.len() >= 3, "{recorded:?}");
    // One of them is rejected, for a reason that is none.
    let of_ola = desk.sign_in(ola).await;
    let token = desk.token(&of_ola).await;
    let form = [("token", token.as_str()), ("reason", EVIL)];
    let answer = desk.post(&format!("/proposals/{}/reject", recorded[0]), &of_ola, &form).await;
    let to_sign = desk.to_sign(&answer, &of_ola).await;
    desk.record(&to_sign, &of_ola, &to_sign.by_file(ola)).await;

    let mut pages: Vec<_> = recorded.iter().map(|seq| format!("/proposals/{seq}")).collect();
    pages.extend(
        [
            "/",
            "/proposals",
            "/search?q=9122334",
            "/person/9122334",
            "/person/9144889",
            "/officers",
            "/access-log",
            "/settings",
            "/figures",
        ]
        .map(ToOwned::to_owned),
    );
    let mut shown = 0;
    for path in pages {
        let page = desk.get(&path, &of_ola).await;
        let body = page.body.replace("&#60;", "<");
        shown += usize::from(body.contains("<img src=x"));
        for markup in ["<img src=x", "<script>alert", "</textarea><"] {
            assert!(!page.body.contains(markup), "{markup} in {path}");
        }
    }
    assert!(shown >= 3, "it was shown on {shown} pages");
}
