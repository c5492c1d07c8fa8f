//! For programs, and for the next `--since`: docs/ROSTER.md.

use std::io::{self, Write};

use vernet_verifier::roster::RosterReport;

pub(super) fn write(report: &RosterReport, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, report)?;
    out.write_all(b"\n")
}
