//! What was lost with the newest register, and taken back from the last publication.
//!
//! Nobody knows who decided what was lost, nor why. So what hospitals were told stands until two
//! officers decide anew: a certificate that was invalid stays so for good, as always, and the right
//! rests, as if it were suspended without an end. Its holder is not told to be good, and not told to
//! be bad for good.

use std::collections::BTreeMap;

use vernet_common::{
    CertificateClaims, CertificateHash, CertificateNumber, CivilDate, KeyId, NumberPrefix,
    NumericDate, Signed, Status, StatusIndex, StatusList, StatusListNumber, TrustedKey,
};

use crate::{
    error::Error,
    law::SuspensionGround,
    state::{
        index::{Authorisation, Compromise, Gap, List, Publication, State, ToldByPublication},
        standing::{Limitation, Suspension, ends},
    },
    statements::{
        digest::Digest,
        event::Event,
        proposal::Act,
        restored::{Restored, RestoredList},
        statement::Statement,
    },
};

/// A certificate of which hospitals were told otherwise than the register says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToldOtherwise {
    /// The certificate.
    pub certificate: CertificateNumber,
    /// What hospitals were told.
    pub hospitals: Status,
    /// What the register says.
    pub register: Status,
}

/// How much a status takes from the holder of a certificate.
fn severity(status: Status) -> u8 {
    match status {
        Status::Valid => 0,
        Status::Conditions => 1,
        Status::Suspended => 2,
        Status::Invalid => 3,
    }
}

impl State {
    /// Every restore, oldest first.
    pub fn restores(&self) -> impl Iterator<Item = (&Statement, &Restored)> {
        self.restores.iter().filter_map(|position| match &self.at(*position).event {
            Event::Restored(restored) => Some((self.at(*position), &**restored)),
            _ => None,
        })
    }

    /// Refuses what would go on with the log while a restore waits for its second officer.
    pub(crate) fn no_pending_restore(&self) -> Result<(), Error> {
        let mut pending = self.proposals().filter(|(_, proposal)| {
            matches!(&proposal.act, Act::Decide { event } if matches!(**event, Event::Restored(_)))
        });
        match pending.next() {
            Some((statement, _)) => Err(Error::RestorePending { seq: statement.seq }),
            None => Ok(()),
        }
    }

    /// Whether the register knows a published status list: it signed it, or took back what it says.
    pub fn knows_published(&self, list: StatusListNumber, sha256: Digest) -> bool {
        let number = list;
        let taken_back = |restored: &Restored| {
            restored.lists.iter().any(|known| (known.list, known.sha256) == (number, sha256))
        };
        self.statements.iter().rev().any(|statement| match &statement.event {
            Event::Published { list, sha256: known, .. } => (*list, *known) == (number, sha256),
            Event::Restored(restored) => taken_back(restored),
            _ => false,
        })
    }

    /// The slots of a published list that say something worse than the register does: neither of the
    /// day of the publication nor of now, because what ends by itself was not lost.
    pub fn lost_slots(
        &self,
        (list, published): (StatusListNumber, &StatusList),
        iat: NumericDate,
        now: NumericDate,
    ) -> Vec<(StatusIndex, Status)> {
        let known = [iat.civil_date(), now.civil_date()].map(|day| {
            let mut known = StatusList::new();
            for (index, status) in self.status_list_content(list, day, now) {
                known.set(index, status);
            }
            known
        });
        let slots = (0..StatusIndex::COUNT).filter_map(|index| StatusIndex::new(index).ok());
        let found = slots.map(|index| (index, published.get(index)));
        let unexplained = |(index, status): &(StatusIndex, Status)| {
            known.iter().all(|known| severity(known.get(*index)) < severity(*status))
        };
        found.filter(unexplained).collect()
    }

    /// The certificates that the register knows and of which hospitals were told something worse, by
    /// number.
    pub fn told_otherwise(&self, restored: &Restored, now: NumericDate) -> Vec<ToldOtherwise> {
        let mut told: Vec<_> = restored
            .lists
            .iter()
            .flat_map(|list| self.told_by(list, now))
            .map(|(certificate, hospitals, register)| ToldOtherwise {
                certificate,
                hospitals,
                register,
            })
            .collect();
        told.sort_by_key(|one| one.certificate);
        told
    }

