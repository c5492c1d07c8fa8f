//! Figures for statistics: how many people are authorised on a day, and what happened in a period.
//!
//! Nobody is counted twice: somebody whose licence was replaced by an authorisation is one person,
//! and so are two numbers that were merged. Everything is read in one pass over the rights and one
//! over the statements.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use vernet_common::{CivilDate, HprNumber, NumericDate, Title};

use crate::{
    application::Application,
    law::SuspensionGround,
    state::{
        index::{Authorisation, State},
        standing::{Lapse, Standing},
    },
    statements::{
        event::{Event, ReissueReason},
        proposal::{Act, Proposal},
        statement::Statement,
    },
};

/// How many people are authorised on a day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Headcount {
    /// People who may practise, with whatever title.
    pub authorised: u64,
    /// Of each title: people who may practise, and people who are suspended, by all that is known of
    /// them. Somebody is in one cell of a title, and in as many as they have titles.
    pub cells: BTreeMap<Cell, u64>,
}

/// What is the same for the people who are counted together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// The title.
    pub title: Title,
    /// Whether the right is in force.
    pub standing: InForce,
    /// The word of the kind of the right.
    pub kind: &'static str,
    /// How old they are.
    pub age: AgeGroup,
    /// The year of the first day of the right.
    pub year: i16,
}

/// Whether a right is in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InForce {
    /// Without conditions.
    Authorised,
    /// Within limits.
    WithConditions,
    /// Not for the time being.
    Suspended,
}

impl InForce {
    fn of(standing: &Standing) -> Option<Self> {
        match standing {
            Standing::Authorised => Some(Self::Authorised),
            Standing::WithConditions { .. } => Some(Self::WithConditions),
            Standing::Suspended { .. } => Some(Self::Suspended),
            _ => None,
        }
    }

    /// The word for it, which is that of the standing.
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::WithConditions => "with_conditions",
            Self::Suspended => "suspended",
        }
    }

    /// Whether the holder may practise.
    pub fn may_practise(self) -> bool {
        self != Self::Suspended
    }
}

/// Ten years of age, written as in `30-39`; those below 30 and those from 80 on are together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AgeGroup(i16);

impl AgeGroup {
    const FIRST: i16 = 20;
    const LAST: i16 = 80;

    /// The group of somebody who was born on a day, on another one.
    pub fn of(birthdate: CivilDate, on: CivilDate) -> Self {
        let years = on.year() - birthdate.year();
        let years = years - i16::from(on < birthdate.plus_years(years));
        Self((years / 10 * 10).clamp(Self::FIRST, Self::LAST))
    }
}

impl fmt::Display for AgeGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Self::FIRST => write!(f, "0-29"),
            Self::LAST => write!(f, "80+"),
            from => write!(f, "{from}-{}", from + 9),
        }
    }
}

impl Headcount {
    /// The people who may practise, added up by some of what is known of them.
    pub fn authorised_by<K: Ord>(&self, key: impl Fn(&Cell) -> K) -> BTreeMap<K, u64> {
        let mut sums = BTreeMap::new();
        for (cell, persons) in self.cells.iter().filter(|(cell, _)| cell.standing.may_practise()) {
            *sums.entry(key(cell)).or_default() += persons;
        }
        sums
    }
}

/// A period. Both days count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    from: CivilDate,
    to: CivilDate,
}

