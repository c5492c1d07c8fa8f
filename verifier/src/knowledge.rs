//! What a verifier knows: the trust list, the status lists and the issued log, each under a valid
//! signature.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

use vernet_common::{
    Error, LogHead, NumericDate, Sha256Hash, StatusList, StatusListUri, TrustList, Verified,
};

use crate::{
    code::Code,
    colour::Colour,
    log::{AwaitedLog, KnownLog},
    policy::Policy,
    record::OfficeInWords,
};

/// The trust list, the status lists and the issued log of one issuer, as of one bundle. Nothing in
/// it is older than what the memory had seen.
#[derive(Debug)]
pub struct Knowledge {
    pub(crate) trust_list: Verified<TrustList>,
    pub(crate) status_lists: BTreeMap<StatusListUri, StatusKnowledge>,
    /// Status lists that were offered and cannot be used.
    pub(crate) defects: Vec<Error>,
    /// The issued log, or why there is none that can be used.
    pub(crate) log: Result<KnownLog, Option<Error>>,
    /// The issued log, if only its leaves are missing.
    pub(crate) awaited: Option<AwaitedLog>,
    pub(crate) newest_iat: NumericDate,
    /// What a receipt names.
    pub(crate) trust_list_sha256: Sha256Hash,
    pub(crate) first_defect_sha256: Option<Sha256Hash>,
    pub(crate) office: OfficeBeside,
}

/// The office as verdicts show it: each of them has a part in it, and no copy.
#[derive(Debug)]
pub(crate) struct OfficeBeside {
    whole: Arc<OfficeInWords>,
    /// Nobody needs to be called about what is accepted.
    without_contacts: Arc<OfficeInWords>,
}

impl OfficeBeside {
    pub(crate) fn of(trust_list: &TrustList) -> Self {
        let TrustList { iss, office, .. } = trust_list;
        let contacts = office.iter().flat_map(|office| &office.contacts);
        let without_contacts = OfficeInWords {
            iss: iss.clone(),
            name: office.as_ref().map(|office| office.name.clone()),
            contacts: Vec::new(),
        };
        let contacts = contacts.filter(|contact| contact.leads_somewhere()).cloned().collect();
        let whole = OfficeInWords { contacts, ..without_contacts.clone() };
        Self { whole: Arc::new(whole), without_contacts: Arc::new(without_contacts) }
    }
}

/// One status list, inflated.
#[derive(Debug)]
pub(crate) struct StatusKnowledge {
    pub(crate) statuses: StatusList,
    pub(crate) iat: NumericDate,
    pub(crate) exp: NumericDate,
    pub(crate) sha256: Sha256Hash,
    pub(crate) log: LogHead,
    pub(crate) trust_list_seq: u64,
    pub(crate) ttl: u32,
    /// Why it may be used only to refuse.
    pub(crate) not_understood: Option<Error>,
}

impl StatusKnowledge {
    /// Whether everything in the list is understood that must be.
    pub(crate) fn understood(&self) -> Result<(), Error> {
        self.not_understood.clone().map_or(Ok(()), Err)
    }
}

/// Which status list is known, and of when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownStatusList<'a> {
    /// The list.
    pub uri: &'a StatusListUri,
    /// When it was signed.
    pub iat: NumericDate,
    /// The first instant at which it no longer counts.
    pub exp: NumericDate,
    /// After how many seconds its office expects to be asked for a newer one.
    pub ttl: u32,
}

/// A publication takes its time, and clocks differ: an office that asks to be asked each minute is
/// not late after two.
const LEAST_DELAY_S: i64 = 15 * 60;

impl Knowledge {
    /// The trust list in force.
    pub fn trust_list(&self) -> &TrustList {
        self.trust_list.claims()
    }

    /// Whether everything in the lists is understood that must be. If not, nothing is accepted by
    /// them: a newer version of this program is needed.
    ///
    /// # Errors
    ///
    /// [`Error::NotUnderstood`], with what it is.
    pub fn understood(&self) -> Result<(), Error> {
        self.trust_list.understood()?;
        self.status_lists.values().try_for_each(StatusKnowledge::understood)
    }

    /// The office in words, and whom to call, as its roots have signed it. The trust list may be too
    /// old to accept anything: its telephone numbers are the best that there are.
    pub fn office(&self) -> OfficeInWords {
        (*self.office.whole).clone()
    }

    /// The office as it is shown beside a verdict.
    pub(crate) fn office_beside(&self, code: Code) -> Arc<OfficeInWords> {
        Arc::clone(match code.colour() {
            Colour::Accepted => &self.office.without_contacts,
            Colour::Refused | Colour::Undetermined => &self.office.whole,
        })
    }

