//! Publications into a bucket in memory that fails, or is changed by others, at each step; and into
//! a folder by its URL.

use std::{collections::BTreeMap, ffi::OsStr, fs, sync::Arc};

use object_store::{
    Attribute, ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path,
};
use vernet_common::{Bundle, CertificateNumber, KeyUse, NumericDate};
use vernet_host::files::StagedDirectory;
use vernet_register::Event;
use vernet_verifier::{Code, Policy, verify};
use zeroize::Zeroizing;

use super::{
    connect::{Backend, ObjectStorage},
    error::Reason,
    scripted::{Act, Scripted, objects, wait},
};
use crate::{
    Destination, DestinationError,
    error::Error,
    office::{
        Office,
        publication::{Content, PublicationKeys, Published, tiles},
        tests::{House, code},
    },
};

const PREFIX: &str = "authorities/no";

fn storage(store: Arc<dyn ObjectStore>) -> ObjectStorage {
    let backend = Backend::Store { store, prefix: Path::from(PREFIX) };
    ObjectStorage { url: "s3://bucket/authorities/no".to_owned(), backend, secrets: Arc::default() }
}

fn destination(store: Arc<dyn ObjectStore>) -> Destination {
    Destination::Objects(storage(store))
}

fn path(name: &str) -> Path {
    Path::from(format!("{PREFIX}/{name}"))
}

impl House {
    fn publish_to(&mut self, out: &Destination) -> Result<Published, Error> {
        self.office.publish(out, &self.passphrase, (&self.officer, self.now), &mut |_, _| {})
    }

    /// The same without deriving the key each time, which takes longer than all the rest.
    fn publish_under(
        &mut self,
        keys: &PublicationKeys,
        out: &Destination,
    ) -> Result<Published, Error> {
        let trust_list = self.office.trust_list().expect("readable").expect("in force");
        self.office.publish_under(keys, &trust_list, out, (&self.officer, self.now), &mut |_, _| {})
    }

    fn keys(&self) -> PublicationKeys {
        let unlock =
            |r#use| self.office.unlock(r#use, &self.passphrase, self.now).expect("the key");
        PublicationKeys { status: unlock(KeyUse::Status), log: unlock(KeyUse::Log) }
    }

    fn later(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }

    /// A house with a granted certificate, and a bucket in which it is published as valid.
    fn published() -> (Self, Arc<InMemory>, CertificateNumber) {
        let (mut house, bucket) = (Self::founded(), Arc::new(InMemory::new()));
        let number = house.grant("9144889").expect("a grant");
        house.publish_to(&destination(bucket.clone())).expect("a publication");
        house.later(60);
        (house, bucket, number)
    }

    fn suspend(&mut self, number: CertificateNumber) {
        let until = self.now.civil_date().plus_months(2);
        self.record(Event::suspended(number, until));
    }

    /// What a hospital that fetched this bundle says.
    fn verdict(&self, bundle: &[u8], number: CertificateNumber) -> Code {
        let bundle = Bundle::from_json(bundle).expect("a whole bundle");
        let known = self.office.follow(&bundle).expect("one publication, under the office's roots");
        let jws = self.office.register().state().certificate(number).expect("granted").jws;
        verify(jws, &known, &Policy::default(), self.now).code()
    }
}

/// The archived bundles, oldest first.
fn archived(objects: &BTreeMap<Path, Vec<u8>>) -> Vec<&Vec<u8>> {
    objects
        .iter()
        .filter(|(path, _)| path.as_ref().contains("/archive/"))
        .map(|(_, bytes)| bytes)
        .collect()
}

fn without_archive(mut objects: BTreeMap<Path, Vec<u8>>) -> BTreeMap<Path, Vec<u8>> {
    objects.retain(|path, _| !path.as_ref().contains("/archive/"));
    objects
}

