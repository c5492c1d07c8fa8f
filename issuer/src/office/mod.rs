//! An office: its settings, its register, its keys and what it publishes, in one folder.
//!
//! | in the folder | what | trusted? |
//! |---|---|---|
//! | `office.json` | settings, and who founded it | yes |
//! | `data.json` | accredited schools, transitional window | with each grant, both officers sign its hash |
//! | `register.sqlite` | every decision and every certificate, unless they are in PostgreSQL | signed by the officers |
//! | `high-water.json` | the last state of the register that this machine has seen | yes |
//! | `high-water.catalogue` | which statements are about whom, for `show`; made again if it is lost | yes |
//! | `documents/*` | the documents that proposals rest on, each named by its hash | by hash |
//! | `applications/*` | what came through the inbox and was answered, sealed | sealed |
//! | `keys/*.pem` | working keys, encrypted | secret |
//! | `keys/*.pkcs11` | references to keys in tokens, with the token's library | yes |
//! | `cosignatures` | the witnesses' cosignatures of the issued log | signed |
//! | `roots.json` | the public root keys, for hospitals to pin | yes |
//! | `trust-list/*.json` | every trust list that was accepted | signed |

mod appointments;
mod audit;
mod bulk;
mod certificates;
mod config;
mod decision_letter;
mod files;
mod founding;
mod good_until;
mod history;
mod incoming;
mod keys;
mod look_up;
mod outlook;
mod prepared;
mod proposals;
mod publication;
mod restore;
mod status;
mod subjects;
#[cfg(test)]
mod tests;
mod trust_lists;

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub use appointments::sign_appointment;
pub use bulk::Bulk;
pub use certificates::{Recipient, Release, Releases, recipients_csv};
pub use config::{ConsoleConfig, LogWitnesses, OfficeConfig, OfficeSender, OfficeWitness};
pub use good_until::{Ending, GoodUntil};
pub use history::MadeHistory;
pub use incoming::{FoundAlert, FoundNamesake};
pub use keys::{KeyState, OfficeKey, new_key_pair};
pub use look_up::LookUp;
pub use outlook::{Outlook, Reminder};
pub use prepared::{Making, Prepared, Step};
pub use proposals::{Difference, Review, ReviewedDocument};
#[cfg(feature = "object-store")]
pub use publication::ObjectStorage;
pub use publication::{
    Destination, DestinationError, PublicationSource, Published, WitnessAnswer, WitnessTrouble,
};
use rand::CryptoRng;
pub use restore::Lost;
pub use status::ProfessionalStatus;
pub use subjects::Subject;
pub use trust_lists::sign_trust_list;
use vernet_common::{NumericDate, TrustAnchor};
use vernet_host::{
    FileError,
    files::{network_disk, write_atomic, write_new_secret},
};
use vernet_register::{
    Documents, Founders, NewDocument, OfficeData, OfficerSigner, Register, RegisterLocation,
};

use self::{
    files::{read, write_anchor},
    founding::check_founding,
};
use crate::error::Error;

/// An open office.
#[derive(Debug)]
pub struct Office {
    folder: PathBuf,
    config: OfficeConfig,
    data: OfficeData,
    /// The same, as stored in the folder: grants rest on it as on their other documents.
    data_document: NewDocument,
    register: Register,
}