    /// Every status list that can be used.
    pub fn status_lists(&self) -> impl Iterator<Item = KnownStatusList<'_>> {
        self.status_lists.iter().map(|(uri, list)| KnownStatusList {
            uri,
            iat: list.iat,
            exp: list.exp,
            ttl: list.ttl,
        })
    }

    /// The log that each status list names.
    pub(crate) fn named_logs(&self) -> impl Iterator<Item = LogHead> {
        self.status_lists.values().map(|list| list.log)
    }

    /// When to ask for newer lists: as soon as the `ttl` of any status list has passed, and at the
    /// latest when any list expires.
    pub fn next_update(&self) -> NumericDate {
        let asks =
            |list: KnownStatusList<'_>| list.iat.plus_seconds(i64::from(list.ttl)).min(list.exp);
        self.status_lists().map(asks).min().unwrap_or(self.newest_iat).min(self.trust_list().exp)
    }

    /// How long certificates can be accepted by these lists: until the first of them ends, or is too
    /// old for the policy. The code is what the verdict is from then on.
    pub fn good_until(&self, policy: &Policy) -> (NumericDate, Code) {
        let TrustList { iat, exp, .. } = *self.trust_list();
        let older_than = |iat: NumericDate, age: i64| iat.plus_seconds(age.saturating_add(1));
        let stale = older_than(iat, policy.max_trust_list_age_s);
        let mut first = (exp, Code::TrustListExpired);
        let lists = self.status_lists().map(|list| {
            (list.exp.min(older_than(list.iat, policy.max_status_age_s)), Code::StatusStale)
        });
        for end in lists.chain([(stale, Code::TrustListStale)]) {
            if end.0 < first.0 {
                first = end;
            }
        }
        first
    }

    /// Since when the office's next list has been due, if it is late: a whole publication is missing,
    /// although the lists are still good. It says something about the office only if it was asked
    /// lately; else newer lists may be there.
    pub fn late_since(&self, now: NumericDate) -> Option<NumericDate> {
        let late = |list: KnownStatusList<'_>| {
            let ttl = i64::from(list.ttl);
            let due = list.iat.plus_seconds(ttl);
            (now >= due.plus_seconds(ttl.max(LEAST_DELAY_S))).then_some(due)
        };
        self.status_lists().filter_map(late).min()
    }

    /// Why status lists that were offered cannot be used.
    pub fn defects(&self) -> &[Error] {
        &self.defects
    }

    /// The newest instant at which anything was signed, by this bundle or by one seen before.
    pub fn newest_iat(&self) -> NumericDate {
        self.newest_iat
    }

    /// Assumes the newest instant that a receipt states, to find out whether anything depends on
    /// it.
    pub(crate) fn believe_newest(&mut self, newest: NumericDate) {
        self.newest_iat = self.newest_iat.max(newest);
    }

    /// What the issued log held, if it can be used.
    ///
    /// # Errors
    ///
    /// Why the log cannot be used; `None` if there is no log.
    pub fn log(&self) -> Result<LogHead, Option<&Error>> {
        self.log.as_ref().map(KnownLog::head).map_err(Option::as_ref)
    }

    /// The same knowledge with a log that nobody has signed yet. It is for **the office itself**,
    /// which has the certificates and checks what it is about to publish. Do not use it on what an
    /// office publishes: only the caller vouches for these leaves.
    #[cfg(feature = "office")]
    #[must_use]
    pub fn with_own_log(self, log: &vernet_common::LogTree, as_of: NumericDate) -> Self {
        Self { log: Ok(KnownLog::new(log.head(), as_of, log.leaves())), awaited: None, ..self }
    }

    /// The issued log, if it is signed, but its leaves are not at hand yet. Certificates that were in
    /// the log before are judged meanwhile, by the newest status list.
    pub fn awaited_log(&self) -> Option<LogHead> {
        self.awaited.as_ref().map(|awaited| awaited.head)
    }

    /// The newest log of which the leaves are at hand: the issued log, or the one before it for as long
    /// as its leaves are awaited.
    pub fn usable_log(&self) -> Option<LogHead> {
        let earlier = || self.awaited.as_ref()?.earlier.as_ref();
        self.known_log().or_else(earlier).map(KnownLog::head)
    }

    pub(crate) fn known_log(&self) -> Option<&KnownLog> {
        self.log.as_ref().ok()
    }

    pub(crate) fn status_list(&self, uri: &StatusListUri) -> Option<&StatusKnowledge> {
        self.status_lists.get(uri)
    }
}
