//! How much one client may ask.

use std::num::NonZeroU32;

use vernet_applications::{ReceiptCode, Room};
use vernet_console::Limits;
use vernet_host::random;

use crate::client::{File, Server, borrowed, many};

fn few(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("it is not 0")
}

fn generous() -> Limits {
    Limits { requests: many(), submissions: many(), codes: many(), ..Limits::default() }
}

#[test]
fn whoever_asks_too_often_waits() {
    let server = Server::with(Limits { requests: few(2), ..generous() });
    let statuses: Vec<u16> = (0..40).map(|_| server.get("/en/").status).collect();
    assert!(statuses[..10].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    let refused =
        std::iter::repeat_with(|| server.get("/en/")).take(20).find(|answer| answer.status == 429);
    assert_eq!(refused.expect("again").header("retry-after"), Some("60"));
}

#[test]
fn codes_are_not_tried_by_the_thousand() {
    let server = Server::with(Limits { codes: few(5), ..generous() });
    let code = server.apply();
    let guess = || {
        let code = ReceiptCode::generate(&mut random());
        server.post("/en/status", &[("code", &code.text())]).status
    };
    assert_eq!([1, 2, 3, 4, 5, 6].map(|_| guess()), [404, 404, 404, 404, 404, 429]);
    // By whichever way, and the right one too.
    let with = [("code", code.text().to_string())];
    let with: Vec<_> = with.iter().map(|(name, code)| (*name, code.as_str())).collect();
    assert_eq!(server.post("/en/status", &with).status, 429);
    assert_eq!(server.post("/en/letter", &with).status, 429);
    assert_eq!(server.upload("/en/more", &with, &[File::pdf("other")]).status, 429);
}

#[test]
fn nobody_fills_the_office_with_applications() {
    let server = Server::with(Limits { submissions: few(2), ..generous() });
    let send = || {
        let fields = server.filled_in(&[]);
        server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")]).status
    };
    assert_eq!([1, 2, 3].map(|_| send()), [200, 200, 429]);
    assert_eq!(server.files("incoming").len(), 2);
}

#[test]
fn a_full_inbox_says_so_and_keeps_what_it_has() {
    let room = Room { files: 2, ..Room::default() };
    let server = Server::with(Limits { room, ..generous() });
    let send = || {
        let fields = server.filled_in(&[]);
        server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")])
    };
    assert_eq!([1, 2].map(|_| send().status), [200, 200]);
    let full = send();
    assert!(full.status == 503 && full.body.contains("Innboksen er full"), "{}", full.body);
    assert_eq!(server.files("incoming").len(), 2);
}
