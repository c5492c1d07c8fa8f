//! Turns an input argument into the texts to be checked: from a file, a picture, a PDF, standard
//! input, or the argument itself.

use std::{io::Read, path::Path};

use anyhow::{Context, Result, bail};
use vernet_host::files::read_capped;
use vernet_verifier::{
    Input, InputError,
    documents::{self, Contents, Kind},
};

/// The size limit for files: that of the largest picture.
pub(crate) const MAX_FILE: usize = 24 << 20;

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

/// The certificates in one argument: one, or as many as there are QR codes in a picture or
/// attachments in a PDF.
pub(crate) fn read(argument: &str) -> Result<Vec<Presented>> {
    let bytes = if argument == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .take(MAX_FILE as u64 + 1)
            .read_to_end(&mut bytes)
            .context("reading standard input")?;
        if bytes.len() > MAX_FILE {
            bail!("standard input has more than {MAX_FILE} bytes");
        }
        bytes
    } else if Path::new(argument).is_file() {
        read_capped(Path::new(argument), MAX_FILE)
            .with_context(|| format!("reading `{argument}`"))?
    } else if Input::parse(argument).is_ok() || argument.contains('#') {
        // The certificate itself, pasted.
        return Ok(vec![Presented::new("argument", Ok(argument.into()))]);
    } else {
        bail!("`{}` is neither a file nor a certificate, a link or digits", shorten(argument));
    };
    Ok(in_file(argument, &bytes))
}

/// The certificates in a file's content. Statements go to the certificate that they accompany; if
/// there are several certificates, each statement says which one it is about.
pub(crate) fn in_file(name: &str, bytes: &[u8]) -> Vec<Presented> {
    let Contents { kind, certificates, statements, .. } = match documents::read(bytes) {
        Ok(contents) => contents,
        Err(error) => return vec![Presented::new(name, Err(error))],
    };
    let what = if kind == Kind::Pdf { "certificate" } else { "code" };
    let several = certificates.len() > 1;
    let name = |place: usize| {
        if several { format!("{name}, {what} {}", place + 1) } else { name.to_owned() }
    };
    certificates
        .into_iter()
        .enumerate()
        .map(|(place, text)| Presented {
            name: name(place),
            text: Ok(text),
            statements: statements.clone(),
        })
        .collect()
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
