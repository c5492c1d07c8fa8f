//! Repeats the check of a receipt from files of any origin: what lacks the right hash, or a
//! signature under the right roots, does not count.

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use vernet_common::{
    Bundle, BundledLog, CertificateHash, Error, LogFrontier, LogHash, LogHead, NumericDate,
    Sha256Hash, Signed, SignedCheckpoint, SignedTrustList, StatusListClaims, TrustAnchor,
    TrustList, Verified, to_canonical_json,
};

use super::{
    claims::{CauseCode, Receipt},
    error::ReplayFault,
};
use crate::{
    check::verify_parsed,
    code::Code,
    error::InputError,
    input::{Input, without_white_space},
    knowledge::Knowledge,
    memory::Memory,
    policy::Policy,
    verdict::Verdict,
};

/// The most trust lists that are looked at: a new one every month for centuries, and some damaged
/// copies of each.
const MAX_TRUST_LISTS: usize = 4096;

/// The most copies of the trust list that the receipt names: the right one, and those whose
/// signatures somebody changed.
const MAX_COPIES: usize = 64;

/// The most lists of the newest instant that are tried.
const MAX_NEWEST: usize = 16;

/// The most checkpoints that are looked at outside bundles that hold the receipt's list.
const MAX_CHECKPOINTS: usize = 4096;

/// The most logs whose leaves are looked at: the right one, and damaged copies of it.
const MAX_LEAVES: usize = 4;

/// The most publications that may be the one of the receipt: the right one, and damaged copies of
/// it.
const MAX_PUBLICATIONS: usize = 8;

/// What was found of everything that a receipt names.
///
/// Offer files in any order with [`Evidence::offer`], then those that may be what was shown with
/// [`Evidence::offer_input`], then [`Evidence::replay`]. Memory does not grow with the number of
/// files.
#[derive(Debug)]
pub struct Evidence {
    receipt: Receipt,
    trusted: Option<TrustAnchor>,
    found_roots: Option<TrustAnchor>,
    /// By their hashes, and by those of their signatures: a copy whose signatures are damaged must
    /// not stand for a good one.
    trust_lists: BTreeMap<(Sha256Hash, Sha256Hash), SignedTrustList>,
    too_many_trust_lists: bool,
    /// Bundles that hold every list that the receipt names, and are as new as it says. The
    /// verifier also had everything else that they hold.
    publications: Vec<Bundle>,
    status_list: Option<Signed<StatusListClaims>>,
    /// By their text: a damaged copy must not stand for a good one.
    checkpoints: BTreeMap<String, SignedCheckpoint>,
    /// Leaves of logs, as many as were found together.
    leaves: Vec<Vec<LogHash>>,
    defect: Option<Signed<StatusListClaims>>,
    /// Lists that claim to be of the newest instant that the receipt states.
    newest: Vec<Signed<StatusListClaims>>,
    input: Option<String>,
}

impl Evidence {
    /// Starts with nothing found of what this receipt names. The type [`Verified`] ensures that the
    /// caller has checked the receipt's own signature.
    pub fn new(receipt: &Verified<Receipt>) -> Self {
        Self {
            receipt: receipt.claims().clone(),
            trusted: None,
            found_roots: None,
            trust_lists: BTreeMap::new(),
            too_many_trust_lists: false,
            publications: Vec::new(),
            status_list: None,
            checkpoints: BTreeMap::new(),
            leaves: Vec::new(),
            defect: None,
            newest: Vec::new(),
            input: None,
        }
    }

    /// Roots that the caller trusts, because they were pinned or their fingerprint was compared.
    /// Roots that the receipt does not name are ignored.
    pub fn trust(&mut self, anchor: &TrustAnchor) {
        if Sha256Hash::from(anchor.fingerprint()) == self.receipt.office.roots_sha256 {
            self.trusted = Some(anchor.clone());
        }
    }

    /// The roots that the receipt names, if they were among the files. They are not trusted yet.
    pub fn found_roots(&self) -> Option<&TrustAnchor> {
        self.found_roots.as_ref()
    }

