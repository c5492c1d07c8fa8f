//! An office whose newest register is lost, and which goes on from an old backup: what hospitals
//! know is taken back from the last publication, and they notice nothing.

use std::fs;

use serde_json::Value;
use vernet_common::TrustAnchor;

use crate::place::{OLA, Place, Run, copy_folder, number, today};
#[cfg(feature = "postgres")]
use crate::{
    postgres::{moved, set_register},
    postgres_server::server,
};

/// A hospital that has pinned the office's roots, and keeps what it has seen.
struct Hospital<'a> {
    place: &'a Place,
    name: &'static str,
}

impl<'a> Hospital<'a> {
    fn new(place: &'a Place, name: &'static str) -> Self {
        let anchor = TrustAnchor::from_json(place.read("demo/roots.json").as_bytes());
        let fingerprint: String =
            anchor.expect("roots").fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
        let hospital = Self { place, name };
        hospital.run(&["trust", "add", "demo/roots.json", "--fingerprint", &fingerprint]).done();
        hospital
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.place.command(crate::place::verifier_program());
        Run::of(command.env("VERNET_VERIFIER_STATE", self.place.path(self.name)).args(arguments))
    }

    /// The code of the verdict by what was fetched.
    fn verdict(&self, certificate: &str) -> String {
        let object = self.run(&["check", certificate, "--json"]).json();
        object["code"].as_str().expect("a verdict has a code").to_owned()
    }
}

/// The office before and after: what was issued by then.
struct Story {
    place: Place,
    /// The certificates of B and C, which are in the backup.
    b: Value,
    c: Value,
    /// Those that are lost: the new one of C, and that of D.
    new_c: Value,
    d: Value,
}

impl Story {
    /// A, B and C are granted, and everything is copied. Then A is revoked, B suspended, C issued
    /// anew, D granted, and all of it published.
    fn until_the_loss(prepare: impl FnOnce(&Place)) -> Self {
        let place = Place::with_demo();
        prepare(&place);
        let b = place.decide(&["grant", &application(&place, "b", 1)]);
        let c = place.decide(&["grant", &application(&place, "c", 2)]);
        place.publish();
        place.issuer(&["register", "backup", "backup.sqlite"]).done();
        copy_folder(&place.path("demo/office"), &place.path("backup"));
        let until = today().plus_months(2).to_string();
        place.both(&["revoke", number()]).done();
        place.both(&["suspend", &numbered(&b), "--until", &until]).done();
        let new_c = place.decide(&["reissue", &numbered(&c), "--because", "lost_print"]);
        let d = place.decide(&["grant", &application(&place, "d", 3)]);
        place.publish();
        for (name, answer) in [("b", &b), ("c", &c), ("new-c", &new_c), ("d", &d)] {
            place.write(
                &format!("{name}.jwt"),
                answer["certificate"].as_str().expect("a certificate"),
            );
        }
        Self { place, b, c, new_c, d }
    }

    /// The folder of the office is that of the backup, with everything in it.
    fn lose(&self) {
        fs::remove_dir_all(self.place.path("demo/office")).expect("the office burns down");
        copy_folder(&self.place.path("backup"), &self.place.path("demo/office"));
    }

    /// What hospitals answer about A, B, the old and the new certificate of C, and D.
    fn verdicts(&self, hospital: &Hospital<'_>) -> [String; 5] {
        let of_a = format!("demo/certificates/{}.jwt", number());
        [&of_a[..], "b.jwt", "c.jwt", "new-c.jwt", "d.jwt"].map(|file| hospital.verdict(file))
    }

    /// Puts what a hospital gets on a stick where it gets it: the bundle alone.
    fn carry(&self, publication: &str) {
        let _ = fs::remove_dir_all(self.place.path("stick"));
        fs::create_dir(self.place.path("stick")).expect("a stick");
        let bundle = self.place.path(&format!("{publication}/bundle.json"));
        fs::copy(bundle, self.place.path("stick/bundle.json")).expect("it is copied");
    }
}

fn application(place: &Place, name: &str, person: u32) -> String {
    let file = format!("{name}.json");
    let hpr = (1_000_000 + person).to_string();
    place.write(&file, place.read("demo/application.json").replace("9144889", &hpr));
    file
}

