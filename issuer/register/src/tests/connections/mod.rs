//! Connections that are cut, refused, too slow, or listened to: what the caller believes is what
//! happened.
//!
//! They run as `tests_on_postgres` only; a file has no connection.

mod proxy;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    thread,
};

use self::proxy::{Fate, Proxy};
use super::{
    place::{location, server},
    *,
};
use crate::{postgres_server::PASSWORD, storage::location::RegisterLocation};

/// An office whose register is reached through a proxy, and the proxy.
fn behind_a_proxy(seed: u64) -> Option<(Office, RegisterLocation, Proxy)> {
    let server = server()?;
    let mut o = Office::new();
    let RegisterLocation::Postgres(url) = o.place.register() else { return None };
    let (_, data_base) = url.expose().rsplit_once('/').expect("a URL");
    let proxy = Proxy::new(server.socket(), seed);
    let at = location(&format!("postgres://vernet@127.0.0.1:{}/{data_base}", proxy.port));
    o.register = Register::open(&at).expect("a register");
    Some((o, at, proxy))
}

/// How many certificates there really are.
fn certificates(o: &Office) -> usize {
    Register::open(&o.place.register()).expect("a register").state().certificates().count()
}

/// A proposal that waits for its approval.
fn proposed(o: &mut Office, hpr_number: &str) -> u64 {
    let proposal = Proposal::to_grant(application(json!({"hpr_number": hpr_number})));
    o.propose(proposal, &kari()).expect("proposed").seq
}

#[test]
fn a_decision_whose_answer_got_lost_is_found_and_not_made_twice() {
    let Some((mut o, _, proxy)) = behind_a_proxy(1) else { return };
    let proposal = proposed(&mut o, "1");
    proxy.set(Fate::AnswerIsLost);
    let issued =
        Issued::from(o.approve(proposal, &ola()).expect("it was recorded, and that was found out"));
    assert_eq!((proxy.cuts(), issued.claims.certificate_number.serial()), (1, 1));
    assert_eq!(certificates(&o), 1);
    assert_eq!(o.approve(proposal, &ola()).expect_err("twice").code(), "proposal_decided");
    assert_eq!(
        o.grant(json!({"hpr_number": "2"})).expect("a grant").claims.certificate_number.serial(),
        2
    );
}

#[test]
fn a_decision_that_never_arrived_was_not_made() {
    let Some((mut o, _, proxy)) = behind_a_proxy(2) else { return };
    let proposal = proposed(&mut o, "1");
    proxy.set(Fate::CommitIsLost);
    let error = o.approve(proposal, &ola()).expect_err("it never arrived");
    assert_eq!((proxy.cuts(), error.code()), (1, "connection_lost"));
    assert!(error.to_string().contains("nothing was recorded"), "{error}");
    assert_eq!(certificates(&o), 0);
    let issued = Issued::from(o.approve(proposal, &ola()).expect("again"));
    assert_eq!(issued.claims.certificate_number.serial(), 1);
}

#[test]
fn where_nobody_can_be_asked_nobody_claims_to_know() {
    let Some((mut o, _, proxy)) = behind_a_proxy(3) else { return };
    let proposal = proposed(&mut o, "1");
    proxy.set(Fate::AnswerIsLostForGood);
    let error = o.approve(proposal, &ola()).expect_err("nobody answers");
    assert_eq!(error.code(), "commit_unknown");
    assert!(
        error.to_string().contains("statement 4"),
        "after founding, proposal and status list: {error}"
    );
    // It was recorded, and the same register sees it once the server is back.
    assert_eq!(o.register.refresh().expect_err("still nobody").code(), "register_unreachable");
    proxy.set(Fate::Pass);
    o.register.refresh().expect("it is back");
    assert_eq!(o.register.state().certificates().count(), 1);
    assert_eq!(o.approve(proposal, &ola()).expect_err("twice").code(), "proposal_decided");
}

