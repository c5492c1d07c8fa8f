//! The decision.

use alloc::{borrow::Cow, vec, vec::Vec};

use vernet_common::{
    CertificateClaims, CertificateHash, Error, InWords, KeyUse, NumericDate, Signed, Status,
    TrustedKey, Verified,
};

use crate::{
    code::Code,
    documents::read,
    error::InputError,
    input::Input,
    knowledge::{Knowledge, StatusKnowledge},
    log::KnownLog,
    policy::Policy,
    verdict::Verdict,
};

/// Decides about one input: the central function of this system.
///
/// First come the refusals that no newer knowledge could overturn, so that even a stale list
/// refuses what was revoked; then every reason to doubt what we know; only then is anything
/// accepted. `now` is the caller's clock.
pub fn verify(input: &str, knowledge: &Knowledge, policy: &Policy, now: NumericDate) -> Verdict {
    verify_parsed(&Input::parse(input), knowledge, policy, now)
}

/// As [`verify`], for an input whose parsing may have failed.
pub(crate) fn verify_parsed(
    input: &Result<Input, InputError>,
    knowledge: &Knowledge,
    policy: &Policy,
    now: NumericDate,
) -> Verdict {
    match input {
        Ok(input) => verify_input(input, knowledge, policy, now),
        Err(error) => {
            let mut verdict = Verdict::unread(error.clone(), now);
            verdict.office = Some(knowledge.office_beside(verdict.code));
            verdict
        }
    }
}

/// The verdicts on the bytes of a file: text, or with the features `photo` and `documents` a picture
/// or a PDF. There is one for each certificate in it, and one for each part that was not examined,
/// which is *not known*. If none is found, a single verdict says why.
///
/// Statements of professional status that come with a certificate are in
/// [`documents::read`](crate::documents::read).
pub fn verify_file(
    bytes: &[u8],
    knowledge: &Knowledge,
    policy: &Policy,
    now: NumericDate,
) -> Vec<Verdict> {
    let judge = |text: &str| verify(text, knowledge, policy, now);
    match read(bytes) {
        Ok(contents) => contents.verdicts(judge, now),
        Err(error) => vec![Verdict::unread(error, now)],
    }
}

/// As [`verify`], for an input that is already parsed.
pub fn verify_input(
    input: &Input,
    knowledge: &Knowledge,
    policy: &Policy,
    now: NumericDate,
) -> Verdict {
    let circumstances = Circumstances { knowledge, policy: *policy, now };
    let mut verdict = Verdict::new(Code::Malformed, None, now);
    let code = circumstances
        .shown(input, &mut verdict.shown)
        .and_then(|shown| decide(shown.verified(), &circumstances, &mut verdict));
    verdict.finish(code, knowledge)
}

/// As [`verify_parsed`] for many inputs, which costs less than one after the other: their
/// signatures are checked together. The verdicts are in the order of the inputs.
pub(crate) fn verify_each(
    inputs: &[Result<Input, InputError>],
    knowledge: &Knowledge,
    policy: &Policy,
    now: NumericDate,
) -> Vec<Verdict> {
    let circumstances = Circumstances { knowledge, policy: *policy, now };
    let mut verdicts = Vec::with_capacity(inputs.len());
    let (mut signers, mut documents) = (Vec::new(), Vec::new());
    for input in inputs {
        let Ok(input) = input else {
            verdicts.push(verify_parsed(input, knowledge, policy, now));
            continue;
        };
        let mut verdict = Verdict::new(Code::Malformed, None, now);
        match circumstances.shown(input, &mut verdict.shown) {
            Ok(Shown { signed, signer }) => {
                signers.push((verdicts.len(), signer));
                documents.push((signed.into_owned(), &signer.key.key));
                verdicts.push(verdict);
            }
            Err(finding) => verdicts.push(verdict.finish(Err(finding), knowledge)),
        }
    }
    let certificates = Signed::into_verified_in_part_each(documents);
    for ((place, signer), certificate) in signers.into_iter().zip(certificates) {
        let nothing = Verdict::new(Code::Malformed, None, now);
        let mut verdict = core::mem::replace(&mut verdicts[place], nothing);
        let code = decide((signer, certificate), &circumstances, &mut verdict);
        verdicts[place] = verdict.finish(code, knowledge);
    }
    verdicts
}

impl Verdict {
    /// The verdict, once it is known what it is.
    fn finish(mut self, code: Result<Code, Finding>, knowledge: &Knowledge) -> Self {
        match code {
            Ok(code) => self.code = code,
            Err(Finding { code, cause }) => {
                self.code = code;
                self.cause = cause.map(Into::into);
            }
        }
        self.office = Some(knowledge.office_beside(self.code));
        self
    }
}