#[test]
fn each_object_has_its_name_its_media_type_and_its_time_in_caches() {
    let (mut house, bucket, _) = House::published();
    let published = house.publish_to(&destination(bucket.clone())).expect("a second publication");
    assert_eq!(published.archived.as_deref(), Some("archive/20261122T100100Z/bundle.json"));
    let header = |name: &Path, attribute| {
        let result = wait(bucket.get(name)).expect("it was listed");
        result.attributes.get(&attribute).expect("a header").to_string()
    };
    let found: Vec<_> = objects(&bucket)
        .keys()
        .map(|path| {
            let name = path.as_ref().trim_start_matches(PREFIX).to_owned();
            (name, header(path, Attribute::ContentType), header(path, Attribute::CacheControl))
        })
        .collect();
    let (json, for_ever) = ("application/json", "public, max-age=31536000, immutable");
    let expected = [
        ("/.well-known/jwt-vc-issuer", json, "no-cache"),
        ("/archive/20261122T100000Z/bundle.json", json, for_ever),
        ("/archive/20261122T100100Z/bundle.json", json, for_ever),
        ("/bundle.json", json, "no-cache"),
        ("/log/checkpoint", "text/plain; charset=utf-8", "no-cache"),
        ("/log/tile/0/000.p/1", "application/octet-stream", for_ever),
        ("/log/tile/entries/000.p/1", "application/octet-stream", for_ever),
        ("/status/1", "application/statuslist+jwt", "no-cache"),
        ("/trust-list.json", "application/jose+json", "no-cache"),
        ("/types/perfusionist/1", json, "no-cache"),
    ];
    assert_eq!(
        found,
        expected.map(|(name, kind, cache)| (name.to_owned(), kind.to_owned(), cache.to_owned()))
    );
}

#[test]
fn a_folder_and_a_bucket_hold_the_same_files() {
    let mut house = House::founded();
    let (bucket, folder) = (Arc::new(InMemory::new()), house.folder.path().join("publication"));
    house.publish_to(&Destination::from(&folder)).expect("a publication");
    house.publish_to(&destination(bucket.clone())).expect("a publication");
    for (path, bytes) in without_archive(objects(&bucket)) {
        let name = path.as_ref().trim_start_matches(PREFIX).trim_start_matches('/');
        let in_folder = fs::read(folder.join(name)).expect("it is in the folder too");
        // What is signed anew has another time in it.
        assert!(
            in_folder == bytes || name == "bundle.json" || name.starts_with("status/"),
            "{name}"
        );
    }
}

/// From nothing, and over an earlier publication: at each operation the request is lost, or its
/// answer.
#[test]
fn a_publisher_stopped_at_any_step_leaves_one_whole_publication() {
    for (first, act) in [
        (true, Act::LoseRequest),
        (true, Act::LoseAnswer),
        (false, Act::LoseRequest),
        (false, Act::LoseAnswer),
    ] {
        let (mut house, published, number) = House::published();
        let start = if first { Arc::new(InMemory::new()) } else { published };
        let before = objects(&start);
        house.suspend(number);
        let keys = house.keys();
        let mut at = 0;
        loop {
            let bucket = Arc::new(start.fork());
            let scripted = Arc::new(Scripted::new(bucket.clone(), act.clone(), at));
            house.later(60);
            let result = house.publish_under(&keys, &destination(scripted.clone()));
            if !scripted.happened() {
                result.expect("nothing happened to it");
                break;
            }
            assert_eq!(code(result), "object_store_failed", "{act:?} at {at}");
            let after = objects(&bucket);
            let bundle = after.get(&path("bundle.json"));
            match bundle {
                Some(bundle) if Some(bundle) == before.get(&path("bundle.json")) => {
                    assert_eq!(house.verdict(bundle, number), Code::Authorised);
                }
                Some(bundle) => {
                    assert_eq!(house.verdict(bundle, number), Code::Suspended);
                    assert_eq!(
                        after[&path("status/1")],
                        status_list(bundle),
                        "the bundle comes last"
                    );
                }
                None => assert!(first),
            }
            assert!(
                bundle.is_none_or(|bundle| archived(&after).contains(&bundle)),
                "{act:?} at {at}"
            );

            house
                .publish_under(&keys, &destination(bucket.clone()))
                .expect("the next one is not hindered");
            let healed = objects(&bucket);
            assert_eq!(house.verdict(&healed[&path("bundle.json")], number), Code::Suspended);
            assert_eq!(healed[&path("status/1")], status_list(&healed[&path("bundle.json")]));
            at += 1;
        }
        // A look at three objects, a look at all six; two tiles are written, or found to be there;
        // the archive; then all six are written, or the two that changed.
        assert_eq!(at, if first { 18 } else { 16 });
    }
}

fn status_list(bundle: &[u8]) -> Vec<u8> {
    Bundle::from_json(bundle).expect("a bundle").status_lists[0].as_str().as_bytes().to_vec()
}