#[test]
fn a_copy_whose_answer_got_lost_is_there_whole_or_not_at_all() {
    let (Some((o, _, _)), Some(server)) = (behind_a_proxy(6), server()) else { return };
    for fate in [Fate::CommitIsLost, Fate::AnswerIsLost] {
        let data_base = server.data_base();
        let proxy = Proxy::new(server.socket(), 7);
        proxy.set(fate);
        let to = location(&format!("postgres://vernet@127.0.0.1:{}/{data_base}", proxy.port));
        assert_eq!(
            crate::copy(&o.place.register(), &to).expect_err("cut").code(),
            "create_unknown"
        );
        let again = crate::copy(&o.place.register(), &to);
        assert_eq!(again.is_ok(), fate == Fate::CommitIsLost, "{again:?}");
        assert_eq!(
            Register::open(&to).expect("a register").state().statements(),
            o.register.state().statements()
        );
    }
}

#[test]
fn a_session_that_the_server_ended_is_begun_anew() {
    let Some((mut o, at, _)) = behind_a_proxy(4) else { return };
    let Some(server) = server() else { return };
    let RegisterLocation::Postgres(url) = &at else { return };
    let (_, data_base) = url.expose().rsplit_once('/').expect("a URL");
    let end_all = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{data_base}'"
    );
    for person in 1..=3 {
        server.client("postgres").batch_execute(&end_all).expect("ended");
        o.grant(json!({"hpr_number": person.to_string()})).expect("on a new connection");
    }
    // In the middle of a decision: nothing of it stays.
    let proposal = proposed(&mut o, "4");
    let mut sign_and_lose = |claims: &CertificateClaims| {
        server.client("postgres").batch_execute(&end_all).expect("ended");
        sign(claims)
    };
    let refused = o.with(&mut sign_and_lose, |desk| desk.approve(proposal, &ola()));
    assert_eq!(refused.expect_err("cut").code(), "connection_lost");
    assert_eq!(certificates(&o), 3);
    let issued = Issued::from(o.approve(proposal, &ola()).expect("again"));
    assert_eq!(issued.claims.certificate_number.serial(), 4);
}

/// What became of one attempt.
#[derive(Debug)]
enum Outcome {
    Recorded(CertificateNumber),
    NotRecorded(&'static str),
    Unknown,
}

#[test]
fn machines_whose_connections_are_cut_at_random_lose_nothing_and_give_out_nothing_twice() {
    const MACHINES: u32 = 3;
    const GRANTS: u32 = 40;
    let Some((o, at, proxy)) = behind_a_proxy(5) else { return };
    let Some(server) = server() else { return };
    let RegisterLocation::Postgres(url) = &at else { return };
    let data_base = url.expose().rsplit_once('/').expect("a URL").1;
    let end_one = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{data_base}' ORDER BY random() LIMIT 1"
    );
    proxy.set(Fate::Chance(130));
    let machine = |machine: u32| {
        let (mut rng, data, now) =
            (ChaCha20Rng::from_seed([machine as u8; 32]), OfficeData::sample(), noon("2026-01-15"));
        let open = || {
            (0..100)
                .find_map(|_| Register::open(&at).ok())
                .expect("one of a hundred connections holds")
        };
        let documents = Documents::new(o.place.folder.path().join("documents"));
        let (mut register, mut outcomes) = (open(), BTreeMap::new());
        let (register, rng, data) = (&mut register, &mut rng, &data);
        let mut desk = Desk { register, rng, sign: &mut sign, data, documents, now };
        for person in machine * 1000 + 1..=machine * 1000 + GRANTS {
            if person % 8 == 0 {
                server.client("postgres").batch_execute(&end_one).expect("ended");
            }
            let proposal =
                Proposal::to_grant(application(json!({"hpr_number": person.to_string()})));
            let outcome = match desk
                .propose(proposal, &kari())
                .map(|proposed| desk.approve(proposed.seq, &ola()))
            {
                Ok(Ok(granted)) => {
                    Outcome::Recorded(Issued::from(granted).claims.certificate_number)
                }
                Ok(Err(Error::CommitUnknown { .. })) => Outcome::Unknown,
                // Every other error says that nothing was recorded.
                Ok(Err(error)) => {
                    let code = error.code();
                    assert!(
                        ["connection_lost", "register_unreachable", "register_busy"]
                            .contains(&code),
                        "{error:?}"
                    );
                    Outcome::NotRecorded(code)
                }
                Err(_) => Outcome::NotRecorded("not even proposed"),
            };
            outcomes.insert(person, outcome);
        }
        outcomes
    };
    let outcomes: BTreeMap<u32, Outcome> = thread::scope(|scope| {
        let machine = &machine;
        let machines: Vec<_> =
            (1..=MACHINES).map(|number| scope.spawn(move || machine(number))).collect();
        machines.into_iter().flat_map(|machine| machine.join().expect("no panic")).collect()
    });