    /// The certificates of which the register says something worse than a published list, by number:
    /// what was lifted may have been lost. Of the day of the publication and of now, because what
    /// began by itself was not lost.
    pub fn told_better(
        &self,
        (list, published): (StatusListNumber, &StatusList),
        iat: NumericDate,
        now: NumericDate,
    ) -> Vec<ToldOtherwise> {
        let days = [iat.civil_date(), now.civil_date()];
        let of_list = self.slots.iter().filter(|((other, _), _)| *other == list);
        let mut told: Vec<_> = of_list
            .filter_map(|((_, index), number)| {
                let hospitals = published.get(*index);
                let known = days.map(|day| self.certificate_status(*number, day, now));
                let [Ok(then), Ok(register)] = known else { return None };
                let worse = |status| severity(status) > severity(hospitals);
                let told = ToldOtherwise { certificate: *number, hospitals, register };
                (worse(then) && worse(register)).then_some(told)
            })
            .collect();
        told.sort_by_key(|one| one.certificate);
        told
    }

    /// As [`State::told_otherwise`], of one list.
    fn told_by(
        &self,
        list: &RestoredList,
        now: NumericDate,
    ) -> impl Iterator<Item = (CertificateNumber, Status, Status)> {
        let of_certificates = list.slots.iter().filter_map(move |(index, status)| {
            Some((*self.slots.get(&(list.list, *index))?, *status))
        });
        of_certificates.filter_map(move |(number, hospitals)| {
            let register = self.certificate_status(number, now.civil_date(), now).ok()?;
            (severity(register) < severity(hospitals)).then_some((number, hospitals, register))
        })
    }

