//! The rules that can stop an officer, each with its code and its legal source.

use std::fmt;

use serde::Serialize;
use vernet_common::CivilDate;

use crate::prose::{Phrase, ToPhrase};

/// Makes [`Rule`]. Each row holds the documentation, name, code, subject of the message, and legal
/// source.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident $code:literal $subject:literal $law:expr;)+) => {
        /// A rule of the law or of the register.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)+];

            /// The stable name of the rule. It is API: programs and tests match on it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$rule => $code,)+ }
            }

            /// What the rule says, in a sentence or two.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$rule => concat!($($doc),+).trim_ascii(),)+ }
            }

            fn source(self) -> Source {
                match self { $(Self::$rule => $law,)+ }
            }

            fn subject(self) -> &'static str {
                match self { $(Self::$rule => $subject,)+ }
            }
        }
    };
}

/// Where a rule is laid down, and since when.
struct Source {
    law: &'static str,
    since: Option<(i16, i8, i8)>,
}

/// The source of rules that are not in the law: they keep the register trustworthy.
const REGISTER: Source = Source { law: "rule of the register", since: None };

/// A paragraph that is as old as the act on health personnel.
const fn act(law: &'static str) -> Source {
    Source { law, since: Some((2001, 1, 1)) }
}

/// A paragraph that came later.
const fn later(law: &'static str, since: (i16, i8, i8)) -> Source {
    Source { law, since: Some(since) }
}

const REQUIREMENTS: Source = act("helsepersonelloven § 48 a, until 2015-06-30 § 48");
const LICENCE: Source = act("helsepersonelloven § 49");
const AGE: Source = act("helsepersonelloven § 54");
const LICENCE_OVER_AGE: Source = act("lisensforskriften, FOR-2000-12-21-1379");
const INSTRUCTION: Source = later("helsepersonelloven § 56", (2022, 7, 1));
const BAN: Source = act("helsepersonelloven § 57 a");
const SUSPENSION: Source = act("helsepersonelloven §§ 58, 58 a and 60");
const LIMITATION: Source = act("helsepersonelloven § 59");
const NEW_AUTHORISATION: Source = act("helsepersonelloven § 62");
const QUARANTINE: Source =
    later("helsepersonelloven § 62 second and third paragraph", (2025, 1, 1));
const NOTICES: Source = act("helsepersonelloven § 66");
const APPEAL: Source = act("helsepersonelloven § 68; forvaltningsloven § 34");
const STAY: Source = act("forvaltningsloven § 42; helsepersonelloven § 71 third paragraph");
const ANNULMENT: Source = act("forvaltningsloven § 35 first paragraph c");

