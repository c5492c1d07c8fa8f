//! What is taken back from a publication is what the publication says, whoever proposes it.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};

use serde_json::Value;
use vernet_common::{
    Algorithm, Bundle, BundledLog, CertificateHash, KeyUse, Roots, SecretKey, Signed,
    SignedCheckpoint, SignedTrustList, Signer, Status, StatusListClaims, Tile,
};
use vernet_register::{Event, IssuedLog, OfficerSigner, Proposal, Restored, RestoredTrustList};
use vernet_verifier::{Code, Knowledge, Memory, Policy, verify};

use super::restored_by;
use crate::{
    PublicationSource,
    error::Error,
    office::{
        KeyState, Office,
        tests::{House, code},
    },
};

/// Where the newest publication of a lost register is.
fn published(house: &House) -> PathBuf {
    house.folder.path().join("publication")
}

impl House {
    fn publish_an_hour_later(&mut self) {
        self.now = self.now.plus_seconds(3600);
        let out = published(self);
        let done =
            self.office.publish(&out, &self.passphrase, (&self.officer, self.now), &mut |_, _| {});
        done.expect("a publication");
    }

    /// Two certificates, a publication, and a backup. Then the first one is revoked, `since` happens,
    /// a third one is granted, and all is published; and the office goes on from the backup.
    fn lost(
        since: impl FnOnce(&mut Self),
    ) -> (Self, [vernet_common::CertificateNumber; 2], String) {
        let mut house = Self::founded();
        let numbers = ["1", "2"].map(|hpr| house.grant(hpr).expect("a grant"));
        house.publish_an_hour_later();
        let backup = house.backup();
        house.record(Event::Revoked { certificate: numbers[0], gravest: false });
        since(&mut house);
        let third = house.grant("3").expect("a grant");
        let third = house.office.register().state().certificate(third).expect("there").jws;
        let third = format!("{third}~");
        house.publish_an_hour_later();
        house.office = backup;
        house.now = house.now.plus_seconds(3600);
        (house, numbers, third)
    }

    fn restore_from(&mut self, folder: &Path) -> Result<u64, Error> {
        let source = PublicationSource::from(folder);
        Ok(self.office.propose_restore(&source, &self.officer, self.now)?.seq)
    }

    fn restore(&mut self) -> Result<u64, Error> {
        self.restore_from(&published(self))
    }

    fn approve(&mut self, seq: u64) -> Result<(), Error> {
        let by = (&self.second as &dyn OfficerSigner, self.now);
        let mut rng = <rand_chacha::ChaCha20Rng as rand::SeedableRng>::from_seed([9; 32]);
        self.office.approve(seq, None, by, &mut rng).map(drop)
    }

    /// What a hospital with this memory answers, by what is published now.
    fn told(&self, certificate: &str, memory: &mut Memory) -> Code {
        let bundle = fs::read(published(self).join("bundle.json")).expect("published");
        let bundle = Bundle::from_json(&bundle).expect("a bundle");
        let knowledge = Knowledge::update(&bundle, memory, &Policy::default(), self.now);
        verify(certificate, &knowledge.expect("no alarm"), &Policy::default(), self.now).code()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy")),
        }
    }
}

/// A copy of the publication that was changed on the way.
fn changed(house: &House, change: impl FnOnce(&Path)) -> PathBuf {
    let copied = house.folder.path().join("changed");
    let _ = fs::remove_dir_all(&copied);
    copy(&published(house), &copied);
    change(&copied);
    copied
}

/// As [`changed`], the bundle.
fn with_bundle(house: &House, change: impl FnOnce(&mut Value)) -> PathBuf {
    changed(house, |folder| {
        let path = folder.join("bundle.json");
        let mut bundle = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
        change(&mut bundle);
        fs::write(&path, vernet_common::to_canonical_json("a bundle", &bundle).expect("JSON"))
            .expect("written");
    })
}

/// Changes the last trust list of a bundle, and has other keys sign it.
fn trust_list(bundle: &mut Value, change: impl FnOnce(&mut vernet_common::TrustList)) {
    let last = bundle["trust_lists"].as_array_mut().and_then(|lists| lists.last_mut());
    let last = last.expect("a trust list");
    let list: SignedTrustList = serde_json::from_value(last.clone()).expect("a trust list");
    let mut claims = list.unverified_claims().expect("its own");
    change(&mut claims);
    let mut list = SignedTrustList::unsigned(&claims).expect("a list");
    for seed in [71, 72] {
        list.add_signature(&SecretKey::from_seed(&[seed; 32])).expect("signs");
    }
    *last = serde_json::to_value(list).expect("JSON");
}