impl Knowledge {
    /// Why nothing could be accepted at this time, whatever certificate is shown: the clock is
    /// behind, the trust list is too old, there is no status list that counts, or no log.
    ///
    /// `None` does not promise that anything is accepted: with several status lists, that of a
    /// certificate may be missing or too old.
    pub fn doubt(&self, policy: &Policy, now: NumericDate) -> Option<Code> {
        let circumstances = Circumstances { knowledge: self, policy: *policy, now };
        let doubt_every_status = || {
            let doubts = self
                .status_lists()
                .map(|list| circumstances.doubt_list(self.status_list(list.uri)));
            doubts.reduce(Result::or).unwrap_or_else(|| circumstances.doubt_list(None))
        };
        circumstances
            .doubt_clock_and_trust_list()
            .and_then(|()| doubt_every_status())
            .err()
            .map(|doubt| doubt.code)
    }
}

/// What ends the decision about an input: a refusal or a doubt.
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) cause: Option<Error>,
}

impl From<Code> for Finding {
    fn from(code: Code) -> Self {
        Self { code, cause: None }
    }
}

/// What only a newer program understands.
fn outdated(cause: Error) -> Finding {
    Finding { code: Code::VerifierOutdated, cause: Some(cause) }
}

#[derive(Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) policy: Policy,
    pub(crate) now: NumericDate,
}

/// Fills in what the verdict shows as soon as it is known, and returns the code.
fn decide(
    (signer, certificate): (Signer<'_>, Result<Verified<CertificateClaims>, Error>),
    circumstances: &Circumstances<'_>,
    verdict: &mut Verdict,
) -> Result<Code, Finding> {
    let Authentic { certificate, title, key, entry } =
        circumstances.authentic(signer, certificate)?;
    let uri = &certificate.claims().status.status_list.uri;
    let status_list = circumstances.knowledge.status_list(uri);
    verdict.status_list = status_list.map(|list| (uri.clone(), list.iat));

    let issued = circumstances.refuse_unless_issued(certificate.claims(), key, &entry)?;
    let unshown;
    let certificate = match issued {
        Issued::Certainly => {
            // Both the office's key and its log vouch for the claims. Until then, nobody does.
            verdict.title = title.cloned();
            &*verdict.certificate.insert(certificate)
        }
        Issued::Perhaps => {
            unshown = certificate;
            &unshown
        }
    };
    let claims = certificate.claims();
    circumstances.refuse_for_ever(claims, status_list)?;
    circumstances.doubt_understanding(certificate, status_list)?;
    circumstances.doubt_clock_and_trust_list()?;
    let status_list = circumstances.doubt_status(status_list)?;
    circumstances.doubt_log(Some(status_list), issued)?;
    if issued != Issued::Certainly {
        return Err(Code::LogBehind.into());
    }
    circumstances.doubt_age(status_list)?;

    if claims.iat > circumstances.latest_plausible()
        || claims.authorisation.granted.start() > circumstances.latest_plausible()
    {
        return Err(Code::NotYetValid.into());
    }
    match status_list.statuses.get(claims.status.status_list.idx) {
        Status::Valid if claims.authorisation.kind.has_conditions() => {
            Ok(Code::AuthorisedWithConditions)
        }
        Status::Valid => Ok(Code::Authorised),
        Status::Conditions => Ok(Code::AuthorisedWithConditions),
        Status::Suspended => Err(Code::Suspended.into()),
        Status::Invalid => Err(Code::Revoked.into()),
    }
}

/// What somebody shows, and who is said to have signed it.
struct Shown<'i, 'a> {
    signed: Cow<'i, Signed<CertificateClaims>>,
    signer: Signer<'a>,
}

/// The key that is said to have signed a certificate.
#[derive(Clone, Copy)]
struct Signer<'a> {
    key: &'a TrustedKey,
    /// The certificate's entry in the log.
    entry: CertificateHash,
}

impl<'a> Shown<'_, 'a> {
    /// What the certificate says, if the key signed it.
    fn verified(self) -> (Signer<'a>, Result<Verified<CertificateClaims>, Error>) {
        let key = &self.signer.key.key;
        let certificate = match self.signed {
            Cow::Borrowed(signed) => signed.verify_in_part(key),
            Cow::Owned(signed) => signed.into_verified_in_part(key),
        };
        (self.signer, certificate)
    }
}

/// A certificate whose signature is valid under a certificate key of the issuer.
struct Authentic<'a> {
    certificate: Verified<CertificateClaims>,
    /// Its title in words, if the trust list has them.
    title: Option<&'a InWords>,
    key: &'a TrustedKey,
    /// Its entry in the log.
    entry: CertificateHash,
}

/// Whether the office issued a certificate: whether its log has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Issued {
    Certainly,
    /// There is no log that can be used, or the certificate is newer than it.
    Perhaps,
}

