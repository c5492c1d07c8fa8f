//! `page export`: the page as files for any web server.

use std::fs;

use crate::hospital::Hospital;

const EXPORT: [&str; 7] = [
    "page",
    "export",
    "page",
    "--roots",
    "roots.json",
    "--publication",
    "https://office.example.no/publication",
];

#[test]
fn the_page_is_written_with_the_office_s_roots_and_place() {
    let hospital = Hospital::new();
    let run = hospital.run(&EXPORT).done();
    assert!(run.stdout.contains("`/v` is redirected to `/v/`"), "{run:?}");
    assert!(run.stdout.contains("connect-src 'self' https://office.example.no;"), "{run:?}");
    assert!(run.stdout.contains("Access-Control-Allow-Origin"), "{run:?}");

    let read = |name: &str| fs::read_to_string(hospital.path("page").join(name)).expect(name);
    assert!(read("v/config.json").contains("\"https://office.example.no/publication/\""));
    assert!(read("v/index.html").contains("connect-src 'self' https://office.example.no;"));
    assert_eq!(
        read("v/roots.json"),
        fs::read_to_string(hospital.path("roots.json")).expect("it is there")
    );
    assert!(read("v-worker.js").contains("\"vernet.wasm\":\"sha256-"));
    let wasm = fs::read(hospital.path("page/v/vernet.wasm")).expect("it is there");
    assert!(wasm.starts_with(b"\0asm"));
    let temporary = |folder: &str| {
        let mut entries = fs::read_dir(hospital.path(folder)).expect(folder);
        entries.any(|entry| {
            entry.expect("it can be listed").file_name().to_string_lossy().starts_with('.')
        })
    };
    assert!(!temporary("page") && !temporary("page/v"));
}

#[test]
fn a_web_server_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let hospital = Hospital::new();
    hospital.run(&EXPORT).done();
    let mode =
        |path: &str| fs::metadata(hospital.path(path)).expect(path).permissions().mode() & 0o777;
    fs::write(hospital.path("plain"), "").expect("it can be written");
    assert_eq!(mode("page/v/index.html"), mode("plain"));
}

#[test]
fn programs_get_one_object() {
    let hospital = Hospital::new();
    let object = hospital.run(&[&EXPORT[..], &["--json"]].concat()).done().json();
    assert_eq!(object["publication"], "https://office.example.no/publication/");
    assert_eq!(object["iss"], hospital.office.anchor().iss.as_str());
    assert!(
        object["policy"].as_str().is_some_and(|policy| policy.ends_with("frame-ancestors 'none'"))
    );
}

#[test]
fn an_earlier_export_is_replaced_and_what_lies_beside_it_is_kept() {
    let hospital = Hospital::new();
    hospital.run(&EXPORT).done();
    let worker = || fs::read(hospital.path("page/v-worker.js")).expect("it is there");
    let first = worker();
    fs::create_dir(hospital.path("page/publication")).expect("a new folder");
    hospital.write("page/publication/bundle.json", "{}");
    let mut elsewhere = EXPORT;
    elsewhere[6] = "../publication/";
    let run = hospital.run(&elsewhere).done();
    assert!(!run.stdout.contains("Access-Control-Allow-Origin"), "{run:?}");
    assert_ne!(worker(), first);
    assert!(hospital.path("page/publication/bundle.json").exists());
    hospital.run(&EXPORT).done();
    assert_eq!(worker(), first);
}

#[test]
fn an_export_that_was_cut_short_can_be_repeated() {
    let hospital = Hospital::new();
    hospital.run(&EXPORT).done();
    fs::remove_file(hospital.path("page/v-worker.js")).expect("it was there");
    fs::remove_file(hospital.path("page/v/view.js")).expect("it was there");
    hospital.write("page/v/.new-abcdef", "half");
    hospital.run(&EXPORT).done();
    assert!(hospital.path("page/v/view.js").exists());
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let hospital = Hospital::new();
    fs::create_dir_all(hospital.path("page/v")).expect("a new folder");
    hospital.write("page/v/thesis.txt", "the only copy");
    hospital.run(&EXPORT).failed("holds something else");
    fs::remove_file(hospital.path("page/v/thesis.txt")).expect("it was there");
    hospital.write("page/v-worker.js", "somebody else's");
    hospital.run(&EXPORT).failed("holds something else");
    assert_eq!(fs::read_dir(hospital.path("page/v")).expect("it is there").count(), 0);
}

#[test]
fn roots_and_places_that_make_no_sense_write_nothing() {
    let hospital = Hospital::new();
    for (place, reason) in [
        ("http://office.example.no/", "not encrypted"),
        ("https://office.example.no/bundle.json?x=1", "without query"),
        ("ftp://office.example.no/", "expected an `https` URL"),
        ("https://office.example.no; script-src *", "not a place"),
    ] {
        let mut arguments = EXPORT;
        arguments[6] = place;
        hospital.run(&arguments).failed(reason);
    }
    let mut arguments = EXPORT;
    arguments[4] = "certificate.jwt";
    hospital.run(&arguments).failed("reading the roots");
    assert!(!hospital.path("page").exists());
}
