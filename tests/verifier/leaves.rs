//! The leaves of a log that is too large for the bundle.

use vernet_common::{Bundle, Error, LogHash, LogTree, Status, Tile};
use vernet_verifier::{
    Code, FetchedLists, Knowledge, Memory,
    leaves::{LeavesPlan, from_bytes, to_bytes},
};

use crate::office::{DAY, HOUR, Office};

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

/// A verifier that has seen a large log with its leaves, and half an hour later gets newer lists,
/// whose log has grown by one certificate, without its leaves.
struct Awaiting {
    office: Office,
    memory: Memory,
    kept: Vec<LogHash>,
}

impl Awaiting {
    fn new() -> Self {
        let (mut office, bundle, log) = large(1500);
        let mut memory = Memory::new(&office.anchor());
        let mut lists = FetchedLists::new(bundle, &memory);
        lists.fetch_leaves(&[], |path| file(&log, path)).expect("they are there");
        lists.update(&mut memory, &office.policy, office.now).expect("sound");
        office.status_claims.iat = office.status_claims.iat.plus_seconds(HOUR / 2);
        office.after.push("one more".into());
        Self { office, memory, kept: log.leaves().to_vec() }
    }

    fn bundle(&self) -> Bundle {
        Bundle::from_json(&self.office.bundle().to_json().expect("JSON")).expect("our own")
    }

    fn lists(&self) -> FetchedLists {
        let mut lists = FetchedLists::new(self.bundle(), &self.memory);
        assert!(lists.start(self.kept.clone()).is_some(), "something is missing");
        lists
    }

    fn knowledge(&self) -> Knowledge {
        let (mut memory, Office { policy, now, .. }) = (self.memory.clone(), &self.office);
        let updated = self.lists().update_before_leaves(&mut memory, policy, *now);
        let knowledge = updated.expect("sound, but for its leaves");
        assert_ne!(memory, self.memory, "what was seen is remembered");
        knowledge
    }

    fn code(&self, text: &str) -> Code {
        self.office.verdict_on(text, &self.knowledge()).code()
    }
}

#[test]
fn while_leaves_are_awaited_the_newest_status_list_counts_for_who_was_in_the_log() {
    let mut awaiting = Awaiting::new();
    let text = awaiting.office.text();
    let knowledge = awaiting.knowledge();
    let verdict = awaiting.office.verdict_on(&text, &knowledge);
    assert_eq!(verdict.code(), Code::Authorised);
    assert_eq!(verdict.as_of(), awaiting.office.status_claims.iat);
    let sizes = (knowledge.usable_log().map(|log| log.size), knowledge.awaited_log());
    assert_eq!(sizes, (Some(1502), Some(awaiting.office.log().head())));
    assert_eq!(knowledge.doubt(&awaiting.office.policy, awaiting.office.now), None);
    for (status, code) in [
        (Status::Conditions, Code::AuthorisedWithConditions),
        (Status::Suspended, Code::Suspended),
        (Status::Invalid, Code::Revoked),
    ] {
        awaiting.office.set_status(status);
        assert_eq!(awaiting.code(&text), code);
    }
}

#[test]
fn while_leaves_are_awaited_nobody_else_is_accepted() {
    let mut awaiting = Awaiting::new();
    let claims = awaiting.office.certificate.clone();
    // As old as the log that is known, and not in it.
    awaiting.office.certificate.given_name = "Ada".parse().expect("a name");
    let forged = awaiting.office.signed_certificate().as_str().to_owned();
    // Newer than it: the part that is awaited may have it.
    awaiting.office.certificate.iat = awaiting.office.status_claims.iat;
    let newer = awaiting.office.signed_certificate().as_str().to_owned();
    awaiting.office.certificate = claims;
    assert_eq!(awaiting.code(&forged), Code::NotIssued);
    let verdict = awaiting.office.verdict_on(&newer, &awaiting.knowledge());
    assert_eq!(verdict.code(), Code::LogMissing);
    assert_eq!(verdict.cause().map(|cause| cause.code()), Some("log_leaves_missing"));
    assert!(verdict.certificate().is_none(), "its claims are nobody's yet");
}