    /// Takes what is useful in a file: a bundle, a trust list, a status list, a checkpoint of a log
    /// or roots. Returns whether the file was one of these.
    pub fn offer(&mut self, file: &[u8]) -> bool {
        if let Ok(text) = core::str::from_utf8(file)
            && let Ok(list) = Signed::parse(text.trim_ascii())
        {
            self.offer_status_list(list);
            return true;
        }
        if let Ok(text) = core::str::from_utf8(file)
            && let Ok(checkpoint) = SignedCheckpoint::parse(text)
        {
            if self.checkpoints.len() < MAX_CHECKPOINTS {
                self.checkpoints.insert(text.to_owned(), checkpoint);
            }
            return true;
        }
        if let Ok(list) = SignedTrustList::from_json(file) {
            self.offer_trust_list(list);
            return true;
        }
        if let Ok(bundle) = Bundle::from_json(file) {
            self.offer_log(&bundle);
            if self.publications.len() < MAX_PUBLICATIONS
                && self.may_be_the_publication(&bundle)
                && !self.publications.iter().any(|known| is_same_evidence(known, &bundle))
            {
                self.publications.push(bundle.clone());
            }
            bundle.trust_lists.into_iter().for_each(|list| self.offer_trust_list(list));
            bundle.status_lists.into_iter().for_each(|list| self.offer_status_list(list));
            return true;
        }
        if let Ok(anchor) = TrustAnchor::from_json(file) {
            if Sha256Hash::from(anchor.fingerprint()) == self.receipt.office.roots_sha256 {
                self.found_roots = Some(anchor);
            }
            return true;
        }
        false
    }

    /// Takes the leaves of a log: as many as there are, in order. Those of a large one are not in
    /// bundles. A later log begins with the leaves of an earlier one, so the longest are enough.
    pub fn offer_leaves(&mut self, leaves: Vec<LogHash>) {
        if self.leaves.iter().any(|known| known.starts_with(&leaves)) {
            return;
        }
        self.leaves.retain(|known| !leaves.starts_with(known));
        if self.leaves.len() < MAX_LEAVES {
            self.leaves.push(leaves);
        }
    }

    /// Takes a text if it is what was shown. The digits of a code can be recognised only when the
    /// trust list is known.
    pub fn offer_input(&mut self, text: &str) {
        if self.input.is_none() && self.is_what_was_shown(text) {
            self.input = Some(text.to_owned());
        }
    }

    /// Whether what was shown has not been found yet.
    pub fn lacks_input(&self) -> bool {
        self.input.is_none()
    }

