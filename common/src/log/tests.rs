use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::{note::Note, *};
use crate::{CertificateHash, NumericDate, PublicKey, SecretKey, Signer};

extern crate std;

fn leaf(n: usize) -> LogHash {
    LogHash::of_leaf(&n.to_be_bytes())
}

fn leaves(count: usize) -> Vec<LogHash> {
    (0..count).map(leaf).collect()
}

/// RFC 9162 section 2.1.1, word for word.
fn mth(leaves: &[LogHash]) -> LogHash {
    match leaves {
        [] => LogHash::of_nothing(),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            LogHash::of_node(&mth(left), &mth(right))
        }
    }
}

/// RFC 9162 section 2.1.3.1, word for word.
fn path(m: usize, leaves: &[LogHash]) -> Vec<LogHash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(k);
    let (mut proof, beside) =
        if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
    proof.push(beside);
    proof
}

/// RFC 9162 section 2.1.4.1, word for word.
fn subproof(m: usize, leaves: &[LogHash], known: bool) -> Vec<LogHash> {
    if m == leaves.len() {
        return if known { Vec::new() } else { [mth(leaves)].into() };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(k);
    let (mut proof, beside) = if m <= k {
        (subproof(m, left, known), mth(right))
    } else {
        (subproof(m - k, right, false), mth(left))
    };
    proof.push(beside);
    proof
}

#[test]
fn roots_and_proofs_are_those_of_the_rfc() {
    let leaves = leaves(70);
    let tree: LogTree = leaves.iter().copied().collect();
    let mut frontier = LogFrontier::new();
    assert_eq!(frontier.head(), LogHead::empty());
    for size in 0..=70 {
        let head = tree.head_at(size as u64).expect("it was that large");
        assert_eq!(head, LogHead { root: mth(&leaves[..size]), size: size as u64 });
        assert_eq!(frontier.head(), head);
        for index in 0..size {
            let proof = tree.inclusion(index as u64, size as u64).expect("inside");
            assert_eq!(proof, path(index, &leaves[..size]));
            assert!(
                head.check_inclusion(&leaves[index], index as u64, &proof).is_ok(),
                "{index} of {size}"
            );
        }
        for old in 1..=size {
            let proof = tree.consistency(old as u64, size as u64).expect("it grew");
            assert_eq!(proof, subproof(old, &leaves[..size], true));
            let old = tree.head_at(old as u64).expect("it was that large");
            assert!(head.check_extends(&old, &proof).is_ok(), "from {} to {size}", old.size);
        }
        frontier.push(leaf(size));
    }
    assert_eq!(tree.head_at(71), None);
    assert_eq!(
        (tree.inclusion(5, 5), tree.inclusion(0, 71), tree.consistency(3, 2)),
        (None, None, None)
    );
}

proptest! {
    /// Whatever is changed in a proof, it is no longer valid.
    #[test]
    fn a_bent_proof_does_not_hold(
        size in 1usize..600, index: prop::sample::Index, other: prop::sample::Index, place: prop::sample::Index, bit in 0usize..256, what in 0..5,
    ) {
        let tree: LogTree = leaves(size).into_iter().collect();
        let head = tree.head();
        let (index, other) = (index.index(size), other.index(size));
        let mut proof = tree.inclusion(index as u64, size as u64).expect("inside");
        let (mut shown, mut at, mut bent) = (leaf(index), index as u64, head);
        match what {
            0 if !proof.is_empty() => {
                let place = place.index(proof.len());
                let mut bytes = *proof[place].as_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                proof[place] = bytes.into();
            }
            1 if other != index => shown = leaf(other),
            2 if other != index => at = other as u64,
            3 => proof.push(head.root),
            4 if size > 1 => drop(proof.pop()),
            _ => bent.root = leaf(size),
        }
        let error = bent.check_inclusion(&shown, at, &proof).expect_err("bent");
        prop_assert_eq!(error.code(), "log_proof");
    }

    #[test]
    fn a_log_that_did_not_only_grow_has_no_proof(size in 2usize..600, old: prop::sample::Index, changed: prop::sample::Index) {
        let old = 1 + old.index(size - 1);
        let changed = changed.index(old);
        let honest: LogTree = leaves(size).into_iter().collect();
        let mut other = leaves(size);
        other[changed] = leaf(usize::MAX);
        let other: LogTree = other.into_iter().collect();
        let (before, after) = (honest.head_at(old as u64).expect("inside"), other.head());
        for proof in [honest.consistency(old as u64, size as u64), other.consistency(old as u64, size as u64)] {
            let error = after.check_extends(&before, &proof.expect("inside")).expect_err("a fork");
            prop_assert_eq!(error.code(), "log_proof");
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// The tiles of a log are the log: those of level 0 contain all leaves, and each hash above
    /// covers what is below.
    #[test]
    fn tiles_hold_the_whole_tree(size in 0u64..70_000, from in 0u64..70_000) {
        let from = from.min(size);
        let tree: LogTree = (0..size).map(|n| leaf(n as usize)).collect();
        let mut found = Vec::new();
        for tile in Tile::leaves(from, size) {
            found.extend(tile.parse(&tile.content(&tree).expect("inside")).expect("a tile"));
        }
        let start = (from / 256 * 256) as usize;
        prop_assert_eq!(&found[..], &tree.leaves()[start..]);
        for tile in Tile::all(size).filter(|tile| tile.level() > 0) {
            let span = 256u64.pow(u32::from(tile.level())) as usize;
            let content = tile.parse(&tile.content(&tree).expect("inside")).expect("a tile");
            for (n, hash) in tile.range().zip(content) {
                let start = n as usize * span;
                prop_assert_eq!(hash, mth(&tree.leaves()[start..start + span]));
            }
        }
    }

}

proptest! {
    #[test]
    fn no_text_makes_the_reader_of_checkpoints_panic(text in "\\PC{0,40}(\n\\PC{0,20}){0,6}") {
        let _ = SignedCheckpoint::parse(&text);
    }
}

fn vectors(file: &str) -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/log");
    let text = fs::read_to_string(folder.join(file)).expect("the vectors");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').map(ToString::to_string).collect()).collect()
}

fn hash(text: &str) -> Option<LogHash> {
    let text = if text == "-" { "" } else { text };
    <[u8; 32]>::try_from(STANDARD.decode(text).expect("base64")).ok().map(LogHash::from)
}

fn proof(text: &str) -> Option<Vec<LogHash>> {
    if text == "none" { Some(Vec::new()) } else { text.split(',').map(hash).collect() }
}

/// Hashes of another length than 32 bytes, which some vectors have, cannot be represented here.
#[test]
fn the_vectors_of_transparency_dev() {
    for vector in vectors("inclusion.txt") {
        let [name, expect, index, size, root, leaf, hashes] = &vector[..] else {
            panic!("{vector:?}")
        };
        let (index, size) = (index.parse().expect("a number"), size.parse().expect("a number"));
        let holds = || {
            Some(LogHead { root: hash(root)?, size }.check_inclusion(
                &hash(leaf)?,
                index,
                &proof(hashes)?,
            ))
        };
        assert_eq!(matches!(holds(), Some(Ok(()))), expect == "ok", "inclusion {name}");
    }
    for vector in vectors("consistency.txt") {
        let [name, expect, old, new, root_old, root_new, hashes] = &vector[..] else {
            panic!("{vector:?}")
        };
        let head = |size: &String, root: &String| {
            let (size, root) =
                (size.parse().expect("a number"), hash(root).or_else(|| made_up(root))?);
            Some(LogHead { root, size })
        };
        let holds =
            || Some(head(new, root_new)?.check_extends(&head(old, root_old)?, &proof(hashes)?));
        assert_eq!(matches!(holds(), Some(Ok(()))), expect == "ok", "consistency {name}");
    }
    assert_eq!((vectors("inclusion.txt").len(), vectors("consistency.txt").len()), (98, 98));
}

/// Where the vectors do not care about the roots, they are some words.
fn made_up(text: &str) -> Option<LogHash> {
    text.starts_with("ZG9u").then(|| LogHash::of_leaf(text.as_bytes()))
}

#[test]
fn paths_of_tiles_are_those_of_the_specification() {
    let paths = |size| Tile::all(size).map(|tile| tile.path()).collect::<Vec<_>>();
    assert_eq!(paths(0), [""; 0]);
    assert_eq!(paths(1), ["tile/0/000.p/1"]);
    assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1"]);
    // C2SP tlog-tiles: 273 full tiles of level 0, one of width 112, one full tile of level 1, one
    // of width 17, one of level 2 of width 1.
    let of_70_000 = paths(70_000);
    assert_eq!(of_70_000.len(), 277);
    assert_eq!(
        of_70_000[272..],
        ["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
    let last = Tile::leaves(1_234_067 * 256, 1_234_067 * 256 + 1).last().expect("a tile");
    assert_eq!(last.path(), "tile/0/x001/x234/067.p/1");
    assert_eq!(last.full().path(), "tile/0/x001/x234/067");
    assert_eq!(last.entries_path(), "tile/entries/x001/x234/067.p/1");
}

#[test]
fn a_tile_of_another_size_is_refused_and_a_full_one_serves_for_a_partial_one() {
    let tree: LogTree = leaves(256).into_iter().collect();
    let (full, partial) =
        (Tile::leaves(0, 256).last().expect("a tile"), Tile::leaves(0, 5).last().expect("a tile"));
    let content = full.content(&tree).expect("inside");
    assert_eq!(partial.parse(&content).expect("the full one"), leaves(5));
    assert_eq!(partial.content(&tree).expect("inside"), content[..160]);
    for wrong in [&content[..159], &content[..161], &content[..192], &[]] {
        assert_eq!(partial.parse(wrong).expect_err("another size").code(), "log_tile");
    }
    let entries = Tile::entries_content(
        &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_string()]
            .map(|text| CertificateHash::try_from(text).expect("a hash")),
    );
    assert_eq!((&entries[..3], entries.len()), (&[0, 32, 0][..], 34));
}

/// The example of golang.org/x/mod/sumdb/note, where signed notes originate.
#[test]
fn the_note_of_its_inventors() {
    let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
                — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").expect("base64");
    let key = PublicKey::from_bytes(key[1..].try_into().expect("32 bytes")).expect("a key");
    let read = Note::parse(note).expect("a note");
    let line = read
        .by("PeterNeumann", note::SignatureType::Ed25519, &key)
        .next()
        .expect("the name and id are right");
    let signature = line.bytes[..].try_into().expect("64 bytes");
    key.verify(read.text.as_bytes(), &signature).expect("the signature holds");
    assert_eq!(read.to_text(), note);
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn iss() -> crate::HttpsUrl {
    "https://perfusionist.example.no".parse().expect("a URL")
}

fn checkpoint() -> SignedCheckpoint {
    let tree: LogTree = leaves(5).into_iter().collect();
    SignedCheckpoint::sign(&iss(), tree.head(), &key(3)).expect("signs")
}

#[test]
fn a_checkpoint_holds_under_its_key_and_for_its_log() {
    let text = checkpoint().to_text();
    assert!(text.starts_with("perfusionist.example.no/log\n5\n"), "{text}");
    let read = SignedCheckpoint::parse(&text).expect("a checkpoint");
    assert_eq!((read.to_text(), read.head().size), (text.clone(), 5));
    assert!(read.is_signed_by(&iss(), &key(3).public_key()).expect("it holds"));
    assert!(!read.is_signed_by(&iss(), &key(4).public_key()).expect("no line by this key"));
    let elsewhere = read
        .is_signed_by(&"https://other.example.no".parse().expect("a URL"), &key(3).public_key());
    assert_eq!(elsewhere.expect_err("another log").code(), "checkpoint_origin");
    let bent = SignedCheckpoint::parse(&text.replacen("\n5\n", "\n6\n", 1)).expect("well formed");
    assert_eq!(
        bent.is_signed_by(&iss(), &key(3).public_key()).expect_err("bent").code(),
        "signature_invalid"
    );
}

#[test]
fn lines_that_nobody_knows_are_passed_over_and_bad_ones_of_those_we_know_are_not() {
    let text = checkpoint().to_text();
    let stranger = format!("{text}— somebody.example/else AAAAAAECAw==\n");
    let read = SignedCheckpoint::parse(&stranger).expect("a checkpoint");
    assert!(read.is_signed_by(&iss(), &key(3).public_key()).expect("it holds"));
    assert_eq!(read.to_text(), stranger);
    // A second line by the same key, whose signature is another one.
    let line = text.lines().last().expect("the signature");
    let (start, signature) = line.rsplit_once(' ').expect("name and signature");
    let mut bytes = STANDARD.decode(signature).expect("base64");
    bytes[10] ^= 1;
    let bent = format!("{text}{start} {}\n", STANDARD.encode(&bytes));
    let read = SignedCheckpoint::parse(&bent).expect("well formed");
    assert_eq!(
        read.is_signed_by(&iss(), &key(3).public_key()).expect_err("bent").code(),
        "signature_invalid"
    );
    let short = format!("{text}{start} {}\n", STANDARD.encode(&bytes[..40]));
    let read = SignedCheckpoint::parse(&short).expect("well formed");
    assert_eq!(
        read.is_signed_by(&iss(), &key(3).public_key()).expect_err("short").code(),
        "signature_invalid"
    );
}

#[test]
fn what_is_no_checkpoint() {
    let good = checkpoint().to_text();
    let body = good.split("\n\n").next().expect("the text");
    let many: String = core::iter::repeat_n(good.lines().last().expect("a line"), 65)
        .map(|l| format!("{l}\n"))
        .collect();
    let cases = [
        (String::new(), "checkpoint_invalid"),
        (body.to_string(), "checkpoint_invalid"),
        (format!("{body}\n\n"), "checkpoint_invalid"),
        (good.trim_end().to_string(), "checkpoint_invalid"),
        (good.replace("\n5\n", "\n05\n"), "checkpoint_invalid"),
        (good.replace("\n5\n", "\n+5\n"), "checkpoint_invalid"),
        (good.replace("\n5\n", "\n5\nmore\n"), "checkpoint_invalid"),
        (good.replace("\n5\n", "\n16646145\n"), "inconsistent"),
        (good.replace("\n5\n", "\n0\n"), "inconsistent"),
        (good.replace("\n5\n", "\n99999999999999999999\n"), "checkpoint_invalid"),
        (good.replace('\n', "\r\n"), "checkpoint_invalid"),
        (good.replace("— ", "- "), "checkpoint_invalid"),
        (good.replace("=\n\n", "\n\n"), "checkpoint_invalid"),
        (good.replacen("perfusionist.example.no/log\n", "\n", 1), "checkpoint_invalid"),
        (format!("{body}\n\n{many}"), "checkpoint_invalid"),
        (format!("{good}{}", "a".repeat(SignedCheckpoint::MAX_BYTES)), "too_large"),
    ];
    for (text, code) in cases {
        assert_eq!(SignedCheckpoint::parse(&text).expect_err(&text).code(), code, "{text}");
    }
}

#[test]
fn witnesses_cosign_and_as_many_as_are_demanded_must() {
    let at = NumericDate::from_seconds(1_795_000_000).expect("an instant");
    let witness = |seed: u8| Witness {
        key: key(seed).public_key(),
        name: format!("witness.example.no/{seed}").parse().expect("a name"),
    };
    let log = |threshold| TrustedLog {
        threshold,
        witnesses: [8, 9].map(witness).into(),
        ..TrustedLog::new(checkpoint().head())
    };
    let mut cosigned = checkpoint();
    assert!(log(0).check_witnesses(&cosigned).is_ok());
    assert_eq!(log(1).check_witnesses(&cosigned).expect_err("nobody").code(), "witnesses_missing");
    cosigned.cosign(&witness(9).name, &key(9), at).expect("signs");
    cosigned
        .cosign(&witness(9).name, &key(9), at.plus_seconds(5))
        .expect("signs again, and is one");
    let read = SignedCheckpoint::parse(&cosigned.to_text()).expect("a checkpoint");
    assert_eq!(read.to_text().lines().count(), 6);
    assert_eq!(
        read.cosigned_at(&witness(9).name, &witness(9).key).expect("holds"),
        Some(at.plus_seconds(5))
    );
    assert_eq!(read.cosigned_at(&witness(8).name, &witness(9).key).expect("another name"), None);
    assert!(log(1).check_witnesses(&read).is_ok());
    assert_eq!(log(2).check_witnesses(&read).expect_err("one of two").code(), "witnesses_missing");
    // The log's own signature under the witness's name is not a cosignature.
    let bent = read.to_text().replacen("\n5\n", "\n6\n", 1);
    let bent = SignedCheckpoint::parse(&bent).expect("well formed");
    assert_eq!(
        log(1).check_witnesses(&bent).expect_err("of another log").code(),
        "signature_invalid"
    );
    assert!(log(1).check().is_ok());
    assert_eq!(log(3).check().expect_err("there are two").code(), "inconsistent");
    let twice = TrustedLog { witnesses: [8, 8].map(witness).into(), ..log(1) };
    assert_eq!(twice.check().expect_err("twice").code(), "inconsistent");
    for wrong in ["", "a b", "a+b", "å", &"a".repeat(101)] {
        assert_eq!(wrong.parse::<WitnessName>().expect_err(wrong).code(), "field_invalid");
    }
}

#[test]
fn what_a_witness_is_asked_is_read_as_it_is_written_and_nothing_else_is() {
    let log: LogTree = leaves(7).into_iter().collect();
    let iss = "https://perfusionist.example.no".parse().expect("a URL");
    let checkpoint = SignedCheckpoint::sign(&iss, log.head(), &key(7)).expect("signs");
    let request = AddCheckpoint {
        old_size: 3,
        proof: log.consistency(3, 7).expect("it has as many"),
        checkpoint,
    };
    let text = request.to_text();
    assert_eq!(AddCheckpoint::parse(&text).expect("its own text"), request);
    let first = AddCheckpoint { old_size: 0, proof: Vec::new(), ..request.clone() };
    assert!(
        first.to_text().starts_with("old 0\n\nperfusionist.example.no/log\n7\n"),
        "{}",
        first.to_text()
    );
    assert_eq!(AddCheckpoint::parse(&first.to_text()).expect("its own text"), first);

    let proof = text.lines().nth(1).expect("a proof");
    for (from, to) in [
        ("old 3\n", "old 03\n"),
        ("old 3\n", "old  3\n"),
        ("old 3\n", "old +3\n"),
        ("old 3\n", "old -3\n"),
        ("old 3\n", "old 18446744073709551616\n"),
        ("old 3\n", "Old 3\n"),
        ("old 3\n", "old 3\r\n"),
        ("old 3\n", ""),
        (proof, "AAAA"),
        (proof, &proof[1..]),
        (proof, ""),
        (proof, &[proof; 64].join("\n")),
    ] {
        let code = AddCheckpoint::parse(&text.replacen(from, to, 1)).expect_err(to).code();
        // An empty line where a hash should be ends the proof, and what follows is no checkpoint.
        assert!(["add_checkpoint_invalid", "checkpoint_invalid"].contains(&code), "{to}: {code}");
    }
    assert_eq!(
        AddCheckpoint::parse("old 3").expect_err("no more").code(),
        "add_checkpoint_invalid"
    );
    let long = "x".repeat(AddCheckpoint::MAX_BYTES + 1);
    assert_eq!(AddCheckpoint::parse(&long).expect_err("too long").code(), "too_large");
}

#[test]
fn a_cosignature_goes_into_the_checkpoint_that_it_is_for_and_into_no_other() {
    let at = NumericDate::from_seconds(1_795_000_000).expect("an instant");
    let [w8, w9] = [8, 9].map(|seed: u8| Witness {
        key: key(seed).public_key(),
        name: format!("witness.example.no/{seed}").parse().expect("a name"),
    });
    let answer = |mut checkpoint: SignedCheckpoint, at| {
        checkpoint.cosign(&w8.name, &key(8), at).expect("signs");
        checkpoint.cosignatures(&w8.name, &w8.key)
    };
    let (earlier, later) = (answer(checkpoint(), at), answer(checkpoint(), at.plus_seconds(5)));
    for lines in [format!("{earlier}{later}"), format!("{later}{earlier}")] {
        let mut mine = checkpoint();
        assert_eq!(mine.add_cosignature(&lines, &w8).expect("it holds"), Some(at.plus_seconds(5)));
        assert_eq!(mine.cosignatures(&w8.name, &w8.key), later);
        assert_eq!(mine.add_cosignature(&later, &w9).expect("none of w9"), None);
    }
    let log: LogTree = leaves(6).into_iter().collect();
    let iss = "https://perfusionist.example.no".parse().expect("a URL");
    let mut other = SignedCheckpoint::sign(&iss, log.head(), &key(7)).expect("signs");
    let before = other.clone();
    assert_eq!(
        other.add_cosignature(&later, &w8).expect_err("replayed").code(),
        "signature_invalid"
    );
    for junk in ["", "\n", "x\n", &later[..later.len() - 1], &format!("more\n\n{later}")] {
        let error = other.add_cosignature(junk, &w8).expect_err(junk);
        assert_eq!(error.code(), "checkpoint_invalid", "{junk}");
    }
    let long = later.repeat(1000);
    assert_eq!(other.add_cosignature(&long, &w8).expect_err("too long").code(), "too_large");
    assert_eq!(other, before, "nothing is taken over from what cannot be believed");
}

/// `tests/interop/verify_cosignature.py` checks the same file with independent code, and from the
/// text of the specification alone.
#[test]
fn the_cosigned_checkpoint_and_the_keys_for_others_to_check_are_as_in_the_file() {
    let at = NumericDate::from_seconds(1_795_000_000).expect("an instant");
    let mut cosigned = checkpoint();
    let witnesses = [8, 9].map(|seed: u8| Witness {
        key: key(seed).public_key(),
        name: format!("witness.example.no/{seed}").parse().expect("a name"),
    });
    for (witness, seed) in witnesses.iter().zip([8, 9]) {
        cosigned.cosign(&witness.name, &key(seed), at.plus_seconds(seed.into())).expect("signs");
    }
    let keys: String =
        witnesses.iter().map(|witness| format!("{}\n", witness.verifier_key())).collect();
    for (name, expected) in
        [("cosigned-checkpoint.txt", cosigned.to_text()), ("witnesses.txt", keys)]
    {
        let path =
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/log")).join(name);
        let found = fs::read_to_string(&path).unwrap_or_default();
        if std::env::var_os("VERNET_WRITE_VECTORS").is_some() {
            fs::write(&path, &expected).expect("the folder can be written");
        } else {
            assert_eq!(found, expected, "{}", path.display());
        }
    }
}
