//! The decisions that issue a certificate: a grant, and a new certificate for an earlier grant.

use vernet_common::{
    Authorisation as Right, Basis, CertificateClaims, CertificateNumber, CivilDate, GivenNames,
    HprNumber, HttpsUrl, Kind, NumberPrefix, NumericDate, PersonName, Profession, Status,
    StatusClaim, StatusIndex, StatusListNumber, StatusListUri, StatusReference, Title,
};

use crate::{
    application::{Application, Ground, Names, Recognition},
    error::Error,
    law,
    office_data::OfficeData,
    phrase,
    prose::{Phrase, ToPhrase},
    rule::{Rule, RuleError},
    rules::{
        common::{in_force, no_other_live, not_dead, not_in_future, previous_mismatch},
        correction::{check_ages, rights_of_same_birth},
        loss::{check_loss, check_quarantine, losses},
        renewal::renewed_until,
    },
    state::{
        index::{Authorisation, State},
        standing::{Lapse, Limitation, Standing, ends, lapse},
    },
    statements::{
        event::{Count, ReissueReason},
        statement::Statement,
    },
    titles::ProtectedTitle,
};

/// The longest that a certificate runs on which another one supersedes, in days.
const MAX_RUNS_ON_DAYS: u8 = 30;

/// What a certificate will say, before it has a number and a slot.
pub(crate) struct Subject {
    title: TitleClaims,
    given_name: GivenNames,
    family_name: PersonName,
    birthdate: CivilDate,
    hpr_number: HprNumber,
    right: Right,
    exp: NumericDate,
}

/// What a certificate says of its title.
struct TitleClaims {
    type_name: String,
    profession: Profession,
    title: Title,
    prefix: NumberPrefix,
}

impl From<&ProtectedTitle> for TitleClaims {
    fn from(row: &ProtectedTitle) -> Self {
        Self {
            type_name: row.type_name.clone(),
            profession: row.profession,
            title: row.title.clone(),
            prefix: row.certificate_number_prefix,
        }
    }
}

impl Subject {
    /// What the certificate's number begins with.
    pub(crate) fn prefix(&self) -> NumberPrefix {
        self.title.prefix
    }

    /// The claims, signed by `iss` at `iat`.
    pub(crate) fn claims(
        self,
        iss: &HttpsUrl,
        iat: NumericDate,
        number: CertificateNumber,
        list: StatusListNumber,
        idx: StatusIndex,
    ) -> Result<CertificateClaims, Error> {
        Ok(CertificateClaims {
            iss: iss.clone(),
            vct: CertificateClaims::vct_of(iss, &self.title.type_name).parse()?,
            iat,
            exp: self.exp,
            certificate_number: number,
            given_name: self.given_name,
            family_name: self.family_name,
            birthdate: self.birthdate,
            hpr_number: self.hpr_number,
            profession: self.title.profession,
            title: self.title.title,
            authorisation: self.right,
            status: StatusClaim {
                status_list: StatusReference { idx, uri: StatusListUri::new(iss, list) },
            },
        })
    }
}

/// Checks a grant against the law, the office's data and the register (rules 1 to 8 and 10).
///
/// `office` is `None` when an old grant is checked again: the office's data changes over the years,
/// and its earlier content is not kept.
pub(crate) fn grant(
    state: &State,
    office: Option<&OfficeData>,
    application: &Application,
    now: NumericDate,
) -> Result<Subject, Error> {
    let row = state.titles().get(&application.title)?;
    let checked = check_alone(row, (office, state.iss()), application, now.civil_date());
    checked.into_iter().collect::<Result<(), _>>()?;
    check_person(state, row, application, now)?;
    check_required_title(state, row, application, now)?;
    let Application { kind, granted, birthdate, .. } = *application;
    let basis = original_basis(state, application)?;
    Ok(Subject {
        title: row.into(),
        given_name: application.given_name.clone(),
        family_name: application.family_name.clone(),
        birthdate,
        hpr_number: application.hpr_number,
        right: Right { kind, basis, granted },
        exp: exp(
            lapse(application, birthdate, row, row.first_end(granted, application.cycle_ends)),
            now,
        )?,
    })
}

/// What the rules say of an application by itself, whoever the person is: everything but what the
/// register knows of them. Each that refuses is told, in the order in which a grant meets them.
pub fn check_application(
    row: &ProtectedTitle,
    (office, iss): (&OfficeData, &HttpsUrl),
    application: &Application,
    today: CivilDate,
) -> Vec<RuleError> {
    let checked = check_alone(row, (Some(office), Some(iss)), application, today);
    checked.into_iter().filter_map(Result::err).collect()
}