impl<'a> Circumstances<'a> {
    /// Reads what somebody shows as far as is needed to check who signed it. `shown` receives the
    /// hash of the certificate, whoever signed it.
    fn shown<'i>(
        &self,
        input: &'i Input,
        shown: &mut Option<CertificateHash>,
    ) -> Result<Shown<'i, 'a>, Finding> {
        let trust_list = self.knowledge.trust_list();
        let signed = input.read(trust_list).map_err(|error| self.unreadable(error))?;
        let entry = *shown.insert(CertificateHash::of(&signed));
        let key = trust_list.signer(&signed).map_err(|error| self.unreadable(error))?;
        Ok(Shown { signed, signer: Signer { key, entry } })
    }

    /// Checks whether the signer may sign certificates like this one.
    fn authentic(
        &self,
        Signer { key, entry }: Signer<'a>,
        certificate: Result<Verified<CertificateClaims>, Error>,
    ) -> Result<Authentic<'a>, Finding> {
        let trust_list = self.knowledge.trust_list();
        let certificate = certificate.map_err(|error| self.unreadable(error))?;
        let claims = certificate.claims();
        if claims.iss != trust_list.iss {
            return Err(Code::UntrustedIssuer.into());
        }
        let title = trust_list.title_of(claims).map_err(|error| self.unreadable(error))?;
        key.check_unless_compromised(KeyUse::Certificate, claims.iat)
            .map_err(|error| self.unreadable(error))?;
        Ok(Authentic { certificate, title, key, entry })
    }

    /// The certificate, if a key of the office signed it and it is in the log: for questions that are
    /// not about today's status.
    pub(crate) fn authenticate_issued(
        &self,
        input: &Input,
    ) -> Result<Verified<CertificateClaims>, Finding> {
        let (signer, certificate) = self.shown(input, &mut None)?.verified();
        let Authentic { certificate, key, entry, .. } = self.authentic(signer, certificate)?;
        match self.refuse_unless_issued(certificate.claims(), key, &entry)? {
            Issued::Certainly => {
                self.doubt_understanding(&certificate, None)?;
                Ok(certificate)
            }
            Issued::Perhaps => {
                self.doubt_log(None, Issued::Perhaps)?;
                Err(Code::LogBehind.into())
            }
        }
    }

    /// Checks that the certificate is in the log. What a thief signs with a stolen key is not in
    /// it, or not among the certificates that it held before the theft.
    fn refuse_unless_issued(
        &self,
        claims: &CertificateClaims,
        key: &TrustedKey,
        entry: &CertificateHash,
    ) -> Result<Issued, Finding> {
        let Some(log) = self.log_to_look_in() else { return Ok(Issued::Perhaps) };
        let place = log.place(&entry.leaf());
        if place.is_none() && claims.iat > log.iat() && self.knowledge.known_log().is_none() {
            // It may be in the part of the log that is still to come.
            return Ok(Issued::Perhaps);
        }
        key.check_not_compromised(place).map_err(|error| self.unreadable(error))?;
        match place {
            Some(_) => Ok(Issued::Certainly),
            None if claims.iat <= log.iat() => Err(Code::NotIssued.into()),
            None => Ok(Issued::Perhaps),
        }
    }

    /// The code for an error in reading or authenticating a certificate.
    pub(crate) fn unreadable(&self, error: Error) -> Finding {
        let code = match &error {
            // A newer trust list may know the key: as long as ours is in doubt, so is the answer.
            Error::KeyUnknown { .. } | Error::QrProfileUnknown { .. } => {
                self.unless_in_doubt(Code::UntrustedIssuer)
            }
            Error::TitleUntrusted { .. } => self.unless_in_doubt(Code::UntrustedTitle),
            Error::NotUnderstood { .. } => Code::VerifierOutdated,
            Error::KeyUse { .. } => Code::UntrustedIssuer,
            Error::SignatureInvalid { .. } => Code::BadSignature,
            Error::KeyCompromised { .. } => Code::KeyCompromised,
            Error::KeyNotValidAt { .. } => Code::KeyNotValid,
            _ => Code::Malformed,
        };
        Finding { code, cause: Some(error) }
    }

    fn unless_in_doubt(&self, code: Code) -> Code {
        self.doubt_clock_and_trust_list().err().map_or(code, |doubt| doubt.code)
    }

    /// The refusals that hold however old our knowledge is: time only moves forward, and a slot
    /// that is invalid stays invalid.
    fn refuse_for_ever(
        &self,
        claims: &CertificateClaims,
        status_list: Option<&StatusKnowledge>,
    ) -> Result<(), Finding> {
        if claims.exp <= self.earliest_plausible() {
            return Err(Code::Expired.into());
        }
        if status_list
            .is_some_and(|list| list.statuses.get(claims.status.status_list.idx) == Status::Invalid)
        {
            return Err(Code::Revoked.into());
        }
        Ok(())
    }

    /// Is there anything that must be understood and is not, in what the answer rests on? Nothing
    /// that is added to a document makes good what is refused without it, so refusals come first.
    fn doubt_understanding(
        &self,
        certificate: &Verified<CertificateClaims>,
        status_list: Option<&StatusKnowledge>,
    ) -> Result<(), Finding> {
        let trust_list = &self.knowledge.trust_list;
        trust_list
            .understood()
            .and_then(|()| certificate.understood())
            .and_then(|()| status_list.map_or(Ok(()), StatusKnowledge::understood))
            .map_err(outdated)
    }

    pub(crate) fn doubt_clock_and_trust_list(&self) -> Result<(), Finding> {
        self.knowledge.trust_list.understood().map_err(outdated)?;
        let trust_list = self.knowledge.trust_list();
        if self.knowledge.newest_iat() > self.latest_plausible() {
            return Err(Code::ClockBehind.into());
        }
        if trust_list.exp <= self.now {
            return Err(Code::TrustListExpired.into());
        }
        if self.now.seconds_since(trust_list.iat) > self.policy.max_trust_list_age_s {
            return Err(Code::TrustListStale.into());
        }
        Ok(())
    }

    fn doubt_status<'b>(
        &self,
        status_list: Option<&'b StatusKnowledge>,
    ) -> Result<&'b StatusKnowledge, Finding> {
        if let Some(list) = status_list {
            list.understood().map_err(outdated)?;
            return Ok(list);
        }
        // If lists were offered that cannot be used, say why for the first: the missing one may be
        // among them. It is another matter if only a newer program can use them.
        let defects = self.knowledge.defects();
        let newer = defects.iter().find(|error| matches!(error, Error::NotUnderstood { .. }));
        Err(match (newer, defects.first()) {
            (Some(error), _) => outdated(error.clone()),
            (None, Some(error)) => {
                Finding { code: Code::StatusUnusable, cause: Some(error.clone()) }
            }
            (None, None) => Code::StatusMissing.into(),
        })
    }

    /// The newest log of which the leaves are at hand.
    fn log_to_look_in(&self) -> Option<&'a KnownLog> {
        let knowledge = self.knowledge;
        let earlier = || knowledge.awaited.as_ref()?.earlier(&self.policy, self.now);
        knowledge.known_log().or_else(earlier)
    }

    /// Is there a log, and is it the one that the status list names? If only its leaves are missing,
    /// what was in the log before is in this one.
    fn doubt_log(&self, list: Option<&StatusKnowledge>, issued: Issued) -> Result<(), Finding> {
        if let (Some(awaited), Some(list)) = (self.knowledge.awaited_log(), list)
            && list.log == awaited
            && issued == Issued::Certainly
            && self.log_to_look_in().is_some()
        {
            return Ok(());
        }
        match self.knowledge.log() {
            Ok(log) => match list.filter(|list| list.log != log) {
                Some(list) => {
                    let cause = Error::LogMismatch { found: log.size, expected: list.log.size };
                    Err(Finding { code: Code::LogUnusable, cause: Some(cause) })
                }
                None => Ok(()),
            },
            Err(None) => Err(Code::LogMissing.into()),
            Err(Some(cause @ Error::LogLeavesMissing { .. })) => {
                Err(Finding { code: Code::LogMissing, cause: Some(cause.clone()) })
            }
            Err(Some(cause)) => {
                Err(Finding { code: Code::LogUnusable, cause: Some(cause.clone()) })
            }
        }
    }

    fn doubt_age(&self, list: &StatusKnowledge) -> Result<(), Finding> {
        if list.exp <= self.now || self.now.seconds_since(list.iat) > self.policy.max_status_age_s {
            return Err(Code::StatusStale.into());
        }
        Ok(())
    }

    /// Every doubt about a status list and the log that goes with it.
    fn doubt_list(&self, status_list: Option<&StatusKnowledge>) -> Result<(), Finding> {
        let list = self.doubt_status(status_list)?;
        self.doubt_log(Some(list), Issued::Certainly)?;
        self.doubt_age(list)
    }

    /// The earliest time that it can be now: something was signed at `newest_iat`. If that is too
    /// far ahead of our own clock to be believed, either of the two may be wrong, and the verdict
    /// is `clock_behind`.
    pub(crate) fn earliest_plausible(&self) -> NumericDate {
        let newest = self.knowledge.newest_iat();
        if newest <= self.latest_plausible() { self.now.max(newest) } else { self.now }
    }

    /// The latest time that the office's clock can show, if both clocks are right.
    pub(crate) fn latest_plausible(&self) -> NumericDate {
        self.now.plus_seconds(self.policy.clock_tolerance_s)
    }
}