rules! {
    /// No grant before the profession had an authorisation.
    GrantBeforeProfessionExisted "grant_before_profession_existed" "the grant date" act("helsepersonelloven § 48");
    /// No grant from a day in the future.
    GrantInFuture "grant_in_future" "the grant date" REQUIREMENTS;
    /// A right cannot begin before it was decided.
    DecisionAfterGrant "decision_after_grant" "the decision date" REQUIREMENTS;
    /// The evidence must be that of the basis, and no other.
    BasisEvidenceMismatch "basis_evidence_mismatch" "the evidence" REQUIREMENTS;
    /// No grant for an exam in the future.
    ExamAfterDecision "exam_after_decision" "the exam date" REQUIREMENTS;
    /// Nobody passes an exam or is granted a right as a child, or at an age that nobody reaches.
    AgeImpossible "age_impossible" "the birthdate" REGISTER;
    /// A correction is of something that is wrong.
    CorrectionChangesNothing "correction_changes_nothing" "the correction" REGISTER;
    /// Only a death or a merge that stands is retracted: everything else ends by a decision.
    NotRetractable "not_retractable" "the statement" REGISTER;
    /// The school is not in the office's table.
    SchoolUnknown "school_unknown" "the school" REQUIREMENTS;
    /// The sample of schools is for demonstrations.
    SchoolsInvented "schools_invented" "the table of schools" REQUIREMENTS;
    /// The school's accreditation must cover the day of the exam; a later lapse changes nothing.
    SchoolNotAccreditedOnExamDate "school_not_accredited_on_exam_date" "the exam date" REQUIREMENTS;
    /// The office has not entered when the transitional clause applied.
    TransitionalNotConfigured "transitional_not_configured" "the transitional window"
        act("helsepersonelloven § 48 a, transitional clause");
    /// Outside the time in which the transitional clause applied.
    TransitionalOutsideWindow "transitional_outside_window" "the decision date"
        act("helsepersonelloven § 48 a, transitional clause");
    /// Nobody over the age limit is authorised.
    OverAgeLimit "over_age_limit" "the kind" AGE;
    /// A licence over the age limit is short.
    LicenceOverAgeLimitLongerThanOneYear "licence_over_age_limit_longer_than_one_year" "`valid_to`"
        LICENCE_OVER_AGE;
    /// A licence always has an end.
    LicenceWithoutEnd "licence_without_end" "`valid_to`" LICENCE;
    /// An authorisation ends only at the age limit.
    EndWithoutLicence "end_without_licence" "`valid_to`" REQUIREMENTS;
    /// A certificate must not end before it is signed.
    EndsBeforeIssue "ends_before_issue" "the end" REGISTER;
    /// Readers who see that conditions apply must be able to find them.
    ConditionsMissing "conditions_missing" "`conditions`" LICENCE;
    /// An authorisation without conditions names none.
    ConditionsWithoutLimitation "conditions_without_limitation" "`conditions`" LICENCE;
    /// A post is what a licence can be bound to, with a reference to the decision.
    PostWithoutLicence "post_without_licence" "`bound_to_post`" act("helsepersonelloven § 49 third paragraph");
    /// Temporary service is no right that a certificate is issued for.
    TemporaryServiceNotIssued "temporary_service_not_issued" "the kind" act("helsepersonelloven §§ 52 and 74");
    /// A profession has only some kinds of right.
    KindNotOfProfession "kind_not_of_profession" "the kind" act("helsepersonelloven §§ 48 to 49");
    /// A profession has only some bases on which a right is granted.
    BasisNotOfProfession "basis_not_of_profession" "the basis" REQUIREMENTS;
    /// The office certifies the titles that its administrators entered.
    TitleUnknown "title_unknown" "the title" REGISTER;
    /// A row of a title must not contradict itself, the other titles, or certificates that exist.
    TitleContradicts "title_contradicts" "the title" REGISTER;
    /// Nothing new is granted in a profession that was closed.
    ClosedToGrants "closed_to_grants" "the grant date" REGISTER;
    /// Specialists have the authorisation of their profession as well.
    RequiredTitleMissing "required_title_missing" "the title" act("helsepersonelloven § 51");
    /// Only a title with a cycle is renewed, with counts of what its row asks for.
    RenewalMismatch "renewal_mismatch" "the renewal" REGISTER;
    /// A cycle is renewed in its last year, or after it.
    RenewalTooEarly "renewal_too_early" "the renewal" REGISTER;
    /// A title that lapsed long ago takes a new grant.
    RenewalTooLate "renewal_too_late" "the renewal" REGISTER;
    /// What must be done in each year and in each cycle was done.
    RenewalTooLittle "renewal_too_little" "what was counted" REGISTER;
    /// Not every reaction is there for every title.
    ReactionNotOfTitle "reaction_not_of_title" "the decision" REGISTER;
    /// Qualifications are recognised from some states, in some years.
    StateNotRecognised "state_not_recognised" "`recognition.state`" REQUIREMENTS;
    /// An application is made before it is decided, by somebody who was born.
    ApplicationDateImpossible "application_date_impossible" "`applied`" REGISTER;
    /// One live certificate per person and profession.
    AlreadyAuthorised "already_authorised" "the person" REGISTER;
    /// The same number was registered with another date of birth: probably another person.
    BirthdateDiffers "birthdate_differs" "the birthdate" REGISTER;
    /// The number was merged into another one, which must be used instead.
    HprMerged "hpr_merged" "the health personnel number" REGISTER;
    /// Nobody with that number was ever granted anything.
    HprUnknown "hpr_unknown" "the health personnel number" REGISTER;
    /// A number cannot become its own successor.
    MergeCycle "merge_cycle" "the successor" REGISTER;
    /// A merge must not give one person two live certificates.
    MergeOfTwoAuthorised "merge_of_two_authorised" "the merge" REGISTER;
    /// A right lost by revocation comes back only by a new authorisation.
    RevokedNeedsNewAuthorisation "revoked_needs_new_authorisation" "the authorisation" NEW_AUTHORISATION;
    /// A waived right comes back only by a new authorisation.
    WaivedNeedsNewAuthorisation "waived_needs_new_authorisation" "the authorisation" NEW_AUTHORISATION;
    /// A new authorisation is for those who lost one by revocation or waiver.
    NewAuthorisationWithoutLoss "new_authorisation_without_loss" "the previous authorisation" NEW_AUTHORISATION;
    /// Whether an application came in time depends on its day.
    ApplicationDateMissing "application_date_missing" "`applied`" QUARANTINE;
    /// No application for a new authorisation during the quarantine, which begins with the
    /// decision to revoke.
    QuarantineNotOver "quarantine_not_over" "`applied`" QUARANTINE;
    /// Nobody under a ban is granted a right.
    GrantDuringBan "grant_during_ban" "the grant date" BAN;
    /// A new grant must not undo a suspension of what the person had before.
    GrantDuringSuspension "grant_during_suspension" "the grant date" SUSPENSION;
    /// The previous certificate must be one of this person, of a kind that a new grant can replace.
    PreviousCertificateMismatch "previous_certificate_mismatch" "the previous certificate" REGISTER;
    /// What was annulled never was valid: nothing can be decided about it, and a new grant is
    /// needed.
    AnnulledIsVoid "annulled_is_void" "the authorisation" ANNULMENT;
    /// Nothing is decided about the dead.
    DeceasedIsFinal "deceased_is_final" "the person" REGISTER;
    /// A death cannot be in the future.
    DeathInFuture "death_in_future" "the date of death" REGISTER;
    /// Nobody dies before being born.
    DeathBeforeBirth "death_before_birth" "the date of death" REGISTER;
    /// The authorisation has not begun, has lapsed or was replaced.
    AuthorisationNotInForce "authorisation_not_in_force" "the authorisation" AGE;
    /// A decision cannot be in the future.
    DecisionInFuture "decision_in_future" "the decision date" REGISTER;
    /// No decision takes effect before the day on which it was made.
    EffectiveBeforeDecided "effective_before_decided" "the effective date" REGISTER;
    /// New names are for a change of name, and required there.
    ReissueNamesMismatch "reissue_names_mismatch" "the new names" REGISTER;
    /// After a successful appeal the reason is `appeal`, after a correction `correction`, and only
    /// then.
    ReissueReasonMismatch "reissue_reason_mismatch" "the reason" REGISTER;
    /// A certificate that another one supersedes runs on until that has come by post, and one that is
    /// invalid does not.
    RunsOnTooLong "runs_on_too_long" "the number of days for which the certificate before runs on" REGISTER;
    /// A suspension under § 58 has an end, and one until something has been done has none.
    SuspensionEndMismatch "suspension_end_mismatch" "`until`" SUSPENSION;
    /// Suspensions were full ones until 2022-06-30.
    SuspensionCannotBeLimited "suspension_cannot_be_limited" "the suspension"
        later("helsepersonelloven § 58 first paragraph", (2022, 7, 1));
    /// A suspension ends after it begins.
    SuspensionWithoutLength "suspension_without_length" "`until`" SUSPENSION;
    /// A suspension is short.
    SuspensionTooLong "suspension_too_long" "`until`" SUSPENSION;
    /// A suspension is extended only once.
    SuspensionExtendedTwice "suspension_extended_twice" "the suspension" SUSPENSION;
    /// One suspension at a time.
    SuspensionOverlaps "suspension_overlaps" "the suspension" SUSPENSION;
    /// Only a suspension in force can be extended or lifted.
    SuspensionNotInForce "suspension_not_in_force" "the authorisation" SUSPENSION;
    /// A limitation ends after it begins.
    LimitationWithoutLength "limitation_without_length" "`until`" LIMITATION;
    /// One limitation at a time, so that there is one decision to obtain.
    LimitationOverlaps "limitation_overlaps" "the limitation" LIMITATION;
    /// Only a limitation that was decided and is in force can be lifted.
    LimitationNotInForce "limitation_not_in_force" "the authorisation" LIMITATION;
    /// There were no instructions before 2022-07-01.
    InstructionTooEarly "instruction_too_early" "the effective date" INSTRUCTION;
    /// An instruction ends after it begins.
    InstructionWithoutLength "instruction_without_length" "`until`" INSTRUCTION;
    /// Only an instruction that is in force can be ended.
    InstructionNotInForce "instruction_not_in_force" "the instruction" INSTRUCTION;
    /// A ban is for people without an authorisation: others are suspended, or their right revoked.
    BanOfAuthorised "ban_of_authorised" "the person" BAN;
    /// A ban ends after it begins.
    BanWithoutLength "ban_without_length" "`until`" BAN;
    /// Only a ban that is in force can be ended.
    BanNotInForce "ban_not_in_force" "the ban" BAN;
    /// An annulment takes effect from the day of the grant, because the grant never was valid.
    AnnulledFromTheStart "annulled_from_the_start" "the effective date" ANNULMENT;
    /// Only a decision of the authority about this authorisation can be reversed. A waiver is the
    /// holder's own declaration, and does not fall on appeal.
    NotReversible "not_reversible" "the decision" APPEAL;
    /// A decision can be reversed only once.
    AlreadyReversed "already_reversed" "the decision" APPEAL;
    /// An appeal is not decided before the decision that it is about.
    ReversedBeforeDecided "reversed_before_decided" "the decision date" APPEAL;
    /// A reversal takes effect today or earlier. A right given back later could collide with a new
    /// grant.
    ReversalInFuture "reversal_in_future" "the effective date" APPEAL;
    /// On appeal, a decision is replaced by a milder one from the same day, or by none.
    NotMilder "not_milder" "the decision on appeal" APPEAL;
    /// Only a decision that can be appealed against, and that stands, can be stayed or upheld.
    NotAppealable "not_appealable" "the decision" STAY;
    /// A decision is stayed once at a time.
    StayedAlready "stayed_already" "the decision" STAY;
    /// Only a decision that is stayed can take effect again.
    NotStayed "not_stayed" "the decision" STAY;
    /// A key is retired now or later, because what it signed remains valid.
    KeyRetiredInPast "key_retired_in_past" "the end of the key" REGISTER;
    /// A key ends after it began, so that a trust list can hold it.
    KeyRetiredBeforeItBegan "key_retired_before_it_began" "the end of the key" REGISTER;
    /// A compromise cannot be in the future.
    KeyCompromisedInFuture "key_compromised_in_future" "the time of the compromise" REGISTER;
    /// A suspension by one officer alone lasts only a limited number of days.
    EmergencyTooLong "emergency_too_long" "the end without a second officer" SUSPENSION;
    /// One officer suspends alone only once, until another officer confirms it.
    EmergencyRepeated "emergency_repeated" "the suspension" SUSPENSION;
    /// A suspension that has ended by itself cannot be confirmed.
    EmergencyOver "emergency_over" "the suspension" SUSPENSION;
    /// An enrolment has at least one day and one role.
    EnrolmentWithoutLength "enrolment_without_length" "the enrolment" REGISTER;
    /// A key belongs to one officer permanently.
    OfficerKeyOfAnother "officer_key_of_another" "the officer" REGISTER;
    /// Names that people can mistake for one another: one person enrolled twice could approve their
    /// own proposals.
    OfficerNameResembles "officer_name_resembles" "the officer" REGISTER;
    /// Enough administrators must remain to enrol others, unless the root keys are pinned: these can
    /// appoint some.
    TooFewAdministrators "too_few_administrators" "the number of administrators" REGISTER;
    /// A notice is only for a decision that others are told of, and is sent or withdrawn once.
    NoticeNotDue "notice_not_due" "the decision" NOTICES;
    /// A document is deleted by duty only if a proposal rested on it, nothing waits that needs it, and
    /// it was not deleted before. The office's own data is kept.
    DocumentNotDeletable "document_not_deletable" "the document" REGISTER;
    /// No paper was printed or sent before the day of what it is about.
    DispatchedBeforeMade "dispatched_before_made" "the day" REGISTER;
}

