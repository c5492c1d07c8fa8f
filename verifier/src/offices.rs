//! The choice among several offices: whose knowledge gives the verdict on a certificate?

use alloc::{string::ToString, sync::Arc, vec::Vec};

use vernet_common::{Error, NumericDate, SignedHistory, TrustAnchor};

use crate::{
    check::{verify_each, verify_parsed},
    code::Code,
    colour::Colour,
    error::InputError,
    input::Input,
    knowledge::Knowledge,
    past::{
        answer::{HistoryVerdict, PastSource, Question},
        archive::{ArchiveCheck, OldPublication},
        code::PastCode,
        history::{TrustedHistory, was_authorised},
    },
    policy::Policy,
    receipt::check::{Check, Checked},
    verdict::Verdict,
};

/// An office that is trusted, and what is known of it.
#[derive(Debug)]
pub struct Office {
    anchor: TrustAnchor,
    knowledge: Option<Arc<Knowledge>>,
}

impl Office {
    /// An office by its roots. `knowledge` is `None` as long as there are no lists that can be
    /// used: a certificate that no other office knows may be this office's.
    pub fn new(anchor: TrustAnchor, knowledge: Option<Knowledge>) -> Self {
        Self { anchor, knowledge: knowledge.map(Arc::new) }
    }

    /// The same, with knowledge that others have as well: when that of one office is replaced, that
    /// of the others need not be copied.
    pub fn sharing(anchor: TrustAnchor, knowledge: Option<Arc<Knowledge>>) -> Self {
        Self { anchor, knowledge }
    }

    /// Its roots.
    pub fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// What is known of it.
    pub fn knowledge(&self) -> Option<&Knowledge> {
        self.knowledge.as_deref()
    }
}

/// The offices that are trusted: every certificate is judged by the one whose key signed it.
///
/// If there is none, a doubt of one office outweighs the refusal of another: a newer list of the
/// first may know the key. And if nothing is known of one office, an unknown key may be that
/// office's: then the answer is *not known*, and never `untrusted_issuer`.
#[derive(Debug, Default)]
pub struct Offices {
    offices: Vec<Office>,
    /// Whether there is one more, of which nothing is known, not even its roots.
    and_an_unknown_one: bool,
}

impl Offices {
    /// These offices.
    pub fn new(offices: Vec<Office>) -> Self {
        Self { offices, and_an_unknown_one: false }
    }

    /// These, and one more that is trusted and whose roots cannot be read: a certificate that no
    /// other office knows may be that one's.
    #[must_use]
    pub fn and_an_unknown_one(self) -> Self {
        Self { and_an_unknown_one: true, ..self }
    }