/// The other letter in the middle of a text.
fn flip(text: &mut Value, at: usize) {
    let mut letters = text.as_str().expect("a text").to_owned().into_bytes();
    letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
    *text = String::from_utf8(letters).expect("ASCII").into();
}

#[test]
fn a_publication_that_a_hospital_would_refuse_gives_nothing_back() {
    let (mut house, ..) = House::lost(|_| ());
    let house = &mut house;
    let iss = "https://another.example.no".parse().expect("a URL");
    let of_another = with_bundle(house, |bundle| {
        trust_list(bundle, |list| {
            list.iss = iss;
            (list.profiles, list.titles) = ([].into(), [].into());
        });
    });
    assert_eq!(code(house.restore_from(&of_another)), "roots_of_another");
    let of_thieves = with_bundle(house, |bundle| trust_list(bundle, |_| ()));
    assert_eq!(code(house.restore_from(&of_thieves)), "threshold_not_reached");
    let unsigned = with_bundle(house, |bundle| {
        let list = &mut bundle["status_lists"][0];
        let signature = list.as_str().expect("a list").len() - 20;
        flip(list, signature);
    });
    assert_eq!(code(house.restore_from(&unsigned)), "signature_invalid");
    let other_leaves = with_bundle(house, |bundle| flip(&mut bundle["log"]["leaves"], 20));
    assert_eq!(code(house.restore_from(&other_leaves)), "log_root");
    let no_list = with_bundle(house, |bundle| bundle["status_lists"] = Value::Array(Vec::new()));
    assert_eq!(code(house.restore_from(&no_list)), "log_unnamed");
    let entries = "log/tile/entries/000.p/3";
    let damaged = changed(house, |folder| {
        let path = folder.join(entries);
        let mut bytes = fs::read(&path).expect("published");
        bytes[80] ^= 1;
        fs::write(path, bytes).expect("written");
    });
    assert_eq!(code(house.restore_from(&damaged)), "log_entries");
    let incomplete = changed(house, |folder| {
        fs::remove_dir_all(folder.join("log")).expect("only the bundle was copied");
    });
    let error = house.restore_from(&incomplete).expect_err("no entries");
    assert!(error.code() == "io" && error.to_string().contains(entries), "{error}");
    assert_eq!(code(house.restore_from(Path::new("nowhere"))), "io");
    assert_eq!(house.office.register().state().proposals().count(), 0, "nothing was recorded");
}

#[test]
fn what_the_register_knows_is_not_taken_back() {
    let mut house = House::founded();
    house.grant("1").expect("a grant");
    house.publish_an_hour_later();
    assert_eq!(code(house.restore()), "nothing_lost");
    // An older publication than the register's, too.
    let older = changed(&house, |_| ());
    house.grant("2").expect("a grant");
    house.publish_an_hour_later();
    assert_eq!(code(house.restore_from(&older)), "nothing_lost");

    let (mut house, ..) = House::lost(|_| ());
    house.grant("9").expect("granted before anybody thought of what was lost");
    let error = house.restore().expect_err("two logs");
    assert_eq!(error.code(), "restore_forked");
    assert!(error.to_string().contains("with 3 certificates"), "{error}");

    let (mut house, ..) = House::lost(|_| ());
    let seq = house.restore().expect("proposed");
    house.approve(seq).expect("approved");
    assert_eq!(code(house.restore()), "nothing_lost", "it is known now");
}

