//! The rules that the machine applies, in words, with paragraph and period: whoever lets a machine
//! decide publishes what it decides by (act of 2025-06-20 on procedure in the administration, § 13).

use vernet_common::{Basis, CivilDate, Kind};

use crate::{
    application::basis_word,
    law::{self, Dated, EndReason, SuspensionGround},
    rule::Rule,
    titles::{Minimum, ProtectedTitle, RecognitionScheme},
};

/// One provision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provision {
    /// What it is about.
    pub subject: &'static str,
    /// What it says.
    pub value: String,
    /// The first day on which it applies, if it is the law's.
    pub from: Option<CivilDate>,
    /// The first day on which it no longer applies.
    pub to: Option<CivilDate>,
    /// Where it is laid down.
    pub source: String,
    /// Whether it was found in the source. What was not warns, and never refuses.
    pub is_confirmed: bool,
}

impl Provision {
    /// Whether it applies on a day.
    pub fn holds(&self, on: CivilDate) -> bool {
        self.from.is_none_or(|from| from <= on) && self.to.is_none_or(|to| on < to)
    }

    /// Every provision for an office with these titles, grouped by what it is about.
    pub fn all<'a>(titles: impl IntoIterator<Item = &'a ProtectedTitle>) -> Vec<Self> {
        let mut all = Vec::new();
        titles.into_iter().for_each(|row| title(&mut all, row));
        let subjects: Vec<_> = all.iter().map(|one| one.subject).collect();
        all.sort_by_key(|one| subjects.iter().position(|subject| *subject == one.subject));
        terms_and_ages(&mut all);
        bodies(&mut all);
        code_lists(&mut all);
        all.extend(Rule::ALL.iter().map(|rule| Self {
            subject: "rule",
            value: format!("{}: {}", rule.code(), rule.meaning()),
            from: rule.from(),
            to: None,
            source: rule.law().into(),
            is_confirmed: true,
        }));
        all
    }
}

fn add<T>(
    all: &mut Vec<Provision>,
    subject: &'static str,
    table: &'static [Dated<T>],
    words: impl Fn(&T) -> String,
) {
    all.extend(table.iter().map(|row| Provision {
        subject,
        value: words(&row.value),
        from: Some(row.from()),
        to: row.to(),
        source: row.source.into(),
        is_confirmed: row.is_confirmed,
    }));
}

/// What is a title's own.
fn title(all: &mut Vec<Provision>, row: &ProtectedTitle) {
    let ProtectedTitle { title, profession, .. } = row;
    for (subject, periods) in [
        ("title", &row.protected),
        ("requirements for an authorisation", &row.requirements),
        ("who grants, and keeps the register", &row.granted_by),
    ] {
        all.extend(periods.iter().map(|period| Provision {
            subject,
            value: format!("{title}: {}", period.value),
            from: Some(period.from),
            to: period.to,
            source: period.source.clone(),
            is_confirmed: !period.unverified,
        }));
    }
    let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.word()).collect();
    let bases: Vec<_> = row.bases.iter().map(|basis| basis_word(*basis)).collect();
    let recognition = match row.recognition {
        RecognitionScheme::General => "general scheme",
        RecognitionScheme::Automatic => "automatic",
    };
    for (subject, value, source, is_confirmed) in [
        (
            "profession",
            format!("{profession}: {title}"),
            "code system 9060 (OID 2.16.578.1.12.4.1.1.9060)",
            true,
        ),
        (
            "kinds of right of a title",
            format!("{title}: {}", kinds.join(", ")),
            "helsepersonelloven §§ 48 to 51",
            true,
        ),
        (
            "bases of a right of a title",
            format!("{title}: {}", bases.join(", ")),
            "helsepersonelloven § 48 a",
            true,
        ),
        (
            "use of a title in temporary service",
            format!("{title}: {}", if row.title_in_temporary_service { "yes" } else { "no" }),
            "helsepersonelloven § 74 second and third paragraph",
            // Whether the title goes with temporary service is not settled.
            false,
        ),
        (
            "recognition of a title",
            format!("{title}: {recognition}"),
            "directive 2005/36/EC title III",
            true,
        ),
    ] {
        // A board's are in its own rules.
        let own = row.requirements.first().filter(|_| !row.is_by_law());
        let source = own.map_or(source, |own| &own.source).into();
        let (from, to) = (None, None);
        all.push(Provision { subject, value, from, to, source, is_confirmed });
    }
    renewal(all, row);
}

