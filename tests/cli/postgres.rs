//! An office whose register is in PostgreSQL: a real server, real processes, several machines.

use std::{collections::BTreeSet, fs, process::Stdio};

use serde_json::Value;

use crate::{
    place::{OLA, Place, copy_folder, files_in, issuer_program, now, number, today},
    postgres_server::{PASSWORD, Server, server},
};

/// Moves the demonstration's office to PostgreSQL, as docs/OFFICE.md says. Returns the URL.
pub(crate) fn moved(server: &Server, place: &Place) -> String {
    let url = server.url(&server.data_base());
    place.issuer(&["register", "copy", "--to", &url]).done();
    set_register(place, Some(&url));
    for file in files_in(&place.path("demo/office"))
        .iter()
        .filter(|file| file.starts_with("register.sqlite"))
    {
        fs::remove_file(place.path(&format!("demo/office/{file}"))).expect("it is there");
    }
    url
}

pub(crate) fn set_register(place: &Place, url: Option<&str>) {
    let mut settings: Value =
        serde_json::from_str(&place.read("demo/office/office.json")).expect("settings");
    match url {
        Some(url) => settings["register"] = url.into(),
        None => drop(settings.as_object_mut().expect("settings").remove("register")),
    }
    place.write("demo/office/office.json", settings.to_string());
}

fn application(place: &Place, person: u32) -> String {
    let file = format!("{person}.json");
    place.write(
        &file,
        place.read("demo/application.json").replace("9144889", &(1_000_000 + person).to_string()),
    );
    file
}

#[test]
fn an_office_moves_to_postgresql_and_back() {
    let Some(server) = server() else { return };
    let place = Place::with_demo();
    let url = moved(server, &place);
    place.both(&["grant", &application(&place, 1)]).done();
    let until = today().plus_months(2).to_string();
    place.both(&["suspend", number(), "--until", &until]).done();
    place.publish();
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "suspended");
    place.issuer(&["due"]).done();
    place.issuer(&["audit"]).done();

    let list = place.issuer_json(&["list"]);
    // A backup is an SQLite file, wherever the register is.
    let copied = place.issuer_json(&["register", "backup", "backup.sqlite"]);
    assert_eq!(copied["certificates"], 2);
    place
        .issuer(&["register", "copy", "--from", "backup.sqlite", "--to", &url])
        .refused("register_exists");
    fs::rename(place.path("backup.sqlite"), place.path("demo/office/register.sqlite"))
        .expect("renamed");
    set_register(&place, None);
    place.issuer(&["audit"]).done();
    assert_eq!(
        place.issuer_json(&["list"]).as_array().map(Vec::len),
        list.as_array().map(Vec::len)
    );
    place.both(&["lift", number()]).done();
    place.publish();
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "authorised");
    // The register in PostgreSQL is now behind.
    set_register(&place, Some(&url));
    place.issuer(&["publish", "--out", "demo/publication"]).refused("register_behind");
}

