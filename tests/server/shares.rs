//! One client alone cannot have everything: not the places for requests, not those for pictures. And
//! what needs no upload waits behind none.

use std::{net::Ipv4Addr, net::TcpStream, thread};

use crate::{
    hospital::Hospital,
    hostile::connect_from,
    http::{Answer, Connection, request},
    picture::{hard, picture, png},
    serving::Serving,
};

fn from(server: &Serving, client: u8) -> Connection<TcpStream> {
    Connection::over(connect_from(Ipv4Addr::new(127, 0, 0, client), server.address))
}

fn post(connection: &mut Connection<TcpStream>, media_type: &str, body: &[u8]) -> Answer {
    let whole = request("POST", "/v1/verify", &[("Content-Type", media_type)], body);
    connection.send_aside(whole);
    connection.answer().expect("an answer")
}

/// Begins an upload whose body never comes, and returns what the server says at first: 100 if it has
/// a place and waits for the body.
fn dawdle(server: &Serving, client: u8, media_type: &str) -> (Connection<TcpStream>, u16) {
    let mut connection = from(server, client);
    connection.send(
        format!(
            "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\nContent-Length: 60000\r\nExpect: 100-continue\r\n\r\n"
        )
        .as_bytes(),
    );
    let status = connection.head().expect("an answer").status;
    (connection, status)
}

#[test]
fn one_client_with_dawdling_uploads_does_not_keep_others_out() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &["--max-requests", "16"]);
    let dawdling: Vec<_> = (0..20).map(|_| dawdle(&server, 1, "text/plain")).collect();
    let placed = |uploads: &[(_, u16)]| uploads.iter().filter(|(_, status)| *status == 100).count();
    assert_eq!(placed(&dawdling), 4, "a quarter");
    assert!(dawdling.iter().all(|(_, status)| [100, 503].contains(status)));
    let link = hospital.office.link();
    for client in 2..5 {
        let answer = post(&mut from(&server, client), "text/plain", link.as_bytes());
        assert_eq!(answer.code(), "authorised");
    }
    // Four of them together do keep others out, but from uploads only.
    let others: Vec<_> = (2..5)
        .flat_map(|client| [client; 4])
        .map(|client| dawdle(&server, client, "text/plain"))
        .collect();
    assert_eq!(placed(&others), 12);
    let busy = post(&mut from(&server, 9), "text/plain", link.as_bytes());
    busy.problem("busy");
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("5")));
    for path in ["/healthz", "/readyz", "/metrics", "/v/", "/v1/publication/bundle.json", "/docs"] {
        for client in [1, 9] {
            let mut connection = from(&server, client);
            connection.send(&request("GET", path, &[], b""));
            assert_eq!(connection.answer().expect("an answer").status, 200, "{path}");
        }
    }
    drop((dawdling, others));
    crate::serving::until("the places are free again", || {
        server.post("text/plain", &link).json()["code"] == "authorised"
    });
}

#[test]
fn one_client_with_dawdling_pictures_does_not_keep_others_out() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let dawdling: Vec<_> = (0..8).map(|_| dawdle(&server, 1, "image/png")).collect();
    assert_eq!(dawdling.iter().filter(|(_, status)| *status == 100).count(), 4);
    let photo = png(&picture(&[&hospital.office.link()]));
    for client in 2..6 {
        let answer = post(&mut from(&server, client), "image/png", &photo);
        assert_eq!(answer.code(), "authorised");
    }
}

#[test]
fn one_client_with_hard_pictures_does_not_keep_others_from_being_read() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let (hard, easy) = (png(&hard()), png(&picture(&[&hospital.office.link()])));
    thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| post(&mut from(&server, 1), "image/png", &hard)))
            .collect();
        for _ in 0..3 {
            let answer = post(&mut from(&server, 2), "image/png", &easy);
            assert_eq!(answer.code(), "authorised");
        }
        asking.into_iter().for_each(|asking| drop(asking.join().expect("an answer")));
    });
}
