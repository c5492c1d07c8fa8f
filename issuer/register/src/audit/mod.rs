//! The audit: checks the whole register again and trusts none of it.

mod lists;

use std::collections::BTreeMap;

use lists::Lists;
use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, HttpsUrl, KeyId, KeyUse, NumberPrefix,
    NumericDate, Signed,
};

use crate::{
    authority::check_rules,
    error::Error,
    rules::grant,
    state::index::State,
    statements::{digest::Digest, event::Event, statement::Statement},
    storage::{location::RegisterLocation, open::open, transaction::Access},
    store::{
        given_out::GivenOut,
        read::{CertificateCheck, Step, read},
    },
};

/// A register in which no fault was found.
///
/// Checked for every statement: its place in the chain; its officer's signature; that the officer
/// was in office then, in a role that allows it; where it takes two officers, that the second one
/// is another person and signed what the first one had proposed; that its days are right; and that
/// the rules of the law allowed it on that day, except for rules that depend on data of the office,
/// which may have changed since. For every certificate: that it says what was decided, its number
/// and slot, and its signature under a key that was in use. For every publication: that the list,
/// and the issued log that it names, follow bit for bit from the register. Finally, that the
/// database holds nothing else.
///
/// A register that was truncated, or replaced by an older copy, is consistent in itself: **also**
/// compare [`Audited::mark`] with that of an earlier audit.
#[derive(Debug)]
pub struct Audited {
    state: State,
    certificates: usize,
    publications: usize,
}

impl Audited {
    /// Everything that the register says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// How many certificates were checked.
    pub fn certificates(&self) -> usize {
        self.certificates
    }

    /// How many publications of status lists were checked.
    pub fn publications(&self) -> usize {
        self.publications
    }

    /// What to keep outside the register, so that a later audit can check that the register still
    /// begins with all of this.
    pub fn mark(&self) -> Mark {
        Mark { seq: self.state.statements().len() as u64, sha256: self.state.head() }
    }
}

/// The number and the hash of a statement. The hash covers everything up to it. Written as
/// `17:3036f6…`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// The number of the statement.
    pub seq: u64,
    /// Its hash.
    pub sha256: Digest,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, self.sha256)
    }
}

impl std::str::FromStr for Mark {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let (seq, sha256) = text.split_once(':')?;
            Some(Self { seq: seq.parse().ok()?, sha256: sha256.to_owned().try_into().ok()? })
        };
        parse().ok_or_else(|| {
            vernet_common::Error::field("mark", text, "a number, a colon and 64 hexadecimal digits")
                .into()
        })
    }
}

/// Reads a register from its first statement, all of it as of one moment, and checks everything
/// that can be checked: see [`Audited`].
///
/// # Errors
///
/// The first fault, with the number of its statement, and [`Error::StatementReplaced`] if the
/// register does not begin with what `mark` covers.
pub fn audit(at: &RegisterLocation, mark: Option<&Mark>) -> Result<Audited, Error> {
    audit_aloud(at, mark, &mut |_| {})
}

/// As [`audit()`]. `checked` is told of each statement that holds, by its number: an audit of a large
/// register takes minutes.
///
/// # Errors
///
/// As for [`audit()`].
pub fn audit_aloud(
    at: &RegisterLocation,
    mark: Option<&Mark>,
    checked: &mut dyn FnMut(u64),
) -> Result<Audited, Error> {
    let mut storage = open(at)?;
    let mut transaction = storage.begin(Access::Read)?;
    let (mut state, mut auditor) = (State::default(), Auditor::new(checked));
    read(&mut *transaction, &mut state, &mut auditor)?;
    let (found, expected) = (transaction.count_statements()?, state.statements().len() as u64);
    if found != expected {
        return Err(Error::StrayStatements { found, expected });
    }
    if let Some(Mark { seq, sha256 }) = mark {
        let (seq, found, expected) = (*seq, state.hash(*seq), *sha256);
        if found != Some(expected) {
            return Err(Error::StatementReplaced { seq, found, expected });
        }
    }
    let given_out = GivenOut::of(&state);
    let certificates = given_out.len();
    given_out.check(&mut *transaction)?;
    Ok(Audited { state, certificates, publications: auditor.publications })
}

/// What is remembered from statement to statement, and who is told of each.
struct Auditor<'a> {
    checked: &'a mut dyn FnMut(u64),
    iss: Option<HttpsUrl>,
    lists: Lists,
    publications: usize,
    /// The greatest serial number of each year.
    serials: BTreeMap<(NumberPrefix, u16), u32>,
    /// When a working key was retired or compromised, and must sign no more.
    ended: BTreeMap<KeyId, NumericDate>,
}

impl<'a> Auditor<'a> {
    fn new(checked: &'a mut dyn FnMut(u64)) -> Self {
        Self {
            checked,
            iss: None,
            lists: Lists::default(),
            publications: 0,
            serials: BTreeMap::new(),
            ended: BTreeMap::new(),
        }
    }
}

