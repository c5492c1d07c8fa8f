//! `demo`, the demonstration for newcomers.

use std::{collections::BTreeMap, fs, path::Path};

use vernet_verifier::documents::read_qr;

use crate::{
    place::{Place, demo, files_in, number},
    snapshot::{assert_snapshot, redacted},
};

#[test]
fn the_demonstration_succeeds_and_says_what_it_did() {
    let run = &demo().run;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stderr, "");
    assert_snapshot(&run.stdout, "demo.out");
}

#[test]
fn the_demonstration_leaves_these_files_and_no_others() {
    let files = files_in(&demo().folder.path().join("demo"));
    let (keys, rest): (Vec<_>, Vec<_>) =
        files.iter().map(|file| redacted(file)).partition(|file| {
            file.strip_prefix("office/keys/")
                .is_some_and(|name| name.len() == "kPrK_qmx.pem".len() && name.ends_with(".pem"))
        });
    assert_eq!(
        keys.len(),
        3,
        "a key for certificates, one for status lists, one for the log: {keys:?}"
    );
    assert_eq!(
        rest,
        [
            // The lock of the publication: it stays, see `StagedDirectory`.
            ".publication.lock",
            "application.json",
            "certificates/NO-PE-[YEAR]-000001.jwt",
            "certificates/NO-PE-[YEAR]-000001.pdf",
            "certificates/NO-PE-[YEAR]-000001.png",
            "certificates/NO-PE-[YEAR]-000001.svg",
            "certificates/NO-PE-[YEAR]-000001.url",
            "diploma.txt",
            "forged.jwt",
            "office/.high-water.json.lock",
            "office/data.json",
            // Named by their hashes: the diploma, and the office's data.
            "office/documents/3036f605c6cfd96b0132207719136dca8e9fd0aed56586d6ba8f5bc8f9d79c27",
            "office/documents/3d021a6101f1947af8445221715df140d5781d7a63c58ab1ad25f295dd84d3a9",
            "office/high-water.catalogue",
            "office/high-water.json",
            "office/office.json",
            "office/register.sqlite",
            "office/roots.json",
            "office/trust-list/000001.json",
            "officers/kari.pem",
            "officers/kari.pub",
            "officers/ola.pem",
            "officers/ola.pub",
            "officers/siri.pem",
            "officers/siri.pub",
            "passphrase.txt",
            "publication/.well-known/jwt-vc-issuer",
            "publication/bundle.json",
            "publication/log/checkpoint",
            "publication/log/tile/0/000.p/1",
            "publication/log/tile/entries/000.p/1",
            "publication/status/1",
            "publication/trust-list.json",
            "publication/types/perfusionist/1",
            "root-keys/root-1.pem",
            "root-keys/root-1.pub",
            "root-keys/root-2.pem",
            "root-keys/root-2.pub",
            "root-keys/root-3.pem",
            "root-keys/root-3.pub",
            "roots.json",
            "stolen-key.jwt",
        ]
    );
}

#[test]
fn secrets_of_the_demonstration_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = demo().folder.path().join("demo");
    for file in files_in(&folder)
        .iter()
        .filter(|file| file.ends_with(".pem") || file.ends_with("passphrase.txt"))
    {
        let mode = fs::metadata(folder.join(file)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn an_existing_folder_is_refused_and_not_touched() {
    let place = Place::with_demo();
    let before = contents(&place.path("demo"));
    let again = place.issuer(&["demo"]);
    again.refused("file_exists");
    assert_eq!(contents(&place.path("demo")), before);

    fs::create_dir(place.path("empty")).expect("a new folder can be made");
    place.issuer(&["demo", "empty"]).refused("file_exists");
    assert!(files_in(&place.path("empty")).is_empty());
    place.write("file", "mine");
    place.issuer(&["demo", "file"]).refused("file_exists");
    assert_eq!(place.read("file"), "mine");
}

#[test]
fn picture_drawing_link_and_text_are_one_certificate() {
    let place = Place::with_demo();
    let certificate = |extension: &str| format!("demo/certificates/{}.{extension}", number());
    let link = place.read(&certificate("url"));
    let picture = fs::read(place.path(&certificate("png"))).expect("the picture is there");
    assert_eq!(read_qr(&picture).expect("the picture can be read"), [link.trim_end()]);
    assert_eq!(
        place.read(&certificate("svg")),
        place.issuer(&["export", number(), "--format", "qr-svg"]).done().stdout,
        "the drawing is the same each time"
    );

    let claims = |extension: &str| {
        let source = ["--roots", "demo/roots.json", "--publication", "demo/publication", "--json"];
        let object = place
            .verifier(&[&["check", &certificate(extension)][..], &source].concat())
            .done()
            .json();
        assert_eq!(object["code"], "authorised");
        object["certificate"].clone()
    };
    let text = claims("jwt");
    assert_eq!(text["certificate_number"], number());
    assert_eq!((claims("png"), claims("url")), (text.clone(), text));
}

#[test]
fn the_demonstration_ends_with_a_register_that_agrees_with_its_publication() {
    let place = Place::with_demo();
    let shown = place.issuer_json(&["show", number()]);
    assert_eq!(
        (&shown["standing"]["code"], &shown["status"]),
        (&"authorised".into(), &"valid".into())
    );
    assert_eq!(place.verdict("demo/forged.jwt"), "bad_signature");
    assert_eq!(place.verdict("demo/stolen-key.jwt"), "not_issued");
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |file: String| {
        let bytes = fs::read(folder.join(&file)).expect("a file that is there can be read");
        (file, bytes)
    };
    files_in(folder).into_iter().map(read).collect()
}