/// `office` is `None` when an old grant is checked again.
fn check_alone(
    row: &ProtectedTitle,
    (office, iss): (Option<&OfficeData>, Option<&HttpsUrl>),
    application: &Application,
    today: CivilDate,
) -> [Result<(), RuleError>; 8] {
    [
        check_dates(row, application, today),
        application.check_evidence(),
        check_basis_of_title(row, application),
        check_basis(office, application),
        office.map_or(Ok(()), |office| check_schools(iss, office, application)),
        // It finds slips of the pen, and would say nothing new of an old grant.
        office.map_or(Ok(()), |_| check_ages(application, application.birthdate)),
        check_kind(row, application),
        row.check_cycle(application.granted, application.cycle_ends),
    ]
}

/// The basis that the certificate names. After a loss it is the one that the person had before: the
/// other one would tell every reader of the loss.
fn original_basis(state: &State, application: &Application) -> Result<Basis, Error> {
    match (application.basis, application.previous_certificate) {
        (Ground::Basis(basis), _) => Ok(basis),
        (Ground::NewAuthorisation, Some(lost)) => Ok(state.right(state.authorisation(lost)?).basis),
        (Ground::NewAuthorisation, None) => {
            Err(previous_mismatch(application, phrase!("the certificate that was lost")).into())
        }
    }
}

/// Why another certificate is issued for an authorisation, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Reissue<'a> {
    pub(crate) reason: ReissueReason,
    pub(crate) names: Option<&'a Names>,
    pub(crate) counts: &'a [Count],
    /// For how many days the certificate before runs on.
    pub(crate) runs_on: u8,
}

impl Reissue<'_> {
    /// For a reason that needs nothing else.
    pub(crate) fn because(reason: ReissueReason) -> Self {
        Self { reason, names: None, counts: &[], runs_on: 0 }
    }
}

/// Checks a new certificate for the authorisation of an old one (rule 9). Also returns the number
/// of the certificate that it supersedes.
pub(crate) fn reissue(
    state: &State,
    number: CertificateNumber,
    Reissue { reason, names, counts, runs_on }: Reissue<'_>,
    decided_on: CivilDate,
    now: NumericDate,
) -> Result<(CertificateNumber, Subject), Error> {
    let today = now.civil_date();
    not_in_future(decided_on, today)?;
    let authorisation = state.authorisation(number)?;
    not_dead(state, state.hpr_of(authorisation, now), now)?;
    let is_renewal = reason == ReissueReason::Renewal;
    let standing = state.standing_of(authorisation, today, now);
    // A renewal may come after the lapse, as a reinstatement.
    if !(is_renewal && matches!(standing, Standing::Lapsed { by: Lapse::NotRenewed, .. })) {
        in_force(state, authorisation, today, now)?;
    }
    if !is_renewal && !counts.is_empty() {
        let expected = phrase!("none without `renewal`");
        return Err(RuleError::new(Rule::RenewalMismatch, phrase!("counts"), expected).into());
    }
    let renewed = match is_renewal {
        true => Some(renewed_until(state, authorisation, counts, now)?),
        false => None,
    };
    no_other_live(state, authorisation, now)?;
    let current = state.current_certificate(number)?.claims;
    let previous = current.certificate_number;
    let invalid = state.certificate_status(previous, today, now)? == Status::Invalid;
    check_reason(reason, invalid, state.is_wrong(previous, authorisation, now))?;
    let latest = if invalid { 0 } else { MAX_RUNS_ON_DAYS };
    if runs_on > latest {
        let expected = phrase!("at most {latest}", latest);
        return Err(RuleError::new(Rule::RunsOnTooLong, runs_on, expected).into());
    }
    let holder = state.particulars_of(authorisation, now);
    let differ = |names: &Names| {
        (&names.given_name, &names.family_name) != (holder.given_name, holder.family_name)
    };
    let renamed = reason == ReissueReason::NameChange;
    if names.map_or(renamed, |names| !renamed || !differ(names)) {
        let found = names.map_or_else(
            || phrase!("none"),
            |names| names.given_name.with(&names.family_name).said(),
        );
        let expected = if renamed {
            phrase!("names that differ from the present ones")
        } else {
            phrase!("none without `name_change`")
        };
        return Err(RuleError::new(Rule::ReissueNamesMismatch, found, expected).into());
    }
    let application = &state.granted(authorisation).application;
    let right = state.right(authorisation);
    let row = state.titles().get(&application.title)?;
    let subject = Subject {
        title: row.into(),
        given_name: names.map_or(holder.given_name, |names| &names.given_name).clone(),
        family_name: names.map_or(holder.family_name, |names| &names.family_name).clone(),
        birthdate: holder.birthdate,
        hpr_number: holder.hpr_number,
        right,
        exp: match renewed {
            Some(end) => exp(lapse(application, holder.birthdate, row, Some(end)), now)?,
            None => exp(state.lapse(authorisation, today, now), now)?,
        },
    };
    Ok((previous, subject))
}