#[test]
fn the_second_officers_program_reads_the_publication_again() {
    let (mut house, [revoked, _], _) = House::lost(|_| ());
    let seq = house.restore().expect("proposed");
    let (_, sound) = house.office.register().state().open_proposal(seq).expect("open");
    let sound: Restored = restored_by(sound).expect("a restore").clone();
    let known = house.office.register().state().certificate(revoked).expect("there");
    let slot = known.claims.status.status_list.idx;
    house.office.register_mut().reject(seq, "again", &house.second, house.now).expect("rejected");
    let bundle = published(&house).join("bundle.json");
    let refused = |house: &mut House, change: &dyn Fn(&mut Restored)| {
        let mut changed = sound.clone();
        change(&mut changed);
        let proposal = Proposal::of(Event::Restored(Box::new(changed)));
        let files = [bundle.clone()];
        let seq = house.office.propose(proposal, &files, &house.officer, house.now)?.seq;
        let review = house.office.review(seq, house.now).expect("a review").refused;
        let refused = house.approve(seq);
        assert_eq!(review.map(|error| error.code()), refused.as_ref().err().map(Error::code));
        let (now, by) = (house.now, &house.second);
        house.office.register_mut().reject(seq, "again", by, now).expect("rejected");
        refused
    };
    assert_eq!(sound.lists[0].slots, [(slot, Status::Invalid)]);
    for (what, change) in [
        ("left out", &(|r: &mut Restored| r.lists[0].slots.clear()) as &dyn Fn(&mut Restored)),
        ("something else", &|r| r.lists[0].slots[0].1 = Status::Suspended),
        ("something else", &|r| r.lists[0].iat = r.lists[0].iat.plus_seconds(-1)),
        ("something else", &|r| r.lists[0].trust_list_seq += 1),
        ("lists are others", &|r| r.lists.clear()),
        ("trust lists", &|r| {
            r.trust_lists = vec![RestoredTrustList { seq: 9, sha256: r.lists[0].sha256 }];
        }),
    ] {
        let error = refused(&mut house, change).expect_err(what);
        assert!(error.code() == "restore_differs" && error.to_string().contains(what), "{error}");
    }
    // Without the publication, nobody can see what is approved.
    let proposal = Proposal::of(Event::Restored(Box::new(sound.clone())));
    let seq = house.office.propose(proposal, &[], &house.officer, house.now).expect("proposed").seq;
    assert_eq!(code(house.approve(seq)), "document_missing");
    house.office.register_mut().reject(seq, "again", &house.second, house.now).expect("rejected");
    let seq = house.restore().expect("proposed");
    house.approve(seq).expect("as the publication says");
}

/// Two administrators with a program of their own can write what no publication says, and the audit
/// finds it.
#[test]
fn what_is_in_no_publication_is_found_by_the_audit() {
    for (change, what) in [
        (
            &(|r: &mut Restored| r.lists[0].slots[0].1 = Status::Suspended)
                as &dyn Fn(&mut Restored),
            "something else",
        ),
        (&|r| r.lists[0].sha256 = vernet_register::Digest::GENESIS, "lists are others"),
    ] {
        let (mut house, ..) = House::lost(|_| ());
        let folder = house.folder.path().join("backup");
        copy(&house.folder.path().join("office/documents"), &folder.join("documents"));
        let seq = house.restore().expect("proposed");
        let (_, proposal) = house.office.register().state().open_proposal(seq).expect("open");
        let mut forged = restored_by(proposal).expect("a restore").clone();
        change(&mut forged);
        let (now, bundle) = (house.now, published(&house).join("bundle.json"));
        house.office.register_mut().reject(seq, "again", &house.second, now).expect("rejected");
        let proposal = Proposal::of(Event::Restored(Box::new(forged)));
        let seq = house.office.propose(proposal, &[bundle], &house.officer, now);
        let seq = seq.expect("proposed").seq;
        let documents = house.office.documents();
        let data = house.office.data().clone();
        let terms = vernet_register::Terms { data: &data, documents: &documents, max_age_days: 30 };
        let iss = house.office.config().iss.clone();
        let mut rng = <rand_chacha::ChaCha20Rng as rand::SeedableRng>::from_seed([9; 32]);
        let mut issuance = vernet_register::Issuance {
            iss: &iss,
            rng: &mut rng,
            sign: &mut |_| Err(Error::CredentialsNeeded),
        };
        let register = house.office.register_mut();
        register.approve(seq, &terms, &house.second, now, &mut issuance).expect("without a look");
        let fault = Office::audit(&folder, None).expect_err("in no publication");
        assert!(fault.to_string().contains(what), "{fault}");
    }
}

