//! For people, on a screen or on paper: one self-contained file that loads nothing and runs no
//! scripts.

use std::io::{self, Write};

#[cfg(feature = "serve")]
use base64::{Engine, engine::general_purpose::STANDARD};
#[cfg(feature = "serve")]
use sha2::{Digest, Sha256};
use vernet_common::NumericDate;
use vernet_host::printable;
use vernet_verifier::roster::{ReportRow, RosterReport};

use super::view::{self, Line};
use crate::html::escape;

const STYLE: &str = include_str!("report.css");

/// The policy for a server that sends the page: its one style, by its hash, and nothing else.
#[cfg(feature = "serve")]
pub(crate) fn content_security_policy() -> String {
    let style = format!("\n{STYLE}");
    let hash = STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
}

pub(crate) fn write(report: &RosterReport, out: &mut dyn Write) -> io::Result<()> {
    let (about, head) = (&report.about, view::head(report));
    let source = escaped(&about.source);
    let title = match &report.changes {
        None => "Certificates of the staff",
        Some(_) => "Changes in the certificates of the staff",
    };
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}: {source}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    )?;
    writeln!(out, "<header>\n<h1>{title}</h1>")?;
    writeln!(
        out,
        "<p class=\"source\"><bdi>{source}</bdi>, checked {}</p>\n</header>\n<main>",
        time(about.checked_at)
    )?;
    writeln!(
        out,
        "<p class=\"lead\">{}</p>",
        escaped(&sentence(&view::needing(report.summary.need_attention)))
    )?;
    figures(report, out)?;
    if let Some(doubt) = &head.doubt {
        writeln!(
            out,
            "<p class=\"doubt\" role=\"note\">{}</p>",
            quoted(&escaped(&sentence(doubt)))
        )?;
    }
    match &report.changes {
        None => everything(report, out)?,
        Some(changes) => {
            let lines = view::changes(report);
            if lines.is_empty() {
                writeln!(out, "<p>Nothing has changed since {}.</p>", time(changes.since))?;
            }
            let caption = format!("Changes since {}", time(changes.since));
            let lines = lines
                .into_iter()
                .map(|(line, row)| (line, row.map_or_else(String::new, |row| free(report, row))));
            section(&caption, &["Who", "Certificate", "Change", "What it means"], lines, out)?;
            writeln!(out, "<p>{} as before.</p>", capital(&view::needing(changes.as_before)))?;
        }
    }
    writeln!(out, "</main>\n<footer>\n<ul>")?;
    for line in head.as_of.iter().chain([&head.compared]) {
        writeln!(out, "<li>{}</li>", escaped(&sentence(line)))?;
    }
    writeln!(
        out,
        "</ul>\n<p>A certificate is not bound to the person who shows it: compare name and birth date with a photo ID. This page is a copy of \
         what was so then; nothing on it is signed. It holds personal data.</p>\n</footer>\n</body>\n</html>"
    )
}

fn figures(report: &RosterReport, out: &mut dyn Write) -> io::Result<()> {
    let summary = &report.summary;
    let soon = format!("expire within {} days", report.about.expiring_days);
    writeln!(out, "<dl class=\"figures\" aria-label=\"How many of what\">")?;
    for (class, word, number) in [
        ("all", "checked", summary.rows),
        ("valid", "in order", summary.accepted),
        ("not-valid", "not valid now", summary.refused),
        ("not-known", "not known", summary.undetermined),
        ("problem", "other problems", summary.problem),
        ("note", soon.as_str(), summary.expiring),
    ] {
        let none = if number == 0 { " none" } else { "" };
        writeln!(out, "<div class=\"{class}{none}\"><dt>{word}</dt><dd>{number}</dd></div>")?;
    }
    writeln!(out, "</dl>")
}

fn everything(report: &RosterReport, out: &mut dyn Write) -> io::Result<()> {
    let head = ["Who", "Certificate", "Found", "What to do"];
    let with_free = |(line, row)| (line, free(report, row));
    section("Needs attention", &head, view::attention(report).map(with_free), out)?;
    let soon = format!("Expires within {} days", report.about.expiring_days);
    section(&soon, &head, view::expiring(report).map(with_free), out)?;
    section(
        "In order",
        &["Who", "Certificate", "Found", "Until"],
        view::in_order(report).map(with_free),
        out,
    )
}

/// A table of lines, each with the roster's free columns for the person.
fn section(
    caption: &str,
    head: &[&str; 4],
    lines: impl Iterator<Item = (Line, String)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    open_table(caption, head, out)?;
    for (line, free) in lines {
        writeln!(out, "<tr>{}</tr>", cells(&line, &free))?;
    }
    writeln!(out, "</tbody>\n</table>")
}

/// `caption` may contain a `time` element; nothing in it comes from the roster.
fn open_table(caption: &str, head: &[&str; 4], out: &mut dyn Write) -> io::Result<()> {
    let head: String = head.iter().map(|word| format!("<th scope=\"col\">{word}</th>")).collect();
    writeln!(out, "<table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>")
}

fn cells(line: &Line, free: &str) -> String {
    let Line { mark, staff_id, name, place, certificate, found, then } = line;
    let name = if name.is_empty() { place } else { name };
    let under: Vec<String> = [staff_id, place]
        .into_iter()
        .filter(|part| !part.is_empty() && *part != name)
        .map(|part| format!("<bdi>{}</bdi>", escaped(part)))
        .chain((!free.is_empty()).then(|| free.to_owned()))
        .collect();
    let under = if under.is_empty() {
        String::new()
    } else {
        format!("<small>{}</small>", under.join(" · "))
    };
    let class = mark.word().replace(' ', "-");
    format!(
        "<th scope=\"row\"><bdi>{}</bdi>{under}</th><td class=\"number\">{}</td><td><span class=\"mark {class}\"><span aria-hidden=\"true\">{}</span><span \
         class=\"spoken\">{}: </span>{}</span></td><td>{}</td>",
        escaped(name),
        escaped(certificate),
        mark.sign(),
        mark.word(),
        escaped(found),
        quoted(&escaped(&capital(then)))
    )
}

/// The roster's free columns for the person.
fn free(report: &RosterReport, row: &ReportRow) -> String {
    let columns =
        report.about.columns.iter().zip(&row.free).filter(|(_, cell)| !cell.trim().is_empty());
    let in_one_line = |cell: &str| escaped(&cell.split_whitespace().collect::<Vec<_>>().join(" "));
    let shown =
        columns.map(|(name, cell)| format!("{}: <bdi>{}</bdi>", escaped(name), in_one_line(cell)));
    shown.collect::<Vec<_>>().join(" · ")
}

fn time(instant: NumericDate) -> String {
    let text = instant.to_string();
    format!("<time datetime=\"{text}\">{}</time>", text.replace('T', " ").replace('Z', " UTC"))
}

fn sentence(line: &str) -> String {
    capital(line) + "."
}

fn capital(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Quotation marks instead of backticks, which are for terminals.
fn quoted(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| format!("{}{part}", ["”", "“"][place % 2]))
        .collect::<String>()
        .replacen('”', "", 1)
}

/// Text that is safe anywhere in the page. Invisible characters, and those that change the
/// direction of writing, become visible.
fn escaped(text: &str) -> String {
    escape(&printable(text))
}
