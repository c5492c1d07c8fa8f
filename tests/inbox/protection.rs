//! What protects browsers, and what a stranger gets from paths and forms.

use crate::client::{File, HOST, ORIGIN, Server, borrowed};

#[test]
fn every_answer_forbids_scripts_frames_and_keeping_and_sets_no_cookie() {
    let server = Server::start();
    let code = server.apply();
    let answers = [
        server.get("/nb/"),
        server.get("/nb/apply"),
        server.get("/nb/status"),
        server.post("/nb/status", &[("code", &code.text())]),
        server.post("/nb/status", &[("code", "wrong")]),
        server.get("/no/such/page"),
        server.get("/letter/nothing"),
        server.post("/nb/apply", &[]),
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("script-src"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{}", answer.head);
        }
        assert_eq!(answer.header("set-cookie"), None);
        assert!(!answer.body.contains("<script") && !answer.body.contains(" style=\""));
    }
}

#[test]
fn forms_of_other_sites_and_other_names_are_refused() {
    let server = Server::start();
    let body = "code=x";
    let post = |host: &str, headers: &str| {
        server
            .send(
                format!("POST /nb/status HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
                    .as_bytes(),
            )
            .status
    };
    let own = format!("Origin: {ORIGIN}\r\n");
    assert_eq!(post(HOST, &own), 422, "the code is wrong, the form is not");
    assert_eq!(post(HOST, ""), 403);
    assert_eq!(post(HOST, "Origin: https://evil.example\r\n"), 403);
    assert_eq!(post(HOST, "Origin: null\r\n"), 403);
    assert_eq!(post(HOST, &format!("{own}Sec-Fetch-Site: cross-site\r\n")), 403);
    assert_eq!(post("evil.example", &own), 421);
    assert_eq!(post(HOST, &format!("{own}Host: evil.example\r\n")), 421);
}

#[test]
fn paths_lead_nowhere_else() {
    let server = Server::start();
    for path in [
        "/static/../inbox.json",
        "/static/..%2f..%2finbox.json",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/incoming/",
        "/receipts/",
        "/nb/../../etc/passwd",
        "/nb%00/",
        "/sv/",
        "/nb/apply/../../x",
        "/letter/",
        "/letter/..%2f..%2finbox.pub",
        "/letter/%ff%fe",
        "/.git/config",
    ] {
        let answer = server.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.body.contains("root:") && !answer.body.contains("example.no\""), "{path}");
    }
    let with = |method: &str| {
        let request = format!(
            "{method} /nb/apply HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {ORIGIN}\r\nConnection: close\r\n\r\n"
        );
        server.send(request.as_bytes()).status
    };
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "FOO"] {
        assert!(matches!(with(method), 400 | 403 | 404 | 405), "{method}: {}", with(method));
    }
}

#[test]
fn what_people_type_is_text_and_never_markup() {
    let server = Server::start();
    let evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";
    let fields = server.filled_in(&[("school", evil)]);
    assert!(fields.contains(&("school".to_owned(), evil.to_owned())), "{fields:?}");
    let right = [("title", "perfusionist"), ("kind", "authorisation"), ("basis", "norwegian_exam")];
    for field in [
        "given_name",
        "family_name",
        "birthdate",
        "hpr_number",
        "school",
        "mail",
        "kind",
        "title",
        "step",
        "back",
        "code",
        "text",
    ] {
        let page =
            server.post("/nb/apply", &[&right[..], &[("step", "person"), (field, evil)]].concat());
        assert!(!page.body.contains("<img src=x") && !page.body.contains("<script"), "{field}");
    }
    let page = server.post("/nb/status", &[("code", evil)]);
    assert!(!page.body.contains("<img src=x") && !page.body.contains("onerror"));
    let mut again = borrowed(&fields);
    again.push(("text", evil));
    // Without documents it comes back, with the text.
    let back = server.upload("/nb/send", &again, &[]);
    assert!(
        back.status == 422
            && back.body.contains("&#60;script&#62;")
            && !back.body.contains("<script")
    );
    let file = File { field: evil, name: evil, bytes: b"x".to_vec() };
    let sent = server.upload("/nb/send", &borrowed(&fields), &[file, File::pdf("diploma")]);
    assert!(!sent.body.contains("<img src=x") && !sent.body.contains("<script"));
}

#[test]
fn nothing_of_an_application_is_on_the_disk_in_clear() {
    let server = Server::start();
    server.apply();
    let mut looked_at = 0;
    let mut folders = vec![server.root.path().join("inbox")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("readable");
            looked_at += 1;
            for words in ["Ingrid", "degård", "1990", "9144900", "Fjordheim", "ingrid@", "%PDF"] {
                let found = bytes.windows(words.len()).any(|part| part == words.as_bytes());
                assert!(!found, "{words} in {}", path.display());
            }
        }
    }
    assert!(looked_at >= 2, "{looked_at}");
}
