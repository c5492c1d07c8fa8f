//! What all requests share.

use std::{
    fmt,
    path::Path,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use vernet_common::NumericDate;
use vernet_issuer::{Credentials, Destination, Error, Office};

use super::{
    access_log::{AccessLog, AccessLogError},
    audits::Audits,
    carrying::Carrying,
    challenge::Challenges,
    checks::Checks,
    drafts::Drafts,
    imports::Imports,
    publisher::Publisher,
    session::Sessions,
    waiting::Waiting,
};
use crate::web::origin::Origins;

/// The machine's clock, or that of a test.
pub type Clock = Arc<dyn Fn() -> NumericDate + Send + Sync>;

/// The office's console.
pub struct Console {
    office: RwLock<Office>,
    clock: Clock,
    pub(super) address: ConsoleAddress,
    pub(super) origins: Origins,
    pub(super) sessions: Sessions,
    pub(super) challenges: Challenges,
    pub(super) access: AccessLog,
    pub(super) drafts: Drafts,
    pub(super) checks: Checks,
    pub(super) waiting: Waiting,
    keys: Option<Box<dyn Credentials + Send + Sync>>,
    pub(super) audits: Audits,
    pub(super) imports: Imports,
    pub(super) carrying: Carrying,
    /// Where it publishes, if it does.
    pub(super) publisher: Option<Publisher>,
}

/// Under which addresses browsers know the console.
#[derive(Clone, Debug)]
pub struct ConsoleAddress {
    /// The origins, as in `https://console.office.example.no`.
    pub origins: Vec<String>,
    /// Whether browsers use TLS.
    pub secure: bool,
}

impl Console {
    /// The console of an office, which keeps who looked at whom in a file in the office's folder, and
    /// applications that are half typed in another one beside it.
    ///
    /// # Errors
    ///
    /// [`AccessLogError`] if one of them cannot be opened.
    pub fn new(
        office: Office,
        access_log: &Path,
        address: ConsoleAddress,
        clock: Clock,
    ) -> Result<Self, AccessLogError> {
        Ok(Self {
            office: RwLock::new(office),
            clock,
            origins: Origins::new(address.origins.clone()),
            address,
            sessions: Sessions::default(),
            challenges: Challenges::default(),
            access: AccessLog::open(access_log)?,
            drafts: Drafts::open(&access_log.with_file_name("drafts.sqlite"))?,
            checks: Checks::default(),
            waiting: Waiting::default(),
            keys: None,
            audits: Audits::default(),
            imports: Imports::default(),
            carrying: Carrying::default(),
            publisher: None,
        })
    }

    /// The same with what opens the office's keys, so that certificates can be signed.
    pub fn with_keys(self, keys: impl Credentials + Send + Sync + 'static) -> Self {
        Self { keys: Some(Box::new(keys)), ..self }
    }

    /// The same, and it publishes there.
    pub fn publishing_to(self, destination: Destination) -> Self {
        Self { publisher: Some(Publisher::new(destination)), ..self }
    }

    /// What opens the office's keys; none if they were not given.
    pub(super) fn keys(&self) -> Option<&dyn Credentials> {
        self.keys.as_deref().map(|keys| keys as &dyn Credentials)
    }

    pub(super) fn now(&self) -> NumericDate {
        (self.clock)()
    }

    /// The office as it is. Many may look at a time.
    pub(super) fn office(&self) -> RwLockReadGuard<'_, Office> {
        self.office.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The office, for what needs its data base.
    pub(super) fn office_alone(&self) -> RwLockWriteGuard<'_, Office> {
        self.office.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what others have written since.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::Register::refresh`].
    pub(super) fn refresh(&self) -> Result<(), Error> {
        Ok(self.office_alone().register_mut().refresh()?)
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("address", &self.address).finish_non_exhaustive()
    }
}
