//! A password in the publication's URL: it goes to the server there, and nowhere else.

use std::{fs, path::Path};

use crate::{
    hospital::Hospital,
    publisher::{Publisher, json, ok, response},
    serving::{Serving, until},
};

const SECRET: &str = "hemmelig";

const USER: &str = "lesebruker";

/// Both of them.
const HEADER: &str = "authorization: Basic bGVzZWJydWtlcjpoZW1tZWxpZw==";

fn with_password(publisher: &Publisher) -> String {
    publisher.url().replace("http://", &format!("http://{USER}:{SECRET}@"))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths
        .flat_map(
            |path| if path.is_dir() { files(&path) } else { vec![fs::read(path).expect("a file")] },
        )
        .collect()
}

#[track_caller]
fn assert_not_in(texts: &[Vec<u8>]) {
    for text in texts {
        let text = String::from_utf8_lossy(text);
        assert!(!text.contains(SECRET) && !text.contains(USER), "{text}");
    }
}

#[test]
fn the_server_sends_it_and_shows_it_nowhere() {
    let hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let url = with_password(&publisher);
    let server = Serving::from(&hospital, &url, &["--refresh", "1"]);
    until("the lists are there", || server.code(&hospital.office.link()) == "authorised");
    let head = publisher.heads().swap_remove(0);
    assert!(head.iter().any(|line| line.eq_ignore_ascii_case(HEADER)), "{head:?}");
    // A redirect to the full address of the same host is followed, with the password.
    let target = format!("{}/elsewhere", publisher.url());
    let bundle = json(&hospital.office.bundle());
    let asked = publisher.requests();
    publisher.answer_each_by(move |path| match path.ends_with("elsewhere") {
        true => ok(&bundle),
        false => {
            let redirect = format!("Location: {target}\r\nContent-Length: 0\r\n");
            response("302 Found", &redirect, b"")
        }
    });
    server.wait_for_refresh("unchanged");
    let heads = publisher.heads().split_off(asked);
    let sent = |head: &Vec<String>| head.iter().any(|line| line.eq_ignore_ascii_case(HEADER));
    assert!(heads.iter().all(sent), "{heads:?}");
    publisher.answer(response("401 Unauthorized", "Content-Length: 0\r\n", b""));
    server.wait_for_refresh("failed");
    let paths =
        ["/metrics", "/readyz", "/openapi.json", "/docs", "/v1/publication/bundle.json", "/v/"];
    let answers = paths.map(|path| server.get(path).body);
    assert!(server.log().contains("fetching `http://127.0.0.1:"), "{}", server.log());
    assert_not_in(&answers);
    assert_not_in(&[server.log().into_bytes()]);
    assert_not_in(&files(&hospital.path("state")));
}

#[test]
fn neither_settings_nor_help_nor_sync_show_it() {
    let hospital = Hospital::with_pinned_office();
    let publisher = Publisher::of(&hospital.office.bundle());
    let url = with_password(&publisher);
    hospital.write("settings.toml", format!("publication = \"{url}\"\n"));
    let mut shown = Vec::new();
    let mut note = |run: crate::hospital::Run| {
        shown.extend([run.stdout.into_bytes(), run.stderr.into_bytes()]);
    };
    note(hospital.run(&["serve", "--config", "settings.toml", "--check-config"]).done());
    let mut help = hospital.command(&["serve", "--help"]);
    let help = help.env("VERNET_VERIFIER_PUBLICATION", &url).output().expect("it runs");
    assert!(help.status.success());
    note(hospital.run(&["sync", &url]).done());
    note(hospital.run(&["trust", "list"]).done());
    note(hospital.run(&["trust", "list", "--json"]).done());
    publisher.answer(Vec::new());
    let run = hospital.run(&["sync", &url]);
    run.failed("bundle.json");
    note(run);
    // The `/` should have been written `%2F`.
    let run = hospital.run(&["sync", &url.replace(SECRET, "hemmelig/x")]);
    run.failed("not percent-encoded");
    note(run);
    note(hospital.run(&["page", "export", "page", "--roots", "roots.json", "--publication", &url]));
    shown.push(help.stdout);
    assert_not_in(&shown);
    assert_not_in(&files(&hospital.path("state")));
}