    /// Makes the check again, and returns its verdict if it is the one that the receipt states.
    ///
    /// # Errors
    ///
    /// One [`ReplayFault`] for each part that is missing; if none is missing, the one reason why
    /// the check fails or gives another verdict.
    pub fn replay(&self) -> Result<Verdict, Vec<ReplayFault>> {
        let parts = self.parts()?;
        // First from whole publications; then from the lists alone that the receipt names.
        let alone: Vec<_> = self.status_list.iter().chain(&self.defect).cloned().collect();
        let publications = self
            .publications
            .iter()
            .map(|bundle| (bundle.status_lists.clone(), bundle.log.clone()));
        let mut fault = None;
        let logs = self.logs().map(Some).chain([None]);
        for (status_lists, log) in publications.chain(logs.map(|log| (alone.clone(), log))) {
            match self.check_again(&parts, status_lists, log) {
                Ok(verdict) => return Ok(verdict),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        Err(fault.into_iter().collect())
    }

    /// Takes the log of a bundle that holds the status list of the receipt: it may be the one that
    /// this list names.
    fn offer_log(&mut self, bundle: &Bundle) {
        let Some(named) = &self.receipt.status_list else { return };
        let holds = |list: &Signed<StatusListClaims>| {
            Sha256Hash::of(list.as_str().as_bytes()) == named.sha256
        };
        if let Some(log) = bundle.log.as_ref().filter(|_| bundle.status_lists.iter().any(holds)) {
            self.checkpoints.insert(log.checkpoint.to_text(), log.checkpoint.clone());
            log.leaves.iter().for_each(|leaves| self.offer_leaves(leaves.clone()));
        }
    }

    /// Every checkpoint of the log that the status list names: one, and damaged copies of it.
    fn logs(&self) -> impl Iterator<Item = BundledLog> {
        let named = self.status_list.as_ref().and_then(claims).map(|claims| claims.log);
        let of_log = move |checkpoint: &&SignedCheckpoint| Some(checkpoint.head()) == named;
        let with_leaves = |checkpoint: &SignedCheckpoint| {
            self.with_leaves(BundledLog { checkpoint: checkpoint.clone(), leaves: None })
        };
        self.checkpoints.values().filter(of_log).take(MAX_PUBLICATIONS).map(with_leaves)
    }

    /// The log with its leaves, if those were found.
    fn with_leaves(&self, log: BundledLog) -> BundledLog {
        if log.leaves.is_some() {
            return log;
        }
        let head = log.checkpoint.head();
        let of_log = |leaves: &&Vec<LogHash>| {
            beginning(leaves, head.size).is_some_and(|found| found == head)
        };
        let leaves = self.leaves.iter().find(of_log);
        BundledLog { leaves: leaves.map(|leaves| leaves[..head.size as usize].to_vec()), ..log }
    }

    fn offer_trust_list(&mut self, list: SignedTrustList) {
        let of_its_time = |claims: TrustList| claims.seq <= self.receipt.trust_list.seq;
        if !list.unverified_claims().is_ok_and(of_its_time) {
            return;
        }
        let hash = list.hash();
        let json = to_canonical_json("the trust list", &list).unwrap_or_default();
        let key = (hash, Sha256Hash::of(&json));
        let has_room = match hash == self.receipt.trust_list.sha256 {
            true => self.named_trust_lists().count() < MAX_COPIES,
            false => self.trust_lists.len() < MAX_TRUST_LISTS,
        };
        if has_room || self.trust_lists.contains_key(&key) {
            self.trust_lists.insert(key, list);
        } else {
            self.too_many_trust_lists = true;
        }
    }

    fn offer_status_list(&mut self, list: Signed<StatusListClaims>) {
        let hash = Sha256Hash::of(list.as_str().as_bytes());
        if self.receipt.status_list.as_ref().is_some_and(|named| named.sha256 == hash) {
            self.status_list = Some(list);
        } else if self.receipt.defect_sha256 == Some(hash) {
            self.defect = Some(list);
        } else if self.newest.len() < MAX_NEWEST
            && claims(&list).is_some_and(|claims| claims.iat == self.receipt.newest)
            && !self.newest.contains(&list)
        {
            self.newest.push(list);
        }
    }

    /// Whether a bundle holds every list that the receipt names, and nothing newer than what the
    /// verifier had seen.
    fn may_be_the_publication(&self, bundle: &Bundle) -> bool {
        let Receipt { trust_list, status_list, defect_sha256, newest, .. } = &self.receipt;
        let holds = |hash: &Sha256Hash| {
            bundle.status_lists.iter().any(|list| Sha256Hash::of(list.as_str().as_bytes()) == *hash)
        };
        bundle.trust_lists.last().is_some_and(|list| list.hash() == trust_list.sha256)
            && status_list.iter().map(|named| &named.sha256).chain(defect_sha256).all(holds)
            && bundle.status_lists.iter().filter_map(claims).all(|claims| claims.iat <= *newest)
    }

    fn is_what_was_shown(&self, text: &str) -> bool {
        if let Some(hash) = self.receipt.input_sha256 {
            return Sha256Hash::of(without_white_space(text).as_bytes()) == hash;
        }
        let Ok(input) = Input::parse(text) else { return false };
        let certificate = match &input {
            Input::Certificate(certificate) => Some(certificate.clone()),
            Input::Qr(_) => {
                let trust_list =
                    self.named_trust_lists().find_map(|list| list.unverified_claims().ok());
                trust_list.and_then(|trust_list| input.certificate(&trust_list).ok())
            }
        };
        certificate.is_some_and(|certificate| {
            self.receipt.certificate_sha256 == Some(CertificateHash::of(&certificate))
        })
    }

    /// The copies of the trust list that the receipt names. They differ in their signatures only.
    fn named_trust_lists(&self) -> impl Iterator<Item = &SignedTrustList> {
        let named = self.receipt.trust_list.sha256;
        let copies = (named, Sha256Hash::from([0; 32]))..=(named, Sha256Hash::from([0xff; 32]));
        self.trust_lists.range(copies).map(|(_, list)| list)
    }

    /// Everything that the receipt names, or what is missing of it.
    fn parts(&self) -> Result<Parts<'_>, Vec<ReplayFault>> {
        let receipt = &self.receipt;
        let mut missing = Vec::new();
        if self.too_many_trust_lists {
            missing.push(ReplayFault::TooManyTrustLists { limit: MAX_TRUST_LISTS });
        }
        if self.trusted.is_none() {
            let fingerprint = receipt.office.roots_sha256;
            missing.push(match &self.found_roots {
                Some(_) => ReplayFault::RootsNotTrusted { fingerprint },
                None => ReplayFault::RootsMissing { fingerprint },
            });
        }
        if self.named_trust_lists().next().is_none() {
            let (seq, sha256) = (receipt.trust_list.seq, receipt.trust_list.sha256);
            missing.push(ReplayFault::TrustListMissing { seq, sha256 });
        }
        if let (Some(named), None) = (&receipt.status_list, &self.status_list) {
            let what = format!("the status list `{}` of {}", named.uri.as_str(), named.iat);
            missing.push(ReplayFault::StatusListMissing { what, sha256: named.sha256 });
        }
        if let (Some(sha256), None) = (receipt.defect_sha256, &self.defect) {
            missing.push(ReplayFault::StatusListMissing {
                what: "the status list that cannot be used".into(),
                sha256,
            });
        }
        if self.input.is_none() {
            missing.extend(
                receipt
                    .certificate_sha256
                    .map(|hash| ReplayFault::CertificateMissing { sha256: hash.into() }),
            );
            missing.extend(receipt.input_sha256.map(|sha256| ReplayFault::InputMissing { sha256 }));
        }
        match (&self.trusted, &self.input) {
            (Some(anchor), Some(input)) if missing.is_empty() => Ok(Parts { anchor, input }),
            _ => Err(missing),
        }
    }

    fn check_again(
        &self,
        Parts { anchor, input }: &Parts<'_>,
        status_lists: Vec<Signed<StatusListClaims>>,
        log: Option<BundledLog>,
    ) -> Result<Verdict, ReplayFault> {
        let (receipt, policy) = (&self.receipt, Policy::from(self.receipt.policy));
        same("the office", receipt.office.iss.as_str(), anchor.iss.as_str())?;
        let trust_lists = self.chain(anchor)?;
        let log = log.map(|log| self.with_leaves(log));
        let bundle = Bundle { trust_lists, status_lists, log };
        // As the verifier learnt it, which already believed `newest`: it also believed lists that
        // are dated in the future.
        let learn = |bundle: &Bundle, memory: &mut Memory| {
            Knowledge::learn(bundle, memory, &policy, receipt.newest.max(receipt.checked_at))
                .map_err(ReplayFault::refused)
        };
        let mut knowledge = learn(&bundle, &mut Memory::new(anchor))?;
        same("the trust list's number", &receipt.trust_list.seq, &knowledge.trust_list().seq)?;
        if let Some(named) = &receipt.status_list {
            let Some(known) = knowledge.status_list(&named.uri) else {
                return Err(self.unusable(&knowledge, named.uri.as_str()));
            };
            same("the instant of the status list", &named.iat, &known.iat)?;
        }
        if knowledge.newest_iat() > receipt.newest {
            return Err(contradiction(
                "the newest instant that was seen",
                &receipt.newest,
                &knowledge.newest_iat(),
            ));
        }
        let input = Input::parse(input);
        let verdict =
            |knowledge: &Knowledge| verify_parsed(&input, knowledge, &policy, receipt.checked_at);
        let alone = verdict(&knowledge);
        if knowledge.newest_iat() == receipt.newest {
            return self.compare(alone);
        }
        // Something newer was seen than what the receipt names. If the verdict depends on it, the
        // signer's word is not enough.
        let at_hand = knowledge.defects().len();
        knowledge.believe_newest(receipt.newest);
        let believed = verdict(&knowledge);
        if outcome(&believed) == outcome(&alone) && outcome(&alone) == self.stated() {
            return Ok(alone);
        }
        let (mut memory, trust_lists) = (Memory::new(anchor), bundle.trust_lists.clone());
        let evidence = Bundle { trust_lists, status_lists: self.newest.clone(), log: None };
        if learn(&evidence, &mut memory)?.newest_iat() == receipt.newest {
            return self.compare(verdict(&learn(&bundle, &mut memory)?));
        }
        // A list can be unusable for no other reason than that a newer one was seen.
        if outcome(&believed) == self.stated() || (self.defect.is_some() && at_hand == 0) {
            return Err(ReplayFault::NewestMissing { newest: receipt.newest });
        }
        self.compare(believed)
    }

    /// Why the status list that the receipt says was consulted cannot be.
    fn unusable(&self, knowledge: &Knowledge, uri: &str) -> ReplayFault {
        match knowledge.defects().first() {
            Some(error) => ReplayFault::refused(error.clone()),
            None => {
                let found = self.status_list.as_ref().and_then(claims).map(|claims| claims.sub);
                contradiction(
                    "the status list's URI",
                    &uri,
                    &found.map_or_else(String::new, Into::into),
                )
            }
        }
    }

    fn compare(&self, verdict: Verdict) -> Result<Verdict, ReplayFault> {
        if outcome(&verdict) == self.stated() {
            return Ok(verdict);
        }
        if verdict.code() == Code::LogMissing {
            let size =
                self.status_list.as_ref().and_then(claims).map_or(0, |claims| claims.log.size);
            return Err(ReplayFault::LogMissing { size });
        }
        let line = |(code, cause, as_of)| ReplayFault::line(code, cause, as_of);
        Err(ReplayFault::VerdictDiffers {
            stated: line(self.stated()),
            found: line(outcome(&verdict)),
        })
    }

    /// What the receipt says, in the form of [`outcome`].
    fn stated(&self) -> (Code, Option<&str>, NumericDate) {
        (self.receipt.code, self.receipt.cause.as_ref().map(CauseCode::as_str), self.receipt.as_of)
    }

    /// The trust lists that lead from the roots to the one that the receipt names: those that
    /// brought new roots, and itself.
    fn chain(&self, anchor: &TrustAnchor) -> Result<Vec<SignedTrustList>, ReplayFault> {
        let seq = self.receipt.trust_list.seq;
        let claimed =
            |list: &SignedTrustList| list.unverified_claims().map_or(0, |claims| claims.seq);
        let mut earlier: Vec<_> =
            self.trust_lists.values().map(|list| (claimed(list), list)).collect();
        earlier.retain(|(number, _)| (anchor.seq..seq).contains(number));
        earlier.sort_by_key(|(number, _)| *number);
        let (mut roots, mut chain) = (anchor.roots.clone(), Vec::new());
        for (_, list) in earlier {
            // What the roots did not sign is skipped: it is another office's, or damaged.
            let Ok(TrustList { iss, roots: next, .. }) =
                roots.verify_in_part(list).map(Verified::into_claims)
            else {
                continue;
            };
            if iss == anchor.iss && next != roots {
                roots = next;
                chain.push(list.clone());
            }
        }
        // Of several copies, one with the signatures of the roots is enough.
        let mut fault = None;
        for list in self.named_trust_lists() {
            match roots.verify_in_part(list) {
                Ok(_) => {
                    chain.push(list.clone());
                    return Ok(chain);
                }
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        match fault {
            Some(source @ Error::ThresholdNotReached { .. }) => {
                Err(ReplayFault::TrustChainMissing { seq, source })
            }
            Some(error) => Err(ReplayFault::refused(error)),
            None => Ok(chain),
        }
    }
}

/// What is needed besides the lists.
struct Parts<'a> {
    anchor: &'a TrustAnchor,
    input: &'a str,
}

/// Whether two publications differ in nothing but the trust lists, which are looked for apart.
fn is_same_evidence(one: &Bundle, other: &Bundle) -> bool {
    one.status_lists == other.status_lists && one.log == other.log
}

/// What two verdicts must agree on to be the same.
fn outcome(verdict: &Verdict) -> (Code, Option<&str>, NumericDate) {
    (verdict.code(), verdict.cause().map(InputError::code), verdict.as_of())
}

/// The head of the log of the first `size` leaves.
fn beginning(leaves: &[LogHash], size: u64) -> Option<LogHead> {
    let mut frontier = LogFrontier::new();
    leaves.get(..usize::try_from(size).ok()?)?.iter().for_each(|leaf| frontier.push(*leaf));
    Some(frontier.head())
}

fn claims(list: &Signed<StatusListClaims>) -> Option<StatusListClaims> {
    list.unverified_claims().ok()
}

fn same<T: PartialEq + ToString + ?Sized>(
    what: &'static str,
    stated: &T,
    found: &T,
) -> Result<(), ReplayFault> {
    if stated == found { Ok(()) } else { Err(contradiction(what, stated, found)) }
}

fn contradiction<T: ToString + ?Sized, U: ToString + ?Sized>(
    what: &'static str,
    stated: &T,
    found: &U,
) -> ReplayFault {
    ReplayFault::Contradiction { what, stated: stated.to_string(), found: found.to_string() }
}