impl Days {
    /// From a day to another one, both included; none if the last day is before the first.
    pub fn new(from: CivilDate, to: CivilDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// The first day.
    pub fn from(self) -> CivilDate {
        self.from
    }

    /// The last day.
    pub fn to(self) -> CivilDate {
        self.to
    }

    fn have(self, day: CivilDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// What can happen to an application or a right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "`word` says what they are")]
pub enum Happening {
    Applied,
    Granted,
    TakenOver,
    Refused,
    Suspended,
    Extended,
    Lifted,
    Limited,
    LimitationLifted,
    Instructed,
    InstructionEnded,
    Banned,
    BanEnded,
    Revoked,
    Waived,
    Annulled,
    LapsedByAge,
    LicenceEnded,
    NotRenewed,
    Deceased,
    Appealed,
    Stayed,
    Reversed,
    ReversedInPart,
    Upheld,
    Reissued,
    Renewed,
    Corrected,
}

impl Happening {
    /// Everything that is counted.
    pub const ALL: [Self; 28] = [
        Self::Applied,
        Self::Granted,
        Self::TakenOver,
        Self::Refused,
        Self::Suspended,
        Self::Extended,
        Self::Lifted,
        Self::Limited,
        Self::LimitationLifted,
        Self::Instructed,
        Self::InstructionEnded,
        Self::Banned,
        Self::BanEnded,
        Self::Revoked,
        Self::Waived,
        Self::Annulled,
        Self::LapsedByAge,
        Self::LicenceEnded,
        Self::NotRenewed,
        Self::Deceased,
        Self::Appealed,
        Self::Stayed,
        Self::Reversed,
        Self::ReversedInPart,
        Self::Upheld,
        Self::Reissued,
        Self::Renewed,
        Self::Corrected,
    ];

    /// The word for it in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Granted => "granted",
            Self::TakenOver => "taken_over",
            Self::Refused => "refused",
            Self::Suspended => "suspended",
            Self::Extended => "suspension_extended",
            Self::Lifted => "suspension_lifted",
            Self::Limited => "limited",
            Self::LimitationLifted => "limitation_lifted",
            Self::Instructed => "instructed",
            Self::InstructionEnded => "instruction_ended",
            Self::Banned => "banned",
            Self::BanEnded => "ban_ended",
            Self::Revoked => "revoked",
            Self::Waived => "waived",
            Self::Annulled => "annulled",
            Self::LapsedByAge => "lapsed_by_age",
            Self::LicenceEnded => "licence_ended",
            Self::NotRenewed => "not_renewed",
            Self::Deceased => "deceased",
            Self::Appealed => "appealed",
            Self::Stayed => "appeal_stayed",
            Self::Reversed => "appeal_reversed",
            Self::ReversedInPart => "appeal_reversed_in_part",
            Self::Upheld => "appeal_upheld",
            Self::Reissued => "reissued",
            Self::Renewed => "renewed",
            Self::Corrected => "corrected",
        }
    }

    /// Which of them a statement says happened.
    fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Granted(granted) if granted.import.is_some() => Self::TakenOver,
            Event::Granted(_) => Self::Granted,
            Event::Refused(_) => Self::Refused,
            Event::Suspended { .. } => Self::Suspended,
            Event::Extended { .. } => Self::Extended,
            Event::Lifted { .. } => Self::Lifted,
            Event::Limited { .. } => Self::Limited,
            Event::LimitationLifted { .. } => Self::LimitationLifted,
            Event::Instructed { .. } => Self::Instructed,
            Event::InstructionEnded { .. } => Self::InstructionEnded,
            Event::Banned { .. } => Self::Banned,
            Event::BanEnded { .. } => Self::BanEnded,
            Event::Revoked { .. } => Self::Revoked,
            Event::Waived { .. } => Self::Waived,
            Event::Annulled { .. } => Self::Annulled,
            Event::Stayed { .. } => Self::Stayed,
            Event::Reversed { instead: None, .. } => Self::Reversed,
            Event::Reversed { instead: Some(_), .. } => Self::ReversedInPart,
            Event::Upheld { .. } => Self::Upheld,
            Event::Reissued(reissued) if reissued.reason == ReissueReason::Renewal => Self::Renewed,
            Event::Reissued(_) => Self::Reissued,
            Event::Corrected(_) => Self::Corrected,
            // A new variant must say here whether statistics count it. A death is counted by its
            // own day if it was not retracted, and a confirmation with the suspension that it
            // confirms.
            Event::Deceased { .. }
            | Event::Confirmed { .. }
            | Event::StayEnded { .. }
            | Event::Merged { .. }
            | Event::Retracted { .. }
            | Event::Notified { .. }
            | Event::Founded(_)
            | Event::OfficerEnrolled(_)
            | Event::OfficerEnded { .. }
            | Event::Appointed(_)
            | Event::RootsPinned { .. }
            | Event::TitleEntered(_)
            | Event::Proposed(_)
            | Event::Rejected { .. }
            | Event::Completed { .. }
            | Event::StatusListOpened { .. }
            | Event::Published { .. }
            | Event::Restored(_)
            | Event::LostRevoked { .. }
            | Event::HistoryMade { .. }
            | Event::Dispatched(_)
            | Event::DocumentDeleted { .. }
            | Event::KeyAdded { .. }
            | Event::KeyRetired { .. }
            | Event::KeyCompromised { .. }
            | Event::TrustListSigned { .. } => return None,
        })
    }

    fn is_of_an_appeal(self) -> bool {
        matches!(self, Self::Stayed | Self::Reversed | Self::ReversedInPart | Self::Upheld)
    }
}

