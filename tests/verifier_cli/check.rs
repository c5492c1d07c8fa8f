//! `check`: every form of input, its exit status and its JSON.

use vernet_common::Status;

use crate::{
    hospital::{FILES, Hospital, now},
    office::DAY,
    picture::{jpeg, picture, png},
};

#[test]
fn every_form_that_people_have_gets_the_same_verdict() {
    let hospital = Hospital::new();
    let (text, link) = (hospital.office.text(), hospital.office.link());
    let digits = link.split_once('#').expect("a link has digits").1.to_owned();
    let drawing = picture(&[&link]);
    hospital.write("code.png", png(&drawing));
    hospital.write("photo.jpeg", jpeg(&drawing));
    hospital.write("digits.txt", &digits);
    hospital.write("broken.txt", format!(" {}\r\n{}\n", &text[..70], &text[70..]));
    let files = [
        "certificate.jwt",
        "certificate.url",
        "code.png",
        "photo.jpeg",
        "digits.txt",
        "broken.txt",
    ];
    for input in
        files.into_iter().chain([text.as_str(), text.trim_end_matches('~'), &link, &digits])
    {
        assert_eq!(hospital.verdict(input), "authorised", "{input}");
    }
    for input in
        [text.as_bytes(), link.as_bytes(), digits.as_bytes(), &png(&drawing), &jpeg(&drawing)]
    {
        let run =
            hospital.run_with(&[&["check", "--json", "-"][..], &FILES].concat(), input).done();
        assert_eq!(
            (&run.json()["code"], &run.json()["input"]),
            (&"authorised".into(), &"-".into())
        );
    }
}

#[test]
fn several_inputs_get_a_verdict_each_and_the_worst_decides_the_exit_status() {
    let hospital = Hospital::new();
    let run = hospital
        .run(&[&["check", "--json", "certificate.jwt", "certificate.url"][..], &FILES].concat())
        .done();
    assert_eq!(codes(&run.stdout), ["authorised", "authorised"]);
    hospital.write("junk.txt", "hello");
    let run = hospital.run(
        &[&["check", "--json", "certificate.jwt", "junk.txt", "certificate.url"][..], &FILES]
            .concat(),
    );
    assert_eq!(
        (run.code, codes(&run.stdout)),
        (Some(1), ["authorised", "malformed", "authorised"].map(Into::into).into())
    );
    let run = hospital.run(
        &[&["check", "--json", "junk.txt", "no-such-file", "certificate.url"][..], &FILES].concat(),
    );
    assert_eq!(
        (run.code, codes(&run.stdout)),
        (Some(2), ["malformed", "authorised"].map(Into::into).into())
    );
    assert!(run.stderr.contains("no-such-file"), "{}", run.stderr);

    let run = hospital.run(&[&["check", "certificate.jwt", "junk.txt"][..], &FILES].concat());
    let names: Vec<_> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with("certificate") || line.starts_with("junk"))
        .collect();
    assert_eq!(names, ["certificate.jwt", "junk.txt"], "{}", run.stdout);
}

#[test]
fn several_codes_in_one_picture_are_all_checked_and_posters_are_not() {
    let mut hospital = Hospital::new();
    let link = hospital.office.link();
    let mut other = Hospital::new();
    other.office.certificate.certificate_number = "NO-PE-2026-000124".parse().expect("a number");
    hospital.office.after.push(other.office.signed_certificate().as_str().to_owned());
    hospital.publish();
    hospital.write("two.png", png(&picture(&[&link, &other.office.link()])));
    let run = hospital.run(&[&["check", "--json", "two.png"][..], &FILES].concat()).done();
    assert_eq!(codes(&run.stdout), ["authorised", "authorised"]);
    hospital.write("poster.png", png(&picture(&["https://hospital.example/menu", &link])));
    assert_eq!(hospital.verdict("poster.png"), "authorised");
    hospital.write("poster.png", png(&picture(&["https://hospital.example/menu"])));
    assert_eq!(hospital.verdict("poster.png"), "malformed");
}

#[test]
fn the_exit_status_is_0_for_accepted_1_for_anything_else_and_2_if_it_could_not_run() {
    let mut hospital = Hospital::new();
    for (status, code, exit) in [
        (Status::Valid, "authorised", 0),
        (Status::Conditions, "authorised_with_conditions", 0),
        (Status::Suspended, "suspended", 1),
        (Status::Invalid, "revoked", 1),
    ] {
        hospital.office.set_status(status);
        hospital.publish();
        let run = hospital.run(&[&["check", "certificate.jwt"][..], &FILES].concat());
        assert_eq!(
            (run.code, run.stdout.contains(&format!("[{code}]"))),
            (Some(exit), true),
            "{run:?}"
        );
    }
    for usage in [
        &["check"][..],
        &["check", "x", "--at", "yesterday"],
        &["no-such-command"],
        &["check", "x", "--max-status-age", "0"],
    ] {
        assert_eq!(hospital.run(usage).code, Some(2), "{usage:?}");
    }
    assert_eq!(hospital.run(&["--help"]).code, Some(0));
}

