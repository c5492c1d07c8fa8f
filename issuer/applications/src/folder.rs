//! The folder between the inbox and the office.
//!
//! | in the folder | what | written by | removed by |
//! |---|---|---|---|
//! | `incoming/RECEIPT-DELIVERY.sealed` | what an applicant sent, sealed to the office | the inbox | the office, once it has its copy |
//! | `receipts/RECEIPT.json` | when something was received; no name, no text | the inbox | the office, with the application |
//! | `outgoing/RECEIPT/NUMBER.sealed` | what the office answers, sealed to the applicant's code | the office | the office, with the application |
//!
//! Each file appears with its whole content or not at all, and is never changed, but for the record
//! of a receipt. Whatever is done twice is done once. The inbox acknowledges nothing before the file
//! and the record are on the disk; the office removes nothing before its copy is.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;
use vernet_host::{
    FileError,
    files::{make_private_folder, read_capped, write_atomic_private, write_new_in_group},
};

use crate::{
    code::{Delivery, ReceiptId},
    error::Error,
    parcel::MAX_PARCEL,
    seal::OVERHEAD,
    submission::SealedSubmission,
};

const INCOMING: &str = "incoming";
const OUTGOING: &str = "outgoing";
const RECEIPTS: &str = "receipts";
const SEALED: &str = "sealed";

/// The longest sealed file.
const MAX_SEALED: usize = MAX_PARCEL + OVERHEAD;

/// What may wait for the office: whoever wants to fill the disk with rubbish must stop somewhere.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The most files.
    pub files: usize,
    /// The most bytes.
    pub bytes: u64,
    /// The most deliveries under one receipt.
    pub per_receipt: usize,
}

impl Default for Room {
    /// A thousand files or 8 GiB, and 30 under one receipt: years of an office for perfusionists.
    fn default() -> Self {
        Self { files: 1000, bytes: 8 << 30, per_receipt: 30 }
    }
}

/// The folder.
#[derive(Clone, Debug)]
pub struct InboxFolder {
    root: PathBuf,
}

/// What the inbox remembers of a receipt.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What was received, in order.
    pub received: Vec<Received>,
}

/// Something that was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// When.
    pub at: NumericDate,
    /// What.
    pub delivery: Delivery,
}

/// A file that waits for the office.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Arrival {
    /// Under which receipt.
    pub receipt: ReceiptId,
    /// Which one.
    pub delivery: Delivery,
}

impl Arrival {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}-{}.{SEALED}", self.receipt, self.delivery)
    }

    /// What a file of this name is; `None` if it is no such file.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (receipt, delivery) = name.strip_suffix(SEALED)?.strip_suffix('.')?.split_once('-')?;
        Some(Self { receipt: receipt.parse().ok()?, delivery: delivery.parse().ok()? })
    }
}