/// What happened in a period, by title.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Happenings {
    /// How often each thing happened.
    pub counts: BTreeMap<(Title, Happening), Tally>,
    /// The same by what the decisions say: of a grant and a refusal the kind and the basis that was
    /// applied for, of a suspension its ground, of a reissue its reason.
    pub details: BTreeMap<(Title, Happening, Detail), Tally>,
    /// How many days it took from the application to the decision.
    pub from_application: BTreeMap<(Title, Happening), Spread>,
    /// How many decisions name no day of an application.
    pub without_application_day: BTreeMap<(Title, Happening), u64>,
    /// How many minutes it took from the proposal to the approval.
    pub from_proposal: BTreeMap<(Title, Happening), Spread>,
}

/// A word of a decision: by what it is counted, and the word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Detail {
    /// By what: `kind`, `basis`, `ground` or `reason`.
    pub by: &'static str,
    /// The word.
    pub word: &'static str,
}

/// How often something happened, and to how many people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How often.
    pub times: u64,
    /// To how many people.
    pub persons: u64,
}

/// How long things took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spread {
    /// How many there were.
    pub count: u64,
    /// The lower quartile, the median and the upper quartile.
    pub quartiles: [Quarters; 3],
    /// The longest.
    pub longest: i64,
}

/// A quarter of a unit: a quartile of whole numbers, linear between the two nearest of them, is a
/// multiple of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Quarters(i64);

impl Quarters {
    /// The number, which is exact.
    pub fn value(self) -> f64 {
        // Durations of a thousand years in minutes are far below 2^53.
        self.0 as f64 / 4.0
    }
}

impl fmt::Display for Quarters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value())
    }
}

impl Spread {
    /// Of these durations; none if there are none.
    fn of(mut durations: Vec<i64>) -> Option<Self> {
        durations.sort_unstable();
        let (last, longest) = (durations.len().checked_sub(1)?, *durations.last()?);
        let quartile = |which: usize| {
            let (place, rest) = (last * which / 4, (last * which % 4) as i64);
            let next = durations[(place + 1).min(last)];
            Quarters(durations[place] * (4 - rest) + next * rest)
        };
        let quartiles = [quartile(1), quartile(2), quartile(3)];
        Some(Self { count: durations.len() as u64, quartiles, longest })
    }
}

impl State {
    /// How many people are authorised on a day, as known at an instant.
    pub fn headcount(&self, on: CivilDate, known_at: NumericDate) -> Headcount {
        let mut count = Headcount::default();
        for rights in self.people(known_at).values() {
            let mut may_practise = false;
            for (title, rights) in self.by_title(rights) {
                let Some((right, standing)) = self.leading(&rights, on, known_at) else { continue };
                let Some(standing) = InForce::of(&standing) else { continue };
                may_practise |= standing.may_practise();
                let given = self.right(right);
                let cell = Cell {
                    title: title.clone(),
                    standing,
                    kind: given.kind.word(),
                    age: AgeGroup::of(self.birthdate_of(right, known_at), on),
                    year: given.granted.year(),
                };
                *count.cells.entry(cell).or_default() += 1;
            }
            count.authorised += u64::from(may_practise);
        }
        count
    }

    /// What happened in a period, as known at an instant. A decision counts on the day on which it
    /// was decided, a takeover from another register when it was recorded, an application when it
    /// was made, a lapse and a death on its own day. No day after that instant counts.
    pub fn happenings(&self, days: Days, known_at: NumericDate) -> Happenings {
        let mut counter = Counter::new(self, days, known_at);
        let statements = self.statements.iter();
        for statement in statements.take_while(|statement| statement.recorded_at <= known_at) {
            counter.statement(statement);
        }
        for (person, rights) in self.people(known_at) {
            counter.person(person, &rights);
        }
        counter.finish()
    }

    /// Whether a proposal waited for an approval at an instant.
    fn waited(&self, seq: u64, known_at: NumericDate) -> bool {
        let decided = self.decided.get(&seq).and_then(|by| self.statement(*by).ok());
        decided.is_none_or(|decided| decided.recorded_at > known_at)
    }
}

/// A person and what they applied for on which day: an application that was proposed, taken back
/// and proposed again is one.
type Applied<'a> = (HprNumber, &'a Title, CivilDate);