impl Rule {
    /// Where the rule is laid down.
    pub fn law(self) -> &'static str {
        self.source().law
    }

    /// Since when, if it is in the law.
    pub fn from(self) -> Option<CivilDate> {
        let (year, month, day) = self.source().since?;
        CivilDate::new(year, month, day).ok()
    }
}

/// What the law does not say clearly, or what could not be confirmed. It is shown to the officers,
/// who decide; it never refuses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Doubt {
    /// The stable name of the doubt.
    pub code: &'static str,
    /// What is doubted, in a sentence.
    #[serde(serialize_with = "in_english")]
    pub message: Phrase,
    /// The source that is not clear.
    pub source: &'static str,
}

fn in_english<S: serde::Serializer>(message: &Phrase, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&message.text())
}

/// A rule that forbids something, with what was found and what would have been allowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleError {
    rule: Rule,
    found: Phrase,
    expected: Phrase,
}

impl RuleError {
    /// `expected` quotes its own values, because it may hold none or several.
    pub(crate) fn new(rule: Rule, found: impl ToPhrase, expected: Phrase) -> Self {
        Self { rule, found: found.said(), expected }
    }

    /// What was found.
    pub fn found(&self) -> &Phrase {
        &self.found
    }

    /// What would have been allowed.
    pub fn expected(&self) -> &Phrase {
        &self.expected
    }

    /// The rule.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The stable name of the rule.
    pub fn code(&self) -> &'static str {
        self.rule.code()
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, found, expected } = self;
        let (subject, found, expected, law) =
            (rule.subject(), found.text(), expected.text(), rule.law());
        write!(f, "{subject} is `{found}`, expected {expected} ({law})")
    }
}

impl std::error::Error for RuleError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase;

    #[test]
    fn codes_are_distinct_and_in_snake_case() {
        let mut codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn messages_name_found_expected_and_law() {
        let error = RuleError::new(
            Rule::GrantBeforeProfessionExisted,
            "2000-12-31",
            phrase!("`{first}` or later", first = "2001-01-01"),
        );
        assert_eq!(
            error.to_string(),
            "the grant date is `2000-12-31`, expected `2001-01-01` or later (helsepersonelloven § 48)"
        );
    }
}
