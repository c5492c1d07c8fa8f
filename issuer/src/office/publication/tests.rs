//! The issued log in a published folder, and what lies there that was not published from this
//! register.

use std::fs;

use vernet_common::{Bundle, CertificateClaims, CertificateHash, KeyUse, LogHash, Signed, Tile};

use crate::{
    Error,
    office::tests::{House, code},
};

impl House {
    fn publish_into(&mut self, name: &str) -> Result<Bundle, Error> {
        let out = self.folder.path().join(name);
        self.now = self.now.plus_seconds(60);
        self.office.publish(&out, &self.passphrase, (&self.officer, self.now), &mut |_, _| {})?;
        Ok(Bundle::from_json(&fs::read(out.join("bundle.json")).expect("published"))
            .expect("a bundle"))
    }
}

#[test]
fn the_log_lies_beside_the_bundle_as_tiles_entries_and_checkpoint() {
    let mut house = House::founded();
    let numbers: Vec<_> =
        (1..=3).map(|hpr| house.grant(&hpr.to_string()).expect("a grant")).collect();
    let bundle = house.publish_into("publication").expect("a publication");
    let read = |name: &str| {
        fs::read(house.folder.path().join("publication/log").join(name)).expect("published")
    };
    let log = bundle.log.expect("a log");
    assert_eq!(read("checkpoint"), log.checkpoint.to_text().as_bytes());
    let [tile] = Tile::leaves(0, 3).collect::<Vec<_>>()[..] else { panic!("one tile") };
    let leaves = tile.parse(&read(&tile.path())).expect("a tile");
    assert_eq!(Some(&leaves), log.leaves.as_ref());
    let entries = read(&tile.entries_path());
    let entries: Vec<_> = entries
        .chunks(34)
        .map(|entry| LogHash::of_leaf(entry.strip_prefix(&[0, 32]).expect("a length")))
        .collect();
    assert_eq!(entries, leaves);
    let state = house.office.register().state();
    let of = |number| {
        CertificateHash::of(
            &Signed::<CertificateClaims>::parse(state.certificate(number).expect("there").jws)
                .expect("a JWS"),
        )
    };
    assert_eq!(numbers.into_iter().map(|number| of(number).leaf()).collect::<Vec<_>>(), leaves);
    assert_eq!(log.checkpoint.head(), state.log().head());
}

#[test]
#[cfg(unix)]
fn a_tile_that_was_published_before_is_linked_and_never_taken_over_if_it_was_changed() {
    use std::os::unix::fs::MetadataExt;
    let mut house = House::founded();
    house.grant("9144889").expect("a grant");
    house.publish_into("publication").expect("a publication");
    let tile = house.folder.path().join("publication/log/tile/0/000.p/1");
    let (inode, content) =
        (fs::metadata(&tile).expect("there").ino(), fs::read(&tile).expect("there"));
    house.grant("9144900").expect("a grant");
    house.publish_into("publication").expect("a second one");
    // The same file, for whoever has just read the checkpoint of before; and the new one beside it.
    assert_eq!(fs::metadata(&tile).expect("there").ino(), inode);
    assert!(tile.with_file_name("2").exists());
    house.publish_into("publication").expect("a third one");
    assert!(!tile.exists(), "nobody needs it any more");

    let tile = tile.with_file_name("2");
    fs::write(&tile, [0; 64]).expect("somebody can write to the web server's folder");
    house.publish_into("publication").expect("a fourth one");
    let healed = fs::read(&tile).expect("there");
    assert!(healed.len() == 64 && healed.starts_with(&content));
}

#[test]
fn a_published_log_that_is_longer_or_another_is_not_replaced() {
    let mut house = House::founded();
    let old = house.backup();
    house.grant("9144889").expect("a grant");
    house.publish_into("publication").expect("a publication");

    // An old copy that has published since, elsewhere: its lists are newer than what lies here.
    house.office = old;
    house.publish_into("elsewhere").expect("nothing lies there");
    let error = house.publish_into("publication").expect_err("a longer log");
    assert!(matches!(error, Error::LogBehindPublication { published: 1, found: 0 }), "{error:?}");
    assert_eq!(error.code(), "register_behind_publication");
    // And has granted somebody else.
    house.grant("9144900").expect("a grant");
    house.publish_into("elsewhere").expect("its own");
    let error = house.publish_into("publication").expect_err("another log");
    assert!(matches!(error, Error::LogBehindPublication { published: 1, found: 1 }), "{error:?}");
    house.grant("9144889").expect("a grant");
    assert_eq!(
        code(house.publish_into("publication")),
        "register_behind_publication",
        "longer, and still another"
    );
    house.publish_into("elsewhere").expect("its own");
}

#[test]
fn what_a_stolen_key_has_put_there_keeps_nobody_from_publishing() {
    let mut house = House::founded();
    let old = house.backup();
    house.grant("9144889").expect("a grant");
    house.publish_into("elsewhere").expect("the office's own");
    // The thief has the working keys and can write to the web server. His log is another one, and
    // his lists are newer.
    let ours = std::mem::replace(&mut house.office, old);
    house.grant("9144900").expect("his own");
    house.publish_into("publication").expect("his");
    house.office = ours;
    assert_eq!(
        code(house.publish_into("publication")),
        "register_behind_publication",
        "nobody knows of the theft"
    );
    let stolen = house
        .office
        .keys()
        .into_iter()
        .find(|key| key.r#use == KeyUse::Status)
        .expect("there")
        .key
        .kid();
    house.office.compromise_key(stolen, house.now, &house.officer, house.now).expect("recorded");
    house.add_key(KeyUse::Status);
    house.new_trust_list(&[0, 1]).expect("two roots signed");
    let published = house
        .publish_into("publication")
        .expect("what he left there is nothing that the office has said");
    assert_eq!(
        published.log.expect("a log").checkpoint.head(),
        house.office.register().state().log().head()
    );
}

#[test]
fn the_roots_vouch_for_the_log_and_only_for_that_of_the_register() {
    let mut house = House::founded();
    assert_eq!(house.office.trust_list().expect("readable").expect("in force").log.size, 0);
    house.grant("9144889").expect("a grant");
    let draft = house.office.draft_trust_list(None, house.now).expect("a draft");
    // Somebody is granted while the draft is with the roots: the log goes on from what they sign.
    house.grant("9144900").expect("a grant");
    assert_eq!(house.sign_and_accept(draft.clone(), |_| {}).expect("two roots signed").log.size, 1);
    let another = |list: &mut vernet_common::TrustList| {
        list.seq += 1;
        list.log.root = LogHash::of_leaf(b"another");
    };
    assert_eq!(code(house.sign_and_accept(draft.clone(), another)), "trust_list_log");
    let longer = |list: &mut vernet_common::TrustList| {
        list.seq += 1;
        list.log.size = 3;
    };
    assert_eq!(code(house.sign_and_accept(draft, longer)), "trust_list_log");
    house.publish_into("publication").expect("a publication");
}