/// Since the backup, the certificate key was stolen, another one was made, and a trust list with
/// both was signed; and then the root keys changed.
#[test]
fn lost_trust_lists_and_keys_count_again_and_hospitals_follow() {
    let new_roots = [81, 82, 83].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let before: [SecretKey; 2] = [1, 3].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let keys = new_roots.iter().map(Signer::public_key).collect();
    let roots = Roots { keys, threshold: 2 };
    let mut stolen = None;
    let (mut house, [_, second], third) = House::lost(|house| {
        let kid = house.office.keys()[0].key.kid();
        stolen = Some(kid);
        let since = house.now.plus_seconds(60);
        house.now = house.now.plus_seconds(3600);
        house.office.compromise_key(kid, since, &house.officer, house.now).expect("recorded");
        house.add_key(KeyUse::Certificate);
        house.new_trust_list(&[0, 2]).expect("two roots signed");
        let mut list =
            house.office.draft_trust_list(Some(roots.clone()), house.now).expect("a draft");
        for root in before.iter().chain(&new_roots) {
            list.add_signature(root).expect("signs");
        }
        house.office.accept_trust_list(&list, &house.officer, house.now).expect("accepted");
    });
    let stolen = stolen.expect("it ran");
    let anchor = house.office.anchor().expect("the roots of the backup");
    let known = house.office.register().state().certificate(second).expect("there").jws;
    let second = format!("{known}~");
    let mut hospital = Memory::new(&anchor);
    assert_eq!(house.told(&second, &mut hospital), Code::Authorised);
    assert_eq!(house.told(&third, &mut hospital), Code::Authorised);

    let seq = house.restore().expect("proposed");
    let (_, proposal) = house.office.register().state().open_proposal(seq).expect("open");
    let lost = house.office.lost(proposal, house.now).expect("a restore");
    // A publication has the lists that brought new roots, and the last one.
    assert_eq!((lost.certificates, &lost.trust_lists[..]), (1, &[3][..]));
    assert_eq!((lost.keys.len(), lost.told.len(), lost.unknown_slots), (2, 1, 0));
    house.approve(seq).expect("approved");

    let list = house.office.trust_list().expect("sound").expect("one");
    assert_eq!((list.seq, &list.roots), (3, &roots), "it is in force again");
    assert_eq!(house.office.anchor().expect("roots").roots, roots, "new hospitals pin these");
    let keys = house.office.keys();
    let state = |place: usize| house.office.key_state(&keys[place], house.now).expect("a state");
    assert_eq!((keys[0].key.kid(), state(0)), (stolen, KeyState::Compromised));
    assert_eq!(keys[0].log_size, Some(2), "as the roots signed it");
    assert_eq!(state(3), KeyState::Retired, "its private half is lost");
    assert_eq!(code(house.grant("9")), "no_key");
    house.publish_an_hour_later();
    for (certificate, verdict) in [(&second, Code::Authorised), (&third, Code::Authorised)] {
        assert_eq!(house.told(certificate, &mut hospital), verdict);
    }

    // The next trust list has another key, and keeps the lost one.
    house.add_key(KeyUse::Certificate);
    let mut list = house.office.draft_trust_list(None, house.now).expect("a draft");
    assert_eq!(list.unverified_claims().expect("its own").seq, 4);
    new_roots.iter().for_each(|root| list.add_signature(root).expect("signs"));
    house.office.accept_trust_list(&list, &house.officer, house.now).expect("accepted");
    let granted = house.grant("9").expect("a grant");
    assert_eq!(granted.serial(), 4);
    house.publish_an_hour_later();
    for certificate in [&second, &third] {
        assert_eq!(house.told(certificate, &mut hospital), Code::Authorised);
    }
    let granted = house.office.register().state().certificate(granted).expect("there").jws;
    assert_eq!(house.told(&format!("{granted}~"), &mut hospital), Code::Authorised);

    // Another machine has the register and the documents, and not the files of the trust lists.
    let folder = house.folder.path().join("backup");
    let (documents, from) = (folder.join("documents"), house.folder.path().join("office"));
    copy(&from.join("documents"), &documents);
    Office::audit(&folder, None).expect("no fault");
    fs::remove_file(folder.join("trust-list/000003.json")).expect("it was brought back");
    fs::remove_file(folder.join("trust-list/000004.json")).expect("it was accepted");
    let old = serde_json::to_vec(&anchor).expect("JSON");
    fs::write(folder.join("roots.json"), old).expect("its own");
    let in_force = |house: &House| house.office.trust_list().expect("sound").map(|list| list.seq);
    assert_eq!(in_force(&house), Some(1));
    house.office.bring_back_trust_lists().expect("they are in the document");
    assert_eq!(in_force(&house), Some(3));
}

