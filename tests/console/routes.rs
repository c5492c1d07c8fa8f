//! Every path of the console, for every role and for nobody, and with forged forms. The paths are
//! read from the sources, so that none is forgotten.

use std::{collections::BTreeSet, fs, path::Path};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;
use vernet_common::SecretKey;
use vernet_register::Role;

use crate::{
    deciding::parts,
    desk::{Answer, Desk, ORIGIN, with_form},
};

/// Whom a path is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum For {
    /// Whoever asks, also without a session.
    Anybody,
    /// Whoever is signed in.
    Officers,
    /// Officers with one of these roles.
    Roles(&'static [Role]),
    /// Officers with one of these roles, as the register says when it is asked to decide.
    Deciders(&'static [Role]),
}

use For::{Anybody, Deciders, Officers, Roles};

const PEOPLE: &[Role] = &[Role::Grant, Role::Supervise, Role::Administer];
const CASES: &[Role] = &[Role::Grant, Role::Supervise];
const GRANTING: &[Role] = &[Role::Grant];
const PUBLISHERS: &[Role] = &[Role::Publish];
const ADMINISTRATORS: &[Role] = &[Role::Administer];

/// Each method and path, and whom it is for. A new path must be entered here.
const PATHS: [(&str, &str, For); 65] = [
    ("POST", "/applications/check", Roles(CASES)),
    ("POST", "/applications/draft", Roles(CASES)),
    // Only the officer's own.
    ("POST", "/applications/draft/{token}/forget", Officers),
    ("GET", "/ceremony", Officers),
    ("POST", "/ceremony", Roles(ADMINISTRATORS)),
    ("GET", "/ceremony/draft.json", Officers),
    ("GET", "/import", Roles(GRANTING)),
    ("POST", "/import", Roles(GRANTING)),
    ("GET", "/import/{token}", Roles(GRANTING)),
    ("POST", "/import/{token}/columns", Roles(GRANTING)),
    // Only what the officer uploaded.
    ("POST", "/import/{token}/discard", Officers),
    ("POST", "/import/{token}/mend", Roles(GRANTING)),
    ("POST", "/import/{token}/propose", Roles(GRANTING)),
    ("GET", "/inbox", Roles(CASES)),
    ("POST", "/inbox/{receipt}/answers", Roles(CASES)),
    ("GET", "/inbox/{receipt}/answers/{number}", Roles(CASES)),
    ("POST", "/inbox/{receipt}/delete", Roles(CASES)),
    ("GET", "/inbox/{receipt}/sent/{name}", Roles(CASES)),
    ("GET", "/print", Roles(CASES)),
    ("POST", "/print", Roles(CASES)),
    ("GET", "/proposals/{seq}/carry-out", Roles(PEOPLE)),
    ("GET", "/proposals/{seq}/carry-out/events", Officers),
    ("POST", "/proposals/{seq}/carry-out/next", Roles(GRANTING)),
    ("POST", "/proposals/{seq}/carry-out/sign", Roles(GRANTING)),
    ("GET", "/proposals/{seq}/rows", Roles(PEOPLE)),
    ("GET", "/publish", Officers),
    ("POST", "/publish", Roles(PUBLISHERS)),
    ("GET", "/", Officers),
    ("GET", "/access-log", Roles(ADMINISTRATORS)),
    ("GET", "/applications/new", Roles(CASES)),
    ("POST", "/applications/new", Roles(CASES)),
    ("GET", "/audit", Officers),
    ("POST", "/audit", Officers),
    ("GET", "/audit/events", Officers),
    ("GET", "/certificate/{number}/decide", Roles(CASES)),
    ("POST", "/certificate/{number}/decide", Roles(CASES)),
    ("GET", "/certificate/{number}/letter", Roles(PEOPLE)),
    ("GET", "/decision/{seq}/letter", Roles(PEOPLE)),
    ("GET", "/documents/{seq}/{sha256}", Roles(PEOPLE)),
    ("GET", "/figures", Officers),
    ("GET", "/figures.csv", Officers),
    ("GET", "/keys", Officers),
    ("POST", "/keys", Officers),
    ("GET", "/language/{code}", Anybody),
    ("GET", "/officers", Officers),
    ("GET", "/officers/enrol", Roles(ADMINISTRATORS)),
    ("POST", "/officers/enrol", Roles(ADMINISTRATORS)),
    ("POST", "/officers/{kid}/end", Roles(ADMINISTRATORS)),
    ("GET", "/person/{hpr}", Roles(PEOPLE)),
    ("GET", "/proposals", Officers),
    ("GET", "/proposals/{seq}", Roles(PEOPLE)),
    ("POST", "/proposals/{seq}/approve", Deciders(&[Role::Supervise])),
    ("POST", "/proposals/{seq}/reject", Deciders(&[Role::Supervise])),
    ("GET", "/rules", Officers),
    ("GET", "/search", Roles(PEOPLE)),
    ("GET", "/settings", Officers),
    ("GET", "/sign-in", Anybody),
    ("POST", "/sign-in", Anybody),
    ("POST", "/sign-out", Officers),
    ("GET", "/sign/{token}", Officers),
    ("POST", "/sign/{token}", Officers),
    ("POST", "/sign/{token}/again", Officers),
    ("GET", "/static/{name}", Anybody),
    ("HEAD", "/", Officers),
    ("HEAD", "/person/{hpr}", Roles(PEOPLE)),
];

/// The methods and paths in the sources: `.route("PATH", get(…).post(…))`.
fn in_sources() -> BTreeSet<(String, String)> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let desk = fs::read_dir(sources.join("desk")).expect("a folder");
    let files = desk.map(|file| file.expect("a file").path());
    let mut found = BTreeSet::new();
    for file in files.chain([sources.join("web/static_files.rs")]) {
        let text = fs::read_to_string(&file).expect("a source");
        for route in text.split(".route(").skip(1) {
            let path = route.trim_start().trim_start_matches('"').split('"').next();
            let path = path.expect("a path").to_owned();
            // Up to the end of the call.
            let mut depth = 1;
            let end = route.find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            let call = &route[..end.expect("it is closed")];
            let before = found.len();
            for method in ["get", "post", "put", "delete", "patch", "any"] {
                let named = [format!(" {method}("), format!(".{method}("), format!("::{method}(")];
                if named.iter().any(|named| call.contains(named.as_str())) {
                    found.insert((method.to_uppercase(), path.clone()));
                }
            }
            assert!(found.len() > before, "which method has {path} in {}?", file.display());
        }
    }
    found
}

