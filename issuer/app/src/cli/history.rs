//! `history --out`: the signed history for those who are entitled to it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::json;
use vernet_common::{CertificateNumber, KeyUse};
use vernet_host::wait_until_after;

use super::{
    Session,
    dispatches::one_line,
    terminal::{progress, shown},
};

#[derive(Args)]
pub(super) struct SignedHistoryArgs {
    /// Write a signed history to a new file, to be handed to an employer or an authority: what
    /// each certificate's holder was on each day. Never into a published folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only of these certificates, which the one who asks has; else of all
    #[arg(long, value_name = "NUMBER", num_args = 1.., requires = "out", conflicts_with = "number")]
    certificate: Vec<CertificateNumber>,
    /// Whom it is for, which is recorded: an employer, an authority, the holder
    #[arg(long, value_name = "TEXT", requires = "out", value_parser = one_line)]
    to: Option<String>,
}

impl SignedHistoryArgs {
    pub(super) fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    pub(super) fn run(&self, session: &Session, out: &Path) -> Result<()> {
        let mut office = session.open()?;
        let officer = session.officer()?;
        let credentials = session.credentials_for(&office, &[KeyUse::Status])?;
        // A history covers time up to the second before it was made: wait, so that the last
        // decision is in it.
        if let Some(last) = office.register().state().statements().last() {
            wait_until_after(last.recorded_at)?;
        }
        let bar = progress("verifying the history");
        let made = session.as_of_now(&mut office, |office, now| {
            office.write_history(
                &self.certificate,
                (out, self.to.as_deref()),
                &credentials,
                (&*officer, now),
                &mut |done, all| {
                    bar.set_length(all as u64);
                    bar.set_position(done as u64);
                },
            )
        })?;
        bar.finish_and_clear();
        let object = json!({
            "file": shown(out),
            "iat": made.iat.to_string(),
            "certificates": made.certificates,
            "bytes": made.bytes,
            "sha256": made.sha256,
        });
        session.answer_done("the history IS written", &object, || {
            format!(
                "wrote {}: {} certificates, {} bytes, everything that was recorded up to {}\n\
                 it is about people: give it to nobody who is not entitled to it",
                out.display(),
                made.certificates,
                made.bytes,
                made.iat
            )
        })
    }
}
