//! The rules that can stop an officer, each with its code and its legal source.

use std::fmt;

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

            /// Where the rule is laid down.
            pub fn law(self) -> &'static str {
                match self { $(Self::$rule => $law,)+ }
            }

            fn subject(self) -> &'static str {
                match self { $(Self::$rule => $subject,)+ }
            }
        }
    };
}

/// The source of rules that are not in the law: they keep the register trustworthy.
const REGISTER: &str = "rule of the register";

rules! {
    /// No grant before the profession had an authorisation.
    GrantBeforeProfessionExisted "grant_before_profession_existed" "the grant date" "helsepersonelloven § 48";
    /// No grant from a day in the future.
    GrantInFuture "grant_in_future" "the grant date" "helsepersonelloven § 48 a";
    /// A right cannot begin before it was decided.
    DecisionAfterGrant "decision_after_grant" "the decision date" "helsepersonelloven § 48 a";
    /// The evidence must be that of the basis, and no other.
    BasisEvidenceMismatch "basis_evidence_mismatch" "the evidence" "helsepersonelloven § 48 a";
    /// No grant for an exam in the future.
    ExamAfterDecision "exam_after_decision" "the exam date" "helsepersonelloven § 48 a";
    /// Nobody passes an exam before being born.
    ExamBeforeBirth "exam_before_birth" "the exam date" "helsepersonelloven § 48 a";
    /// The school is not in the office's table.
    SchoolUnknown "school_unknown" "the school" "helsepersonelloven § 48 a";
    /// The school's accreditation must cover the day of the exam; a later lapse changes nothing.
    SchoolNotAccreditedOnExamDate "school_not_accredited_on_exam_date" "the exam date" "helsepersonelloven § 48 a";
    /// The office has not entered when the transitional clause applied.
    TransitionalNotConfigured "transitional_not_configured" "the transitional window"
        "helsepersonelloven § 48 a, transitional clause";
    /// Outside the time in which the transitional clause applied.
    TransitionalOutsideWindow "transitional_outside_window" "the decision date"
        "helsepersonelloven § 48 a, transitional clause";
    /// Nobody over the age limit is authorised.
    OverAgeLimit "over_age_limit" "the kind" "helsepersonelloven § 54";
    /// A licence over the age limit is short.
    LicenceOverAgeLimitLongerThanOneYear "licence_over_age_limit_longer_than_one_year" "`valid_to`"
        "helsepersonelloven § 54 second paragraph";
    /// A licence always has an end.
    LicenceWithoutEnd "licence_without_end" "`valid_to`" "helsepersonelloven § 49";
    /// An authorisation ends only at the age limit.
    EndWithoutLicence "end_without_licence" "`valid_to`" "helsepersonelloven § 48 a";
    /// A certificate must not end before it is signed.
    EndsBeforeIssue "ends_before_issue" "the end" REGISTER;
    /// Readers who see that conditions apply must be able to find them.
    ConditionsMissing "conditions_missing" "`conditions`" "helsepersonelloven § 59";
    /// Only kinds that have conditions may name some.
    ConditionsWithoutLimitation "conditions_without_limitation" "`conditions`" "helsepersonelloven § 59";
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
    RevokedNeedsNewAuthorisation "revoked_needs_new_authorisation" "the authorisation" "helsepersonelloven § 62";
    /// A waived right comes back only by a new authorisation.
    WaivedNeedsNewAuthorisation "waived_needs_new_authorisation" "the authorisation" "helsepersonelloven § 62";
    /// A new authorisation is for those who lost one by revocation or waiver.
    NewAuthorisationWithoutLoss "new_authorisation_without_loss" "the previous authorisation" "helsepersonelloven § 62";
    /// No new authorisation during the quarantine.
    QuarantineNotOver "quarantine_not_over" "the grant date" "helsepersonelloven § 62 second paragraph";
    /// A new grant must not undo a suspension of what the person had before.
    GrantDuringSuspension "grant_during_suspension" "the grant date" "helsepersonelloven § 58";
    /// The previous certificate must be one of this person, of a kind that a new grant can replace.
    PreviousCertificateMismatch "previous_certificate_mismatch" "the previous certificate" REGISTER;
    /// What was annulled never was valid: nothing can be decided about it, and a new grant is
    /// needed.
    AnnulledIsVoid "annulled_is_void" "the authorisation" "forvaltningsloven § 35";
    /// Nothing is decided about the dead.
    DeceasedIsFinal "deceased_is_final" "the person" REGISTER;
    /// A death cannot be in the future.
    DeathInFuture "death_in_future" "the date of death" REGISTER;
    /// Nobody dies before being born.
    DeathBeforeBirth "death_before_birth" "the date of death" REGISTER;
    /// The authorisation has not begun, has lapsed or was replaced.
    AuthorisationNotInForce "authorisation_not_in_force" "the authorisation" "helsepersonelloven § 54";
    /// A decision cannot be in the future.
    DecisionInFuture "decision_in_future" "the decision date" REGISTER;
    /// No decision takes effect before the day on which it was made.
    EffectiveBeforeDecided "effective_before_decided" "the effective date" "forvaltningsloven § 27";
    /// New names are for a change of name, and required there.
    ReissueNamesMismatch "reissue_names_mismatch" "the new names" REGISTER;
    /// After a successful appeal the reason is `appeal`, and only then.
    ReissueReasonMismatch "reissue_reason_mismatch" "the reason" REGISTER;
    /// A suspension ends after it begins.
    SuspensionWithoutLength "suspension_without_length" "`until`" "helsepersonelloven § 58";
    /// A suspension is short.
    SuspensionTooLong "suspension_too_long" "`until`" "helsepersonelloven § 58";
    /// A suspension is extended only once.
    SuspensionExtendedTwice "suspension_extended_twice" "the suspension" "helsepersonelloven § 58";
    /// One suspension at a time.
    SuspensionOverlaps "suspension_overlaps" "the suspension" "helsepersonelloven § 58";
    /// Only a suspension in force can be extended or lifted.
    SuspensionNotInForce "suspension_not_in_force" "the authorisation" "helsepersonelloven § 58";
    /// A limitation ends after it begins.
    LimitationWithoutLength "limitation_without_length" "`until`" "helsepersonelloven § 59";
    /// One limitation at a time, so that there is one decision to obtain.
    LimitationOverlaps "limitation_overlaps" "the limitation" "helsepersonelloven § 59";
    /// Only a limitation that was decided and is in force can be lifted.
    LimitationNotInForce "limitation_not_in_force" "the authorisation" "helsepersonelloven § 59";
    /// An annulment takes effect from the day of the grant, because the grant never was valid.
    AnnulledFromTheStart "annulled_from_the_start" "the effective date" "forvaltningsloven § 35";
    /// Only a decision to suspend, extend, limit, revoke or annul, or a waiver, about this
    /// authorisation can be reversed.
    NotReversible "not_reversible" "the decision" "helsepersonelloven § 71";
    /// A decision can be reversed only once.
    AlreadyReversed "already_reversed" "the decision" "helsepersonelloven § 71";
    /// An appeal is not decided before the decision that it is about.
    ReversedBeforeDecided "reversed_before_decided" "the decision date" "helsepersonelloven § 71";
    /// A reversal takes effect today or earlier. A right given back later could collide with a new
    /// grant.
    ReversalInFuture "reversal_in_future" "the effective date" "helsepersonelloven § 71";
    /// A key is retired now or later, because what it signed remains valid.
    KeyRetiredInPast "key_retired_in_past" "the end of the key" REGISTER;
    /// A key ends after it began, so that a trust list can hold it.
    KeyRetiredBeforeItBegan "key_retired_before_it_began" "the end of the key" REGISTER;
    /// A compromise cannot be in the future.
    KeyCompromisedInFuture "key_compromised_in_future" "the time of the compromise" REGISTER;
    /// A suspension by one officer alone lasts only a limited number of days.
    EmergencyTooLong "emergency_too_long" "the end without a second officer" "helsepersonelloven § 58";
    /// One officer suspends alone only once, until another officer confirms it.
    EmergencyRepeated "emergency_repeated" "the suspension" "helsepersonelloven § 58";
    /// A suspension that has ended by itself cannot be confirmed.
    EmergencyOver "emergency_over" "the suspension" "helsepersonelloven § 58";
    /// An enrolment has at least one day and one role.
    EnrolmentWithoutLength "enrolment_without_length" "the enrolment" REGISTER;
    /// A key belongs to one officer permanently.
    OfficerKeyOfAnother "officer_key_of_another" "the officer" REGISTER;
    /// Names that people can mistake for one another: one person enrolled twice could approve their
    /// own proposals.
    OfficerNameResembles "officer_name_resembles" "the officer" REGISTER;
    /// Enough administrators must remain to enrol others.
    TooFewAdministrators "too_few_administrators" "the number of administrators" REGISTER;
    /// An alert is only for a decision to suspend, extend, limit or revoke, and is sent once.
    AlertNotDue "alert_not_due" "the decision" "directive 2005/36/EC article 56a";
}

/// A rule that forbids something, with what was found and what would have been allowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleError {
    rule: Rule,
    found: String,
    expected: String,
}

impl RuleError {
    /// `expected` quotes its own values, because it may hold none or several.
    pub(crate) fn new(rule: Rule, found: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self { rule, found: found.to_string(), expected: expected.into() }
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
        write!(f, "{} is `{found}`, expected {expected} ({})", rule.subject(), rule.law())
    }
}

impl std::error::Error for RuleError {}

#[cfg(test)]
mod tests {
    use super::*;

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
            "`2001-01-01` or later",
        );
        assert_eq!(
            error.to_string(),
            "the grant date is `2000-12-31`, expected `2001-01-01` or later (helsepersonelloven § 48)"
        );
    }
}