#[test]
fn no_path_is_forgotten() {
    let known: BTreeSet<_> = PATHS
        .iter()
        .filter(|(method, ..)| *method != "HEAD")
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    let found = in_sources();
    let missing: Vec<_> = found.difference(&known).collect();
    assert!(missing.is_empty(), "enter in `PATHS` whom these are for: {missing:?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these are no paths any more: {gone:?}");
}

/// A path with somebody and something in it that there is.
fn filled(desk: &Desk, path: &str) -> String {
    let office = desk.office();
    let (_, proposal) = office.register().state().open_proposal(desk.proposal).expect("there");
    let kid = vernet_common::Signer::public_key(&desk.publisher).kid();
    let seq = match path.starts_with("/decision/") {
        true => desk.granted,
        false => desk.proposal,
    };
    path.replace("/answers/{number}", "/answers/1")
        .replace("{number}", &desk.number.to_string())
        .replace("{seq}", &seq.to_string())
        .replace("{sha256}", &proposal.documents[0].sha256.to_string())
        .replace("{kid}", &kid.to_string())
        .replace("{hpr}", "9144889")
        .replace("{token}", &"A".repeat(43))
        .replace("{code}", "nn")
        .replace("{name}", "style.css")
        .replace("{receipt}", &"B".repeat(32))
}

/// How a browser could send a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sent {
    Form,
    Filed,
    Script,
}

const WAYS: [Sent; 3] = [Sent::Form, Sent::Filed, Sent::Script];

/// Where a request says it comes from.
#[derive(Clone, Copy)]
struct From<'a> {
    origin: Option<&'a str>,
    site: Option<&'a str>,
    token: Option<&'a str>,
}

/// Sends something to a path, one way or another.
async fn send(desk: &Desk, path: &str, session: &str, way: Sent, from: From<'_>) -> Answer {
    let sha256 = desk.office().register().state().hash(desk.proposal).expect("there").to_string();
    let mut fields = vec![("sha256", sha256.as_str()), ("reason", "No."), ("act", "lift")];
    if path == "/print" {
        fields.extend([("numbers", ""), ("what", "recipients")]);
    }
    if let Some(token) = from.token {
        fields.insert(0, ("token", token));
    }
    let mut request = match way {
        Sent::Form => with_form(Request::post(path), session, &fields),
        Sent::Filed => desk.filing(path, session, &parts(&fields, &[])),
        Sent::Script => {
            let mut request = Request::post(path)
                .header(header::HOST, "localhost:8480")
                .header(header::COOKIE, session)
                .header(header::CONTENT_TYPE, "application/json");
            if let Some(token) = from.token {
                request = request.header("x-form-token", token);
            }
            let body = match path {
                "/keys" => json!({ "credential_id": "AA", "spki": "AA" }),
                path if path.starts_with("/applications/") => json!({ "fields": {} }),
                path if path.starts_with("/inbox/") => json!({ "number": 1, "sealed": "AA" }),
                _ => json!({ "signatures": [] }),
            };
            request.body(Body::from(body.to_string())).expect("a request")
        }
    };
    let headers = request.headers_mut();
    headers.remove(header::ORIGIN);
    if let Some(origin) = from.origin {
        headers.insert(header::ORIGIN, origin.parse().expect("a header"));
    }
    if let Some(site) = from.site {
        headers.insert("sec-fetch-site", site.parse().expect("a header"));
    }
    desk.send(request).await
}

const OWN: From<'_> = From { origin: Some(ORIGIN), site: Some("same-origin"), token: None };

