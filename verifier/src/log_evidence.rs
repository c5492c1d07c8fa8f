//! Evidence against an office that signed two logs.

use alloc::string::{String, ToString};

use serde::Serialize;
use vernet_common::{Bundle, Error, HttpsUrl};

use crate::{log::SeenLog, memory::Memory};

/// Proof that an office signed two logs that contradict each other: keep it, and show it to the
/// office and its supervisor.
///
/// It carries what was seen before and the whole bundle that contradicts it, each under its own
/// signatures, so that the evidence does not depend on who shows it.
#[derive(Clone, Debug, Serialize)]
pub struct LogEvidence {
    iss: HttpsUrl,
    /// `log_forked` or `log_shrunk`.
    code: &'static str,
    message: String,
    /// What was seen before; `None` if the log contradicts the trust list in the bundle.
    known: Option<SeenLog>,
    found: Bundle,
}

impl LogEvidence {
    /// The evidence, if this error is an alarm about the log. `memory` is the one that the bundle
    /// contradicts.
    pub fn of(error: &Error, bundle: &Bundle, memory: &Memory) -> Option<Self> {
        matches!(error, Error::LogForked { .. } | Error::LogShrunk { .. }).then(|| Self {
            iss: memory.iss().clone(),
            code: error.code(),
            message: error.to_string(),
            known: memory.log().cloned(),
            found: bundle.clone(),
        })
    }
}
