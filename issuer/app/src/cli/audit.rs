//! `audit`: checks the whole register again, and the files beside it.

use std::time::Instant;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use vernet_host::note;
use vernet_issuer::{Error, Office};
use vernet_register::Mark;

use super::Session;

#[derive(Args)]
pub(super) struct AuditArgs {
    /// The mark that an earlier audit printed: the register must still begin with all that it had
    /// then
    #[arg(long, value_name = "SEQ:HASH")]
    mark: Option<Mark>,
}

pub(super) fn run(session: &Session, args: &AuditArgs) -> Result<()> {
    let began = Instant::now();
    let audited = Office::audit(&session.office, args.mark.as_ref())?;
    let seconds = began.elapsed().as_secs_f64();
    let (statements, mark) = (audited.state().statements().len(), audited.mark());
    let object = json!({
        "statements": statements,
        "certificates": audited.certificates(),
        "publications": audited.publications(),
        "log": audited.state().log().head(),
        "officers": audited.state().officers().keys().count(),
        "mark": mark.to_string(),
        "seconds": seconds,
    });
    session.answer(&object, || {
        let compared = match args.mark {
            Some(mark) => format!("It begins with all that it had at statement {}.", mark.seq),
            None => "Whether statements are missing at the end, only a mark can tell: keep this one elsewhere.".to_owned(),
        };
        format!(
            "no fault: {statements} statements, {} certificates, {} publications, {:.0} statements a second\n{compared}\n\
             next time: vernet-issuer audit --mark {mark}",
            audited.certificates(),
            audited.publications(),
            statements as f64 / seconds
        )
    })?;
    // An old copy has no fault in itself, which makes it dangerous: warn whoever restored one, if
    // this machine knows a newer state.
    if let Err(Error::Register(
        error @ (vernet_register::Error::RegisterBehind { .. }
        | vernet_register::Error::RegisterForked { .. }),
    )) = Office::open(&session.office)
    {
        note(format_args!(
            "warning: without a fault, but not the newest: {error} [{}]",
            error.code()
        ));
    }
    Ok(())
}
