//! Reads pictures and PDFs, a limited number at a time.

use std::{net::IpAddr, time::Duration};

use axum::body::Bytes;
use tokio::time::timeout;
use vernet_serve::{Places, QUARTER};
use vernet_verifier::{
    Input, InputError,
    documents::{self, Contents, Kind},
};

use super::{
    problem::{Code, Problem},
    turns::Turns,
};
use crate::reader;

/// How many pictures may be received at a time: 16 MB each.
const MAX_UPLOADS: usize = 16;

/// How many pictures are read at a time, whatever the number of processors: 250 MB each. With those
/// that are received it stays within the 2 GB of the documented service.
const MAX_READ: usize = 6;

/// How long a picture may wait for others to be read: as long as a hard one takes.
const MAX_WAIT: Duration = Duration::from_secs(15);

/// How long one file may be read. The pages of a PDF that are left after it are reported as not
/// examined.
const MAX_READING: Duration = Duration::from_secs(10);

/// In the worst case, reading a file takes seconds of processor time and hundreds of megabytes, in a
/// process of its own, so the number of such processes is limited.
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

    /// What is in a file, or why nothing can be read in it. Only pictures and PDFs have to wait.
    pub(super) async fn read(
        &self,
        client: IpAddr,
        bytes: Bytes,
    ) -> Result<Result<Contents, InputError>, Problem> {
        // Only what is short is looked at here: searching a long text takes a while.
        let at_once = |bytes: &Bytes| match Kind::of(bytes) {
            Kind::Picture(_) | Kind::Pdf => None,
            _ => Some(documents::read(bytes)),
        };
        let searched = match bytes.len() <= Input::MAX_BYTES {
            true => at_once(&bytes),
            false => {
                let bytes = bytes.clone();
                let searching = tokio::task::spawn_blocking(move || at_once(&bytes));
                searching.await.map_err(|error| Problem::internal(&error.into()))?
            }
        };
        if let Some(contents) = searched {
            return Ok(contents);
        }
        let turn = timeout(MAX_WAIT, self.readers.take(client)).await;
        let Ok(Some(turn)) = turn else { return Err(busy("other pictures are being read")) };
        let reading = tokio::task::spawn_blocking(move || {
            let contents = reader::read(&bytes, MAX_READING);
            drop(turn);
            contents
        });
        let contents = reading.await.map_err(|error| Problem::internal(&error.into()))?;
        contents.map_err(|error| Problem::internal(&error))
    }
}

pub(super) fn busy(why: &str) -> Problem {
    Problem::new(Code::Busy, format!("{why}: try again in a few seconds"))
}
