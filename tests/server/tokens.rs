//! Bearer tokens: they protect the API, and nothing else.

use crate::{hospital::Hospital, serving::Serving};

const TOKEN: &str = "9rJd0M-fbWr.x_Zt~8+/LkQ=";
const OTHER: &str = "another-token-of-a-ward-0001";

fn guarded() -> (Hospital, Serving) {
    let hospital = Hospital::with_pinned_office();
    hospital.write("tokens", format!("# the ward\n{TOKEN}\n\n  {OTHER}  \r\n"));
    let server = Serving::run(&hospital, &["--tokens", "tokens"]);
    (hospital, server)
}

#[test]
fn who_has_a_token_gets_an_answer() {
    let (hospital, server) = guarded();
    for value in [format!("Bearer {TOKEN}"), format!("bearer {OTHER}"), format!("BEARER {TOKEN}")] {
        let headers = [("Authorization", value.as_str()), ("Content-Type", "text/plain")];
        let answer = server.ask("POST", "/v1/verify", &headers, hospital.office.link().as_bytes());
        assert_eq!(answer.code(), "authorised");
        let headers = [("Authorization", value.as_str()), ("Content-Type", "application/x-ndjson")];
        assert_eq!(server.ask("POST", "/v1/verify/batch", &headers, b"1\n").status, 200);
    }
}

#[test]
fn who_has_none_gets_none() {
    let (_hospital, server) = guarded();
    let wrong = [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        &format!("Bearer {}", &TOKEN[..TOKEN.len() - 1]),
        &format!("Bearer {TOKEN}x"),
        &format!("Bearer  {TOKEN}"),
        &format!("Bearer {TOKEN} {OTHER}"),
        &format!("Basic {TOKEN}"),
        "Bearer # the ward",
        &format!("Bearer {}", TOKEN.to_lowercase()),
        TOKEN,
        "Bearer \u{e9}",
    ];
    for path in ["/v1/verify", "/v1/verify/batch"] {
        for value in wrong {
            let answer = server.ask(
                "POST",
                path,
                &[("Authorization", value), ("Content-Type", "text/plain")],
                b"1",
            );
            answer.problem("unauthorized");
            assert_eq!(
                (answer.status, answer.header("www-authenticate")),
                (401, Some("Bearer")),
                "{value}"
            );
        }
        server.ask("POST", path, &[("Content-Type", "text/plain")], b"1").problem("unauthorized");
        let in_the_path = format!("{path}?access_token={TOKEN}");
        server
            .ask("POST", &in_the_path, &[("Content-Type", "text/plain")], b"1")
            .problem("unauthorized");
    }
    assert!(!server.log().contains(TOKEN));
}

#[test]
fn the_page_and_the_lists_need_no_token() {
    let (_hospital, server) = guarded();
    for path in ["/v/", "/v1/publication/bundle.json", "/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
}

#[test]
fn a_file_of_tokens_that_lets_nobody_or_everybody_in_is_refused() {
    let hospital = Hospital::with_pinned_office();
    let with = |content: &[u8]| {
        hospital.write("tokens", content);
        hospital.run(&["serve", "--tokens", "tokens", "--check-config"])
    };
    with(b"").failed("there is no token in it, so nobody would be let in");
    with(b"# nothing\n").failed("there is no token in it");
    with(b"\n\nshort\n").failed("the token in line 3 has 5 characters, expected at least 20");
    with(b"a token of many characters\n")
        .failed("the token in line 1 has characters other than letters");
    with(b"\xff\xff").failed("it is not UTF-8");
    let run = hospital.run(&["serve", "--tokens", "missing", "--check-config"]);
    run.failed("reading the tokens `missing`");
    let run = with(b"secret-but-too-sho\n");
    assert!(!run.stderr.contains("secret"), "a token is not repeated: {}", run.stderr);
}