    /// Every office.
    pub fn iter(&self) -> core::slice::Iter<'_, Office> {
        self.offices.iter()
    }

    /// The knowledge of each office that has any.
    pub fn known(&self) -> impl Iterator<Item = &Knowledge> {
        self.offices.iter().filter_map(Office::knowledge)
    }

    /// The verdict on what somebody shows: a text, a link, digits.
    pub fn check<'a>(&'a self, input: &'a str, policy: &'a Policy, now: NumericDate) -> Chosen<'a> {
        let parsed = Input::parse(input);
        let checked = self.knowing().map(|(anchor, knowledge)| {
            Check { input, anchor, knowledge, policy, now }.decide_parsed(&parsed)
        });
        let chosen = heaviest(checked, Checked::verdict);
        self.choose(chosen, parsed.err(), now)
    }

    /// As [`Offices::check`] for many inputs, which costs less than one after the other. The answers
    /// are in the order of the inputs. Some dozens at a time are enough.
    pub fn check_each<'a>(
        &'a self,
        inputs: &[&'a str],
        policy: &'a Policy,
        now: NumericDate,
    ) -> Vec<Chosen<'a>> {
        let parsed: Vec<_> = inputs.iter().map(|input| Input::parse(input)).collect();
        let mut checked: Vec<_> = self
            .knowing()
            .map(|(anchor, knowledge)| {
                let verdicts = verify_each(&parsed, knowledge, policy, now);
                let check = |(input, verdict)| {
                    Check { input, anchor, knowledge, policy, now }.decided(verdict)
                };
                inputs.iter().copied().zip(verdicts).map(check).collect::<Vec<_>>().into_iter()
            })
            .collect();
        let answer = |parsed: Result<Input, InputError>| {
            let chosen = heaviest(checked.iter_mut().filter_map(Iterator::next), Checked::verdict);
            self.choose(chosen, parsed.err(), now)
        };
        parsed.into_iter().map(answer).collect()
    }

    /// Each office of which anything is known.
    fn knowing(&self) -> impl Iterator<Item = (&TrustAnchor, &Knowledge)> {
        self.offices.iter().filter_map(|office| Some((&office.anchor, office.knowledge()?)))
    }

    /// The answer, from that of the office whose answer counts most, if any office is known.
    fn choose<'a>(
        &'a self,
        mut checked: Option<Checked<'a>>,
        unread: Option<InputError>,
        now: NumericDate,
    ) -> Chosen<'a> {
        if let Some(checked) = checked.as_mut().filter(|_| self.offices.len() > 1) {
            // Of several offices, the one that has signed; else nobody knows whose it is.
            if weight(checked.verdict()) != SIGNED {
                checked.forget_office();
            }
        }
        let nearest = checked.as_ref().map(Checked::knowledge);
        let outcome = match checked {
            Some(checked) if !self.may_be_unknown(checked.verdict()) => Outcome::Checked(checked),
            Some(_) => Outcome::NotKnown(Verdict::lists_missing(now)),
            None => Outcome::NotKnown(match unread {
                None => Verdict::lists_missing(now),
                // What is no certificate at all needs no lists.
                Some(error) => Verdict::unread(error, now),
            }),
        };
        Chosen { outcome, nearest }
    }

    /// Reads a history of one of these offices: [`Knowledge::read_history`].
    ///
    /// # Errors
    ///
    /// As for [`Knowledge::read_history`]; [`Error::KeyUnknown`] also if nothing is known of any
    /// office.
    pub fn read_history(&self, signed: SignedHistory) -> Result<OfficeHistory<'_>, Error> {
        let knows = |office: &&Knowledge| office.trust_list().key(signed.kid()).is_ok();
        // If nobody knows the key, the first office says so.
        let office = self.known().find(knows).or_else(|| self.known().next());
        let office = office.ok_or_else(|| Error::KeyUnknown { kid: signed.kid().to_string() })?;
        Ok(OfficeHistory { history: office.read_history(signed)?, office, offices: self })
    }

    /// A question about the past that old publications are to answer.
    pub fn archive_check(
        &self,
        input: &str,
        question: Question,
        policy: &Policy,
        now: NumericDate,
    ) -> ArchiveChecks<'_> {
        let ask = |office| ArchiveCheck::new(input, office, question, policy, now);
        ArchiveChecks { checks: self.known().map(ask).collect(), offices: self, question, now }
    }

    /// Whether a certificate that no office knows may belong to an office of which nothing is
    /// known.
    fn may_be_unknown(&self, answer: &impl Answer) -> bool {
        answer.code_of_now() == Some(Code::UntrustedIssuer)
            && (self.and_an_unknown_one
                || self.offices.iter().any(|office| office.knowledge.is_none()))
    }
}

/// A verdict, and the office that gave it.
#[derive(Debug)]
pub struct Chosen<'a> {
    outcome: Outcome<'a>,
    nearest: Option<&'a Knowledge>,
}

#[derive(Debug)]
enum Outcome<'a> {
    Checked(Checked<'a>),
    /// It does not concern any office that is known.
    NotKnown(Verdict),
}

impl<'a> Chosen<'a> {
    /// The verdict.
    pub fn verdict(&self) -> &Verdict {
        match &self.outcome {
            Outcome::Checked(checked) => checked.verdict(),
            Outcome::NotKnown(verdict) => verdict,
        }
    }

    /// The verdict, without the check.
    #[must_use]
    pub fn into_verdict(self) -> Verdict {
        match self.outcome {
            Outcome::Checked(checked) => checked.into_verdict(),
            Outcome::NotKnown(verdict) => verdict,
        }
    }