impl Step for Auditor<'_> {
    const CERTIFICATES: bool = true;

    fn before(
        &mut self,
        state: &State,
        statement: &Statement,
        certificate: Option<&CertificateCheck>,
    ) -> Result<(), Error> {
        match &statement.event {
            Event::Founded(founded) => self.iss = Some(founded.iss.clone()),
            Event::Granted(_) | Event::Reissued(_) => {
                self.check_certificate(state, statement, certificate)?;
            }
            Event::Published { list, iat, statuses, .. } => {
                let differs = |reason| Error::StatusListDiffers { list: *list, iat: *iat, reason };
                if self.lists.hash(state, *list, *iat)? != Some(*statuses) {
                    return Err(differs(
                        "other certificates are invalid, suspended or limited in it",
                    ));
                }
                self.publications += 1;
            }
            Event::StatusListOpened { list, .. } => {
                let newest = state.newest_list().map_or(0, |(list, _)| list.number());
                if list.number() != newest + 1 {
                    let (list, iat) = (*list, statement.recorded_at);
                    return Err(Error::StatusListDiffers {
                        list,
                        iat,
                        reason: "its number does not follow",
                    });
                }
            }
            Event::Restored(restored) => {
                for key in &restored.keys {
                    let stolen = key.compromised_at.map(|_| statement.recorded_at);
                    let end = stolen.into_iter().chain(key.not_after).min();
                    end.into_iter().for_each(|end| self.end(key.key.kid(), end));
                }
            }
            Event::KeyRetired { kid, at } => self.end(*kid, *at),
            // From the recording on, because nobody knew of the compromise before.
            Event::KeyCompromised { kid, .. } => self.end(*kid, statement.recorded_at),
            _ => {}
        }
        // Every reader checks the rules for statements of one officer, so they need no check here.
        match (&statement.event, statement.approves) {
            (Event::Founded(_), _) | (_, Some(_)) => check_rules(state, statement),
            _ => Ok(()),
        }
    }

    fn after(&mut self, state: &State) -> Result<(), Error> {
        (self.checked)(state.statements().len() as u64);
        self.lists.follow(state);
        Ok(())
    }
}

impl Auditor<'_> {
    fn end(&mut self, kid: KeyId, at: NumericDate) {
        let known = self.ended.entry(kid).or_insert(at);
        *known = at.min(*known);
    }

    /// Checks that the certificate follows from the decision, and that the right key signed it.
    fn check_certificate(
        &mut self,
        state: &State,
        statement: &Statement,
        certificate: Option<&CertificateCheck>,
    ) -> Result<(), Error> {
        let Some((claims, _)) = statement.event.issued() else { return Ok(()) };
        let now = statement.recorded_at;
        let subject = match &statement.event {
            Event::Granted(granted) => grant::grant(state, None, &granted.application, now)?,
            Event::Reissued(reissued) => {
                let again = grant::Reissue {
                    reason: reissued.reason,
                    names: reissued.names.as_ref(),
                    counts: &reissued.counts,
                    // No day is more than `u8::MAX` days away that is allowed.
                    runs_on: reissued.previous_until.map_or(0, |until| {
                        u8::try_from(until.days_since(now.civil_date())).unwrap_or(u8::MAX)
                    }),
                };
                grant::reissue(state, reissued.previous, again, statement.decided_on, now)?.1
            }
            _ => return Ok(()),
        };
        let number = claims.certificate_number;
        let differs = |reason| Error::CertificateDiffers { number, reason };
        let iss = self.iss.as_ref().ok_or(Error::NotFounded)?;
        let slot = &claims.status.status_list;
        let iat = state.certificate_iat(now);
        if number.prefix() != subject.prefix() {
            return Err(differs("its number is that of another title"));
        }
        if subject.claims(iss, iat, number, slot.uri.number(), slot.idx)? != *claims {
            return Err(differs("it says something else than was decided"));
        }
        if state.newest_list().map(|(list, _)| list) != Some(slot.uri.number()) {
            return Err(differs("its slot is in another list than the newest"));
        }
        let lost = state.lost_serials(number.prefix(), number.year());
        self.check_number(number, lost, now.civil_date()).map_err(differs)?;
        match certificate {
            Some(CertificateCheck::Holds(kid)) => self.check_key(state, *kid, now),
            Some(CertificateCheck::Unknown(signed)) => self.check_signature(state, signed, now)?,
            None => Err("nobody looked at its signature"),
        }
        .map_err(differs)?;
        Ok(())
    }

    fn check_number(
        &mut self,
        number: CertificateNumber,
        lost: u32,
        today: CivilDate,
    ) -> Result<(), &'static str> {
        let last = self.serials.entry((number.prefix(), number.year())).or_default();
        *last = lost.max(*last);
        if i32::from(number.year()) != i32::from(today.year()) || number.serial() != *last + 1 {
            return Err("its number does not follow on the one before");
        }
        *last += 1;
        Ok(())
    }

    fn check_key(&self, state: &State, kid: KeyId, now: NumericDate) -> Result<(), &'static str> {
        let ended = self.ended.get(&kid).is_some_and(|end| *end <= now);
        match state.key_added(kid).map(|added| &added.event) {
            Some(Event::KeyAdded { r#use: KeyUse::Certificate, not_before, not_after, .. })
                if *not_before <= now && now < *not_after && !ended =>
            {
                Ok(())
            }
            _ => Err("its key was not in use for certificates then"),
        }
    }

    fn check_signature(
        &self,
        state: &State,
        signed: &Signed<CertificateClaims>,
        now: NumericDate,
    ) -> Result<Result<(), &'static str>, Error> {
        if let Some(Event::KeyAdded { key, .. }) =
            state.key_added(signed.kid()).map(|added| &added.event)
        {
            signed.check_signature(key)?;
        }
        Ok(self.check_key(state, signed.kid(), now))
    }
}
