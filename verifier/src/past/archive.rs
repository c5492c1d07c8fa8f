//! Was she authorised on that day? Answered from old publications, without the history, as far as
//! they reach.
//!
//! A status list shows what was known at its `iat` about the day of its `iat`. So a day is answered
//! by the last publication of that day, and by no other: between two publications a suspension may
//! have come and gone.

use alloc::{collections::BTreeMap, vec::Vec};

use vernet_common::{
    Bundle, CertificateClaims, Error, NumericDate, Status, StatusList, StatusListUri, Verified,
};

use super::{
    answer::{HistoryVerdict, PastAnswer, PastSource, Question, Which},
    code::PastCode,
};
use crate::{
    check::{Circumstances, Finding},
    code::Code,
    error::InputError,
    input::Input,
    knowledge::Knowledge,
    lists::authenticate_status_list,
    policy::Policy,
};

/// The status lists of one old publication, each signed by a key that, by **today's** trust list,
/// was allowed to sign it then. So a key that has been retired since counts, and a stolen one does
/// not.
#[derive(Debug)]
pub struct OldPublication {
    lists: Vec<(StatusListUri, NumericDate, StatusList)>,
    defects: Vec<Error>,
}

impl OldPublication {
    /// When the first list that can be used was signed; `None` if there is no such list.
    pub fn iat(&self) -> Option<NumericDate> {
        self.lists.iter().map(|(_, iat, _)| *iat).min()
    }

    /// Why lists of it cannot be used.
    pub fn defects(&self) -> &[Error] {
        &self.defects
    }
}

impl Knowledge {
    /// Reads an old publication. Its own trust lists are ignored: today's names every key that ever
    /// existed, and what became of it. A list that cannot be used does not invalidate the others.
    pub fn read_old_publication(&self, bundle: &Bundle) -> OldPublication {
        let mut publication = OldPublication { lists: Vec::new(), defects: Vec::new() };
        for signed in &bundle.status_lists {
            let list = authenticate_status_list(signed, self.trust_list()).and_then(|verified| {
                verified.understood()?;
                let claims = verified.into_claims();
                Ok((claims.statuses()?, claims.sub, claims.iat))
            });
            match list {
                Ok((statuses, uri, iat)) => publication.lists.push((uri, iat, statuses)),
                Err(error) => publication.defects.push(error),
            }
        }
        publication
    }
}

/// One certificate, one question, and what the publications that were looked at so far say.
#[derive(Debug)]
pub struct ArchiveCheck<'a> {
    question: Question,
    circumstances: Circumstances<'a>,
    certificate: Result<Verified<CertificateClaims>, (Code, Option<InputError>)>,
    /// By `iat`, what was said of the certificate's slot: one status, unless lists contradict each
    /// other.
    seen: BTreeMap<NumericDate, Vec<Status>>,
}

impl<'a> ArchiveCheck<'a> {
    /// A check that has looked at no publication yet.
    pub fn new(
        input: &str,
        knowledge: &'a Knowledge,
        question: Question,
        policy: &Policy,
        now: NumericDate,
    ) -> Self {
        let circumstances = Circumstances { knowledge, policy: *policy, now };
        let authenticate = |input: Input| {
            let found = circumstances.authenticate_issued(&input);
            found.map_err(|Finding { code, cause }| (code, cause.map(Into::into)))
        };
        let input = Input::parse(input).map_err(|error| (Code::Malformed, Some(error)));
        Self {
            question,
            certificate: input.and_then(authenticate),
            circumstances,
            seen: BTreeMap::new(),
        }
    }

    /// Takes note of what a publication says about the certificate. The order of publications does
    /// not matter.
    pub fn look_at(&mut self, publication: &OldPublication) {
        let Ok(certificate) = &self.certificate else { return };
        let slot = &certificate.claims().status.status_list;
        for (_, iat, statuses) in publication.lists.iter().filter(|(uri, ..)| *uri == slot.uri) {
            let seen = self.seen.entry(*iat).or_default();
            let status = statuses.get(slot.idx);
            if !seen.contains(&status) {
                seen.push(status);
            }
        }
    }

    /// The answer from the publications that were looked at.
    pub fn verdict(self) -> HistoryVerdict {
        let (question, now) = (self.question, self.circumstances.now);
        let unanswered = |code| HistoryVerdict::new(question, PastSource::Archive, now, code);
        let truth = match &self.certificate {
            Err((code, _)) => PastCode::Now(*code).into(),
            Ok(certificate) => match self.circumstances.doubt_clock_and_trust_list() {
                Err(doubt) => PastCode::Now(doubt.code).into(),
                Ok(()) => self.by_publications(certificate.claims()),
            },
        };
        // A publication of that day shows what was known on that day.
        let known = question.known_on.map(|day| match truth.code {
            PastCode::Now(_) => truth,
            _ if day == question.on => truth,
            _ => PastCode::KnownNeedsHistory.into(),
        });
        let (certificate, cause) = match self.certificate {
            Ok(certificate) => (Some(certificate), None),
            Err((_, cause)) => (None, cause),
        };
        HistoryVerdict { truth, known, certificate, cause, ..unanswered(truth.code) }
    }

    fn by_publications(&self, claims: &CertificateClaims) -> PastAnswer {
        let (start, end) = (self.question.on.start(), self.question.on.plus_days(1).start());
        if claims.exp < end {
            return PastCode::WasExpired.into();
        }
        if end <= claims.iat {
            return PastCode::BeforeCertificate.into();
        }
        // Before the certificate was signed, its slot was unassigned and its value means nothing.
        let of_certificate = self.seen.range(claims.iat..end);
        let answer = |iat: NumericDate, code| PastAnswer {
            code,
            as_known_at: Some(iat),
            authorisation: (code != PastCode::WasWithdrawn).then_some(Which::This),
        };
        // A certificate that was withdrawn for good stays withdrawn, even where the archive has a
        // gap.
        if let Some((iat, _)) =
            of_certificate.clone().find(|(_, seen)| seen.contains(&Status::Invalid))
        {
            return answer(*iat, PastCode::WasWithdrawn);
        }
        let Some((iat, seen)) = of_certificate.last().filter(|(iat, _)| **iat >= start) else {
            return self.out_of_reach(end).into();
        };
        if *iat > self.circumstances.latest_plausible() {
            return PastCode::Now(Code::ClockBehind).into();
        }
        let [status] = seen[..] else { return PastCode::ArchiveContradicts.into() };
        answer(
            *iat,
            match status {
                Status::Valid if claims.authorisation.kind.has_conditions() => {
                    PastCode::WasAuthorisedWithConditions
                }
                Status::Valid => PastCode::WasAuthorised,
                Status::Conditions => PastCode::WasAuthorisedWithConditions,
                Status::Suspended => PastCode::WasSuspended,
                Status::Invalid => PastCode::WasWithdrawn,
            },
        )
    }

    /// There is no publication of that day: is there an earlier one, and a later one?
    fn out_of_reach(&self, end: NumericDate) -> PastCode {
        let before = self.seen.range(..end).next().is_some();
        let after = self.seen.range(end..).next().is_some();
        match (before, after) {
            (false, false) => PastCode::ArchiveEmpty,
            (false, true) => PastCode::BeforeArchive,
            (true, false) => PastCode::AfterArchive,
            (true, true) => PastCode::ArchiveGap,
        }
    }
}