#[test]
fn the_json_has_these_fields_and_no_others() {
    let hospital = Hospital::new();
    let object =
        hospital.run(&[&["check", "--json", "certificate.jwt"][..], &FILES].concat()).done().json();
    let mut fields = [
        "input",
        "verdict",
        "code",
        "as_of",
        "checked_at",
        "status_age_s",
        "certificate",
        "title",
        "cause",
        "advice",
        "office",
    ];
    fields.sort_unstable();
    let names = |object: &serde_json::Value| {
        object.as_object().expect("an object").keys().cloned().collect::<Vec<_>>()
    };
    let mut found = names(&object);
    found.sort();
    assert_eq!(found, fields);
    assert_eq!(
        (&object["input"], &object["verdict"]),
        (&"certificate.jwt".into(), &"accepted".into())
    );
    assert_eq!(object["as_of"], hospital.office.status_claims.iat.to_string());
    let age = object["status_age_s"].as_i64().expect("a status was consulted");
    assert!((3600..3700).contains(&age), "{age}");
    assert_eq!(
        object["certificate"],
        serde_json::to_value(&hospital.office.certificate).expect("claims are JSON")
    );
    assert!(object["cause"].is_null());

    hospital.write("junk.txt", "hello");
    let object = hospital.run(&[&["check", "--json", "junk.txt"][..], &FILES].concat()).json();
    let mut found = names(&object);
    found.sort();
    assert_eq!(found, fields, "also without a certificate");
    assert_eq!(
        (&object["verdict"], &object["cause"]["code"]),
        (&"refused".into(), &"input_unrecognised".into())
    );
    assert!(object["certificate"].is_null() && object["status_age_s"].is_null());
}

#[test]
fn at_judges_as_of_another_time() {
    let hospital = Hospital::new();
    let at = |time: &str| {
        hospital.verdict_from("certificate.jwt", &[&FILES[..], &["--at", time]].concat())
    };
    assert_eq!(at(&now().to_string()), "authorised");
    assert_eq!(at(&now().plus_seconds(2 * DAY).to_string()), "status_stale");
    assert_eq!(at(&now().plus_seconds(81 * DAY).to_string()), "trust_list_expired");
    assert_eq!(at(&now().plus_seconds(-DAY).to_string()), "clock_behind");
    assert_eq!(at("2070-01-01"), "expired");
    let late = now().plus_seconds(2 * DAY).to_string();
    let patient = [&FILES[..], &["--at", &late, "--max-status-age", "72"]].concat();
    assert_eq!(hospital.verdict_from("certificate.jwt", &patient), "authorised");
}

#[test]
fn a_trust_list_that_soon_runs_out_is_warned_of() {
    let hospital = Hospital::new();
    let late = now().plus_seconds(75 * DAY).to_string();
    let run = hospital.run(&[&["check", "certificate.jwt", "--at", &late][..], &FILES].concat());
    assert!(run.stderr.contains("expires in"), "{run:?}");
    assert!(
        !hospital
            .run(&[&["check", "certificate.jwt"][..], &FILES].concat())
            .stderr
            .contains("warning")
    );
}

#[test]
fn what_holds_no_certificate_is_told_with_the_cause() {
    let hospital = Hospital::new();
    hospital.write("empty.txt", "");
    hospital.write("binary.bin", [0xff, 0x01, 0x00, 0x80]);
    hospital.write("long.txt", "eyJ".repeat(10_000));
    // An unreadable picture says nothing about the certificate that it may show.
    hospital.write("no-code.png", png(&picture(&[])));
    hospital.write("cut.png", &png(&picture(&[&hospital.office.link()]))[..400]);
    hospital.write("cut.jpeg", b"\xff\xd8\xff\xe0");
    for (input, code, cause) in [
        ("empty.txt", "unreadable", "file_empty"),
        ("binary.bin", "unreadable", "kind_not_read"),
        ("long.txt", "unreadable", "input_too_large"),
        ("no-code.png", "unreadable", "photo_no_qr"),
        ("cut.png", "unreadable", "photo_unreadable"),
        ("cut.jpeg", "unreadable", "photo_unreadable"),
        ("https://hospital.example/#menu", "malformed", "link_without_digits"),
    ] {
        let run = hospital.run(&[&["check", "--json", input][..], &FILES].concat());
        assert_eq!(
            (run.code, run.json()["code"].as_str()),
            (Some(1), Some(code)),
            "{input}: {run:?}"
        );
        assert_eq!(run.json()["cause"]["code"], cause, "{input}");
    }
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    let hospital = Hospital::new();
    let check = |input: &str| hospital.run(&[&["check", input][..], &FILES].concat());
    check("no-such-file.jwt").failed("neither a file nor a certificate");
    check(".").failed("neither a file nor a certificate");
    let huge = std::fs::File::create(hospital.path("huge.png")).expect("a new file");
    huge.set_len((24 << 20) + 1).expect("a file may have a hole");
    check("huge.png").failed("huge.png");
    let run =
        hospital.run_with(&[&["check", "-"][..], &FILES].concat(), &vec![b'1'; (24 << 20) + 1]);
    run.failed("standard input has more than");
}

fn codes(lines: &str) -> Vec<String> {
    let code = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).expect("one object per line");
        object["code"].as_str().expect("a code").to_owned()
    };
    lines.lines().map(code).collect()
}