    /// Takes back what was lost. The statement is not among the others yet.
    pub(super) fn restore(
        &mut self,
        restored: &Restored,
        now: NumericDate,
        position: usize,
    ) -> Result<(), &'static str> {
        let has_log = !self.statements.is_excerpt();
        if has_log && restored.before != self.log.head() {
            return Err("the issued log from which it goes on is not the register's");
        }
        let told: Vec<_> = restored.lists.iter().flat_map(|list| self.told_by(list, now)).collect();
        self.gaps.push(self.gap(restored, now));
        for certificate in restored.certificates.iter().filter(|_| has_log) {
            self.log.push_entry(*certificate);
            self.issued.push(position);
        }
        if has_log && self.log.tree().head_at(restored.log.size) != Some(restored.log) {
            return Err("what it takes back does not lead to the issued log that was published");
        }
        for (certificate, status, _) in told {
            let right = self.by_certificate[&certificate];
            self.authorisations[right].told.push(ToldByPublication {
                position,
                certificate,
                status,
            });
        }
        for list in &restored.lists {
            self.keep(list, restored, position);
        }
        for key in &restored.keys {
            self.take_back_key(key, now);
        }
        self.restores.push(position);
        Ok(())
    }

    /// Keeps the statuses of slots that belong to nobody, and the time of a list.
    fn keep(&mut self, list: &RestoredList, restored: &Restored, position: usize) {
        let number = list.list;
        let unknown = list.slots.iter().filter(|(index, _)| !self.is_taken(number, *index));
        let kept = unknown.copied().collect();
        let new = || List { opened: position, decoys: BTreeMap::new(), kept: Vec::new() };
        self.lists.entry(number).or_insert_with(new).kept.push((position, kept));
        let published = Publication {
            list: number,
            iat: list.iat,
            trust_list_seq: list.trust_list_seq,
            log: restored.log,
        };
        let known = self.publications.entry(number).or_insert(published);
        known.iat = known.iat.max(published.iat);
        known.trust_list_seq = known.trust_list_seq.max(published.trust_list_seq);
        if known.log.size < published.log.size {
            known.log = published.log;
        }
    }

    /// Where the status of a lost certificate is, of which only its hash is known: the certificate
    /// itself says it.
    pub(crate) fn lost_slot(&self, jws: &str) -> Option<(StatusListNumber, StatusIndex)> {
        let hash = CertificateHash::of_jws(jws);
        self.restores().find(|(_, restored)| restored.certificates.contains(&hash))?;
        let claims = Signed::<CertificateClaims>::parse(jws).ok()?.unverified_claims().ok()?;
        let slot = claims.status.status_list;
        Some((slot.uri.number(), slot.idx))
    }

    /// Whether two officers have revoked a lost certificate since.
    pub(crate) fn is_lost_revoked(&self, (list, index): (StatusListNumber, StatusIndex)) -> bool {
        let kept = self.lists.get(&list).into_iter().flat_map(|list| &list.kept);
        kept.into_iter().any(|(_, kept)| kept.get(&index) == Some(&Status::Invalid))
    }

    /// Keeps the slot of a lost certificate as invalid. The statement is not among the others yet.
    pub(super) fn revoke_lost(&mut self, jws: &str, position: usize) -> Result<(), &'static str> {
        let slot = self.lost_slot(jws);
        let list = slot.and_then(|(list, index)| Some((self.lists.get_mut(&list)?, index)));
        let (list, index) = list.ok_or("it revokes a certificate that was not lost")?;
        list.kept.push((position, BTreeMap::from([(index, Status::Invalid)])));
        Ok(())
    }

    fn take_back_key(&mut self, key: &TrustedKey, now: NumericDate) {
        let kid = key.key.kid();
        if let Some(since) = key.compromised_at {
            self.compromise(kid, since, now, key.log_size);
        }
        if !self.keys.contains_key(&kid) {
            self.lost_keys.insert(kid, key.clone());
        }
    }

    /// Takes note that others may hold a key. `log_size` comes from a trust list that was lost.
    pub(super) fn compromise(
        &mut self,
        kid: KeyId,
        since: NumericDate,
        known_at: NumericDate,
        log_size: Option<u64>,
    ) {
        let found = Compromise { since, known_at, log_size };
        let known = self.compromised.entry(kid).or_insert(found);
        if since < known.since {
            (known.since, known.log_size) = (since, log_size);
        }
    }

    fn gap(&self, restored: &Restored, now: NumericDate) -> Gap {
        let newest = restored.lists.iter().map(|list| list.iat).max();
        let mut known = BTreeMap::new();
        for number in self.by_certificate.keys() {
            known.insert((number.prefix(), number.year()), number.serial());
        }
        Gap {
            until: newest.unwrap_or(now).civil_date().year(),
            lost: u32::try_from(restored.certificates.len()).unwrap_or(u32::MAX),
            known,
        }
    }

    /// The serial number up to which a lost certificate may have one. None of them is given out.
    pub(crate) fn lost_serials(&self, prefix: NumberPrefix, year: u16) -> u32 {
        let of_year = self.gaps.iter().filter(|gap| i32::from(year) <= i32::from(gap.until));
        of_year.fold(0, |last, gap| {
            let known = gap.known.get(&(prefix, year)).copied().unwrap_or(0);
            known.max(last).saturating_add(gap.lost)
        })
    }

    /// From when on a key may sign, if the register knows it, or knew it.
    pub(crate) fn key_begins(&self, kid: KeyId) -> Option<NumericDate> {
        match self.key_added(kid).map(|added| &added.event) {
            Some(Event::KeyAdded { not_before, .. }) => Some(*not_before),
            _ => self.lost_keys.get(&kid).map(|key| key.not_before),
        }
    }

    /// The restore after a statement that makes a right rest.
    pub(crate) fn restored_after(&self, right: &Authorisation, seq: u64) -> Option<u64> {
        right.told.iter().map(|told| self.at(told.position).seq).find(|restore| *restore > seq)
    }

    /// The rights of whose certificates hospitals were told something worse, as a restore found.
    #[cfg(feature = "storage")]
    pub(crate) fn told_at(&self, seq: u64) -> impl Iterator<Item = &Authorisation> {
        self.authorisations
            .iter()
            .filter(move |right| right.told.iter().any(|told| self.at(told.position).seq == seq))
    }

    /// Whether hospitals were told that a certificate is invalid, by a decision that was lost.
    pub(super) fn was_told_invalid(
        &self,
        number: CertificateNumber,
        authorisation: &Authorisation,
        known: impl Fn(&Statement) -> bool,
    ) -> bool {
        authorisation.told.iter().any(|told| {
            (told.certificate, told.status) == (number, Status::Invalid)
                && known(self.at(told.position))
        })
    }

    /// The times for which a right rests because a decision was lost that had suspended or ended it,
    /// as suspensions without an end of their own.
    pub(super) fn rests(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> Vec<Suspension> {
        let severe = |status: Status| severity(status) >= severity(Status::Suspended);
        let restores = self.restores_about(authorisation, known_at, severe);
        let rest = restores.into_iter().map(|(restore, _)| Suspension {
            seq: restore.seq,
            from: restore.effective_on,
            until: self.decided_anew(authorisation, restore, known_at, |event| {
                matches!(event, Event::Suspended { unapproved_until: None, .. })
            }),
            ground: SuspensionGround::Revocation,
            limits: None,
            extensions: Vec::new(),
            lifted: false,
            unapproved: None,
            restored: true,
        });
        rest.collect()
    }

    /// As [`State::rests`], because a decision was lost that had limited the right.
    pub(super) fn lost_limits(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> Vec<Limitation> {
        let restores =
            self.restores_about(authorisation, known_at, |status| status == Status::Conditions);
        let limits = restores.into_iter().map(|(restore, _)| Limitation {
            seq: restore.seq,
            from: restore.effective_on,
            until: self.decided_anew(authorisation, restore, known_at, |event| {
                matches!(event, Event::Limited { .. })
            }),
            reference: format!("lost, see the restore of the register, statement {}", restore.seq),
            restored: true,
        });
        limits.collect()
    }

    /// What was told of the certificates of a right that still rests on a day: the restore, and the
    /// worst status.
    pub(crate) fn lost_decision(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<(&Statement, Status)> {
        if authorisation.told.is_empty() {
            return None;
        }
        let rests = self.suspensions(authorisation, on, known_at).into_iter();
        let rests = rests.filter(|rest| rest.restored && rest.covers(on)).map(|rest| rest.seq);
        let limits = self.limitations(authorisation, on, known_at).into_iter();
        let limits = limits.filter(|limit| limit.restored && limit.covers(on)).map(|l| l.seq);
        let open: Vec<u64> = rests.chain(limits).collect();
        let restores = self.restores_about(authorisation, known_at, |_| true);
        restores
            .into_iter()
            .filter(|(restore, _)| open.contains(&restore.seq))
            .max_by_key(|(_, status)| severity(*status))
    }

    /// The restores that found a certificate of a right worse off at hospitals, by such a status,
    /// each with the worst.
    fn restores_about(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
        is_such: impl Fn(Status) -> bool,
    ) -> Vec<(&Statement, Status)> {
        let mut found: Vec<(&Statement, Status)> = Vec::new();
        for told in authorisation.told.iter().filter(|told| is_such(told.status)) {
            let restore = self.at(told.position);
            match found.last_mut() {
                _ if restore.recorded_at > known_at => {}
                Some((last, worst)) if last.seq == restore.seq => {
                    *worst = std::cmp::max_by_key(*worst, told.status, |one| severity(*one));
                }
                _ => found.push((restore, told.status)),
            }
        }
        found
    }

    /// The first day on which a right no longer rests, because two officers decided anew: they ended
    /// it, or suspended or limited it again. Whether that was reversed since does not matter: then
    /// that reversal counts.
    fn decided_anew(
        &self,
        authorisation: &Authorisation,
        restore: &Statement,
        known_at: NumericDate,
        again: impl Fn(&Event) -> bool,
    ) -> Option<CivilDate> {
        let decided = self.decisions(authorisation, known_at).find(|decision| {
            let effect = decision.event.effect();
            decision.seq > restore.seq && (again(effect) || ends(effect).is_some())
        });
        decided.map(|decided| decided.effective_on.max(restore.effective_on))
    }
}