    let register = Register::open(&o.place.register()).expect("the chain is whole");
    let (mut people, mut slots, mut numbers) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for certificate in register.state().certificates() {
        let claims = certificate.claims;
        assert!(numbers.insert(claims.certificate_number.serial()), "a number was given out twice");
        assert!(slots.insert(claims.status.status_list.idx), "a slot was given out twice");
        people.insert(claims.hpr_number.to_string(), claims.certificate_number);
    }
    assert_eq!(numbers, (1..=numbers.len() as u32).collect(), "no number is left out");
    let mut tally: BTreeMap<&str, u32> = BTreeMap::new();
    for (person, outcome) in &outcomes {
        let found = people.get(&person.to_string());
        let what = match outcome {
            Outcome::Recorded(number) => {
                assert_eq!(found, Some(number), "{person} was reported as recorded");
                "recorded"
            }
            Outcome::NotRecorded(code) => {
                assert_eq!(found, None, "{person} was reported as not recorded: {code}");
                code
            }
            Outcome::Unknown => "commit_unknown",
        };
        *tally.entry(what).or_default() += 1;
    }
    assert_eq!(outcomes.len() as u32, MACHINES * GRANTS);
    let cuts = proxy.cuts();
    assert!(cuts > 20 && tally["recorded"] > MACHINES * GRANTS / 3, "{cuts} cuts, {tally:?}");
    let _ = writeln!(std::io::stderr(), "cut connections: {cuts} cuts by the proxy, {tally:?}");
}

#[test]
fn who_waits_too_long_is_told_so() {
    let (o, Some(server)) = (Office::new(), server()) else { return };
    let RegisterLocation::Postgres(url) = o.place.register() else { return };
    let (_, data_base) = url.expose().rsplit_once('/').expect("a URL");
    let hasty = format!("{}?options=-c%20lock_timeout%3D50ms", server.url(data_base));
    let mut hasty = Office {
        register: Register::open(&location(&hasty)).expect("a register"),
        ..Office::new()
    };
    let mut o = o;
    let proposal = proposed(&mut o, "2");
    let mut sign = |claims: &CertificateClaims| {
        assert_eq!(
            hasty.grant(json!({"hpr_number": "1"})).expect_err("another one writes").code(),
            "register_busy"
        );
        super::sign(claims)
    };
    o.with(&mut sign, |desk| desk.approve(proposal, &ola())).expect("a grant");
    assert_eq!(
        hasty.grant(json!({"hpr_number": "1"})).expect("now").claims.certificate_number.serial(),
        2
    );
}

