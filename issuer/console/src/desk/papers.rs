//! Documents that decisions rest on, and letters, as they are: opened in the browser, away from
//! everything else. They come from strangers, so nothing in them may run or reach anything.

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use vernet_common::{CertificateNumber, HprNumber};
use vernet_issuer::{Office, Subject};
use vernet_register::{Digest, Document, Event, State, Statement};

use super::{
    guard::{Desk, PEOPLE},
    problem::Trouble,
};

/// A document of a proposal, as a page names it.
pub(super) struct Paper {
    pub(super) proposal: u64,
    pub(super) name: String,
    pub(super) sha256: String,
    /// What is wrong with it: the path of the words.
    pub(super) fault: Option<&'static str>,
}

impl Paper {
    /// A document, looked at in the office's folder.
    pub(super) fn of(office: &Office, proposal: u64, document: &Document) -> Self {
        let checked = office.documents().check_one(document);
        Self::checked(proposal, document, checked.err().map(|error| error.code()))
    }

    /// A document that was looked at; `fault` is the code of what is wrong with it.
    pub(super) fn checked(proposal: u64, document: &Document, fault: Option<&str>) -> Self {
        Self {
            proposal,
            name: document.name.clone(),
            sha256: document.sha256.to_string(),
            fault: fault.map(|code| match code {
                "document_missing" => "document.missing",
                _ => "document.changed",
            }),
        }
    }
}

/// A document of a proposal, by the hash that both officers sign.
pub(super) async fn document(desk: Desk, Path((seq, sha256)): Path<(String, String)>) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let seq: u64 = seq.parse().map_err(|_| Trouble::NotFound)?;
        let sha256 = Digest::try_from(sha256).map_err(|_| Trouble::NotFound)?;
        let state = office.register().state();
        let (statement, document) = find(state, seq, sha256).ok_or(Trouble::NotFound)?;
        let people = people(state, statement, desk);
        for hpr in &people {
            desk.note("document", Some(*hpr), None)?;
        }
        if people.is_empty() {
            desk.note("document", None, None)?;
        }
        let documents = office.documents();
        documents.check_one(document)?;
        let path = documents.path(document);
        let bytes = std::fs::read(&path).map_err(|source| vernet_issuer::Error::Io {
            action: "read",
            path,
            source,
        })?;
        Ok(send(&document.name, bytes))
    })
    .await
}

fn find(state: &State, seq: u64, sha256: Digest) -> Option<(&Statement, &Document)> {
    let statement = state.statement(seq).ok()?;
    let Event::Proposed(proposal) = &statement.event else { return None };
    let document = proposal.documents.iter().find(|document| document.sha256 == sha256)?;
    Some((statement, document))
}

/// The people whom a proposal is about.
pub(super) fn people(state: &State, statement: &Statement, desk: &Desk) -> Vec<HprNumber> {
    let subjects = match &statement.event {
        Event::Proposed(proposal) => Subject::of(state, proposal, desk.now),
        event => Subject::holders(state, Subject::certificates(state, event, desk.now)),
    };
    let numbers = subjects.into_iter().filter_map(|subject| match subject {
        Subject::Person { hpr_number, .. } => Some(hpr_number),
        _ => None,
    });
    numbers.collect()
}

/// The letter of a certificate.
pub(super) async fn letter(desk: Desk, Path(number): Path<String>) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let number: CertificateNumber = number.parse().map_err(|_| Trouble::NotFound)?;
        let claims = office.register().state().certificate(number)?.claims;
        desk.note("letter", Some(claims.hpr_number), None)?;
        let pdf = draw(office, number, desk)?;
        Ok(send(&format!("{number}.pdf"), pdf))
    })
    .await
}

#[cfg(feature = "pdf")]
fn draw(office: &Office, number: CertificateNumber, desk: &Desk) -> Result<Vec<u8>, Trouble> {
    let release = office.release(number, desk.now)?;
    let letter = vernet_issuer::letter(&release, release.language(), desk.now);
    Ok(letter.map_err(vernet_issuer::Error::from)?)
}

#[cfg(not(feature = "pdf"))]
fn draw(_: &Office, _: CertificateNumber, _: &Desk) -> Result<Vec<u8>, Trouble> {
    Err(vernet_issuer::Error::FeatureMissing { feature: "pdf" }.into())
}

/// The letter about a decision, or about what is proposed.
pub(super) async fn decision_letter(desk: Desk, Path(seq): Path<String>) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let seq: u64 = seq.parse().map_err(|_| Trouble::NotFound)?;
        let state = office.register().state();
        for hpr in people(state, state.statement(seq)?, desk) {
            desk.note("letter", Some(hpr), None)?;
        }
        let pdf = office.decision_letter(seq, None, desk.now)?;
        Ok(send(&format!("vedtak-{seq}.pdf"), pdf))
    })
    .await
}

/// What a browser shows by itself. Everything else is offered for saving: a page in HTML would be shown
/// as one of ours.
fn shown_as(bytes: &[u8]) -> Option<&'static str> {
    let kind = infer::get(bytes).map(|kind| kind.mime_type());
    match kind {
        Some("application/pdf") => Some("application/pdf"),
        Some("image/png") => Some("image/png"),
        Some("image/jpeg") => Some("image/jpeg"),
        None if is_text(bytes) => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_plain))
}

pub(super) fn send(name: &str, bytes: Vec<u8>) -> Response {
    let media_type = shown_as(&bytes);
    let how = if media_type.is_some() { "inline" } else { "attachment" };
    // RFC 6266: no letter of the name can end the parameter.
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = format!("{how}; filename*=UTF-8''{name}");
    // The reader of PDFs of some browsers does not run in a sandbox; a PDF is no page of ours there.
    let policy = match media_type {
        Some("application/pdf") => {
            "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
        }
        _ => "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    };
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type.unwrap_or("application/octet-stream")),
        ),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).expect("it is ASCII")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_run_is_shown() {
        assert_eq!(shown_as(b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(shown_as(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(shown_as("Et vitnemål\n".as_bytes()), Some("text/plain; charset=utf-8"));
        for hostile in [
            &b"<!doctype html><script>alert(1)</script>"[..],
            b"<html><body onload=alert(1)>",
            b"PK\x03\x04",
            b"\x7fELF",
        ] {
            assert_eq!(shown_as(hostile), None, "{hostile:?}");
        }
        let svg =
            send("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec());
        let shown = svg.headers()[header::CONTENT_TYPE].to_str().expect("a text");
        assert!(shown.starts_with("text/plain") || shown == "application/octet-stream", "{shown}");
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        let sent = send("a\"; filename=evil.html\r\nSet-Cookie: x=1", b"text".to_vec());
        let disposition = sent.headers()[header::CONTENT_DISPOSITION].to_str().expect("a text");
        assert!(
            !disposition.contains('"') && !disposition.contains("evil.html\r"),
            "{disposition}"
        );
        assert_eq!(sent.headers().get_all(header::SET_COOKIE).iter().count(), 0);
    }
}