#[test]
fn an_earlier_log_counts_no_longer_than_the_list_that_dates_it() {
    let mut awaiting = Awaiting::new();
    let text = awaiting.office.text();
    awaiting.office.now = awaiting.office.now.plus_seconds(DAY);
    awaiting.office.status_claims.iat = awaiting.office.now;
    awaiting.office.status_claims.exp = awaiting.office.now.plus_seconds(DAY);
    let knowledge = awaiting.knowledge();
    assert_eq!(awaiting.office.verdict_on(&text, &knowledge).code(), Code::LogMissing);
    let doubt = knowledge.doubt(&awaiting.office.policy, awaiting.office.now);
    assert_eq!(doubt, Some(Code::LogMissing));
}

#[test]
fn leaves_that_are_not_those_of_the_log_before_are_worth_nothing() {
    let mut awaiting = Awaiting::new();
    let text = awaiting.office.text();
    let whole = awaiting.kept.clone();
    awaiting.kept.swap(0, 1);
    assert_eq!(awaiting.code(&text), Code::LogMissing);
    awaiting.kept = whole[..1501].to_vec();
    assert_eq!(awaiting.code(&text), Code::LogMissing);
    // A thief of both keys behind it may have made it.
    awaiting.kept = whole;
    awaiting.office.trust_list.seq += 1;
    let now = awaiting.office.now;
    awaiting.office.trust_list.keys[2].compromised_at = Some(now.plus_seconds(-DAY));
    let mut memory = awaiting.memory.clone();
    let mut lists = FetchedLists::new(awaiting.bundle(), &memory);
    assert!(lists.start(awaiting.kept.clone()).is_none(), "nothing is fetched for it");
    let updated = lists.update_before_leaves(&mut memory, &awaiting.office.policy, now);
    assert!(updated.is_err(), "the log of this bundle is not the office's");
}

#[test]
fn what_was_fetched_of_a_log_is_kept_unless_it_contradicts_the_one_before() {
    let awaiting = Awaiting::new();
    let log = awaiting.office.log();
    let some = |plan: &mut LeavesPlan, forged: bool| {
        let tile = plan.tiles().next().expect("something is missing");
        let mut content = tile.content(&log).expect("it is there");
        content[0] ^= u8::from(forged);
        plan.add(&content).expect("it is as long as it must be");
    };
    let lists = awaiting.lists();
    let mut plan = lists.leaves_plan(&awaiting.kept).expect("something is missing");
    assert_eq!(plan.kept(), 1280);
    assert_eq!(lists.leaves_so_far(plan.clone()), awaiting.kept, "nothing has come");
    some(&mut plan, false);
    assert_eq!(lists.leaves_so_far(plan.clone()), log.leaves());
    plan.forget_kept();
    some(&mut plan, true);
    assert_eq!(lists.leaves_so_far(plan), awaiting.kept);
    // Whoever has seen no log keeps what came.
    let mut lists = FetchedLists::new(awaiting.bundle(), &Memory::new(&awaiting.office.anchor()));
    let mut plan = lists.start(Vec::new()).expect("everything is missing");
    some(&mut plan, false);
    assert_eq!(lists.leaves_so_far(plan), log.leaves()[..256]);
}

#[test]
fn leaves_that_are_kept_already_are_not_fetched_again() {
    let mut awaiting = Awaiting::new();
    let log = awaiting.office.log();
    awaiting.kept = log.leaves().to_vec();
    let mut lists = FetchedLists::new(awaiting.bundle(), &awaiting.memory);
    assert!(lists.start(awaiting.kept.clone()).is_none());
    let Office { policy, now, .. } = &awaiting.office;
    let knowledge = lists.update(&mut awaiting.memory, policy, *now).expect("sound");
    assert_eq!(knowledge.log().ok(), Some(log.head()));
}
