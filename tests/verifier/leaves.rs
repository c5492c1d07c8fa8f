//! The leaves of a log that is too large for the bundle.

use vernet_common::{Bundle, Error, LogTree, Tile};
use vernet_verifier::{
    Code, FetchedLists, Memory,
    leaves::{LeavesPlan, from_bytes, to_bytes},
};

use crate::office::Office;

/// An office with a log of this many other certificates, its own and an earlier one, and the bundle
/// as it is published.
fn large(others: usize) -> (Office, Bundle, LogTree) {
    let mut office = Office::new();
    office.after = (0..others).map(|number| number.to_string()).collect();
    let bundle = office.bundle().to_json().expect("JSON");
    let log = office.log();
    (office, Bundle::from_json(&bundle).expect("our own"), log)
}

fn file(log: &LogTree, path: &str) -> Result<Vec<u8>, Error> {
    let tile = Tile::all(log.size()).find(|tile| tile.path() == path);
    let content = tile.and_then(|tile| tile.content(log));
    content.ok_or(Error::Inconsistent { what: "there is no such file" })
}

#[test]
fn only_what_is_new_is_fetched_and_damaged_leaves_are_fetched_again() {
    let (office, bundle, log) = large(1500);
    let fetch = |kept: &[_]| {
        let memory = Memory::new(&office.anchor());
        let mut lists = FetchedLists::new(bundle.clone(), &memory);
        let mut fetched = 0;
        lists
            .fetch_leaves(kept, |path| {
                fetched += 1;
                file(&log, path)
            })
            .expect("they are there");
        let mut memory = memory;
        let knowledge = lists.update(&mut memory, &office.policy, office.now).expect("sound");
        assert_eq!(office.verdict_on(&office.text(), &knowledge).code(), Code::Authorised);
        assert_eq!(lists.leaves_to_keep(), log.leaves());
        fetched
    };
    assert_eq!(fetch(&[]), 6);
    let kept = from_bytes(&to_bytes(log.leaves()));
    assert_eq!(fetch(&kept), 1);
    assert_eq!(fetch(&kept[..700]), 4);
    let mut damaged = kept.clone();
    damaged.swap(0, 1);
    assert_eq!(fetch(&damaged), 1 + 6);
    // Leaves of another, longer log.
    assert_eq!(fetch(&[&damaged[..], &kept].concat()), 1 + 6);
}

#[test]
fn the_full_tile_stands_for_a_partial_one_that_is_gone() {
    let (_, _, log) = large(1500);
    let (_, _, grown) = large(1600);
    let mut plan = LeavesPlan::new(log.head(), &[]);
    plan.fetch(|path| file(&grown, path)).expect("the full one");
    assert!(plan.is_whole());
    assert_eq!(plan.into_leaves(), log.leaves());
}

#[test]
fn nothing_is_fetched_for_a_log_that_would_not_be_believed_or_is_there() {
    let (office, bundle, _) = large(1500);
    let memory = Memory::new(&office.anchor());
    let plan = |bundle: Bundle| FetchedLists::new(bundle, &memory).leaves_plan(&[]);
    assert_eq!(plan(bundle.clone()).map(|plan| plan.tiles().count()), Some(6));
    assert!(plan(Office::new().bundle()).is_none(), "small: it travels in the bundle");
    let other = large(1501).1;
    assert!(plan(Bundle { log: other.log, ..bundle.clone() }).is_none(), "no list names it");
    assert!(plan(Bundle { trust_lists: Vec::new(), ..bundle }).is_none(), "nobody signed it");
}

#[test]
fn lists_that_another_process_has_gone_past_are_read_again() {
    let office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    let mut lists = FetchedLists::new(office.bundle(), &memory);
    let mut later = Office::new();
    later.status_claims.iat = later.status_claims.iat.plus_seconds(60);
    FetchedLists::new(later.bundle(), &memory)
        .update(&mut memory, &office.policy, office.now)
        .expect("sound");
    let before = memory.clone();
    let error = lists.update(&mut memory, &office.policy, office.now).expect_err("older");
    assert_eq!(error.code(), "status_list_rolled_back");
    assert_eq!(memory, before);
}

#[test]
fn a_tile_of_another_length_is_an_error() {
    let (_, _, log) = large(1500);
    let mut plan = LeavesPlan::new(log.head(), &[]);
    assert_eq!(plan.add(&[0; 100]).expect_err("too short").code(), "log_tile");
    plan.fetch(|path| file(&log, path)).expect("they are there");
    assert_eq!(plan.add(&[0; 32]).expect_err("all are there").code(), "log_tile");
}
