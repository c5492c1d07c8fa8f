//! Every message arrives, whatever happens to the server and to its receivers; a repeat is known by
//! its id.

use std::{thread, time::Duration};

use serde_json::Value;
use vernet_common::Status;

use super::{
    KEY, Ward, kinds,
    mail::{certificate, serve_trusting},
    one,
};
use crate::{
    publisher::Publisher,
    receivers::{Behaviour, Process, python, verify},
    serving::{Serving, until},
};

fn pending(server: &Serving) -> u64 {
    server.metric("vernet_roster_pending{receiver=\"hr\"}")
}

#[test]
fn a_receiver_that_is_dead_over_a_restart_gets_everything_later() {
    let mut ward = Ward::new();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    ward.hook.behaves(Behaviour::HangsUp);
    ward.set(0, Status::Suspended);
    until("one waits", || pending(&server) == 1);
    ward.set(1, Status::Invalid);
    until("two wait", || pending(&server) == 2);
    until("it was tried", || {
        server.metric("vernet_roster_deliveries_total{receiver=\"hr\",outcome=\"failed\"}") > 1
    });
    assert!(server.log().contains("cannot be reached"));
    server.kill();
    let server = ward.serve();
    until("both still wait", || pending(&server) == 2);
    until("the age is told", || {
        server.metric("vernet_roster_oldest_pending_seconds{receiver=\"hr\"}") > 0
    });
    ward.set(0, Status::Valid);
    until("three wait", || pending(&server) == 3);
    server.kill();
    ward.hook.answers(200);
    let server = ward.serve();
    until("all have arrived", || ward.hook.of_type("roster.changed").len() == 3);
    let mut told: Vec<(u64, Vec<_>)> = ward
        .hook
        .of_type("roster.changed")
        .iter()
        .map(|message| (message["sequence"].as_u64().expect("a number"), kinds(message)))
        .collect();
    told.sort();
    let told: Vec<_> = told.into_iter().map(|(_, kinds)| kinds).collect();
    assert_eq!(told, [one("101", "suspended"), one("102", "revoked"), one("101", "lifted")]);
    until("nothing waits", || pending(&server) == 0);
    assert_eq!(server.metric("vernet_roster_oldest_pending_seconds{receiver=\"hr\"}"), 0);
}

/// The server is killed between the check and the end of a delivery: it does not know whether the
/// message has arrived, and sends it again.
#[test]
fn a_message_that_may_have_arrived_is_repeated_under_its_id() {
    let mut ward = Ward::new();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    ward.hook.behaves(Behaviour::Hangs);
    ward.set(0, Status::Suspended);
    until("it was read", || ward.hook.received().len() == 2);
    server.kill();
    let server = ward.serve();
    until("it was read again", || ward.hook.received().len() == 3);
    server.kill();
    ward.hook.answers(204);
    let server = ward.serve();
    until("it has arrived", || ward.hook.messages().len() == 2);
    until("nothing waits", || pending(&server) == 0);
    let received = ward.hook.received();
    assert_eq!(received.len(), 4);
    for repeat in &received[2..] {
        assert_eq!(repeat.header("webhook-id"), received[1].header("webhook-id"));
        assert_eq!(repeat.body, received[1].body);
    }
    assert_eq!(received[1].header("webhook-id"), received[1].json()["id"]);
    assert_ne!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    if let Some(python) = python() {
        assert_eq!(verify(&python, KEY, &received), ["ok"; 4]);
        let mut forged = received.clone();
        forged[0].body = forged[0].body.replace("authorised", "suspended") + " ";
        forged[1].headers.iter_mut().for_each(|(name, value)| {
            if name == "webhook-id" {
                value.push('0');
            }
        });
        let verified = verify(&python, KEY, &forged[..2]);
        assert!(
            verified.iter().all(|answer| answer.contains("No matching signature")),
            "{verified:?}"
        );
    }
}

/// The server is killed again and again, at any moment, and the receiver comes and goes. What has
/// arrived in the end is a chain: each change begins where the one before ended.
#[test]
fn no_change_is_lost_whenever_the_server_is_killed() {
    let mut ward = Ward::new();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    server.kill();
    let behaviours = [Behaviour::HangsUp, Behaviour::Hangs, Behaviour::Answers(200, String::new())];
    for round in 0..16_u64 {
        let status = if round % 2 == 0 { Status::Suspended } else { Status::Valid };
        ward.hook.behaves(behaviours[round as usize % 3].clone());
        ward.set(0, status);
        let server = ward.serve();
        // Any moment will do, from before the first refresh to after the delivery.
        thread::sleep(Duration::from_millis(round * 37 % 300));
        if round % 4 == 3 {
            until("it has looked", || {
                server.metric("vernet_roster_checks_total{outcome=\"done\"}") > 0
            });
        }
        server.kill();
    }
    ward.hook.answers(200);
    ward.set(0, Status::Suspended);
    let server = ward.serve();
    until("the last list is checked", || {
        server.metric("vernet_roster_checks_total{outcome=\"done\"}") > 1
    });
    until("nothing waits", || pending(&server) == 0);
    let chain = || {
        let mut messages = ward.hook.of_type("roster.changed");
        messages.sort_by_key(|message| message["sequence"].as_u64());
        let codes = |message: &Value| {
            let change = &message["data"]["changes"][0];
            [&change["before"]["code"], &change["now"]["code"]]
                .map(|code| code.as_str().expect("a code").to_owned())
        };
        messages.iter().map(codes).collect::<Vec<_>>()
    };
    let chain = chain();
    let mut code = "authorised".to_owned();
    for [before, now] in &chain {
        assert_eq!(*before, code, "{chain:?}");
        code.clone_from(now);
    }
    assert_eq!(code, "suspended", "{chain:?}");
    assert!(chain.len() > 1, "{chain:?}");
}

