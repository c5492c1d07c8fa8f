//! Reads pictures and PDFs, a limited number at a time.

use std::{net::IpAddr, time::Duration};

use anyhow::anyhow;
use axum::body::Bytes;
use tokio::time::timeout;
use vernet_verifier::{
    InputError,
    documents::{Kind, read_as},
};

use super::{
    body::Content,
    places::{Places, QUARTER},
    problem::{Code, Problem},
    turns::Turns,
};

/// How many pictures may be received at a time: 16 MB each.
const MAX_UPLOADS: usize = 16;

/// How many pictures are read at a time, whatever the number of processors: 250 MB each. With those
/// that are received it stays within the 2 GB of the documented service.
const MAX_READ: usize = 6;

/// How long a picture may wait for others to be read: as long as a hard one takes.
const MAX_WAIT: Duration = Duration::from_secs(15);

/// How long reading one picture may take. If it takes longer, it keeps its place until it is done.
const MAX_READING: Duration = Duration::from_secs(15);

/// In the worst case, reading a picture takes seconds of processor time and hundreds of megabytes,
/// so both are limited.
pub(super) struct Pictures {
    /// Pictures in memory, received or being received.
    pub(super) uploads: Places,
    /// Pictures being decoded.
    readers: Turns,
}

impl Pictures {
    pub(super) fn new(behind_proxy: bool) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        // Two at least, so that one client cannot have all of them.
        let readers = processors.div_ceil(2).clamp(2, MAX_READ);
        Self {
            uploads: Places::new(MAX_UPLOADS, QUARTER, behind_proxy),
            readers: Turns::new(readers, behind_proxy),
        }
    }

    /// The text of the one certificate in a picture or a PDF, or why nothing can be read in it.
    pub(super) async fn read(
        &self,
        client: IpAddr,
        bytes: Bytes,
        content: Content,
    ) -> Result<Result<String, InputError>, Problem> {
        let turn = timeout(MAX_WAIT, self.readers.take(client)).await;
        let Ok(Some(turn)) = turn else { return Err(busy("other pictures are being read")) };
        let reading = tokio::task::spawn_blocking(move || {
            let kind = if content == Content::Pdf { Kind::Pdf } else { Kind::Picture };
            let texts = read_as(kind, &bytes).map(|contents| contents.certificates);
            drop(turn);
            texts
        });
        let Ok(texts) = timeout(MAX_READING, reading).await else {
            return Err(Problem::new(
                Code::Timeout,
                "the picture is too hard to read: take it again, with only the code in it",
            ));
        };
        // The error would repeat the panic message, which may quote personal data.
        let texts =
            texts.map_err(|_| Problem::internal(&anyhow!("reading a picture ended in a panic")))?;
        match texts {
            Err(error) => Ok(Err(error)),
            Ok(texts) if texts.len() > 1 => Err(Problem::new(
                Code::SeveralCertificates,
                format!("there are {} certificates in it: send one at a time", texts.len()),
            )),
            Ok(texts) => Ok(Ok(texts.into_iter().next().unwrap_or_default())),
        }
    }
}

pub(super) fn busy(why: &str) -> Problem {
    Problem::new(Code::Busy, format!("{why}: try again in a few seconds"))
}
