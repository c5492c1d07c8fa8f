//! `rules`: what the machine applies, for everybody to read.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use vernet_common::CivilDate;
use vernet_register::{ProtectedTitle, Provision};

use super::Session;

#[derive(Args)]
pub(super) struct RulesArgs {
    /// Only what applies on this day
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
}

pub(super) fn run(session: &Session, args: &RulesArgs) -> Result<()> {
    // Without an office, what one can apply.
    let all = match session.open() {
        Ok(office) => Provision::all(office.register().state().titles().iter()),
        Err(error) if is_no_office(&error) => Provision::all(ProtectedTitle::shipped()),
        Err(error) => return Err(error),
    };
    let provisions: Vec<Provision> =
        all.into_iter().filter(|provision| args.on.is_none_or(|on| provision.holds(on))).collect();
    let objects: Vec<Value> = provisions.iter().map(object).collect();
    session.answer(&json!(objects), || in_words(&provisions))
}

fn is_no_office(error: &anyhow::Error) -> bool {
    error.downcast_ref::<vernet_issuer::Error>().is_some_and(|error| error.code() == "no_office")
}

fn object(provision: &Provision) -> Value {
    json!({
        "subject": provision.subject,
        "value": provision.value,
        "from": provision.from,
        "to": provision.to,
        "source": provision.source,
        "unverified": !provision.is_confirmed,
    })
}

/// Each subject once, with its provisions below it.
fn in_words(provisions: &[Provision]) -> String {
    let mut lines = Vec::new();
    let mut last = "";
    for provision in provisions {
        if provision.subject != last {
            last = provision.subject;
            lines.push(last.to_owned());
        }
        lines.push(format!("  {}", provision.value));
        lines.push(format!("    {}{}", provision.source, period(provision)));
    }
    lines.join("\n")
}

fn period(provision: &Provision) -> String {
    let doubt =
        if provision.is_confirmed { "" } else { "; UNVERIFIED: it warns and never refuses" };
    match (provision.from, provision.to) {
        (Some(from), Some(to)) => format!("; from {from}, before {to}{doubt}"),
        (Some(from), None) => format!("; from {from} on{doubt}"),
        _ => doubt.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::*;

    /// The page of the documentation.
    fn page() -> String {
        let mut page = "# The rules that the program applies\n\n\
            This is what `vernet-issuer rules` prints outside an office, for the titles that the program brings; within an office it prints those that the office certifies. Each has its paragraph and period: whoever lets a machine decide publishes what it decides by. \
            *Unverified* is what could not be confirmed: it warns, and never refuses. `VERNET_WRITE_DOCS=1 cargo test -p vernet-issuer-app --bin \
            vernet-issuer the_page` writes this page again.\n"
            .to_owned();
        let mut last = "";
        for provision in Provision::all(ProtectedTitle::shipped()) {
            if provision.subject != last {
                last = provision.subject;
                let mut title: String = last.to_owned();
                title.replace_range(..1, &last[..1].to_uppercase());
                page +=
                    &format!("\n## {title}\n\n| | from | before | source |\n|---|---|---|---|\n");
            }
            let day = |day: Option<CivilDate>| day.map_or(String::new(), |day| day.to_string());
            let doubt = if provision.is_confirmed { "" } else { " *(unverified)*" };
            page += &format!(
                "| {} | {} | {} | {}{doubt} |\n",
                provision.value,
                day(provision.from),
                day(provision.to),
                provision.source
            );
        }
        page
    }

    #[test]
    fn the_page_of_the_documentation_is_what_the_program_applies() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/RULES.md");
        if env::var_os("VERNET_WRITE_DOCS").is_some() {
            fs::write(&path, page()).expect("docs/RULES.md");
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page(), "docs/RULES.md is not what the program applies: write it again");
    }

    #[test]
    fn a_day_selects_what_applies_on_it() {
        let day: CivilDate = "2015-06-30".parse().expect("a date");
        let age = |on| {
            let mut all = Provision::all(ProtectedTitle::shipped());
            all.retain(|one| one.subject.starts_with("age at which") && one.holds(on));
            all
        };
        let [before] = &age(day)[..] else { panic!("one age") };
        let [after] = &age(day.plus_days(1))[..] else { panic!("one age") };
        assert!(before.value.starts_with("75") && after.value.starts_with("80"));
    }
}
