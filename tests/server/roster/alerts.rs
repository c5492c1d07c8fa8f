//! What is told, and what is not.

use vernet_common::Status;

use super::{TOKEN, Ward, kinds, one};
use crate::{hospital::now, office::DAY, serving::until};

#[test]
fn first_it_tells_how_things_are_and_then_each_change_once() {
    let mut ward = Ward::new();
    ward.set(1, Status::Suspended);
    let server = ward.serve();
    until("it tells how things are", || ward.hook.messages().len() == 1);
    let first = ward.hook.messages().remove(0);
    assert_eq!(
        (&first["type"], &first["urgency"]),
        (&"roster.watched".into(), &"attention".into())
    );
    assert_eq!(first["data"]["summary"]["rows"], 3);
    let need = &first["data"]["need_attention"];
    assert_eq!((&need[0]["staff_id"], &need[0]["code"]), (&"102".into(), &"suspended".into()));
    assert_eq!(need.as_array().expect("people").len(), 1);

    ward.set(0, Status::Suspended);
    until("it tells of the suspension", || ward.hook.messages().len() == 2);
    let told = ward.hook.messages().remove(1);
    assert_eq!((&told["type"], &told["urgency"]), (&"roster.changed".into(), &"urgent".into()));
    assert_eq!(kinds(&told), one("101", "suspended"));
    let change = &told["data"]["changes"][0];
    assert_eq!(
        (&change["before"]["code"], &change["now"]["code"]),
        (&"authorised".into(), &"suspended".into())
    );
    assert_eq!((&change["line"], &change["name"]), (&2.into(), &"Kari Nordmann".into()));

    ward.set(0, Status::Valid);
    until("it tells of the end", || ward.hook.messages().len() == 3);
    let told = ward.hook.messages().remove(2);
    assert_eq!((kinds(&told), &told["urgency"]), (one("101", "lifted"), &"note".into()));

    // Nothing more, however often it looks.
    let checks = server.metric("vernet_roster_checks_total{outcome=\"done\"}");
    until("it has looked again", || {
        server.metric("vernet_roster_checks_total{outcome=\"done\"}") > checks + 1
    });
    assert_eq!(ward.hook.received().len(), 3);
    server.kill();
    // A restart is no news either.
    let server = ward.serve();
    until("it has looked again", || {
        server.metric("vernet_roster_checks_total{outcome=\"done\"}") > 1
    });
    assert_eq!(ward.hook.received().len(), 3);
}

#[test]
fn no_message_holds_a_birth_date_or_a_health_personnel_number() {
    let mut ward = Ward::new();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    ward.set(0, Status::Invalid);
    until("it is told", || ward.hook.messages().len() == 2);
    ward.hospital.write(
        "staff.csv",
        format!(
            "name,birthdate,certificate\nOla Hansen,1979-01-01,{}\n,1980-02-29,{}\n",
            ward.people[1].text(),
            ward.people[2].text()
        ),
    );
    until("the new table is told", || ward.hook.messages().len() == 3);
    for received in ward.hook.received() {
        for secret in ["1980-02-29", "1979-01-01", "9000001", "9000002", "9000003", "eyJ"] {
            assert!(!received.body.contains(secret), "{secret} in {}", received.body);
        }
    }
    for (place, text) in
        [("log", server.log()), ("metrics", server.get("/metrics").text().to_owned())]
    {
        for secret in
            ["Kari", "Nordmann", "Hansen", "\"101\"", "NO-PE-2026-0000", "1980-02-29", KEY_PART]
        {
            assert!(!text.contains(secret), "{secret} in the {place}");
        }
    }
}

const KEY_PART: &str = "MfKQ9r8G";