#[test]
fn machines_that_work_at_once_never_give_out_a_number_or_a_slot_twice() {
    let Some(server) = server() else { return };
    let mut place = Place::with_demo();
    moved(server, &place);
    let machines = ["machine-1", "machine-2", "machine-3"];
    for machine in machines {
        copy_folder(&place.path("demo/office"), &place.path(machine));
    }
    let start = |(person, machine): (u32, &&str)| {
        let seq =
            place.issuer_json(&["propose", "grant", &application(&place, person)])["proposal"]
                .to_string();
        let mut command = place.command(issuer_program());
        command.env("VERNET_OFFICE", machine).args([
            "approve",
            &seq,
            "--officer-key",
            OLA,
            "--json",
        ]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    };
    let running: Vec<_> = (0..12).zip(machines.iter().cycle()).map(start).collect();
    let (mut numbers, mut certificates) = (BTreeSet::new(), Vec::new());
    for process in running {
        let output = process.wait_with_output().expect("one's own child can be waited for");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(
            numbers.insert(answer["certificate_number"].to_string()),
            "a number was given out twice"
        );
        certificates.push(answer["certificate"].as_str().expect("a certificate").to_owned());
    }
    // Whichever machine publishes, all decisions are included, and time goes forward.
    let mut last = None;
    for machine in machines {
        place.set("VERNET_OFFICE", machine);
        let listed = place.issuer_json(&["list"]);
        let listed = listed.as_array().expect("a list");
        let slots: BTreeSet<_> =
            listed.iter().map(|one| one["claims"]["status"].to_string()).collect();
        assert_eq!((listed.len(), slots.len()), (13, 13));
        let answer = place.issuer_json(&["publish", "--out", "demo/publication"]);
        let iat: vernet_common::NumericDate =
            answer["iat"].as_str().expect("an instant").parse().expect("an instant");
        assert!(last < Some(iat) && iat <= now());
        last = Some(iat);
    }
    for (place_of_file, certificate) in certificates.iter().enumerate() {
        let file = format!("{place_of_file}.jwt");
        place.write(&file, certificate);
        assert_eq!(place.verdict(&file), "authorised");
    }
}

#[test]
fn an_office_is_made_on_postgresql_whole_or_not_at_all() {
    let Some(server) = server() else { return };
    let place = Place::with_demo();
    let url = server.url(&server.data_base());
    let init = |office: &str, url: &str| {
        place.issuer(&[
            "--office",
            office,
            "init",
            "--iss",
            "https://perfusionist.example.no",
            "--verification-page",
            "https://verify.example.no/v",
            "--roots",
            "demo/roots.json",
            "--founder",
            "Kari Nordmann",
            "demo/officers/kari.pub",
            "--founder",
            "Ola Nordmann",
            "demo/officers/ola.pub",
            "--register",
            url,
        ])
    };
    init("second", &url).done();
    assert!(!place.path("second/register.sqlite").exists());
    place.issuer(&["--office", "second", "keys", "list"]).done();
    init("third", &url).refused("register_exists");
    init("third", "postgres://vernet@127.0.0.1:1/none").refused("register_unreachable");
    let secret = format!("postgres://vernet:s3cret@127.0.0.1:{}/postgres", server.port());
    let run = init("third", &secret);
    run.refused("register_unreachable");
    assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    let run = init("third", "postgres://vernet:s3cret@db.example.no/office");
    run.refused("register_url");
    assert!(run.stderr.contains("sslrootcert") && !run.stderr.contains("s3cret"), "{}", run.stderr);
    assert!(!place.path("third").exists(), "nothing is left behind");

    // With the password in the environment, so that it is in no file.
    let mut place = place;
    place.set("PGPASSWORD", PASSWORD);
    let address = format!(
        "postgres://vernet@127.0.0.1:{}/{}",
        server.port(),
        url.rsplit_once('/').expect("a URL").1
    );
    let settings = place.read("second/office.json").replace(&url, &address);
    place.write("second/office.json", settings);
    place.issuer(&["--office", "second", "keys", "list"]).done();
}

#[test]
fn a_dump_is_a_backup_and_half_a_restore_is_none() {
    let Some(server) = server() else { return };
    let place = Place::with_demo();
    let url = moved(server, &place);
    let run = |name: &str, arguments: &[&str]| {
        let output = server
            .program(name)
            .args(arguments)
            .current_dir(place.path("."))
            .output()
            .expect("a program of the server");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run("pg_dump", &["--format=custom", "--schema=vernet", "--file=register.dump", &url]);
    let list = place.issuer_json(&["list"]);
    let restored = server.url(&server.data_base());
    run("pg_restore", &["--dbname", &restored, "register.dump"]);
    set_register(&place, Some(&restored));
    assert_eq!(place.issuer_json(&["list"])[0]["claims"], list[0]["claims"]);
    place.both(&["grant", &application(&place, 1)]).done();
    place.publish();

    let half = server.url(&server.data_base());
    run(
        "pg_restore",
        &["--dbname", &half, "--section=pre-data", "--section=data", "register.dump"],
    );
    set_register(&place, Some(&half));
    fs::remove_file(place.path("demo/office/high-water.json")).expect("a mark");
    let refused = place.issuer(&["list"]);
    refused.refused("register_unfinished");
    assert!(refused.stderr.contains("statement_appends"), "{}", refused.stderr);
    // The register can still be copied in full.
    place.issuer(&["register", "copy", "--to", "saved.sqlite"]).done();
}

/// What somebody does who only reads, and what it says beside the office's own machine.
fn everything_can_be_read(place: &Place, expected: &[(Vec<&str>, Value)]) {
    for (arguments, answer) in expected {
        assert_eq!(&place.issuer_json(arguments), answer, "{arguments:?}");
    }
    place.issuer(&["audit"]).done();
}

/// The answers of the office's own machine.
fn read_everything(place: &Place) -> Vec<(Vec<&'static str>, Value)> {
    let until = today().plus_months(2).to_string();
    let proposed = place.issuer_json(&["propose", "suspend", number(), "--until", &until]);
    let proposal = proposed["proposal"].to_string().leak();
    let known: &str = now().to_string().leak();
    [
        &["list", "--known", known][..],
        &["show", number(), "--known", known],
        &["history", number()],
        &["due"],
        &["proposals"],
        &["review", proposal],
    ]
    .map(|arguments| (arguments.to_vec(), place.issuer_json(arguments)))
    .to_vec()
}

/// The same URL for another user of the data base.
fn as_user(url: &str, user: &str) -> String {
    url.replace("postgres://vernet@", &format!("postgres://{user}@"))
}

#[test]
fn an_account_that_may_only_read_reads_and_a_missing_grant_is_named() {
    let Some(server) = server() else { return };
    let place = Place::with_demo();
    let url = moved(server, &place);
    let expected = read_everything(&place);
    let data_base = url.rsplit('/').next().expect("a name");
    let mut owner = server.client(data_base);
    let role = format!("auditor_{data_base}");
    owner.batch_execute(&format!("CREATE ROLE {role} LOGIN")).expect("a role");
    set_register(&place, Some(&as_user(&url, &role)));
    let refused = place.issuer(&["list"]);
    refused.refused("register_denied");
    assert!(refused.stderr.contains("GRANT USAGE ON SCHEMA vernet"), "{refused:?}");

    let grant = format!(
        "GRANT USAGE ON SCHEMA vernet TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA vernet TO {role}"
    );
    owner.batch_execute(&grant).expect("granted");
    everything_can_be_read(&place, &expected);
    let refused = place.issuer(&["propose", "revoke", number()]);
    refused.refused("register_denied");
    assert!(refused.stderr.contains("GRANT SELECT, INSERT"), "{refused:?}");

    // A register of an earlier version, which this user may not bring up to date.
    owner
        .batch_execute(
            "DROP TABLE vernet.incoming_alert; DELETE FROM vernet.version WHERE version > 1",
        )
        .expect("as it was");
    everything_can_be_read(&place, &expected[..1]);
    owner.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).expect("gone");
}

#[test]
fn a_hot_standby_can_be_read_and_audited() {
    let Some(server) = server() else { return };
    let place = Place::with_demo();
    let url = moved(server, &place);
    let expected = read_everything(&place);
    let standby = server.standby();
    let data_base = url.rsplit('/').next().expect("a name");
    set_register(&place, Some(&standby.url(data_base)));
    everything_can_be_read(&place, &expected);
    for decision in [&["propose", "revoke", number()][..], &["publish", "--out", "elsewhere"]] {
        place.issuer(decision).refused("register_read_only");
    }
}