impl Office {
    /// Creates an office in a new folder, with these officers. `officer` is one of them and signs
    /// the founding. The office has no keys and no trust list yet.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`] if the folder exists already; [`vernet_register::Error::Rule`] if
    /// fewer than two of the officers are administrators; [`FileError::Io`] or [`Error::Io`] if a
    /// file cannot be written; as for [`Register::create`] and [`Register::found`]. Nothing is left
    /// behind then.
    pub fn create(
        folder: &Path,
        config: &OfficeConfig,
        data: &OfficeData,
        anchor: &TrustAnchor,
        (founders, officer): (impl Into<Founders>, &dyn OfficerSigner),
        now: NumericDate,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, Error> {
        if anchor.iss != config.iss {
            return Err(Error::RootsOfAnother {
                found: anchor.iss.clone(),
                expected: config.iss.clone(),
            });
        }
        if anchor.seq != 1 {
            let expected = "1 in the roots of a new office";
            return Err(
                vernet_common::Error::field("seq", &anchor.seq.to_string(), expected).into()
            );
        }
        if folder.exists() {
            return Err(FileError::Exists { path: folder.to_owned() }.into());
        }
        let parent = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let io = |action, path: &Path, source| Error::Io { action, path: path.to_owned(), source };
        fs::create_dir_all(parent).map_err(|source| io("create", parent, source))?;
        // Fill the folder under another name and then rename it, so that an office exists
        // completely or not at all.
        let mut builder = tempfile::Builder::new();
        builder.prefix(".vernet-office-");
        // The register holds personal data: only the office's own user may access the folder.
        #[cfg(unix)]
        builder.permissions(fs::Permissions::from_mode(0o700));
        let staged = builder
            .tempdir_in(parent)
            .map_err(|source| io("create a folder in", parent, source))?;
        let path = staged.path();
        for sub in [Self::KEYS, Self::TRUST_LISTS] {
            fs::create_dir(path.join(sub))
                .map_err(|source| io("create", &path.join(sub), source))?;
        }
        write_atomic(
            &path.join(Self::DATA),
            &serde_json::to_vec_pretty(data).expect("the office's data is JSON"),
        )?;
        write_anchor(&path.join(Self::ROOTS), anchor)?;
        let mut founders = founders.into();
        // The roots can appoint officers from the first day on.
        founders.roots.get_or_insert_with(|| anchor.roots.clone());
        let make = |at: &RegisterLocation| {
            let mut register = Register::create(at)?;
            register.found(&config.iss, founders, officer, now)?;
            let founded = register.state().head();
            register.ensure_status_list(officer, now, rng)?;
            Ok::<_, Error>(OfficeConfig { founded, ..config.clone() })
        };
        let put = || fs::rename(path, folder).map_err(|source| io("create", folder, source));
        match config.register.clone() {
            None => {
                let register = path.join(Self::REGISTER);
                // SQLite creates its other files with the permissions of the database.
                write_new_secret(&register, b"")?;
                make(&register.into())?.write(path)?;
                put()?;
            }
            // In this order, because a folder without a register is easily removed, and a register
            // without a folder is not.
            Some(url) => {
                put()?;
                let made = make(&url.into()).and_then(|config| config.write(folder));
                made.inspect_err(|_| drop(fs::remove_dir_all(folder)))?;
            }
        }
        Self::open(folder)
    }

    /// Opens an office. Every statement in its register is checked, see [`Register::open`].
    ///
    /// # Errors
    ///
    /// [`Error::NoOffice`] if there is none; [`Error::FoundersDiffer`] if others founded it;
    /// [`vernet_register::Error::RegisterBehind`] or [`vernet_register::Error::RegisterForked`] if
    /// the register does not hold all that this machine has seen; [`Error::Io`] if a file cannot be
    /// read; [`Error::Common`] if the settings are not valid; as for [`Register::open`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let config = OfficeConfig::read(folder)?;
        let at = Self::location(folder, &config);
        let data_document = NewDocument::new(Self::DATA, read(&folder.join(Self::DATA))?);
        let mut office = Self {
            config,
            data: OfficeData::from_json(data_document.bytes())?,
            data_document,
            register: Register::open_marked(&at, &folder.join(Self::HIGH_WATER))?,
            folder: folder.to_owned(),
        };
        let state = office.register.state();
        check_founding(state.statements().first().zip(state.hash(1)), &office.config)?;
        // It is the office's own register, so this machine marks it from here on.
        office.register.refresh()?;
        Ok(office)
    }