/// The cycle of a title that must be renewed.
fn renewal(all: &mut Vec<Provision>, row: &ProtectedTitle) {
    let (Some(renewal), title) = (&row.renewal, &row.title) else { return };
    let mut say = |value: String| {
        all.push(Provision {
            subject: "renewal of a title",
            value: format!("{title}: {value}"),
            from: None,
            to: None,
            source: row.requirements.first().map_or(String::new(), |own| own.source.clone()),
            is_confirmed: true,
        });
    };
    say(format!(
        "every {} calendar years, the first cycle from the January after the grant; good for {} months more, then it can be reinstated for {} months",
        renewal.years, renewal.grace_months, renewal.reinstatement_months
    ));
    for Minimum { category, per_year, per_cycle, first_month } in &renewal.minimums {
        say(format!(
            "{category}: at least {per_year} in each year that begins with month {first_month}, {per_cycle} in all"
        ));
    }
}

fn terms_and_ages(all: &mut Vec<Provision>) {
    add(all, "recognition of foreign qualifications", &law::RECOGNISED, |row| {
        format!("{}: {}", row.scheme, row.states.join(" "))
    });
    add(all, "age at which the right to practise lapses", &law::AGE_LIMIT, |years| {
        format!("{years} years; the title is kept")
    });
    add(all, "licence over that age", &law::LICENCE_OVER_AGE_LIMIT_YEARS, |years| {
        format!("at most {years} year")
    });
    for ground in SuspensionGround::ALL {
        add(all, "suspension", ground.term(), |term| match term {
            Some(term) => format!(
                "{}: at most {} months, extended {} time by at most {}",
                ground.paragraph(),
                term.months,
                term.extensions,
                term.extension_months
            ),
            None => format!("{}: no end of its own, it ends by a decision", ground.paragraph()),
        });
    }
    add(all, "limited suspension", &law::LIMITED_SUSPENSION, |()| {
        "the person goes on working, within limits".into()
    });
    add(all, "instruction", &law::INSTRUCTION, |()| {
        "the person goes on working, as instructed".into()
    });
    add(all, "ban", &law::BAN, |()| "for people without an authorisation".into());
    add(all, "quarantine after a revocation", &law::QUARANTINE, |row| {
        format!(
            "no application within {} years of the decision, unless there are special reasons; {} years in the gravest cases",
            row.years, row.gravest_years
        )
    });
    add(all, "alert to the other states of the EEA", &law::EEA_ALERT_DAYS, |days| {
        format!("within {days} days of the decision, and of its end")
    });
    add(all, "time for an appeal", &law::APPEAL_WEEKS, |weeks| format!("{weeks} weeks"));
    add(all, "procedure that letters name", &law::PROCEDURE, |row| {
        format!(
            "appeal {}, stay {}, access to documents {}, annulment {}",
            row.appeal, row.stay, row.access, row.annulment
        )
    });
    add(all, "time to go to court", &law::SUIT_MONTHS, |months| {
        format!("{months} months from the decision on the appeal")
    });
}

fn bodies(all: &mut Vec<Provision>) {
    for (subject, table) in [
        (
            "who suspends, limits and revokes, and decides on a new authorisation",
            &law::SUPERVISORY_AUTHORITY[..],
        ),
        ("to whom a waiver is declared", &law::WAIVER_AUTHORITY),
        ("who decides on appeals", &law::APPEAL_BODY),
    ] {
        add(all, subject, table, |name| (*name).into());
    }
}

fn code_lists(all: &mut Vec<Provision>) {
    let mut code = |subject, source: &str, value: String| {
        let (source, from, to) = (source.into(), None, None);
        all.push(Provision { subject, value, from, to, source, is_confirmed: true });
    };
    for kind in Kind::ALL {
        let (code_of, word) = (kind.code(), kind.word());
        code(
            "kind of right",
            "code system 7704 (OID 2.16.578.1.12.4.1.1.7704)",
            match kind {
                Kind::TemporaryService => format!("{code_of}: {word}; read, and not issued"),
                _ => format!("{code_of}: {word}"),
            },
        );
    }
    for basis in Basis::ALL {
        code("basis of a right", "helsepersonelloven § 48 a", basis_word(basis).into());
    }
    for reason in EndReason::ALL {
        code("reason of an end", "HPR", format!("{}: {}", reason.code(), reason.word()));
    }
}
