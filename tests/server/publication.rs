//! `GET /v1/publication/`: what the office signed, byte for byte, for clients that verify on their
//! own.

use crate::{
    hospital::Hospital,
    publisher::json,
    serving::{Serving, until},
};

#[test]
fn the_files_are_those_of_the_office_byte_for_byte() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    let bundle = hospital.office.bundle();
    let trust_list =
        vernet_common::to_canonical_json("the trust list", &bundle.trust_lists[0]).expect("JSON");
    let log = bundle.log.as_ref().expect("a log");
    let leaves = log.leaves.iter().flatten();
    let files = [
        ("bundle.json", "application/json", json(&bundle)),
        ("trust-list.json", "application/json", trust_list),
        (
            "status/1",
            "application/statuslist+jwt",
            bundle.status_lists[0].as_str().as_bytes().to_vec(),
        ),
        ("log/checkpoint", "text/plain; charset=utf-8", log.checkpoint.to_text().into_bytes()),
        (
            "log/tile/0/000.p/2",
            "application/octet-stream",
            leaves.flat_map(|leaf| *leaf.as_bytes()).collect(),
        ),
    ];
    let mut tags = Vec::new();
    for (name, media_type, bytes) in files {
        let path = format!("/v1/publication/{name}");
        let answer = server.get(&path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)));
        assert_eq!(answer.body, bytes, "{name}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let tag = answer.header("etag").expect("there is a tag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()]
        {
            let answer = server.ask("GET", &path, &[("If-None-Match", &known)], b"");
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
            assert_eq!(answer.header("etag"), Some(tag.as_str()));
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        }
        assert_eq!(server.ask("GET", &path, &[("If-None-Match", "\"other\"")], b"").body, bytes);
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 5, "each file has its own tag");
}

#[test]
fn a_path_of_the_log_may_be_one_segment_as_descriptions_have_it() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    let [one, many] = ["log/tile%2F0%2F000.p%2F2", "log/tile/0/000.p/2"]
        .map(|name| server.get(&format!("/v1/publication/{name}")).body);
    assert_eq!((one.len(), &one), (64, &many));
    assert!(
        server.get("/openapi.json").json()["paths"]["/v1/publication/log/{file}"]["get"]
            .is_object()
    );
}

#[test]
fn other_files_are_not_there() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    for name in [
        "status/2",
        "status/1/",
        "roots.json",
        "../../roots.json",
        "bundle.json/",
        "%62undle.jso",
        "log",
        "log/",
        "log/tile/0/000",
    ] {
        server.get(&format!("/v1/publication/{name}")).problem("not_found");
    }
}

#[test]
fn another_hospital_can_synchronise_from_it() {
    synchronised_from(&Hospital::with_pinned_office());
}

/// The log of a large office is not in its bundle.
#[test]
fn another_hospital_can_synchronise_from_it_what_a_large_office_published() {
    let mut hospital = Hospital::new();
    hospital.office.after = (0..1500).map(|n| format!("somebody else {n}")).collect();
    hospital.publish_with_tiles();
    hospital.pin();
    synchronised_from(&hospital);
}

fn synchronised_from(hospital: &Hospital) {
    let phone = Hospital::new();
    let server = Serving::start(hospital, &[]);
    phone.write_roots("roots.json", &hospital.office.anchor());
    phone.pin();
    phone.run(&["sync", &format!("http://{}/v1/publication", server.address)]).done();
    assert_eq!(phone.verdict_from(&hospital.office.link(), &[]), "authorised");
    // And a server that fetches from a server.
    let second = Serving::from(&phone, &format!("http://{}/v1/publication/", server.address), &[]);
    until("it has the lists", || second.get("/readyz").status == 200);
    let path = "/v1/publication/bundle.json";
    assert_eq!(second.get(path).body, server.get(path).body);
    assert_eq!(second.get(path).header("etag"), server.get(path).header("etag"));
}
