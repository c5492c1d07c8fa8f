//! Letters that wait to be printed and sent: all of them as one PDF with a list of those whom they are
//! for, and then what was done with them, recorded by one signature.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use vernet_common::{CertificateNumber, HprNumber, NumericDate};
#[cfg(feature = "pdf")]
use vernet_issuer::Language;
use vernet_issuer::{Office, Recipient};
use vernet_register::{Dispatched, Event, Handling, Paper, Role};

use super::{
    deed::Deed,
    form::Posted,
    guard::{Desk, Who},
    papers::send,
    problem::Trouble,
    signing,
};
use crate::web::page::{Page, show};

/// Who sends letters.
const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

/// How many letters are in one file: what a printer's tray holds.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "desk/print.html")]
struct PrintPage<'a> {
    page: &'a Page,
    who: &'a Who,
    letters: Vec<Waiting>,
    numbers: String,
    /// How many wait beside these.
    more: usize,
    left_out: Vec<LeftOut>,
    not_published: usize,
}

/// A letter that waits.
struct Waiting {
    place: usize,
    number: CertificateNumber,
    name: String,
    hpr_number: HprNumber,
}

/// One that is not printed, and why.
struct LeftOut {
    number: CertificateNumber,
    name: String,
    code: &'static str,
    message: String,
}

/// The letters that can be printed now, and those that cannot.
struct Chosen {
    recipients: Vec<Recipient>,
    left_out: Vec<LeftOut>,
    not_published: usize,
}

pub(super) async fn page(desk: Desk) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(|desk, office| {
        let (state, today) = (office.register().state(), desk.now.civil_date());
        let mut unsent = Vec::new();
        for number in office.releases()?.newest() {
            if state.letter_is_unsent(number, today, desk.now)? {
                unsent.push(number);
            }
        }
        let more = unsent.len().saturating_sub(MOST);
        unsent.truncate(MOST);
        let Chosen { recipients, left_out, not_published } = choose(office, &unsent, desk.now)?;
        desk.note("print", None, None)?;
        let letters = recipients.iter().map(|one| Waiting {
            place: one.place,
            number: one.certificate_number,
            name: one.given_name.with(&one.family_name),
            hpr_number: one.hpr_number,
        });
        let numbers: Vec<_> =
            recipients.iter().map(|one| one.certificate_number.to_string()).collect();
        Ok(show(&PrintPage {
            page: &desk.page,
            who: &desk.who,
            letters: letters.collect(),
            numbers: numbers.join(" "),
            more,
            left_out,
            not_published,
        }))
    })
    .await
}

/// Those that may be printed: not of people who are suspended or limited, whose letters are printed one
/// by one.
fn choose(
    office: &Office,
    numbers: &[CertificateNumber],
    now: NumericDate,
) -> Result<Chosen, Trouble> {
    let releases = office.releases()?;
    let mut chosen = Chosen { recipients: Vec::new(), left_out: Vec::new(), not_published: 0 };
    for number in numbers {
        match releases.release(*number, now) {
            Ok(release) => match release.restriction() {
                Some(code) => chosen.left_out.push(LeftOut {
                    number: *number,
                    name: release.claims().full_name(),
                    code,
                    message: String::new(),
                }),
                None => {
                    chosen.not_published += usize::from(!release.is_published());
                    let place = chosen.recipients.len() + 1;
                    chosen.recipients.push(release.recipient(place, release.language()));
                }
            },
            Err(error) => chosen.left_out.push(LeftOut {
                number: *number,
                name: String::new(),
                code: error.code(),
                message: error.to_string(),
            }),
        }
    }
    Ok(chosen)
}

/// The letters that the page showed.
#[derive(Deserialize)]
pub(super) struct Wanted {
    numbers: String,
    /// `letters`, `recipients` or `table` to have them; `printed` or `sent` to record that.
    what: String,
    blank_backs: Option<String>,
}

pub(super) async fn letters(Posted(desk, wanted): Posted<Wanted>) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let numbers = wanted.numbers.split_whitespace().take(MOST).map(str::parse);
        let numbers = numbers.collect::<Result<Vec<CertificateNumber>, _>>()?;
        let how = match wanted.what.as_str() {
            "printed" => Handling::Printed,
            "sent" => Handling::Sent,
            what => return paper(desk, &numbers, what, wanted.blank_backs.is_some()),
        };
        let mut certificates = numbers;
        certificates.sort();
        certificates.dedup();
        let papers =
            Dispatched { what: Paper::Letter, how, certificates, decision: None, to: None };
        let event = Event::Dispatched(Box::new(papers));
        let sign = signing::prepare(desk, Deed::Record(Box::new(event)), "/print".to_owned())?;
        Ok(signing::to_page(&sign))
    })
    .await
}

fn paper(
    desk: &Desk,
    numbers: &[CertificateNumber],
    what: &str,
    blank_backs: bool,
) -> Result<Response, Trouble> {
    let office = desk.console.office();
    let recipients = choose(&office, numbers, desk.now)?.recipients;
    for one in &recipients {
        desk.note("letter", Some(one.hpr_number), None)?;
    }
    match what {
        "table" => Ok(send("recipients.csv", vernet_issuer::recipients_csv(&recipients))),
        "recipients" => {
            Ok(send("recipients.pdf", draw::recipients(&office, &recipients, desk.now)?))
        }
        _ => Ok(send("letters.pdf", draw::letters(&office, &recipients, blank_backs, desk.now)?)),
    }
}

#[cfg(feature = "pdf")]
mod draw {
    use vernet_issuer::{Error, LetterBatch};

    use super::{Language, NumericDate, Office, Recipient, Trouble};

    pub(super) fn letters(
        office: &Office,
        of: &[Recipient],
        blank_backs: bool,
        now: NumericDate,
    ) -> Result<Vec<u8>, Trouble> {
        let releases = office.releases()?;
        let batch = LetterBatch::new(&now.to_string(), blank_backs, now);
        let mut batch = batch.map_err(Error::from)?;
        for one in of {
            let release = releases.release(one.certificate_number, now)?;
            batch.add(&release, one.language).map_err(Error::from)?;
        }
        Ok(batch.finish().map_err(Error::from)?)
    }

    pub(super) fn recipients(
        office: &Office,
        of: &[Recipient],
        now: NumericDate,
    ) -> Result<Vec<u8>, Trouble> {
        let sender = office.config().sender(now.civil_date());
        let page = vernet_issuer::recipients(of, sender, Language::default(), now);
        Ok(page.map_err(Error::from)?)
    }
}

#[cfg(not(feature = "pdf"))]
mod draw {
    use vernet_issuer::Error;

    use super::{NumericDate, Office, Recipient, Trouble};

    const MISSING: Error = Error::FeatureMissing { feature: "pdf" };

    pub(super) fn letters(
        _: &Office,
        _: &[Recipient],
        _: bool,
        _: NumericDate,
    ) -> Result<Vec<u8>, Trouble> {
        Err(MISSING.into())
    }

    pub(super) fn recipients(
        _: &Office,
        _: &[Recipient],
        _: NumericDate,
    ) -> Result<Vec<u8>, Trouble> {
        Err(MISSING.into())
    }
}
