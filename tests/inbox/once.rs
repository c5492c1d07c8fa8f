//! What is sent twice is there once, and what was acknowledged is on the disk.

use vernet_console::Limits;

use crate::client::{File, Server, borrowed};

#[test]
fn the_button_pressed_twice_is_one_application_with_one_code() {
    let server = Server::start();
    let fields = server.filled_in(&[]);
    let send = || server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")]);
    let (first, second) = (send(), send());
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.code().id(), second.code().id());
    assert_eq!(server.files("incoming").len(), 1);
    // From another page it is another application.
    let other = server.filled_in(&[]);
    let third = server.upload("/nb/send", &borrowed(&other), &[File::pdf("diploma")]);
    assert_ne!(third.code().id(), first.code().id());
    assert_eq!(server.files("incoming").len(), 2);
}

#[test]
fn at_the_same_moment_too() {
    let server = Server::start();
    let fields = server.filled_in(&[]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let sent = server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")]);
                assert!(sent.status == 200 || sent.status == 503, "{}", sent.status);
            });
        }
    });
    assert_eq!((server.files("incoming").len(), server.files("receipts").len()), (1, 1));
}

#[test]
fn after_a_crash_between_file_and_record_the_same_form_gives_its_receipt() {
    let server = Server::start();
    let fields = server.filled_in(&[]);
    let send =
        |server: &Server| server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")]);
    let first = send(&server).code();
    // The process ended before it had written the record, and somebody started it again.
    let record = server.root.path().join("inbox/receipts").join(format!("{}.json", first.id()));
    std::fs::remove_file(&record).expect("it is there");
    assert_eq!(send(&server).code().id(), first.id());
    assert_eq!((server.files("incoming").len(), server.files("receipts").len()), (1, 1));
}

#[test]
fn two_inboxes_never_share_a_folder() {
    let server = Server::start();
    let settings = vernet_console::InboxSettings::read(&server.root.path().join("inbox.json"))
        .expect("settings");
    let with: (vernet_console::Examine, vernet_console::Clock) = (
        std::sync::Arc::new(vernet_applications::examine),
        std::sync::Arc::new(crate::client::now),
    );
    let second = vernet_console::Inbox::open(settings, Limits::default(), with);
    assert_eq!(second.err().map(|error| error.code()), Some("folder_busy"));
}