/// The reason must be why the certificate is no longer good, or is to be replaced.
fn check_reason(reason: ReissueReason, invalid: bool, wrong: bool) -> Result<(), RuleError> {
    let expected = match (reason, invalid) {
        (ReissueReason::Renewal, _) | (ReissueReason::Appeal, true) => return Ok(()),
        (ReissueReason::Correction, _) if invalid || wrong => return Ok(()),
        (ReissueReason::Correction, _) => {
            phrase!(
                "another reason than `correction`: what the certificate says of its holder is what is known, so correct that first"
            )
        }
        (_, true) => {
            phrase!(
                "`appeal` or `correction`: the certificate is invalid, and its authorisation in force again"
            )
        }
        (ReissueReason::Appeal, false) => {
            phrase!("another reason than `appeal`: the certificate is not invalid")
        }
        (_, false) => return Ok(()),
    };
    Err(RuleError::new(Rule::ReissueReasonMismatch, reason.word(), expected))
}

/// Rule 1.
fn check_dates(
    row: &ProtectedTitle,
    application: &Application,
    today: CivilDate,
) -> Result<(), RuleError> {
    let Application { decided, granted, .. } = *application;
    if !row.protected.iter().any(|period| period.holds(granted)) {
        let periods: Vec<_> =
            row.protected.iter().map(|period| interval(period.from, period.to)).collect();
        let expected = phrase!("a day {periods}", periods = Phrase::Joined(" or ", periods));
        return Err(RuleError::new(Rule::GrantBeforeProfessionExisted, granted, expected));
    }
    if let Some(closed) = row.closed.filter(|closed| *closed <= granted) {
        let expected = phrase!("a day before `{closed}`", closed);
        return Err(RuleError::new(Rule::ClosedToGrants, granted, expected));
    }
    if granted > today {
        return Err(RuleError::new(
            Rule::GrantInFuture,
            granted,
            phrase!("`{today}` or earlier", today),
        ));
    }
    if decided > granted {
        return Err(RuleError::new(
            Rule::DecisionAfterGrant,
            decided,
            phrase!("`{granted}`, the grant date, or earlier", granted),
        ));
    }
    match application.applied {
        Some(applied) if applied > decided || applied <= application.birthdate => {
            let expected = phrase!("`{decided}`, the decision date, or earlier", decided);
            Err(RuleError::new(Rule::ApplicationDateImpossible, applied, expected))
        }
        _ => Ok(()),
    }
}

/// Nothing real rests on schools that do not exist.
fn check_schools(
    iss: Option<&HttpsUrl>,
    office: &OfficeData,
    application: &Application,
) -> Result<(), RuleError> {
    let rests_on_them = application.basis == Ground::Basis(Basis::AccreditedSchoolExam);
    let may_be = iss.is_some_and(OfficeData::may_be_invented);
    if rests_on_them && office.accreditations.sample && !may_be {
        let expected = phrase!("the office's own table of accredited schools in `data.json`");
        return Err(RuleError::new(
            Rule::SchoolsInvented,
            phrase!("a sample with invented schools"),
            expected,
        ));
    }
    Ok(())
}

/// A basis is one of the title's, but for a new authorisation, which has that of the one that was
/// lost.
fn check_basis_of_title(row: &ProtectedTitle, application: &Application) -> Result<(), RuleError> {
    match application.basis {
        Ground::Basis(basis) if !row.bases.contains(&basis) => {
            let known = row.bases.iter().map(|basis| Ground::Basis(*basis).word());
            let expected = one_of(known, row);
            Err(RuleError::new(Rule::BasisNotOfProfession, application.basis.word(), expected))
        }
        _ => Ok(()),
    }
}

/// What a title has.
fn one_of(words: impl Iterator<Item = &'static str>, row: &ProtectedTitle) -> Phrase {
    let words: Vec<_> = words.map(|word| phrase!("`{word}`", word)).collect();
    phrase!(
        "one of {words} for the title `{title}`",
        words = Phrase::Joined(", ", words),
        title = row.title
    )
}

