//! The rules that an officer can run into, each with its code and its law.

use std::fmt;

/// Makes [`Rule`]: per rule its documentation, name, code, the subject of the message, and where it
/// is laid down.
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

/// Rules without a paragraph: what makes the register trustworthy rather than what the law says of
/// people.
const REGISTER: &str = "rule of the register";

rules! {
    /// No grant before the profession had an authorisation.
    GrantBeforeProfessionExisted "grant_before_profession_existed" "the grant date" "helsepersonelloven § 48";
    /// No grant for a day to come.
    GrantInFuture "grant_in_future" "the grant date" "helsepersonelloven § 48 a";
    /// A right cannot begin before it was decided.
    DecisionAfterGrant "decision_after_grant" "the decision date" "helsepersonelloven § 48 a";
    /// The evidence must be that of the one basis.
    BasisEvidenceMismatch "basis_evidence_mismatch" "the evidence" "helsepersonelloven § 48 a";
    /// Nobody is granted a right for an exam to come.
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
    /// Over the age limit there are only short licences.
    LicenceOverAgeLimitLongerThanOneYear "licence_over_age_limit_longer_than_one_year" "`valid_to`"
        "helsepersonelloven § 54 second paragraph";
    /// A licence always has an end.
    LicenceWithoutEnd "licence_without_end" "`valid_to`" "helsepersonelloven § 49";
    /// An authorisation has no end but the age limit.
    EndWithoutLicence "end_without_licence" "`valid_to`" "helsepersonelloven § 48 a";
    /// A certificate that would have ended before it was signed.
    EndsBeforeIssue "ends_before_issue" "the end" REGISTER;
    /// Who reads that conditions apply must be able to find them.
    ConditionsMissing "conditions_missing" "`conditions`" "helsepersonelloven § 59";
    /// Conditions belong to a kind that has some.
    ConditionsWithoutLimitation "conditions_without_limitation" "`conditions`" "helsepersonelloven § 59";
    /// One live certificate per person and profession.
    AlreadyAuthorised "already_authorised" "the person" REGISTER;
    /// The same number was registered with another date of birth: probably another person.
    BirthdateDiffers "birthdate_differs" "the birthdate" REGISTER;
    /// The number was merged into another one, which must be used.
    HprMerged "hpr_merged" "the health personnel number" REGISTER;
    /// Nobody with that number was ever granted anything.
    HprUnknown "hpr_unknown" "the health personnel number" REGISTER;
    /// A number cannot become its own successor.
    MergeCycle "merge_cycle" "the successor" REGISTER;
    /// A merge must not give one person two live certificates.
    MergeOfTwoAuthorised "merge_of_two_authorised" "the merge" REGISTER;
    /// Who lost the right by revocation gets a new authorisation or none.
    RevokedNeedsNewAuthorisation "revoked_needs_new_authorisation" "the authorisation" "helsepersonelloven § 62";
    /// Who waived the right gets a new authorisation or none.
    WaivedNeedsNewAuthorisation "waived_needs_new_authorisation" "the authorisation" "helsepersonelloven § 62";
    /// A new authorisation is for those who lost one by revocation or waiver.
    NewAuthorisationWithoutLoss "new_authorisation_without_loss" "the previous authorisation" "helsepersonelloven § 62";
    /// The time during which no new authorisation may be granted.
    QuarantineNotOver "quarantine_not_over" "the grant date" "helsepersonelloven § 62 second paragraph";
    /// A new grant must not undo a suspension of what the person had before.
    GrantDuringSuspension "grant_during_suspension" "the grant date" "helsepersonelloven § 58";
    /// The previous certificate must be one of this person, of a kind that a new grant can replace.
    PreviousCertificateMismatch "previous_certificate_mismatch" "the previous certificate" REGISTER;
    /// What was annulled never was valid: nothing can be done to it, a new grant is needed.
    AnnulledIsVoid "annulled_is_void" "the authorisation" "forvaltningsloven § 35";
    /// Nothing is decided about the dead.
    DeceasedIsFinal "deceased_is_final" "the person" REGISTER;
    /// A death to come.
    DeathInFuture "death_in_future" "the date of death" REGISTER;
    /// Nobody dies before being born.
    DeathBeforeBirth "death_before_birth" "the date of death" REGISTER;
    /// The authorisation has not begun, has lapsed or was replaced.
    AuthorisationNotInForce "authorisation_not_in_force" "the authorisation" "helsepersonelloven § 54";
    /// A decision to come.
    DecisionInFuture "decision_in_future" "the decision date" REGISTER;
    /// No decision reaches back before the day on which it was made.
    EffectiveBeforeDecided "effective_before_decided" "the effective date" "forvaltningsloven § 27";
    /// A name change has new names, and nothing else has.
    ReissueNamesMismatch "reissue_names_mismatch" "the new names" REGISTER;
    /// After a successful appeal the reason is `appeal`, and only then.
    ReissueReasonMismatch "reissue_reason_mismatch" "the reason" REGISTER;
    /// A suspension ends after it begins.
    SuspensionWithoutLength "suspension_without_length" "`until`" "helsepersonelloven § 58";
    /// A suspension is short.
    SuspensionTooLong "suspension_too_long" "`until`" "helsepersonelloven § 58";
    /// A suspension is extended once.
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
    /// An annulment acts from the day of the grant, because the grant never was valid.
    AnnulledFromTheStart "annulled_from_the_start" "the effective date" "forvaltningsloven § 35";
    /// Only a decision to suspend, extend, limit, revoke or annul, or a waiver, about this
    /// authorisation can be reversed.
    NotReversible "not_reversible" "the decision" "helsepersonelloven § 71";
    /// A decision falls once.
    AlreadyReversed "already_reversed" "the decision" "helsepersonelloven § 71";
    /// An appeal is decided after what it is about.
    ReversedBeforeDecided "reversed_before_decided" "the decision date" "helsepersonelloven § 71";
    /// An appeal gives back from today on or from an earlier day: what is given back later could
    /// meet a new grant.
    ReversalInFuture "reversal_in_future" "the effective date" "helsepersonelloven § 71";
    /// A key ends now or later: what it signed remains good.
    KeyRetiredInPast "key_retired_in_past" "the end of the key" REGISTER;
    /// A key ends after it began, so that a trust list can hold it.
    KeyRetiredBeforeItBegan "key_retired_before_it_began" "the end of the key" REGISTER;
    /// A compromise that is to come.
    KeyCompromisedInFuture "key_compromised_in_future" "the time of the compromise" REGISTER;
    /// What one officer decides alone lasts a few days.
    EmergencyTooLong "emergency_too_long" "the end without a second officer" "helsepersonelloven § 58";
    /// One officer suspends alone once, until another one agrees.
    EmergencyRepeated "emergency_repeated" "the suspension" "helsepersonelloven § 58";
    /// What has ended by itself cannot be confirmed.
    EmergencyOver "emergency_over" "the suspension" "helsepersonelloven § 58";
    /// An officer is in office for some time and in some role.
    EnrolmentWithoutLength "enrolment_without_length" "the enrolment" REGISTER;
    /// A key belongs to one officer for ever.
    OfficerKeyOfAnother "officer_key_of_another" "the officer" REGISTER;
    /// Two names that people take for one another would be two people, who approve what each other
    /// proposed.
    OfficerNameResembles "officer_name_resembles" "the officer" REGISTER;
    /// Somebody must be left to enrol others.
    TooFewAdministrators "too_few_administrators" "the number of administrators" REGISTER;
    /// Only a decision to suspend, limit or revoke is alerted, and once.
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