/// The leaves of a log of more than 1024 certificates are in tiles, and not in the bundle that the
/// second officer's program reads.
#[test]
fn a_large_log_is_taken_back_from_its_tiles() {
    let mut house = House::founded();
    house.grant("1").expect("a grant");
    house.publish_an_hour_later();
    house.now = house.now.plus_seconds(3600);
    // What the office signs that went on, with 1,300 certificates more.
    let mut log = IssuedLog::default();
    let own = house.office.register().state().log().entries().iter().copied();
    let more = (0..1300_u32).map(|n| {
        let mut hash = [7; 32];
        hash[..4].copy_from_slice(&n.to_be_bytes());
        CertificateHash::from(hash)
    });
    own.chain(more).for_each(|entry| log.push_entry(entry));
    let key = |house: &House, r#use| house.office.unlock(r#use, &house.passphrase, house.now);
    let (status, log_key) = (key(&house, KeyUse::Status), key(&house, KeyUse::Log));
    let iss = house.office.config().iss.clone();
    let before = fs::read(published(&house).join("bundle.json")).expect("published");
    let before = Bundle::from_json(&before).expect("a bundle");
    let claims = before.status_lists[0].unverified_claims().expect("its own");
    let claims = StatusListClaims { iat: house.now, log: log.head(), ..claims };
    let list = Signed::sign(&claims, Algorithm::EdDsa, &*status.expect("a key")).expect("signs");
    let checkpoint = SignedCheckpoint::sign(&iss, log.head(), &*log_key.expect("a key"));
    let bundle = Bundle {
        status_lists: vec![list],
        log: Some(BundledLog { checkpoint: checkpoint.expect("signs"), leaves: None }),
        ..before
    };
    let folder = house.folder.path().join("large");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("bundle.json"), bundle.to_json().expect("JSON")).expect("written");
    let write = |path: String, bytes: Vec<u8>| {
        let path = folder.join("log").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, bytes).expect("written");
    };
    for tile in Tile::leaves(0, log.head().size) {
        let range = tile.range().start as usize..tile.range().end as usize;
        write(tile.path(), tile.content(log.tree()).expect("it is in the log"));
        write(tile.entries_path(), Tile::entries_content(&log.entries()[range]));
    }
    let tile = folder.join("log/tile/0/002");
    let sound = fs::read(&tile).expect("written");
    fs::write(&tile, [&[0], &sound[1..]].concat()).expect("written");
    assert_eq!(code(house.restore_from(&folder)), "log_root");
    fs::write(&tile, &sound[1..]).expect("written");
    assert_eq!(code(house.restore_from(&folder)), "log_tile");
    fs::write(&tile, &sound).expect("written");
    let seq = house.restore_from(&folder).expect("proposed");
    assert!(house.office.review(seq, house.now).expect("a review").refused.is_none());
    house.approve(seq).expect("approved");
    assert_eq!(house.office.register().state().log().head(), log.head());
    let next = house.grant("2").expect("a grant");
    assert_eq!(next.serial(), 1302);
    house.publish_an_hour_later();
}

#[test]
fn a_publication_is_read_from_its_url_too() {
    let (mut house, ..) = House::lost(|_| ());
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/p/", listener.local_addr().expect("bound"));
    let folder = published(&house);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let path = request.split(' ').nth(1).and_then(|path| path.strip_prefix("/p/"));
            let found = path.and_then(|path| fs::read(folder.join(path)).ok());
            let (status, body) =
                found.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    let wrong = PublicationSource::parse(&format!("{url}nothing-here"));
    let error = house.office.propose_restore(&wrong, &house.officer, house.now);
    assert_eq!(code(error.map(|_| ())), "publication_unreachable");
    let source = PublicationSource::parse(&url);
    let seq = house.office.propose_restore(&source, &house.officer, house.now).expect("read").seq;
    house.approve(seq).expect("approved");
}