fn numbered(answer: &Value) -> String {
    answer["certificate_number"].as_str().expect("a certificate has a number").to_owned()
}

const BEFORE: [&str; 5] = ["revoked", "suspended", "revoked", "authorised", "authorised"];

/// What happens without a restore: the failing state that the rest of this file is about.
#[test]
fn an_old_register_makes_hospitals_raise_the_alarm_and_would_take_revocations_back() {
    let story = Story::until_the_loss(|_| ());
    let hospital = Hospital::new(&story.place, "hospital");
    hospital.run(&["sync", "demo/publication"]).done();
    assert_eq!(story.verdicts(&hospital), BEFORE);
    story.lose();
    let over = story.place.issuer(&["publish", "--out", "demo/publication"]);
    over.refused("register_behind_publication");
    assert!(over.stderr.contains("register restore"), "what to do: {}", over.stderr);
    story.place.issuer(&["publish", "--out", "elsewhere"]).done();
    let alarm = hospital.run(&["sync", "elsewhere"]);
    assert!(alarm.code != Some(0) && alarm.stderr.contains("log_shrunk"), "{alarm:?}");
    // Somebody who has not seen the office before is told that A is authorised.
    let newcomer = Hospital::new(&story.place, "newcomer");
    newcomer.run(&["sync", "elsewhere"]).done();
    assert_eq!(
        story.verdicts(&newcomer),
        ["authorised", "authorised", "authorised", "not_issued", "not_issued"]
    );
}