/// Rules 2 to 4: checks the basis against the office's data. Without data, checks only what the
/// application itself says.
///
/// # Errors
///
/// The rule that forbids the grant on this basis.
pub fn check_basis(
    office: Option<&OfficeData>,
    application: &Application,
) -> Result<(), RuleError> {
    let decided = application.decided;
    if let Some(exam) = &application.exam {
        if exam.date > decided {
            let expected = phrase!("`{decided}`, the decision date, or earlier", decided);
            return Err(RuleError::new(Rule::ExamAfterDecision, exam.date, expected));
        }
        if application.basis == Ground::Basis(Basis::AccreditedSchoolExam)
            && let Some(office) = office
        {
            let intervals: Vec<_> = office.accreditations.of_school(&exam.school).collect();
            if intervals.is_empty() {
                let expected = phrase!(
                    "a school in the office's table of accreditations, as it is written there"
                );
                return Err(RuleError::new(Rule::SchoolUnknown, &exam.school, expected));
            }
            if !intervals.iter().any(|interval| interval.covers(exam.date)) {
                let days: Vec<_> = intervals.iter().map(|row| interval(row.from, row.to)).collect();
                let expected = phrase!(
                    "a day on which `{school}` was accredited: {days}",
                    school = exam.school,
                    days = Phrase::Joined(" or ", days)
                );
                return Err(RuleError::new(
                    Rule::SchoolNotAccreditedOnExamDate,
                    exam.date,
                    expected,
                ));
            }
        }
    }
    if let Some(Recognition { state }) = &application.recognition
        && recognised(state, decided).next().is_none()
    {
        let periods: Vec<_> = law::RECOGNISED
            .iter()
            .filter(|row| row.value.states.contains(&state.as_str()))
            .map(|row| interval(row.from(), row.to()))
            .collect();
        let expected = match periods.is_empty() {
            true => {
                phrase!(
                    "a state whose qualifications are recognised: otherwise `equivalent_foreign_exam`"
                )
            }
            false => phrase!("a decision {periods}", periods = Phrase::Joined(" or ", periods)),
        };
        return Err(RuleError::new(Rule::StateNotRecognised, state, expected));
    }
    if application.basis == Ground::Basis(Basis::Transitional)
        && let Some(office) = office
    {
        let Some(window) = &office.transitional_window else {
            return Err(RuleError::new(
                Rule::TransitionalNotConfigured,
                phrase!("unset"),
                phrase!("a window in the office's data"),
            ));
        };
        if decided < window.from || window.to <= decided {
            let expected = interval(window.from, Some(window.to));
            return Err(RuleError::new(Rule::TransitionalOutsideWindow, decided, expected));
        }
    }
    Ok(())
}

/// The schemes by which a state's qualifications are recognised on a day.
pub(super) fn recognised(
    state: &str,
    on: CivilDate,
) -> impl Iterator<Item = &'static law::Dated<law::Recognised>> {
    law::RECOGNISED.iter().filter(move |row| row.holds(on) && row.value.states.contains(&state))
}

