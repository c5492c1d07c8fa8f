//! `export`: a certificate in the forms in which people carry it.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use vernet_common::{CertificateNumber, Status};
use vernet_issuer::{LetOut, TerminalStyle, write_new};

use super::{
    Session,
    session::clock,
    terminal::{note, shown},
};

#[derive(Args)]
pub(super) struct ExportArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// In which form
    #[arg(long, value_enum)]
    format: Format,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The certificate as text, an SD-JWT VC
    Jwt,
    /// The link in the QR code
    Url,
    /// The QR code as a picture that can be scaled
    QrSvg,
    /// The QR code as a picture
    QrPng,
    /// The QR code on this terminal
    QrTerminal,
}

pub(super) fn run(session: &Session, args: &ExportArgs) -> Result<()> {
    let let_out = session.open()?.let_out(args.number, clock()?)?;
    if let_out.status() == Status::Suspended {
        note("warning: the authorisation is suspended, so hospitals will refuse this certificate for the time being");
    }
    let bytes = render(&let_out, args.format, args.out.is_none())?;
    match &args.out {
        Some(file) => {
            write_new(file, &bytes)?;
            session.answer(&serde_json::json!({ "file": shown(file), "bytes": bytes.len() }), || {
                format!("wrote {}", file.display())
            })?;
        }
        None if args.format == Format::QrPng && std::io::stdout().is_terminal() => {
            bail!("a picture is not for a terminal: give `--out FILE`")
        }
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&bytes).and_then(|()| stdout.flush()).context("writing to standard output")?;
        }
    }
    Ok(())
}

fn render(let_out: &LetOut, format: Format, to_stdout: bool) -> Result<Vec<u8>> {
    Ok(match format {
        Format::Jwt => format!("{}\n", let_out.text()).into_bytes(),
        Format::Url => format!("{}\n", let_out.link()).into_bytes(),
        Format::QrSvg => let_out.qr_code()?.to_svg().map_err(vernet_issuer::Error::from)?.into_bytes(),
        Format::QrPng => let_out.qr_code()?.to_png().map_err(vernet_issuer::Error::from)?,
        Format::QrTerminal => {
            let_out.qr_code()?.to_terminal(terminal_style(to_stdout)).map_err(vernet_issuer::Error::from)?.into_bytes()
        }
    })
}

/// Colours only where there is a terminal that shows them.
pub(super) fn terminal_style(to_stdout: bool) -> TerminalStyle {
    let colours = to_stdout && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if colours { TerminalStyle::Coloured } else { TerminalStyle::Plain }
}