/// Signs a publication and lets `replace` put it somewhere later.
fn slow(house: &mut House) -> (Content, NumericDate, vernet_verifier::Knowledge) {
    let trust_list = house.office.trust_list().expect("readable").expect("in force");
    let keys = house.keys();
    let by = (&house.officer as &dyn vernet_register::OfficerSigner, house.now);
    let lists = house.office.sign_lists(&keys, trust_list.seq, by).expect("signed");
    let (iat, size) = (lists.iat, lists.log.size);
    let bundle = house.office.bundle(lists).expect("a bundle");
    let knowledge = house.office.follow(&bundle).expect("ours");
    let tiles = tiles::files(house.office.register().state().log(), size, 0);
    (Content::new(&bundle, &trust_list, tiles).expect("content"), iat, knowledge)
}

#[test]
fn a_slower_publisher_never_replaces_a_newer_publication() {
    let (mut house, start, number) = House::published();
    let (content, iat, knowledge) = slow(&mut house);
    // Meanwhile, on another machine: a decision, a new trust list, and a publication. The slow one
    // has not read the register since.
    let quick = Office::open(&house.folder.path().join("office")).expect("an office");
    let mut office = std::mem::replace(&mut house.office, quick);
    house.later(1);
    house.suspend(number);
    house.new_trust_list(&[0, 1]).expect("two roots signed");
    let newer = Arc::new(start.fork());
    house.publish_to(&destination(newer.clone())).expect("the quick one");
    let newer = objects(&newer);

    let mut at = 0;
    loop {
        let bucket = Arc::new(start.fork());
        let scripted = Arc::new(Scripted::new(bucket.clone(), Act::Others(newer.clone()), at));
        let storage = storage(scripted.clone());
        let open = storage.open().expect("a store");
        let result = open.replace(&content, iat, &mut |previous| {
            office.check_published(previous, Some(&knowledge)).map(drop)
        });
        if !scripted.happened() {
            result.expect("nothing happened to it");
            break;
        }
        assert_eq!(code(result), "publication_overtaken", "at {at}");
        assert_eq!(without_archive(objects(&bucket)), without_archive(newer.clone()), "at {at}");
        at += 1;
    }
    assert_eq!(at, 13);
}

#[test]
fn an_old_copy_of_the_register_replaces_nothing_newer() {
    let (mut house, bucket, number) = House::published();
    let mut old = house.backup();
    house.suspend(number);
    house.new_trust_list(&[0, 1]).expect("two roots signed");
    house.publish_to(&destination(bucket.clone())).expect("a publication");
    house.later(3600);
    let mut refused = |code_expected: &str| {
        let before = objects(&bucket);
        let result = old.publish(
            destination(bucket.clone()),
            &house.passphrase,
            (&house.officer, house.now),
            &mut |_, _| {},
        );
        assert_eq!(code(result), code_expected);
        assert_eq!(objects(&bucket), before);
    };
    refused("register_behind_publication");
    // What a publisher that was stopped halfway leaves counts as well.
    wait(bucket.delete(&path("bundle.json"))).expect("deleted");
    refused("register_behind_publication");
    wait(bucket.delete(&path("status/1"))).expect("deleted");
    refused("trust_list_rolled_back");
}

#[test]
fn what_is_not_the_offices_own_counts_for_nothing() {
    let (mut house, bucket, number) = House::published();
    let (other, other_bucket, _) = House::published();
    drop(other);
    let mut foreign = objects(&other_bucket);
    foreign.insert(path("status/1"), b"e30.e30.AAAA".to_vec());
    foreign.insert(path("trust-list.json"), b"{}".to_vec());
    for bundle in [b"{}".to_vec(), vec![b' '; Bundle::MAX_BYTES + 1]] {
        foreign.insert(path("bundle.json"), bundle);
        for (path, bytes) in without_archive(foreign.clone()) {
            wait(bucket.put(&path, bytes.into())).expect("written");
        }
        house.later(60);
        house.publish_to(&destination(bucket.clone())).expect("a publication");
        assert_eq!(
            house.verdict(&objects(&bucket)[&path("bundle.json")], number),
            Code::Authorised
        );
    }
}

#[test]
fn what_is_archived_is_never_replaced() {
    let (mut house, bucket, _) = House::published();
    let taken = path("archive/20261122T100100Z/bundle.json");
    wait(bucket.put(&taken, "{}".into())).expect("written");
    let before = objects(&bucket);
    assert_eq!(code(house.publish_to(&destination(bucket.clone()))), "archive_differs");
    assert_eq!(objects(&bucket), before);
}

