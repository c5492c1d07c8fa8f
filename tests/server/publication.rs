//! `GET /v1/publication/`: what the office signed, byte for byte, for whoever wants to verify by themselves.

use crate::{hospital::Hospital, publisher::json, serving::Serving, serving::until};

#[test]
fn the_files_are_those_of_the_office_byte_for_byte() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    let bundle = hospital.office.bundle();
    let trust_list = vernet_common::to_canonical_json("the trust list", &bundle.trust_lists[0]).expect("JSON");
    let files = [
        ("bundle.json", "application/json", json(&bundle)),
        ("trust-list.json", "application/json", trust_list),
        ("status/1", "application/statuslist+jwt", bundle.status_lists[0].as_str().as_bytes().to_vec()),
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
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
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
    assert_eq!(tags.len(), 3, "each file has its own tag");
}

#[test]
fn other_files_are_not_there() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    for name in ["status/2", "status/1/", "roots.json", "../../roots.json", "bundle.json/", "%62undle.jso"] {
        server.get(&format!("/v1/publication/{name}")).problem("not_found");
    }
}

#[test]
fn another_hospital_can_synchronise_from_it() {
    let (hospital, phone) = (Hospital::with_pinned_office(), Hospital::new());
    let server = Serving::run(&hospital, &[]);
    phone.write_roots("roots.json", &hospital.office.anchor());
    phone.pin();
    phone.run(&["sync", &format!("http://{}/v1/publication", server.address)]).done();
    assert_eq!(phone.verdict_from(&hospital.office.link(), &[]), "authorised");
    // And a server from a server.
    let second = Serving::from(&phone, &format!("http://{}/v1/publication/", server.address), &[]);
    until("it has the lists", || second.get("/readyz").status == 200);
    let path = "/v1/publication/bundle.json";
    assert_eq!(second.get(path).body, server.get(path).body);
    assert_eq!(second.get(path).header("etag"), server.get(path).header("etag"));
}
