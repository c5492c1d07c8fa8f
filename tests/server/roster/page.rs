//! The report of the last check, for those with a token.

use super::{TOKEN, Ward};
use crate::{
    hospital::Hospital,
    serving::{Serving, until},
};

/// RFC 4648 section 4, as a browser does.
fn basic(pair: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("Basic ");
    for chunk in pair.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { letter.into() } else { '=' });
        }
    }
    text
}

fn watching(ward: &Ward) -> Serving {
    let server = ward.serve();
    until("it has looked", || server.metric("vernet_roster_checks_total{outcome=\"done\"}") > 0);
    server
}

#[test]
fn a_browser_with_a_token_as_password_sees_the_report() {
    let ward = Ward::new();
    let server = watching(&ward);
    let answer =
        server.ask("GET", "/roster", &[("Authorization", &basic(&format!("hr:{TOKEN}")))], b"");
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(answer.text().contains("Kari Nordmann") && answer.text().contains("staff.csv"));
    // The style is the one that the policy names: `openssl dgst -sha256 -binary | base64`.
    let (_, style) = answer.text().split_once("<style>").expect("a style");
    assert!(style.contains("</style>"));
    let json =
        server.ask("GET", "/v1/roster", &[("Authorization", &format!("Bearer {TOKEN}"))], b"");
    assert_eq!((json.status, json.header("cache-control")), (200, Some("no-store")));
    let json = json.json();
    assert_eq!(
        (&json["format"], &json["summary"]["accepted"]),
        (&"vernet-roster-report".into(), &3.into())
    );
}

#[test]
fn nobody_else_sees_anything() {
    let ward = Ward::new();
    let server = watching(&ward);
    for path in ["/roster", "/v1/roster"] {
        for value in [
            "",
            "Bearer wrong",
            "Basic",
            &basic("hr:wrong"),
            &basic(TOKEN),
            TOKEN,
            &format!("Digest {TOKEN}"),
        ] {
            let answer = server.ask("GET", path, &[("Authorization", value)], b"");
            answer.problem("unauthorized");
            assert!(!answer.text().contains("Kari"));
            let asks = answer.header("www-authenticate").expect("it says how");
            assert_eq!(asks.starts_with("Basic realm="), path == "/roster", "{asks}");
        }
        server.get(path).problem("unauthorized");
        server.get(&format!("{path}?token={TOKEN}")).problem("unauthorized");
    }
    assert!(!server.log().contains(TOKEN));
}

#[test]
fn the_personnel_department_may_have_tokens_of_its_own() {
    let ward = Ward::new();
    let other = "a-token-of-nobody-but-personnel";
    ward.hospital.write("hr-tokens", other);
    ward.configure("tokens = \"hr-tokens\"\n");
    let server = watching(&ward);
    let ask = |token: &str| {
        server.ask("GET", "/v1/roster", &[("Authorization", &format!("Bearer {token}"))], b"")
    };
    assert_eq!(ask(other).status, 200);
    ask(TOKEN).problem("unauthorized");
    let headers = [("Authorization", &*format!("Bearer {other}")), ("Content-Type", "text/plain")];
    server.ask("POST", "/v1/verify", &headers, b"1").problem("unauthorized");
}

#[test]
fn without_tokens_or_without_a_roster_there_is_no_page() {
    let ward = Ward::new();
    let settings = [
        "--roots",
        "roots.json",
        "--roster-staff",
        "staff.csv",
        "--publication",
        &ward.publisher.url(),
    ];
    let server = Serving::run(&ward.hospital, &settings);
    until("it has looked", || server.metric("vernet_roster_checks_total{outcome=\"done\"}") > 0);
    let with_a_token = |server: &Serving, path: &str| {
        server.ask("GET", path, &[("Authorization", "Bearer abc")], b"")
    };
    for path in ["/roster", "/v1/roster"] {
        let problem = with_a_token(&server, path).problem("not_found");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("no `tokens`")));
    }
    assert!(server.log().contains("its page is shown to nobody"));
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    for path in ["/roster", "/v1/roster"] {
        with_a_token(&server, path).problem("not_found");
    }
    server.get("/v1/roster").problem("unauthorized");
    assert!(!server.get("/metrics").text().contains("vernet_roster"));
}
