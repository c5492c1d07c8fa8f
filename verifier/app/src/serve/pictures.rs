//! Reads pictures and PDFs, a limited number at a time.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use tokio::{sync::Semaphore, time::timeout};
use vernet_verifier::{
    InputError,
    documents::{self, Contents, Kind},
};

use super::{
    places::Places,
    problem::{Code, Problem},
};
use crate::reader;

/// How long a picture may wait for others to be read.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// How long one file may be read. The pages of a PDF that are left after it are reported as not
/// examined.
const MAX_READING: Duration = Duration::from_secs(10);

/// In the worst case, reading a file takes seconds of processor time and hundreds of megabytes, in a
/// process of its own, so the number of such processes is limited.
pub(super) struct Pictures {
    /// Pictures in memory, received or being received.
    pub(super) uploads: Places,
    /// Pictures being decoded.
    readers: Arc<Semaphore>,
}

impl Pictures {
    pub(super) fn new(behind_proxy: bool) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            uploads: Places::new(8, behind_proxy),
            readers: Arc::new(Semaphore::new(processors.div_ceil(2))),
        }
    }

    /// What is in a file, or why nothing can be read in it. Only pictures and PDFs have to wait.
    pub(super) async fn read(&self, bytes: Bytes) -> Result<Result<Contents, InputError>, Problem> {
        if !matches!(Kind::of(&bytes), Kind::Picture(_) | Kind::Pdf) {
            return Ok(documents::read(&bytes));
        }
        let place = timeout(MAX_WAIT, Arc::clone(&self.readers).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(busy("other pictures are being read")) };
        let reading = tokio::task::spawn_blocking(move || {
            let contents = reader::read(&bytes, MAX_READING);
            drop(place);
            contents
        });
        let contents = reading.await.map_err(|error| Problem::internal(&error.into()))?;
        contents.map_err(|error| Problem::internal(&error))
    }
}

pub(super) fn busy(why: &str) -> Problem {
    Problem::new(Code::Busy, format!("{why}: try again in a few seconds"))
}