impl InboxFolder {
    /// The folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be made.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let folder = Self { root: root.to_owned() };
        for part in [INCOMING, OUTGOING, RECEIPTS] {
            let part = root.join(part);
            make_private_folder(&part).map_err(|source| io("create", &part, source))?;
        }
        Ok(folder)
    }

    /// Keeps what an applicant sent, and records it. When this returns, it is on the disk. The same
    /// submission again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] if the office has to look at what is there first, or the receipt has too much;
    /// [`Error::File`] if something cannot be written: then nothing is acknowledged.
    pub fn keep(
        &self,
        sealed: &SealedSubmission,
        at: NumericDate,
        room: Room,
    ) -> Result<Received, Error> {
        let SealedSubmission { receipt, delivery, bytes } = sealed;
        let mut record = self.receipt(receipt)?.unwrap_or_default();
        if let Some(known) = record.received.iter().find(|known| known.delivery == *delivery) {
            return Ok(*known);
        }
        if record.received.len() >= room.per_receipt {
            let found = format!("{} submissions under this receipt", record.received.len());
            return Err(Error::Full { found, limit: room.per_receipt.to_string() });
        }
        self.check_room(room, bytes.len() as u64)?;
        let name = Arrival { receipt: *receipt, delivery: *delivery }.file_name();
        match write_new_in_group(&self.root.join(INCOMING).join(name), bytes) {
            // Before a crash, without the record.
            Err(FileError::Exists { .. }) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
        let received = Received { at, delivery: *delivery };
        record.received.push(received);
        let json = serde_json::to_vec(&record).expect("numbers and texts are JSON");
        write_atomic_private(&self.record(receipt), &json)?;
        Ok(received)
    }

    /// What was received under a receipt; `None` if nothing was.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the record cannot be read; [`Error::Malformed`] if it is something else.
    pub fn receipt(&self, receipt: &ReceiptId) -> Result<Option<Receipt>, Error> {
        const MAX_RECORD: usize = 64 << 10;
        let Some(json) = read_if_there(&self.record(receipt), MAX_RECORD)? else { return Ok(None) };
        let record = serde_json::from_slice(&json);
        record.map(Some).map_err(|_| Error::Malformed { found: "the record of a receipt" })
    }

    /// The numbers of the answers to a receipt, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder cannot be read.
    pub fn answers(&self, receipt: &ReceiptId) -> Result<Vec<u32>, Error> {
        let names = names_in(&self.root.join(OUTGOING).join(receipt.to_string()))?;
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| number_of(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// An answer, sealed; `None` if there is none of that number.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn answer(&self, receipt: &ReceiptId, number: u32) -> Result<Option<Vec<u8>>, Error> {
        read_if_there(&self.answer_path(receipt, number), MAX_SEALED)
    }

    /// Answers an applicant. An answer of that number that is there stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::File`] or [`Error::Io`] if it cannot be written.
    pub fn post(&self, receipt: &ReceiptId, number: u32, sealed: &[u8]) -> Result<(), Error> {
        let path = self.answer_path(receipt, number);
        let folder = self.root.join(OUTGOING).join(receipt.to_string());
        make_private_folder(&folder).map_err(|source| io("create", &folder, source))?;
        match write_new_in_group(&path, sealed) {
            Err(FileError::Exists { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What waits for the office, in order of names.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder cannot be read.
    pub fn arrivals(&self) -> Result<Vec<Arrival>, Error> {
        let names = names_in(&self.root.join(INCOMING))?;
        let mut arrivals: Vec<_> =
            names.iter().filter_map(|name| Arrival::of_file_name(name)).collect();
        arrivals.sort();
        Ok(arrivals)
    }

    /// Takes what waits into the office's own folder, where a taken-over inbox cannot reach it. What
    /// the office has already stays as it is there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::File`] if something cannot be read or written. What was not taken
    /// still waits.
    pub fn take_into(&self, office: &Path) -> Result<usize, Error> {
        let arrivals = self.arrivals()?;
        if !arrivals.is_empty() {
            make_private_folder(office).map_err(|source| io("create", office, source))?;
        }
        let mut taken = 0;
        for arrival in arrivals {
            let (from, to) = (
                self.root.join(INCOMING).join(arrival.file_name()),
                office.join(arrival.file_name()),
            );
            let Some(bytes) = read_if_there(&from, MAX_SEALED)? else { continue };
            match write_new_in_group(&to, &bytes) {
                Ok(()) => taken += 1,
                Err(FileError::Exists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            remove(&from)?;
        }
        Ok(taken)
    }

    /// Forgets an application: its record, what waits and the answers. The code opens nothing then.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if something cannot be removed.
    pub fn forget(&self, receipt: &ReceiptId) -> Result<(), Error> {
        for arrival in self.arrivals()?.iter().filter(|arrival| arrival.receipt == *receipt) {
            remove(&self.root.join(INCOMING).join(arrival.file_name()))?;
        }
        let answers = self.root.join(OUTGOING).join(receipt.to_string());
        match fs::remove_dir_all(&answers) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            done => done.map_err(|source| io("remove", &answers, source))?,
        }
        remove(&self.record(receipt))
    }

    /// Keeps another inbox from using the folder, until the value is dropped.
    ///
    /// # Errors
    ///
    /// [`FileError::Busy`] if another one does.
    pub fn lock(&self) -> Result<fs::File, Error> {
        Ok(vernet_host::files::lock(&self.root.join(INCOMING))?)
    }

    fn check_room(&self, room: Room, more: u64) -> Result<(), Error> {
        let folder = self.root.join(INCOMING);
        let names = names_in(&folder)?;
        if names.len() >= room.files {
            let found = format!("{} files", names.len());
            return Err(Error::Full { found, limit: format!("{} files", room.files) });
        }
        let size = |name: &String| fs::metadata(folder.join(name)).map_or(0, |at| at.len());
        let bytes = names.iter().map(size).sum::<u64>() + more;
        if bytes > room.bytes {
            let (found, limit) = (format!("{bytes} bytes"), format!("{} bytes", room.bytes));
            return Err(Error::Full { found, limit });
        }
        Ok(())
    }

    fn record(&self, receipt: &ReceiptId) -> PathBuf {
        self.root.join(RECEIPTS).join(format!("{receipt}.json"))
    }

    fn answer_path(&self, receipt: &ReceiptId, number: u32) -> PathBuf {
        self.root.join(OUTGOING).join(receipt.to_string()).join(format!("{number:04}.{SEALED}"))
    }
}

fn number_of(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(SEALED)?.strip_suffix('.')?;
    let number: u32 = digits.parse().ok()?;
    (format!("{number:04}") == digits).then_some(number)
}

/// The names in a folder that are no hidden ones; none if there is no folder.
fn names_in(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| io("list", folder, source))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| io("list", folder, source))?;
        if let Ok(name) = entry.file_name().into_string()
            && !name.starts_with('.')
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// A file's bytes; `None` if there is none. The other side writes here too, so neither links nor
/// anything else but files are followed.
fn read_if_there(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let read = || {
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(std::io::Error::new(ErrorKind::InvalidData, "it is no file"));
        }
        read_capped(path, limit)
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io("read", path, source)),
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done.map_err(|source| io("remove", path, source)),
    }
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io { action, path: path.to_owned(), source }
}