/// Rules 5 and 6.
fn check_kind(row: &ProtectedTitle, application: &Application) -> Result<(), RuleError> {
    let Application { kind, granted, valid_to, birthdate, bound_to_post, .. } = *application;
    if !row.kinds.contains(&kind) {
        let rule = match kind {
            Kind::TemporaryService => Rule::TemporaryServiceNotIssued,
            _ => Rule::KindNotOfProfession,
        };
        let expected = one_of(row.kinds.iter().map(|kind| kind.word()), row);
        return Err(RuleError::new(rule, kind.word(), expected));
    }
    match (kind.is_limited_in_time(), valid_to) {
        (true, None) => {
            return Err(RuleError::new(
                Rule::LicenceWithoutEnd,
                phrase!("missing"),
                phrase!("the first day after the licence"),
            ));
        }
        (true, Some(end)) if end <= granted => {
            return Err(RuleError::new(
                Rule::LicenceWithoutEnd,
                end,
                phrase!("a day after `{granted}`, the grant date", granted),
            ));
        }
        (false, Some(end)) => {
            let expected = phrase!("none: `{kind}` ends at the age limit", kind = kind.word());
            return Err(RuleError::new(Rule::EndWithoutLicence, end, expected));
        }
        _ => {}
    }
    match (kind.has_conditions(), &application.conditions) {
        (true, None) => {
            let expected = phrase!(
                "a reference to the decision with the conditions of `{kind}`",
                kind = kind.word()
            );
            return Err(RuleError::new(Rule::ConditionsMissing, phrase!("missing"), expected));
        }
        (false, Some(conditions)) if kind == Kind::Authorisation => {
            let expected = phrase!("none for `{kind}`", kind = kind.word());
            return Err(RuleError::new(Rule::ConditionsWithoutLimitation, conditions, expected));
        }
        _ => {}
    }
    if bound_to_post && (kind != Kind::Licence || application.conditions.is_none()) {
        let expected = phrase!("a `licence`, and in `conditions` the reference of the decision");
        return Err(RuleError::new(Rule::PostWithoutLicence, kind.word(), expected));
    }
    if !row.age_limit || law::age_limit_reached(birthdate, granted) > granted {
        return Ok(());
    }
    if !kind.is_limited_in_time() {
        let expected = phrase!(
            "a licence: the age limit was reached before `{granted}`, the grant date",
            granted
        );
        return Err(RuleError::new(Rule::OverAgeLimit, kind.word(), expected));
    }
    let years = law::on(&law::LICENCE_OVER_AGE_LIMIT_YEARS, granted).map_or(0, |row| row.value);
    let latest = granted.plus_years(years);
    match valid_to {
        Some(end) if end > latest => {
            let expected = phrase!("`{latest}` or earlier over the age limit", latest);
            Err(RuleError::new(Rule::LicenceOverAgeLimitLongerThanOneYear, end, expected))
        }
        _ => Ok(()),
    }
}

/// Rules 8 and 10: what the person had before.
fn check_person(
    state: &State,
    row: &ProtectedTitle,
    application: &Application,
    now: NumericDate,
) -> Result<(), Error> {
    let hpr = application.hpr_number;
    let successor = state.successor(hpr, now);
    if successor != hpr {
        return Err(RuleError::new(
            Rule::HprMerged,
            hpr,
            phrase!("its successor `{successor}`", successor),
        )
        .into());
    }
    not_dead(state, hpr, now)?;
    let today = now.civil_date();
    let rights = rights_of_same_birth(state, (hpr, application.birthdate), now)?;
    no_ban(state, &rights, application, now)?;
    // One live right per person and title.
    let of_title = |right: &&&Authorisation| *state.title_of(right) == application.title;
    let rights: Vec<&Authorisation> = rights.iter().filter(of_title).copied().collect();
    let previous =
        application.previous_certificate.map(|number| state.authorisation(number)).transpose()?;
    let new_authorisation = application.basis == Ground::NewAuthorisation;
    for right in &rights {
        let replaced =
            !new_authorisation && previous.is_some_and(|previous| previous.grant == right.grant);
        // An authorisation is in force from its grant without gaps, so if two overlap, they overlap
        // on the later grant date.
        let days = [application.granted.max(state.right(right).granted), today];
        let live = days.into_iter().any(|day| state.standing_of(right, day, now).is_live());
        if live && !(replaced && is_replaceable(state, right, now)) {
            let number =
                right.certificates.last().map_or(String::new(), |(number, _)| number.to_string());
            let expected = phrase!(
                "nobody with a live certificate: reissue or end `{number}` instead",
                number
            );
            return Err(RuleError::new(Rule::AlreadyAuthorised, hpr, expected).into());
        }
    }
    no_suspension(state, &rights, application, now)?;
    // How a board gives back what it took is in its own rules.
    let by_law = if row.is_by_law() { &rights[..] } else { &[] };
    let losses = losses(state, by_law, now);
    match losses.iter().filter(|loss| !loss.answered).max_by_key(|loss| loss.last()) {
        Some(loss) => check_loss(application, previous, loss)?,
        None if new_authorisation => {
            let found =
                rights.last().map_or("none", |right| state.standing_of(right, today, now).code());
            let expected =
                phrase!("`revoked` or `waived`: otherwise name the basis of an ordinary grant");
            return Err(RuleError::new(Rule::NewAuthorisationWithoutLoss, found, expected).into());
        }
        None => {
            if previous.is_some_and(|previous| {
                !is_replaceable(state, previous, now) || !is_of(&rights, previous)
            }) {
                let expected = phrase!("a live licence or limited authorisation of this person");
                return Err(previous_mismatch(application, expected).into());
            }
        }
    }
    check_quarantine(application, &losses)?;
    Ok(())
}

