//! Was she authorised on that day? Answered from a history that the office signed.

use vernet_common::{
    CertificateClaims, CertificateHash, CivilDate, Error, History, HistoryEntry, HistoryRecord,
    HttpsUrl, KeyUse, NumericDate, PastState, SignedHistory, TrustedKey,
};

use super::{
    answer::{HistoryVerdict, PastAnswer, PastSource, Question, Which},
    code::PastCode,
};
use crate::{
    check::{Circumstances, Finding},
    code::Code,
    input::Input,
    knowledge::Knowledge,
    policy::Policy,
};

/// A history that is signed by a status key of an office, as the trust list allows. Only
/// [`Knowledge::read_history`] gives one.
#[derive(Debug)]
pub struct TrustedHistory(History);

impl TrustedHistory {
    /// The office.
    pub fn iss(&self) -> &HttpsUrl {
        &self.0.head().iss
    }

    /// The history contains what was recorded up to this instant.
    pub fn iat(&self) -> NumericDate {
        self.0.head().iat
    }

    /// How many certificates it is about.
    pub fn len(&self) -> u32 {
        self.0.head().entries
    }

    /// Whether it is about no certificate at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Knowledge {
    /// Checks who signed a history. Whether the trust list is too old is checked by
    /// [`was_authorised`], for each question.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnknown`] if the trust list does not have the key, [`Error::KeyUse`] if it is
    /// not a status key, [`Error::KeyCompromised`] or [`Error::KeyNotValidAt`] if it was not to be
    /// trusted when the history was signed; [`Error::SignatureInvalid`] and the other errors of
    /// [`SignedHistory::verify`] if the history is forged or malformed; [`Error::HistoryIssuer`] if
    /// it is another office's; [`Error::TrustListOutdated`] if it was made under a newer trust
    /// list.
    pub fn read_history(&self, signed: SignedHistory) -> Result<TrustedHistory, Error> {
        let trust_list = self.trust_list();
        let key: &TrustedKey = trust_list.key(signed.kid())?;
        let history = signed.verify(&key.key)?;
        let head = history.head();
        key.check(KeyUse::Status, head.iat)?;
        if head.iss != trust_list.iss {
            return Err(Error::HistoryIssuer {
                found: head.iss.clone().into(),
                expected: trust_list.iss.clone().into(),
            });
        }
        if head.trust_list_seq > trust_list.seq {
            return Err(Error::TrustListOutdated {
                found: trust_list.seq,
                expected: head.trust_list_seq,
            });
        }
        Ok(TrustedHistory(history))
    }
}

/// Answers for a day in the past, by what is known now and, if asked, by what was known then.
///
/// The certificate is the name under which the person is looked up: it may have been signed after
/// that day, have expired, or be withdrawn. What counts is what the history says about the holder,
/// under any authorisation.
pub fn was_authorised(
    input: &str,
    history: &TrustedHistory,
    knowledge: &Knowledge,
    question: Question,
    policy: &Policy,
    now: NumericDate,
) -> HistoryVerdict {
    let input = match Input::parse(input) {
        Ok(input) => input,
        Err(error) => return HistoryVerdict::unread(error, question, PastSource::History, now),
    };
    let circumstances = Circumstances { knowledge, policy: *policy, now };
    let unanswered = |code| HistoryVerdict::new(question, PastSource::History, now, code);
    // A certificate under a compromised key ends here, unless the log vouches for it: what was
    // issued before the theft stays valid.
    let certificate = match circumstances.authenticate_issued(&input) {
        Ok(certificate) => certificate,
        Err(finding) => return unanswered(PastCode::Now(finding.code)).because(finding),
    };
    let found = circumstances.look_up(&input, history);
    let mut verdict = match found {
        Ok(Some(entry)) => {
            let claims = certificate.claims();
            let known =
                question.known_on.map(|day| as_known_on(day, question.on, &entry, history, claims));
            let truth = truth(question.on, &entry, history, claims);
            HistoryVerdict { truth, known, ..unanswered(truth.code) }
        }
        Ok(None) => unanswered(PastCode::NotInHistory),
        Err(finding) => unanswered(PastCode::Now(finding.code)).because(finding),
    };
    verdict.certificate = Some(certificate);
    verdict
}

impl HistoryVerdict {
    pub(crate) fn because(self, finding: Finding) -> Self {
        Self { cause: finding.cause.map(Into::into), ..self }
    }
}

impl Circumstances<'_> {
    /// Every reason to doubt what we know now comes before what the history says: a newer trust
    /// list may say that the history's key was stolen.
    fn look_up(
        &self,
        input: &Input,
        history: &TrustedHistory,
    ) -> Result<Option<HistoryEntry>, Finding> {
        self.doubt_clock_and_trust_list()?;
        if history.iat() > self.latest_plausible() {
            return Err(Code::ClockBehind.into());
        }
        let certificate = input
            .certificate(self.knowledge.trust_list())
            .map_err(|error| self.unreadable(error))?;
        history.0.entry(CertificateHash::of(&certificate)).map_err(|error| self.unreadable(error))
    }
}

/// The status on the day, by everything that was recorded up to the history's `iat`.
fn truth(
    on: CivilDate,
    entry: &HistoryEntry,
    history: &TrustedHistory,
    claims: &CertificateClaims,
) -> PastAnswer {
    let iat = history.iat();
    if on > iat.civil_date() {
        return PastCode::AfterHistory.into();
    }
    match entry.newest() {
        Some(record) => PastAnswer { as_known_at: Some(iat), ..by_record(record, on, claims) },
        None => PastCode::NotRecordedThen.into(),
    }
}

/// The status on the day, by what had been recorded before the end of another day.
fn as_known_on(
    day: CivilDate,
    on: CivilDate,
    entry: &HistoryEntry,
    history: &TrustedHistory,
    claims: &CertificateClaims,
) -> PastAnswer {
    let (today, end) = (history.iat().civil_date(), day.plus_days(1).start());
    if on > today {
        return PastCode::AfterHistory.into();
    }
    // Until the day is over, more may be recorded on it.
    if day >= today {
        return PastCode::KnownAfterHistory.into();
    }
    match entry.known_before(end) {
        Some(record) => {
            PastAnswer { as_known_at: Some(end.plus_seconds(-1)), ..by_record(record, on, claims) }
        }
        None => PastCode::NotRecordedThen.into(),
    }
}

fn by_record(record: &HistoryRecord, on: CivilDate, claims: &CertificateClaims) -> PastAnswer {
    let Some(state) = record.on(on) else { return PastCode::WasNotYetAuthorised.into() };
    let bound = !state.other && claims.authorisation.kind.has_conditions();
    let code = match state.state {
        PastState::Authorised if bound => PastCode::WasAuthorisedWithConditions,
        PastState::Authorised => PastCode::WasAuthorised,
        PastState::WithConditions => PastCode::WasAuthorisedWithConditions,
        PastState::Suspended => PastCode::WasSuspended,
        PastState::NotAuthorised => PastCode::WasNotAuthorised,
    };
    let which = if state.other { Which::Another } else { Which::This };
    let authorisation = (state.state != PastState::NotAuthorised).then_some(which);
    PastAnswer { code, as_known_at: None, authorisation }
}