    /// Where the register of the office in a folder is stored.
    ///
    /// # Errors
    ///
    /// [`Error::NoOffice`] if there is none; as for [`OfficeConfig::read`] if its settings cannot
    /// be read.
    pub fn register_location(folder: &Path) -> Result<RegisterLocation, Error> {
        Ok(Self::location(folder, &OfficeConfig::read(folder)?))
    }

    /// What kind of network disk a register in a file lies on, if it lies on one: SQLite cannot keep
    /// several programs apart there, and may lose what they write.
    pub fn network_disk(&self) -> Option<&'static str> {
        Self::network_disk_of(&Self::location(&self.folder, &self.config))
    }

    fn network_disk_of(at: &RegisterLocation) -> Option<&'static str> {
        match at {
            RegisterLocation::File(path) => network_disk(path),
            RegisterLocation::Postgres(_) => None,
        }
    }

    fn location(folder: &Path, config: &OfficeConfig) -> RegisterLocation {
        match &config.register {
            Some(url) => RegisterLocation::Postgres(url.clone()),
            None => RegisterLocation::File(folder.join(Self::REGISTER)),
        }
    }

    /// How long an office may be inactive, in days, before its clock is doubted.
    pub const MAX_PAUSE_DAYS: i64 = 31;

    /// Checks that the clock is not behind the register: then what is read is as of an earlier time.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::ClockBehind`] if a statement is later than `now`.
    pub fn check_not_behind(&self, now: NumericDate) -> Result<(), Error> {
        not_behind(self.register.state().recorded_until(), now)
    }

    /// Checks that the clock is plausible. A record or publication under a clock that is far ahead
    /// blocks the office until that time, because neither may go backwards. Call this before every
    /// change, unless a person has compared the clock with another one.
    ///
    /// # Errors
    ///
    /// [`Error::ClockAhead`] if nothing was recorded or published for longer than
    /// [`Office::MAX_PAUSE_DAYS`].
    pub fn check_clock(&self, now: NumericDate) -> Result<(), Error> {
        // A publication is a statement too.
        let newest = self
            .register
            .state()
            .statements()
            .last()
            .map(|last| ("the last statement", last.recorded_at));
        match newest {
            Some((what, known)) if now.seconds_since(known) > Self::MAX_PAUSE_DAYS * 86_400 => {
                Err(Error::ClockAhead { found: now, what, known })
            }
            _ => Ok(()),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings.
    pub fn config(&self) -> &OfficeConfig {
        &self.config
    }

    /// The office's own data.
    pub fn data(&self) -> &OfficeData {
        &self.data
    }

    /// The register.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The register, to record decisions that need no signature.
    pub fn register_mut(&mut self) -> &mut Register {
        &mut self.register
    }

    /// The public root keys that hospitals pin: the newest ones, and the trust list from which they
    /// apply.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if `roots.json` cannot be read; [`Error::Common`] if it is not valid.
    pub fn anchor(&self) -> Result<TrustAnchor, Error> {
        Ok(TrustAnchor::from_json(&read(&self.path(Self::ROOTS))?)?)
    }

    /// The documents that proposals rest on.
    pub fn documents(&self) -> Documents {
        Documents::new(self.path(Self::DOCUMENTS))
    }

    const DATA: &'static str = "data.json";
    const DOCUMENTS: &'static str = "documents";
    const HIGH_WATER: &'static str = "high-water.json";
    const KEYS: &'static str = "keys";
    const REGISTER: &'static str = "register.sqlite";
    const ROOTS: &'static str = "roots.json";
    const TRUST_LISTS: &'static str = "trust-list";

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Checks that the clock is not behind what was recorded last.
fn not_behind(recorded_until: Option<NumericDate>, now: NumericDate) -> Result<(), Error> {
    match recorded_until {
        Some(known) if now < known => {
            let what = "the last statement";
            Err(vernet_register::Error::ClockBehind { found: now, what, known }.into())
        }
        _ => Ok(()),
    }
}