#[test]
fn a_redirect_is_not_followed_and_one_refusal_does_not_hold_up_the_others() {
    let mut ward = Ward::new();
    let elsewhere = Publisher::down();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    let location = format!("Location: {}\r\n", elsewhere.url());
    ward.hook.behaves(Behaviour::Answers(307, location));
    ward.set(0, Status::Suspended);
    until("it is refused", || server.log().contains("it redirects (307), which is not followed"));
    ward.hook.answers(413);
    ward.set(1, Status::Suspended);
    until("both are refused", || pending(&server) == 2 && server.log().contains("it answers 413"));
    assert!(server.log().contains("a receiver refuses a roster alert"));
    ward.hook.answers(200);
    until("both have arrived", || ward.hook.of_type("roster.changed").len() == 2);
    assert_eq!(elsewhere.requests(), 0);
}

/// A hospital's own authority signed the receiver's certificate.
#[test]
fn a_webhook_over_tls_goes_to_a_receiver_that_this_machine_trusts() {
    let Some(python) = python() else { return };
    let ward = Ward::new();
    let Some([certificate, key]) = certificate(&ward) else { return };
    let receiver = Process::https(&python, &[&certificate, &key]);
    ward.configure(&format!(
        "[[roster.webhook]]\nname = \"hr\"\nurl = \"https://127.0.0.1:{}/\"\nkey = \"key.txt\"\n",
        receiver.port
    ));
    let server = ward.serve();
    until("nothing is sent", || server.log().contains("cannot be reached"));
    assert!(receiver.taken().is_empty());
    server.kill();
    let server = serve_trusting(&ward, &certificate);
    until("it is told", || receiver.taken().len() == 1);
    until("nothing waits", || pending(&server) == 0);
    let message = receiver.taken().remove(0);
    assert!(message["body"].as_str().is_some_and(|body| body.contains("roster.watched")));
    assert_eq!(message["headers"]["content-type"], "application/json");
}

/// What is being sent when the server is told to end does not hold it up.
#[test]
fn a_server_that_is_told_to_end_does_not_wait_for_a_receiver() {
    let ward = Ward::new();
    ward.hook.behaves(Behaviour::Hangs);
    let server = ward.serve();
    until("it is being sent", || ward.hook.received().len() == 1);
    server.terminate();
    let (status, _) = server.ended();
    assert!(status.success(), "{status}");
}

/// Two servers with one state folder: one of them tells.
#[test]
fn of_two_servers_one_tells_and_the_other_takes_over() {
    let mut ward = Ward::new();
    let first = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    let second = ward.serve();
    until("the second looks too", || {
        second.metric("vernet_roster_checks_total{outcome=\"done\"}") > 0
    });
    assert_eq!([&first, &second].map(|server| server.metric("vernet_roster_telling")), [1, 0]);
    ward.set(0, Status::Suspended);
    until("it is told", || ward.hook.of_type("roster.changed").len() == 1);
    until("the first knows that", || pending(&first) == 0);
    first.kill();
    until("the second tells", || second.metric("vernet_roster_telling") == 1);
    ward.set(0, Status::Valid);
    until("it is told", || ward.hook.of_type("roster.changed").len() == 2);
    assert_eq!(ward.hook.received().len(), 3);
    assert!(second.log().contains("another server with this state folder"));
}

/// While a key is replaced, messages are signed with the old one and the new one.
#[test]
fn a_key_can_be_replaced() {
    let Some(python) = python() else { return };
    let ward = Ward::new();
    let new = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQI";
    ward.hospital.write("key.txt", format!("{new}\n{KEY}\n"));
    let _server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    let received = ward.hook.received();
    assert_eq!(verify(&python, new, &received), ["ok"]);
    assert_eq!(verify(&python, KEY, &received), ["ok"]);
    let other = "whsec_AAAAsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQI";
    assert_ne!(verify(&python, other, &received), ["ok"]);
}

#[test]
fn a_damaged_state_is_named_and_nothing_is_told_from_it() {
    let ward = Ward::new();
    let server = ward.serve();
    until("it is watched", || ward.hook.messages().len() == 1);
    server.kill();
    let folder = std::fs::read_dir(ward.hospital.path("state/roster")).expect("a folder");
    let folder = folder.filter_map(Result::ok).map(|entry| entry.path()).find(|path| path.is_dir());
    let file = folder.expect("a folder of the office").join("watch.json");
    std::fs::write(&file, "{\"format\": \"Kari Nordmann\"}").expect("written");
    let server = ward.serve();
    until("it is named", || server.log().contains("watch.json"));
    assert!(!server.log().contains("Kari"));
    assert_eq!(server.metric("vernet_roster_telling"), 0);
    std::fs::remove_file(&file).expect("removed");
    server.kill();
    let _server = ward.serve();
    until("everything is told anew", || ward.hook.of_type("roster.watched").len() == 2);
}