#[test]
fn an_officer_needs_no_right_but_to_read_and_to_append() {
    let (o, Some(server)) = (Office::new(), server()) else { return };
    let RegisterLocation::Postgres(url) = o.place.register() else { return };
    let (_, data_base) = url.expose().rsplit_once('/').expect("a URL");
    let mut owner = server.client(data_base);
    let role = format!("officer_{}", std::process::id());
    owner
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA vernet TO {role};
             GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA vernet TO {role};
             GRANT DELETE ON vernet.incoming_alert TO {role}"
        ))
        .expect("granted");
    let at = location(&server.url(data_base).replace("vernet@", &format!("{role}@")));
    let mut officer =
        Office { register: Register::open(&at).expect("a register"), ..Office::new() };
    officer.granted();
    // What is no part of the register can be replaced and purged.
    let mut alerts = officer.register.incoming_alerts();
    let alert = super::incoming::alert(serde_json::json!({}));
    for replaced in [0, 1] {
        assert_eq!(alerts.import(std::slice::from_ref(&alert)).expect("imported"), replaced);
    }
    alerts.purge(&alert.id).expect("purged");
    let RegisterLocation::Postgres(url) = at else { return };
    let mut client =
        postgres::Client::connect(url.expose(), postgres::NoTls).expect("a connection");
    for sql in [
        "DROP TRIGGER statement_remains ON vernet.statement",
        "DELETE FROM vernet.statement",
        "DROP SCHEMA vernet CASCADE",
    ] {
        assert!(client.batch_execute(sql).is_err(), "{sql}");
    }
}

#[test]
fn passwords_and_tls_are_checked_and_never_repeated() {
    let (o, Some(server)) = (Office::new(), server()) else { return };
    let RegisterLocation::Postgres(url) = o.place.register() else { return };
    let (_, data_base) = url.expose().rsplit_once('/').expect("a URL");
    let at = |user: &str, options: &str| {
        Register::open(&location(&format!(
            "postgres://{user}@localhost:{}/{data_base}{options}",
            server.port()
        )))
    };
    let password = PASSWORD.replace(' ', "%20");
    at(&format!("vernet:{password}"), "").expect("the right password");
    let error = at("vernet:s3cret", "").expect_err("the wrong password");
    assert_eq!(error.code(), "register_unreachable");
    assert!(error.to_string().contains("password authentication failed"), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    let passfile = o.place.folder.path().join("passfile");
    vernet_host::files::write_new_secret(
        &passfile,
        format!("localhost:*:*:vernet:{PASSWORD}\n").as_bytes(),
    )
    .expect("written");
    at("vernet", &format!("?passfile={}", passfile.display())).expect("the right password");

    let Some(certificate) = server.certificate() else {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "openssl is missing");
        return eprintln!("skipped: there is no openssl to make the server's certificate");
    };
    let tls =
        |file: &std::path::Path| format!("?sslmode=verify-full&sslrootcert={}", file.display());
    let register = at(&format!("vernet:{password}"), &tls(&certificate)).expect("over TLS");
    assert_eq!(register.state().statements(), o.register.state().statements());
    // The name in the certificate is another one.
    let elsewhere = format!(
        "postgres://vernet:{password}@127.0.0.1:{}/{data_base}{}",
        server.port(),
        tls(&certificate)
    );
    let error = Register::open(&location(&elsewhere)).expect_err("another name");
    assert_eq!(error.code(), "register_unreachable");
    // Nobody we trust vouches for it.
    let other = o.place.folder.path().join("other.pem");
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-keyout", "/dev/null", "-out"])
        .arg(&other)
        .output();
    assert!(made.is_ok_and(|made| made.status.success()), "openssl was there a moment ago");
    let error = at(&format!("vernet:{password}"), &tls(&other)).expect_err("another certificate");
    assert_eq!(error.code(), "register_unreachable");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn only_a_data_base_for_every_letter_becomes_a_register() {
    let Some(server) = server() else { return };
    let name = format!("latin_{}", std::process::id());
    let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'");
    server.client("postgres").batch_execute(&create).expect("a data base");
    let error = Register::create(&location(&server.url(&name))).expect_err("no Š in it");
    assert!(error.to_string().contains("LATIN1"), "{error}");
    // What is somebody else's is left alone.
    let name = server.data_base();
    server
        .client(&name)
        .batch_execute("CREATE SCHEMA vernet; CREATE TABLE vernet.mine (x int)")
        .expect("mine");
    let at = location(&server.url(&name));
    assert_eq!(Register::create(&at).expect_err("mine").code(), "register_exists");
    server.client(&name).batch_execute("DROP TABLE vernet.mine").expect("gone");
    Register::create(&at).expect("an empty schema will do");
}
