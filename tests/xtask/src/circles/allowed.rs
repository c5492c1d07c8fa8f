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
pub(super) const ALLOWED: &[Allowed] = &[
    Allowed {
        files: &[
            "issuer/register/src/statements/event.rs",
            "issuer/register/src/statements/proposal.rs",
            "issuer/register/src/statements/statement.rs",
        ],
        why: "a statement holds an event, a proposal is one, and most hold the event that they propose",
    },
    Allowed {
        files: &[
            "issuer/src/office/audit.rs",
            "issuer/src/office/config.rs",
            "issuer/src/office/keys.rs",
            "issuer/src/office/mod.rs",
            "issuer/src/office/trust_lists.rs",
        ],
        why: KNOWN,
    },
    Allowed {
        files: &[
            "issuer/src/office/publication/destination.rs",
            "issuer/src/office/publication/object_store/connect.rs",
            "issuer/src/office/publication/object_store/error.rs",
            "issuer/src/office/publication/object_store/mod.rs",
        ],
        why: KNOWN,
    },
    Allowed {
        files: &[
            "verifier/app/src/cli/check.rs",
            "verifier/app/src/cli/inspect.rs",
            "verifier/app/src/cli/keys.rs",
            "verifier/app/src/cli/mod.rs",
            "verifier/app/src/cli/page.rs",
            "verifier/app/src/cli/past.rs",
            "verifier/app/src/cli/receipt.rs",
            "verifier/app/src/cli/roster/mod.rs",
            "verifier/app/src/cli/roster/output.rs",
            "verifier/app/src/cli/sync.rs",
            "verifier/app/src/cli/trust.rs",
            "verifier/app/src/cli/witness.rs",
            "verifier/app/src/serve/assets.rs",
            "verifier/app/src/serve/batch.rs",
            "verifier/app/src/serve/body.rs",
            "verifier/app/src/serve/connection.rs",
            "verifier/app/src/serve/docs.rs",
            "verifier/app/src/serve/guard.rs",
            "verifier/app/src/serve/metrics.rs",
            "verifier/app/src/serve/mod.rs",
            "verifier/app/src/serve/office.rs",
            "verifier/app/src/serve/openapi.rs",
            "verifier/app/src/serve/places.rs",
            "verifier/app/src/serve/problem.rs",
            "verifier/app/src/serve/publication.rs",
            "verifier/app/src/serve/verify.rs",
            "verifier/app/src/serve/watch.rs",
            "verifier/app/src/serve/witness.rs",
        ],
        why: KNOWN,
    },
];