#[test]
fn a_store_without_conditions_is_refused_before_anything_is_replaced() {
    let mut house = House::founded();
    let folder = house.folder.path().join("plain");
    fs::create_dir(&folder).expect("a new folder");
    let plain = LocalFileSystem::new_with_prefix(&folder).expect("a folder");
    assert_eq!(code(house.publish_to(&destination(Arc::new(plain)))), "object_store_unconditional");
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 0);
}

fn file_url(folder: &std::path::Path) -> Destination {
    Destination::parse(OsStr::new(&format!("file://{}", folder.display())), &[]).expect("a URL")
}

#[test]
fn a_folder_by_its_url_keeps_every_publication_and_has_one_publisher() {
    let mut house = House::founded();
    let number = house.grant("9144889").expect("a grant");
    let folder = house.folder.path().join("new/publication");
    house.publish_to(&file_url(&folder)).expect("a publication");
    house.later(60);
    house.suspend(number);
    let published = house.publish_to(&file_url(&folder)).expect("another one");
    let read = |name: &str| fs::read(folder.join(name)).expect("a file");
    assert_eq!(house.verdict(&read("bundle.json"), number), Code::Suspended);
    assert_eq!(read(&published.archived.expect("an archive")), read("bundle.json"));
    assert_eq!(
        house.verdict(&read("archive/20261122T100000Z/bundle.json"), number),
        Code::Authorised
    );

    // Whoever replaces the whole folder would lose the archive; and both use one lock.
    assert_eq!(code(house.publish_to(&Destination::from(&folder))), "folder_not_ours");
    let busy = StagedDirectory::new(&folder, "bundle.json").expect("nobody else publishes");
    assert_eq!(code(house.publish_to(&file_url(&folder))), "folder_busy");
    drop(busy);
    house.publish_to(&file_url(&folder)).expect("a third one");
}

#[test]
fn only_places_that_can_be_published_to_are_destinations() {
    let parse = |named: &str| Destination::parse(OsStr::new(named), &[]);
    assert!(
        matches!(parse("publication"), Ok(Destination::Folder(folder)) if folder.as_os_str() == "publication")
    );
    assert_eq!(parse("s3://bucket/a/b/").expect("a bucket").to_string(), "s3://bucket/a/b");
    for refused in [
        "memory:///",
        "http://example.no/publication",
        "https://example.no/publication",
        "ftp://example.no/publication",
        "s3://",
        "s3://AKIA:sesame@bucket/prefix",
        "s3://bucket/prefix?X-Amz-Security-Token=sesame",
        "s3://bucket/prefix#sesame",
    ] {
        let error = parse(refused).expect_err(refused);
        assert_eq!(error.code(), "destination_invalid", "{refused}");
        assert!(!error.to_string().contains("sesame"), "{error}");
    }
}

#[test]
fn no_text_holds_a_credential() {
    let settings = [
        ("AWS_ACCESS_KEY_ID", "publisher"),
        ("AWS_SECRET_ACCESS_KEY", "open sesame"),
        ("AWS_ALLOW_HTTP", "open sesame"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let error = Destination::parse(OsStr::new("s3://bucket"), &settings).expect_err("no boolean");
    assert_eq!(error.code(), "object_store_failed");
    assert!(!format!("{error} {error:?}").contains("sesame"), "{error:?}");
    let built = Destination::parse(OsStr::new("s3://bucket"), &settings[..2]).expect("a bucket");
    assert!(!format!("{built:?}").contains("sesame"), "{built:?}");

    let secrets = [Zeroizing::new("open sesame".to_owned())];
    let reason = |text: &str| {
        let source = Box::new(std::io::Error::other(text));
        Reason::of(&object_store::Error::PermissionDenied { path: String::new(), source }, &secrets)
    };
    for (text, expected) in [
        (
            "403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code><Token>t0ken</Token>",
            "permission denied: SignatureDoesNotMatch: 403 Forbidden",
        ),
        ("GET http://host/x?sig=t0ken", "permission denied: GET http://host/x"),
        ("{\"token\": \"t0ken\"}", "permission denied"),
        ("the key open sesame is not known", "permission denied: the key … is not known"),
    ] {
        let reason = reason(text);
        assert_eq!(reason.text, expected);
        assert!(matches!(
            reason.while_doing("read", String::new()),
            DestinationError::Denied { .. }
        ));
    }
}