/// At night, when the lists run out, one message says so: nobody is woken for each person.
#[test]
fn old_lists_are_one_message_and_hide_no_change() {
    let mut ward = Ward::new();
    ward.hospital.office.status_claims.exp = now().plus_seconds(20);
    ward.publish();
    let server = ward.serve();
    until("it is watched", || ward.hook.of_type("roster.watched").len() == 1);
    until("the lists have run out", || !ward.hook.of_type("roster.not_known").is_empty());
    let told = ward.hook.of_type("roster.not_known").remove(0);
    assert_eq!(
        (&told["urgency"], &told["data"]["codes"][0]),
        (&"attention".into(), &"status_stale".into())
    );
    assert_eq!(told["data"]["summary"]["undetermined"], 3);
    assert_eq!(server.metric("vernet_roster_rows{outcome=\"undetermined\"}"), 3);
    server.kill();
    // Also after a restart.
    let server = ward.serve();
    until("it has looked again", || {
        server.metric("vernet_roster_checks_total{outcome=\"done\"}") > 1
    });
    assert_eq!(ward.hook.messages().len(), 2, "{:?}", ward.hook.messages());

    ward.hospital.office.status_claims.exp = now().plus_seconds(DAY);
    ward.set(2, Status::Suspended);
    until("what has changed meanwhile is told", || ward.hook.messages().len() == 4);
    assert_eq!(ward.hook.of_type("roster.known").len(), 1);
    assert_eq!(kinds(&ward.hook.of_type("roster.changed")[0]), one("103", "suspended"));
}

#[test]
fn a_roster_that_cannot_be_read_is_told_and_its_page_shows_nothing_old() {
    let ward = Ward::new();
    let server = ward.serve();
    let page =
        || server.ask("GET", "/v1/roster", &[("Authorization", &format!("Bearer {TOKEN}"))], b"");
    until("it is watched", || ward.hook.messages().len() == 1);
    assert_eq!(page().status, 200);
    ward.hospital.write("staff.csv", "Kari Nordmann,9144889\n");
    until("it is told", || ward.hook.messages().len() == 2);
    let told = ward.hook.messages().remove(1);
    assert_eq!(
        (&told["type"], &told["urgency"]),
        (&"roster.unreadable".into(), &"attention".into())
    );
    let reason = told["data"]["reason"].as_str().expect("a reason");
    assert!(reason.contains("`certificate`") && !reason.contains("Kari"), "{reason}");
    let problem = page().problem("roster_unreadable");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("`certificate`")));
    ward.write_table(&[0, 1]);
    until("the next is told", || ward.hook.messages().len() == 4);
    assert_eq!(ward.hook.of_type("roster.readable").len(), 1);
    assert_eq!(kinds(&ward.hook.of_type("roster.changed")[0]), one("103", "gone"));
    assert_eq!(page().status, 200);
}

#[test]
fn a_new_table_is_noticed_although_the_lists_are_the_same() {
    let ward = Ward::new();
    ward.configure_with("refresh = 3600\n", &ward.webhook());
    let _server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    ward.write_table(&[0, 2]);
    until("it is told", || ward.hook.messages().len() == 2);
    assert_eq!(kinds(&ward.hook.messages()[1]), one("102", "gone"));
}

/// A pager for the night wants what is urgent; who is new gets a picture of the whole.
#[test]
fn a_receiver_is_told_of_what_it_wants() {
    let mut ward = Ward::new();
    let pager = crate::receivers::Hook::new();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    server.kill();
    ward.configure(&format!(
        "{}[[roster.webhook]]\nname = \"pager\"\nurl = \"{}\"\nkey = \"key.txt\"\nurgency = \"urgent\"\n\
         [[roster.webhook]]\nname = \"new\"\nurl = \"{}\"\nkey = \"key.txt\"\n",
        ward.webhook(),
        pager.url(),
        ward.hook.url()
    ));
    let _server = ward.serve();
    until("the new one is told how things are", || ward.hook.of_type("roster.watched").len() == 2);
    ward.set(0, Status::Suspended);
    until("it is told", || ward.hook.of_type("roster.changed").len() == 1);
    until("the pager is told", || pager.messages().len() == 1);
    ward.set(0, Status::Valid);
    until("the end is told", || ward.hook.of_type("roster.changed").len() == 2);
    ward.set(0, Status::Invalid);
    until("the pager is told of what is worse", || pager.messages().len() == 2);
    let codes: Vec<_> = pager
        .messages()
        .iter()
        .map(|message| message["data"]["changes"][0]["now"]["code"].clone())
        .collect();
    assert_eq!(codes, ["suspended", "revoked"]);
}