    /// The check, for which a receipt can be made. `None` if nothing is known of the office that
    /// may have issued the certificate, because a receipt would have nothing to name; and if this
    /// program is too old for the answer, because a newer one gives another.
    pub fn checked(&self) -> Option<&Checked<'a>> {
        match &self.outcome {
            Outcome::Checked(checked) if checked.verdict().code() == Code::VerifierOutdated => None,
            Outcome::Checked(checked) => Some(checked),
            Outcome::NotKnown(_) => None,
        }
    }

    /// The knowledge of the office that most likely issued the certificate. Statements that came
    /// with the certificate are judged by it.
    pub fn office(&self) -> Option<&'a Knowledge> {
        self.nearest
    }
}

/// A history that one of the offices signed.
#[derive(Debug)]
pub struct OfficeHistory<'a> {
    history: TrustedHistory,
    office: &'a Knowledge,
    offices: &'a Offices,
}

impl OfficeHistory<'_> {
    /// As [`was_authorised`], by this history.
    pub fn was_authorised(
        &self,
        input: &str,
        question: Question,
        policy: &Policy,
        now: NumericDate,
    ) -> HistoryVerdict {
        let answer = was_authorised(input, &self.history, self.office, question, policy, now);
        // A history is of one office. What another one has issued is not in it, and is refused.
        let is_of_another = || {
            let input = Input::parse(input);
            let verdict = |office| verify_parsed(&input, office, policy, now);
            self.offices.known().any(|office| weight(&verdict(office)) == SIGNED)
        };
        if self.offices.may_be_unknown(&answer) && !is_of_another() {
            return HistoryVerdict::lists_missing(question, PastSource::History, now);
        }
        answer
    }
}

/// A question about the past, asked at every office that is known.
#[derive(Debug)]
pub struct ArchiveChecks<'a> {
    checks: Vec<ArchiveCheck<'a>>,
    offices: &'a Offices,
    question: Question,
    now: NumericDate,
}

impl ArchiveChecks<'_> {
    /// Takes note of a publication, as the office at this place among [`Offices::known`] has read
    /// it. The order of publications does not matter.
    pub fn look_at(&mut self, place: usize, publication: &OldPublication) {
        if let Some(check) = self.checks.get_mut(place) {
            check.look_at(publication);
        }
    }

    /// The answer from the publications that were looked at.
    pub fn verdict(self) -> HistoryVerdict {
        let answers = self.checks.into_iter().map(ArchiveCheck::verdict);
        match heaviest(answers, |answer| answer) {
            Some(answer) if !self.offices.may_be_unknown(&answer) => answer,
            _ => HistoryVerdict::lists_missing(self.question, PastSource::Archive, self.now),
        }
    }
}

/// An answer of one office, as far as it matters for the choice.
trait Answer {
    /// Whether the signature is valid under a key of this office.
    fn is_signed_here(&self) -> bool;
    /// What was found about the present.
    fn code_of_now(&self) -> Option<Code>;
    fn colour(&self) -> Colour;
}

impl Answer for Verdict {
    fn is_signed_here(&self) -> bool {
        self.certificate().is_some()
    }

    fn code_of_now(&self) -> Option<Code> {
        Some(self.code())
    }

    fn colour(&self) -> Colour {
        self.colour()
    }
}

impl Answer for HistoryVerdict {
    fn is_signed_here(&self) -> bool {
        self.certificate().is_some()
    }

    fn code_of_now(&self) -> Option<Code> {
        match self.code() {
            PastCode::Now(code) => Some(code),
            _ => None,
        }
    }

    fn colour(&self) -> Colour {
        self.colour()
    }
}

/// The weight of an answer by the office that signed.
const SIGNED: u8 = 3;

fn weight(answer: &impl Answer) -> u8 {
    match answer.code_of_now() {
        _ if answer.is_signed_here() => SIGNED,
        Some(Code::KeyCompromised | Code::KeyNotValid | Code::NotIssued | Code::LogBehind) => {
            SIGNED
        }
        _ if answer.colour() == Colour::Undetermined => 2,
        Some(Code::UntrustedIssuer) => 0,
        _ => 1,
    }
}

fn heaviest<T, A: Answer>(
    answers: impl Iterator<Item = T>,
    answer: impl Fn(&T) -> &A,
) -> Option<T> {
    answers.max_by_key(|one| weight(answer(one)))
}