/// What is counted so far.
struct Counter<'a> {
    state: &'a State,
    days: Days,
    known_at: NumericDate,
    applied: BTreeSet<Applied<'a>>,
    /// The decisions that an appeal was about, each with its title and person.
    appealed: BTreeMap<u64, (&'a Title, HprNumber)>,
    counts: BTreeMap<(&'a Title, Happening), People>,
    details: BTreeMap<(&'a Title, Happening, Detail), People>,
    days_from_application: BTreeMap<(&'a Title, Happening), Vec<i64>>,
    without_application_day: BTreeMap<(&'a Title, Happening), u64>,
    minutes_from_proposal: BTreeMap<(&'a Title, Happening), Vec<i64>>,
}

/// How often, and to whom.
#[derive(Default)]
struct People {
    times: u64,
    persons: BTreeSet<HprNumber>,
}

impl People {
    fn add(&mut self, person: HprNumber) {
        self.times += 1;
        self.persons.insert(person);
    }

    fn tally(&self) -> Tally {
        Tally { times: self.times, persons: self.persons.len() as u64 }
    }
}

impl<'a> Counter<'a> {
    fn new(state: &'a State, days: Days, known_at: NumericDate) -> Self {
        Self {
            state,
            days,
            known_at,
            applied: BTreeSet::new(),
            appealed: BTreeMap::new(),
            counts: BTreeMap::new(),
            details: BTreeMap::new(),
            days_from_application: BTreeMap::new(),
            without_application_day: BTreeMap::new(),
            minutes_from_proposal: BTreeMap::new(),
        }
    }

    fn statement(&mut self, statement: &'a Statement) {
        match &statement.event {
            Event::Proposed(proposal) if self.state.waited(statement.seq, self.known_at) => {
                if let Some(application) = application_in(proposal) {
                    let person = self.state.successor(application.hpr_number, self.known_at);
                    self.application(application, person);
                }
            }
            event => {
                if let Some(happening) = Happening::of(event)
                    && let Some((title, person)) = self.about(event)
                {
                    self.decision(statement, happening, (title, person));
                }
            }
        }
    }

    /// The title and the person that a decision is about.
    fn about(&self, event: &'a Event) -> Option<(&'a Title, HprNumber)> {
        let (title, hpr) = match event {
            Event::Refused(refused) => (&refused.application.title, refused.application.hpr_number),
            event => {
                // A grant may name the right that it replaces: it is about its own.
                let issued = event.issued().map(|(claims, _)| claims.certificate_number);
                let right = self.state.authorisation(issued.or(event.certificate())?).ok()?;
                (self.state.title_of(right), self.state.hpr_of(right, self.known_at))
            }
        };
        Some((title, self.state.successor(hpr, self.known_at)))
    }

    fn decision(
        &mut self,
        statement: &'a Statement,
        happening: Happening,
        (title, person): (&'a Title, HprNumber),
    ) {
        let application = decided_application(&statement.event);
        if happening != Happening::TakenOver {
            application.into_iter().for_each(|application| self.application(application, person));
            self.approval(statement, (title, happening));
        }
        let day = match happening {
            // It was decided elsewhere, perhaps long ago.
            Happening::TakenOver => statement.recorded_at.civil_date(),
            _ => statement.decided_on,
        };
        if !self.days.have(day) {
            return;
        }
        self.counts.entry((title, happening)).or_default().add(person);
        for detail in details(&statement.event) {
            self.details.entry((title, happening, detail)).or_default().add(person);
        }
        if let Some(decision) = statement.event.about().filter(|_| happening.is_of_an_appeal()) {
            self.appealed.insert(decision, (title, person));
        }
        match application.filter(|_| happening != Happening::TakenOver).map(|one| one.applied) {
            None => {}
            Some(None) => *self.without_application_day.entry((title, happening)).or_default() += 1,
            Some(Some(applied)) => {
                let took = statement.decided_on.days_since(applied).into();
                self.days_from_application.entry((title, happening)).or_default().push(took);
            }
        }
    }

    /// How long a proposal waited. Those about many are left out: each of their parts would count.
    fn approval(&mut self, statement: &Statement, what: (&'a Title, Happening)) {
        let Some(approves) = statement.approves else { return };
        let Ok(proposed) = self.state.statement(approves.seq) else { return };
        let is_one =
            matches!(&proposed.event, Event::Proposed(proposal) if !proposal.is_about_many());
        if is_one && self.days.have(statement.recorded_at.civil_date()) {
            let seconds = statement.recorded_at.seconds_since(proposed.recorded_at);
            self.minutes_from_proposal.entry(what).or_default().push(seconds / 60);
        }
    }

    fn application(&mut self, application: &'a Application, person: HprNumber) {
        if let Some(applied) = application.applied.filter(|day| self.days.have(*day)) {
            self.applied.insert((person, &application.title, applied));
        }
    }

    /// What happens by itself, and a death.
    fn person(&mut self, person: HprNumber, rights: &[&'a Authorisation]) {
        let (state, known_at) = (self.state, self.known_at);
        let is_in = |day: &CivilDate| self.days.have(*day) && *day <= known_at.civil_date();
        let death = state.death(person, known_at).map(|death| death.effective_on);
        let has_died = death.filter(is_in).is_some();
        let mut found = Vec::new();
        for right in rights {
            for (since, by) in state.terms(right, known_at).iter().filter_map(|term| term.until) {
                // What ended or was replaced before does not lapse any more.
                let lapses = is_in(&since)
                    && matches!(state.own_standing(right, since, known_at), Standing::Lapsed { since: day, .. } if day == since);
                if lapses {
                    found.push((state.title_of(right), Happening::from(by)));
                }
            }
        }
        let titles: BTreeSet<_> = rights.iter().map(|right| state.title_of(right)).collect();
        found.extend(titles.into_iter().filter(|_| has_died).map(|t| (t, Happening::Deceased)));
        for what in found {
            self.counts.entry(what).or_default().add(person);
        }
    }

    fn finish(mut self) -> Happenings {
        for (person, title, _) in std::mem::take(&mut self.applied) {
            self.counts.entry((title, Happening::Applied)).or_default().add(person);
        }
        for (title, person) in std::mem::take(&mut self.appealed).into_values() {
            self.counts.entry((title, Happening::Appealed)).or_default().add(person);
        }
        let owned = |(title, what): (&Title, Happening)| (title.clone(), what);
        let spread = |(what, durations)| Some((owned(what), Spread::of(durations)?));
        let detail = |((title, what, detail), people): (_, People)| {
            ((Title::clone(title), what, detail), people.tally())
        };
        Happenings {
            counts: self
                .counts
                .into_iter()
                .map(|(what, people)| (owned(what), people.tally()))
                .collect(),
            details: self.details.into_iter().map(detail).collect(),
            from_application: self.days_from_application.into_iter().filter_map(spread).collect(),
            without_application_day: self
                .without_application_day
                .into_iter()
                .map(|(what, count)| (owned(what), count))
                .collect(),
            from_proposal: self.minutes_from_proposal.into_iter().filter_map(spread).collect(),
        }
    }
}

impl From<Lapse> for Happening {
    fn from(lapse: Lapse) -> Self {
        match lapse {
            Lapse::Age => Self::LapsedByAge,
            Lapse::LicenceEnd => Self::LicenceEnded,
            Lapse::NotRenewed => Self::NotRenewed,
        }
    }
}

/// The application that is granted or refused.
fn decided_application(event: &Event) -> Option<&Application> {
    match event {
        Event::Granted(granted) => Some(&granted.application),
        Event::Refused(refused) => Some(&refused.application),
        _ => None,
    }
}

/// The application that a proposal would grant or refuse.
fn application_in(proposal: &Proposal) -> Option<&Application> {
    match &proposal.act {
        Act::Grant { application } => Some(application),
        Act::Decide { event } => decided_application(event),
        Act::Reissue { .. } | Act::Import { .. } | Act::ReissueAll { .. } => None,
    }
}

fn details(event: &Event) -> Vec<Detail> {
    let of = |by, word| Detail { by, word };
    match event {
        Event::Granted(_) | Event::Refused(_) => decided_application(event)
            .into_iter()
            .flat_map(|one| [of("kind", one.kind.word()), of("basis", one.basis.word())])
            .collect(),
        Event::Suspended { ground, .. } => vec![of("ground", ground_word(*ground))],
        Event::Reissued(reissued) => vec![of("reason", reissued.reason.word())],
        _ => Vec::new(),
    }
}

/// The word that `propose suspend --because` takes.
fn ground_word(ground: SuspensionGround) -> &'static str {
    match ground {
        SuspensionGround::Revocation => "revocation",
        SuspensionGround::Information => "information",
        SuspensionGround::Examination => "examination",
    }
}