/// A specialist has the title of the profession too, and may use it.
fn check_required_title(
    state: &State,
    row: &ProtectedTitle,
    application: &Application,
    now: NumericDate,
) -> Result<(), RuleError> {
    let Some(required) = &row.requires else { return Ok(()) };
    let day = application.granted.max(now.civil_date());
    let rights = state.rights_of_title(application.hpr_number, required, now);
    match rights.iter().any(|right| state.standing_of(right, day, now).may_practise()) {
        true => Ok(()),
        false => {
            let expected =
                phrase!("somebody who is authorised with the title `{required}`", required);
            Err(RuleError::new(Rule::RequiredTitleMissing, &row.title, expected))
        }
    }
}

/// Refuses a grant to somebody who is banned from health care.
fn no_ban(
    state: &State,
    rights: &[&Authorisation],
    application: &Application,
    now: NumericDate,
) -> Result<(), RuleError> {
    let day = application.granted.max(now.civil_date());
    let mut bans = rights.iter().flat_map(|right| state.bans(right, day, now));
    match bans.find(|ban| ban.covers(day)) {
        Some(ban) => {
            let expected =
                phrase!("nobody under a ban: end the one of `{ban}` first", ban = ban.from);
            Err(RuleError::new(Rule::GrantDuringBan, application.granted, expected))
        }
        None => Ok(()),
    }
}

/// Refuses a grant during a suspension. A suspension outlasts the right that it is about, and a new
/// grant must not undo it.
fn no_suspension(
    state: &State,
    rights: &[&Authorisation],
    application: &Application,
    now: NumericDate,
) -> Result<(), RuleError> {
    let today = now.civil_date();
    let suspensions = rights.iter().flat_map(|right| state.suspensions(right, today, now));
    let mut in_the_way = suspensions
        .filter(|s| !s.is_empty() && s.until.is_none_or(|until| application.granted < until));
    match in_the_way.by_ref().max_by_key(|s| (s.until.is_none(), s.until)) {
        Some(suspension) => {
            let expected = match suspension.until {
                Some(until) => {
                    phrase!("`{until}` or later: the person is suspended until then", until)
                }
                None => phrase!("nobody who is suspended: lift the suspension first"),
            };
            Err(RuleError::new(Rule::GrantDuringSuspension, application.granted, expected))
        }
        None => Ok(()),
    }
}

/// Whether a new grant may replace the right. A licence or limited authorisation can be replaced,
/// but not while a decision of the supervisory authority about it is in force, or will be from a
/// later day: a new grant must not undo that decision.
fn is_replaceable(state: &State, authorisation: &Authorisation, now: NumericDate) -> bool {
    let today = now.civil_date();
    let suspended = state
        .suspensions(authorisation, today, now)
        .iter()
        .any(|s| !s.is_empty() && s.until.is_none_or(|until| today < until));
    let limited = |l: &Limitation| l.until.is_none_or(|until| l.from < until && today < until);
    let ends = |decision: &Statement| ends(decision.event.effect()).is_some();
    state.right(authorisation).kind != Kind::Authorisation
        && state.standing_of(authorisation, today, now).may_practise()
        && !suspended
        && !state.limitations(authorisation, today, now).iter().any(limited)
        && !state.counting(authorisation, today, now).any(ends)
}

fn is_of(rights: &[&Authorisation], previous: &Authorisation) -> bool {
    rights.iter().any(|right| right.grant == previous.grant)
}

/// The end of a certificate: the start, in Europe/Oslo, of the day on which the right lapses.
fn exp(lapse: Option<(CivilDate, Lapse)>, now: NumericDate) -> Result<NumericDate, RuleError> {
    let end = match lapse {
        Some((end, _)) => end,
        // A certificate always has an end; whose right has none gets another certificate then.
        None => now.civil_date().plus_years(WITHOUT_AGE_LIMIT_YEARS),
    };
    if end.start() <= now {
        let expected = phrase!(
            "a day after `{civil_date}`: it cannot be signed any more",
            civil_date = now.civil_date()
        );
        return Err(RuleError::new(Rule::EndsBeforeIssue, end, expected));
    }
    Ok(end.start())
}

/// For how many years a certificate is valid if the right has no end.
const WITHOUT_AGE_LIMIT_YEARS: i16 = 10;

fn interval(from: CivilDate, to: Option<CivilDate>) -> Phrase {
    match to {
        Some(to) => phrase!("from `{from}` and before `{to}`", from, to),
        None => phrase!("from `{from}` on", from),
    }
}
