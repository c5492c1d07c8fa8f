//! libpq's password file: a line for each server, `HOST:PORT:DATABASE:USER:PASSWORD`. The first
//! line that matches applies.

/// The connection whose password is needed.
pub(super) struct Wanted<'a> {
    pub(super) host: &'a str,
    pub(super) port: &'a str,
    pub(super) data_base: &'a str,
    pub(super) user: &'a str,
}

/// The password in the first line that matches.
pub(super) fn password(text: &str, wanted: &Wanted<'_>) -> Option<String> {
    let wanted = [wanted.host, wanted.port, wanted.data_base, wanted.user];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(fields).find_map(|fields| match &fields[..] {
        [rest @ .., password] if rest.len() == wanted.len() => {
            let fits =
                rest.iter().zip(wanted).all(|(found, wanted)| found == "*" || found == wanted);
            fits.then(|| password.clone())
        }
        _ => None,
    })
}

/// Splits a line into its fields. A backslash escapes a colon or a backslash.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = fields.last_mut().expect("there is one from the beginning");
        match character {
            ':' => fields.push(String::new()),
            '\\' => last.extend(characters.next()),
            other => last.push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# a comment:1:2:3:4\nshort:line\ndb:5432:office:kari:first\ndb:*:*:kari:second\n*:*:*:*:a\\:b\\\\c\n";
        let ask =
            |host, port, data_base, user| password(text, &Wanted { host, port, data_base, user });
        assert_eq!(ask("db", "5432", "office", "kari").as_deref(), Some("first"));
        assert_eq!(ask("db", "5433", "office", "kari").as_deref(), Some("second"));
        assert_eq!(ask("other", "1", "x", "ola").as_deref(), Some("a:b\\c"));
        assert_eq!(
            password(
                "db:5432:office:kari:first",
                &Wanted { host: "db", port: "1", data_base: "office", user: "kari" }
            ),
            None
        );
    }
}