/// The whole of it, wherever the register lies.
fn goes_on_without_an_alarm(story: &Story, lose: impl FnOnce()) {
    let place = &story.place;
    let (online, offline) = (Hospital::new(place, "online"), Hospital::new(place, "offline"));
    online.run(&["sync", "demo/publication"]).done();
    story.carry("demo/publication");
    offline.run(&["sync", "stick"]).done();
    for hospital in [&online, &offline] {
        assert_eq!(story.verdicts(hospital), BEFORE);
    }
    lose();

    let proposed = place
        .issuer(&["register", "restore", "--from-publication", "demo/publication", "--json"])
        .done()
        .json();
    let lost = &proposed["lost"];
    assert_eq!(lost["certificates"], 2, "{proposed:#}");
    let told: Vec<_> = lost["told"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            [&one["certificate_number"], &one["hospitals"], &one["register"]]
                .map(|text| text.as_str().expect("a text").to_owned())
        })
        .collect();
    let expected = [
        (number(), "invalid"),
        (&numbered(&story.b), "suspended"),
        (&numbered(&story.c), "invalid"),
    ];
    assert_eq!(told, expected.map(|(number, status)| [number, status, "valid"].map(str::to_owned)));
    let seq = proposed["proposal"].to_string();

    // Meanwhile nothing is issued and nothing published: it would be another log.
    let e = application(place, "e", 4);
    let granted = place.issuer(&["propose", "grant", &e]).done();
    let grant = granted.stdout.split([' ', ':']).nth(1).expect("a number").to_owned();
    place.approve(&grant).refused("restore_pending");
    place.issuer(&["publish", "--out", "elsewhere"]).refused("restore_pending");

    let review = place.issuer(&["review", &seq]).done().stdout;
    for told in [
        "certificates that this register does not hold: 2",
        "hospitals were told `invalid`, and the register says `valid`",
        "officers",
    ] {
        assert!(review.contains(told), "{told} in {review}");
    }
    assert!(review.contains(number()), "{review}");
    place.issuer(&["approve", &seq]).refused("same_officer");
    let approved = place.approve(&seq).done();
    assert!(approved.stdout.contains("vernet-issuer due"), "{}", approved.stdout);
    place.publish();
    story.carry("demo/publication");
    online.run(&["sync"]).done();
    offline.run(&["sync", "stick"]).done();
    for hospital in [&online, &offline] {
        assert_eq!(story.verdicts(hospital), BEFORE);
    }

    let due = place.issuer(&["due"]).done().stdout;
    let of_a = due.lines().find(|line| line.contains("lost decision") && line.contains(number()));
    let of_a = of_a.unwrap_or_else(|| panic!("A is due: {due}"));
    for told in ["OVERDUE  lost decision", "propose revoke", "propose lift"] {
        assert!(of_a.contains(told), "{told} in {of_a}");
    }
    assert!(!due.contains("paper missing"), "nobody decided anew yet: {due}");
    // What was lost is decided anew: A is revoked as before, and B and C are given back.
    place.both(&["revoke", number()]).done();
    place.both(&["lift", &numbered(&story.b)]).done();
    place.both(&["lift", &numbered(&story.c)]).done();
    let due = place.issuer(&["due"]).done().stdout;
    assert!(!due.contains("lost decision"), "{due}");
    let missing: Vec<_> = due.lines().filter(|line| line.contains("paper missing")).collect();
    assert!(missing.len() == 1 && missing[0].contains(&numbered(&story.c)), "{due}");
    let newest_c = place.decide(&["reissue", &numbered(&story.c), "--because", "correction"]);
    let granted = place.issuer(&["approve", &grant, "--officer-key", OLA, "--json"]).done().json();
    // Neither a number nor a slot is given out twice.
    let serial = |answer: &Value| numbered(answer)[11..].parse::<u32>().expect("a serial number");
    let lost = [&story.d, &story.new_c].map(serial);
    for new in [&newest_c, &granted] {
        assert!(lost.iter().all(|lost| serial(new) > *lost), "{new:#}");
    }
    let list = |answer: &Value| {
        place.issuer_json(&["show", &numbered(answer)])["claims"]["status"]["status_list"]["uri"]
            .clone()
    };
    assert_ne!(list(&granted), list(&story.b), "a list that may hold lost certificates is closed");
    place.publish();
    story.carry("demo/publication");
    place.write("e.jwt", granted["certificate"].as_str().expect("a certificate"));
    place.write("newest-c.jwt", newest_c["certificate"].as_str().expect("a certificate"));
    online.run(&["sync"]).done();
    offline.run(&["sync", "stick"]).done();
    for hospital in [&online, &offline] {
        assert_eq!(
            story.verdicts(hospital),
            ["revoked", "authorised", "revoked", "authorised", "authorised"]
        );
        assert_eq!(hospital.verdict("e.jwt"), "authorised");
        assert_eq!(hospital.verdict("newest-c.jwt"), "authorised");
    }
    // D loses the right: the office has no number of that certificate, only what D shows.
    let revoke = ["propose", "revoke-lost", "d.jwt", "--json"];
    let proposed = place.issuer(&revoke).done().json();
    let seq = proposed["proposal"].to_string();
    let review = place.issuer(&["review", &seq]).done().stdout;
    let holder = format!("certificate: {}", numbered(&story.d));
    assert!(review.contains("to revoke a certificate that was lost"), "{review}");
    assert!(review.contains(&holder) && review.contains("holder: "), "{review}");
    place.approve(&seq).done();
    place.issuer(&revoke[..3]).refused("lost_revoked_before");
    place.issuer(&["propose", "revoke-lost", "newest-c.jwt"]).refused("certificate_not_lost");
    place.publish();
    online.run(&["sync"]).done();
    assert_eq!(online.verdict("d.jwt"), "revoked");
    place.issuer(&["audit"]).done();
    // Everything is known again.
    place
        .issuer(&["register", "restore", "--from-publication", "demo/publication"])
        .refused("nothing_lost");
}

#[test]
fn a_restored_office_goes_on_and_its_hospitals_notice_nothing() {
    let story = Story::until_the_loss(|_| ());
    goes_on_without_an_alarm(&story, || story.lose());
}

#[test]
#[cfg(feature = "postgres")]
fn so_it_does_where_the_register_is_in_postgresql() {
    let Some(server) = server() else { return };
    let story = Story::until_the_loss(|place| drop(moved(server, place)));
    goes_on_without_an_alarm(&story, || {
        story.lose();
        let url = server.url(&server.data_base());
        let copy = ["register", "copy", "--from", "backup.sqlite", "--to", &url];
        story.place.issuer(&copy).done();
        set_register(&story.place, Some(&url));
    });
}
