//! The circles that may be, each with its reason.

use std::{collections::BTreeSet, path::PathBuf};

/// Files that may import each other.
pub(super) struct Allowed {
    pub(super) files: &'static [&'static str],
    pub(super) why: &'static str,
}

impl Allowed {
    pub(super) fn allows(&self, files: &BTreeSet<PathBuf>) -> bool {
        files.iter().all(|file| self.files.iter().any(|allowed| file.as_os_str() == *allowed))
    }
}

/// Of before the counter; to be untied.
const KNOWN: &str = "known, and to be untied";

/// An entry goes when its circle does: an entry that allows more than there is, is reported too.
pub(super) const ALLOWED: &[Allowed] = &[Allowed {
    files: &[
        "issuer/src/application.rs",
        "issuer/src/error.rs",
        "issuer/src/import/report.rs",
        "issuer/src/key_location.rs",
        "issuer/src/letter/canvas.rs",
        "issuer/src/letter/card.rs",
        "issuer/src/letter/certificate.rs",
        "issuer/src/letter/document.rs",
        "issuer/src/letter/font.rs",
        "issuer/src/letter/mod.rs",
        "issuer/src/letter/ornament.rs",
        "issuer/src/letter/status.rs",
        "issuer/src/letter/text.rs",
        "issuer/src/office/audit.rs",
        "issuer/src/office/certificates.rs",
        "issuer/src/office/config.rs",
        "issuer/src/office/keys.rs",
        "issuer/src/office/mod.rs",
        "issuer/src/office/publication/content.rs",
        "issuer/src/office/publication/destination.rs",
        "issuer/src/office/publication/folder.rs",
        "issuer/src/office/publication/object_store/connect.rs",
        "issuer/src/office/publication/object_store/error.rs",
        "issuer/src/office/publication/object_store/mod.rs",
        "issuer/src/office/publication/witnesses/mod.rs",
        "issuer/src/office/status.rs",
        "issuer/src/office/trust_lists.rs",
        "issuer/src/office_data.rs",
        "issuer/src/officer.rs",
        "issuer/src/register/approve.rs",
        "issuer/src/register/audit/lists.rs",
        "issuer/src/register/audit/mod.rs",
        "issuer/src/register/authority.rs",
        "issuer/src/register/bulk.rs",
        "issuer/src/register/decide.rs",
        "issuer/src/register/decoy.rs",
        "issuer/src/register/documents.rs",
        "issuer/src/register/due.rs",
        "issuer/src/register/event.rs",
        "issuer/src/register/fold/issued.rs",
        "issuer/src/register/fold.rs",
        "issuer/src/register/given_out.rs",
        "issuer/src/register/grant.rs",
        "issuer/src/register/high_water.rs",
        "issuer/src/register/location.rs",
        "issuer/src/register/loss.rs",
        "issuer/src/register/officers.rs",
        "issuer/src/register/proposal.rs",
        "issuer/src/register/read.rs",
        "issuer/src/register/rows.rs",
        "issuer/src/register/standing.rs",
        "issuer/src/register/statement.rs",
        "issuer/src/register/storage/mod.rs",
        "issuer/src/register/storage/postgres/connect.rs",
        "issuer/src/register/storage/postgres/mod.rs",
        "issuer/src/register/storage/sqlite/mod.rs",
        "issuer/src/register/store.rs",
        "issuer/src/register/suspend.rs",
        "issuer/src/register/writer.rs",
    ],
    why: KNOWN,
}];