#[tokio::test]
async fn no_form_of_another_page_is_taken_on_any_path() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[1]).await;
    let other = desk.sign_in(&desk.officers[0]).await;
    let (token, others) = (desk.token(&session).await, desk.token(&other).await);
    let before = desk.recorded();
    let own = From { token: Some(&token), ..OWN };
    for (method, path, whom) in PATHS.iter().filter(|(method, ..)| *method == "POST") {
        let path = filled(&desk, path);
        for way in WAYS {
            for (why, from) in [
                ("no token", OWN),
                ("an empty token", From { token: Some(""), ..OWN }),
                ("the token of another session", From { token: Some(&others), ..OWN }),
                ("no origin", From { origin: None, site: None, ..own }),
                ("another site", From { origin: Some("https://evil.example"), ..own }),
                ("a sandboxed page", From { origin: Some("null"), ..own }),
                ("another port", From { origin: Some("http://localhost:8481"), ..own }),
                ("they contradict", From { site: Some("cross-site"), ..own }),
            ] {
                // Signing in has no session whose token it could carry.
                let foreign = from.site.is_none_or(|site| site != "same-origin")
                    || from.origin != Some(ORIGIN);
                if *whom == Anybody && !foreign {
                    continue;
                }
                let answer = send(&desk, &path, &session, way, from).await;
                let refused = answer.status.is_client_error();
                assert!(refused, "{method} {path} as {way:?}, {why}: {}", answer.status);
                if foreign {
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}, {why}");
                }
            }
        }
    }
    assert_eq!(desk.get("/", &session).await.status, StatusCode::OK, "still signed in");
    assert_eq!(desk.recorded(), before, "nothing was recorded");
}

#[tokio::test]
async fn a_path_is_open_to_its_roles_and_to_nobody_else() {
    let desk = Desk::new();
    let key = |seed| SecretKey::from_seed(&[seed; 32]);
    let officers =
        [(41, Role::Grant), (42, Role::Supervise), (43, Role::Publish), (44, Role::Administer)];
    for (seed, role) in officers {
        let name = format!("Alene {}", role.word());
        desk.enrol(&name, vernet_common::Signer::public_key(&key(seed)).into(), &[role]);
    }
    let before = desk.recorded();
    for (seed, role) in officers {
        let session = desk.sign_in(&key(seed)).await;
        for (method, path, whom) in PATHS {
            let path = filled(&desk, path);
            if path == "/sign-out" || path == "/sign-in" {
                continue;
            }
            let answer = ask(&desk, method, &path, &session).await;
            let open = match whom {
                Anybody | Officers => true,
                Roles(roles) | Deciders(roles) => roles.contains(&role),
            };
            let what = format!("{method} {path} by {role:?}: {}", answer.status);
            if open {
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "{what} {}", answer.body);
                assert!(!answer.header("location").starts_with("/sign-in"), "{what}");
            } else {
                assert!(!answer.header("location").starts_with("/sign/"), "{what}");
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what} {}", answer.body);
                for personal in ["Østlyngen", "9144889", "1984"] {
                    assert!(!answer.body.contains(personal), "{what} shows {personal}");
                }
            }
        }
    }
    assert_eq!(desk.recorded(), before, "nothing was recorded");
}

/// Asks as a page of the console does: forms in the way that the path takes.
async fn ask(desk: &Desk, method: &str, path: &str, session: &str) -> Answer {
    if method != "POST" {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8480")
            .header(header::COOKIE, session)
            .header(header::ACCEPT_LANGUAGE, "en");
        return desk.send(request.body(Body::empty()).expect("a request")).await;
    }
    let token = desk.token(session).await;
    let way = match path {
        "/applications/new" | "/officers/enrol" | "/ceremony" | "/import" => Sent::Filed,
        path if path.ends_with("/decide") => Sent::Filed,
        "/keys" | "/applications/check" | "/applications/draft" => Sent::Script,
        path if path.starts_with("/sign/") || path.contains("/carry-out/") => Sent::Script,
        path if path.starts_with("/inbox/") && path.ends_with("/answers") => Sent::Script,
        _ => Sent::Form,
    };
    send(desk, path, session, way, From { token: Some(&token), ..OWN }).await
}

#[tokio::test]
async fn nobody_gets_anything_on_any_path_without_a_session() {
    let desk = Desk::new();
    let before = desk.recorded();
    for (method, path, _) in PATHS.iter().filter(|(.., whom)| *whom != Anybody) {
        let path = filled(&desk, path);
        for session in ["", "session=", "session=AAAA", "session=a; session=b"] {
            if *method == "POST" {
                for way in WAYS {
                    let from = From { token: Some("AAAA"), ..OWN };
                    let answer = send(&desk, &path, session, way, from).await;
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} as {way:?}");
                }
                continue;
            }
            let answer = desk.get(&path, session).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.header("location").starts_with("/sign-in"), "{path}");
            assert!(answer.body.is_empty(), "{path}");
        }
    }
    assert_eq!(desk.recorded(), before);
}
