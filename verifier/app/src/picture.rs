//! Turns an input argument into the texts to be checked: from a file, a picture, a PDF, standard
//! input, or the argument itself.

use std::{io::Read, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use vernet_host::files::read_capped;
use vernet_verifier::{Input, InputError, documents::Contents};

use crate::reader::{self, MAX_FILE};

/// How long one file may be read: the pages of a PDF that are left after it are reported as not
/// examined.
const TIME: Duration = Duration::from_secs(60);

/// What one input argument holds.
pub(crate) struct Presented {
    /// Its name in the output.
    pub(crate) name: String,
    /// The text of a certificate, or why there is none.
    pub(crate) text: Result<String, InputError>,
    /// The statements of professional status that accompany it.
    pub(crate) statements: Vec<String>,
}

impl Presented {
    fn new(name: impl Into<String>, text: Result<String, InputError>) -> Self {
        Self { name: name.into(), text, statements: Vec::new() }
    }
}

/// The certificates in one argument, and one entry for each part of it that was not examined.
/// `distinct` leaves out what is there in two forms: see [`Contents::distinct`].
pub(crate) fn read(
    argument: &str,
    distinct: impl FnOnce(Contents) -> Contents,
) -> Result<Vec<Presented>> {
    match bytes(argument)? {
        Some(bytes) => in_file(argument, &bytes, distinct),
        // The certificate itself, pasted.
        None => Ok(vec![Presented::new("argument", Ok(argument.into()))]),
    }
}

/// The content of the file that an argument names, or `None` if it is itself a certificate.
pub(crate) fn bytes(argument: &str) -> Result<Option<Vec<u8>>> {
    if argument == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .take(MAX_FILE as u64 + 1)
            .read_to_end(&mut bytes)
            .context("reading standard input")?;
        if bytes.len() > MAX_FILE {
            bail!("standard input has more than {MAX_FILE} bytes");
        }
        Ok(Some(bytes))
    } else if Path::new(argument).is_file() {
        read_capped(Path::new(argument), MAX_FILE)
            .with_context(|| format!("reading `{argument}`"))
            .map(Some)
    } else if Input::parse(argument).is_ok() || argument.contains('#') {
        Ok(None)
    } else {
        bail!("`{}` is neither a file nor a certificate, a link or digits", shorten(argument));
    }
}

/// As [`read`], for the content of a file. Statements go to the certificate that they accompany;
/// if there are several certificates, each statement says which one it is about.
pub(crate) fn in_file(
    name: &str,
    bytes: &[u8],
    distinct: impl FnOnce(Contents) -> Contents,
) -> Result<Vec<Presented>> {
    let contents = match reader::read(bytes, TIME)? {
        Ok(contents) => distinct(contents),
        Err(error) => return Ok(vec![Presented::new(name, Err(error))]),
    };
    let several = contents.certificates.len() > 1;
    let name = |place: usize, text: &Result<&str, InputError>| match text {
        Ok(_) if several => {
            format!("{name}, certificate {} of {}", place + 1, contents.certificates.len())
        }
        Ok(_) => name.to_owned(),
        Err(_) => format!("{name}, rest"),
    };
    let presented = contents.presented().enumerate().map(|(place, text)| Presented {
        name: name(place, &text),
        text: text.map(ToOwned::to_owned),
        statements: contents.statements.clone(),
    });
    Ok(presented.collect())
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
