//! What requests share.

use std::{
    fs::File,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;
use vernet_applications::{
    FileKind, InboxFolder, InboxPublicKey, Received, Room, SealedSubmission, Unfit,
};
use vernet_common::NumericDate;
use vernet_register::ProtectedTitle;
use vernet_serve::{Places, QUARTER, Rate};

use super::{
    links::Links,
    settings::{InboxSettings, SettingsError},
};
use crate::{
    desk::Clock,
    web::{language::Language, page::Page},
};

/// Looks into a file that a stranger sent.
pub type Examine = Arc<dyn Fn(&[u8]) -> Result<FileKind, Unfit> + Send + Sync>;

/// The inbox cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The folder cannot be used, or another inbox uses it.
    #[error(transparent)]
    Folder(#[from] vernet_applications::Error),
}

impl InboxError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Settings(error) => error.code(),
            Self::Folder(error) => error.code(),
        }
    }
}

/// How much strangers may ask of the inbox.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// All clients come through a proxy, which limits them: here they look like one.
    pub behind_proxy: bool,
    /// Requests of a client in a second.
    pub requests: NonZeroU32,
    /// Submissions of a client in an hour.
    pub submissions: NonZeroU32,
    /// Codes that a client tries in an hour.
    pub codes: NonZeroU32,
    /// Uploads at a time, of 25 MB each in memory; a quarter of them for one client.
    pub uploads: usize,
    /// How long a client may pause while it sends documents.
    pub pause: Duration,
    /// How long sending documents may take: 24 MB at 1 Mbit/s are 200 seconds.
    pub sending: Duration,
    /// What may wait for the office.
    pub room: Room,
}

impl Default for Limits {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            behind_proxy: false,
            requests: number(20),
            submissions: number(20),
            codes: number(120),
            uploads: 12,
            pause: Duration::from_secs(20),
            sending: Duration::from_secs(300),
            room: Room::default(),
        }
    }
}

/// The applicants' inbox.
pub struct Inbox {
    settings: InboxSettings,
    key: InboxPublicKey,
    folder: InboxFolder,
    lock: File,
    limits: Limits,
    examine: Examine,
    clock: Clock,
}

impl Inbox {
    /// The inbox with these settings. It makes its folder, and keeps other inboxes out of it.
    ///
    /// # Errors
    ///
    /// [`InboxError::Settings`] if the public key cannot be read; [`InboxError::Folder`] if the folder
    /// cannot be made, or another inbox uses it.
    pub fn open(
        settings: InboxSettings,
        limits: Limits,
        (examine, clock): (Examine, Clock),
    ) -> Result<Self, InboxError> {
        let key = settings.public_key()?;
        let folder = InboxFolder::open(&settings.folder)?;
        let lock = folder.lock()?;
        Ok(Self { settings, key, folder, lock, limits, examine, clock })
    }

    pub(super) fn origin(&self) -> &str {
        &self.settings.origin
    }

    pub(super) fn is_secure(&self) -> bool {
        self.settings.origin.starts_with("https://")
    }
}

/// What requests share.
pub(super) struct App {
    pub(super) settings: InboxSettings,
    pub(super) rows: Vec<&'static ProtectedTitle>,
    pub(super) key: InboxPublicKey,
    pub(super) folder: InboxFolder,
    pub(super) links: Links,
    pub(super) uploads: Places,
    /// How many files are looked into at a time: each may take a gibibyte.
    pub(super) examining: Arc<Semaphore>,
    pub(super) examine: Examine,
    requests: Option<Rate>,
    submissions: Option<Rate>,
    codes: Option<Rate>,
    clock: Clock,
    pub(super) pause: Duration,
    pub(super) sending: Duration,
    room: Room,
    /// One submission is recorded at a time.
    keeping: Mutex<()>,
    _lock: File,
}

/// Files that are looked into at a time.
const EXAMINING: usize = 2;

impl From<Inbox> for App {
    fn from(inbox: Inbox) -> Self {
        let Inbox { settings, key, folder, lock, limits, examine, clock } = inbox;
        let alone = !limits.behind_proxy;
        Self {
            rows: settings.rows(),
            settings,
            key,
            folder,
            links: Links::default(),
            uploads: Places::new(limits.uploads, QUARTER, limits.behind_proxy),
            examining: Arc::new(Semaphore::new(EXAMINING)),
            examine,
            requests: alone.then(|| Rate::new(limits.requests)),
            submissions: alone.then(|| Rate::per_hour(limits.submissions)),
            codes: alone.then(|| Rate::per_hour(limits.codes)),
            clock,
            pause: limits.pause,
            sending: limits.sending,
            room: limits.room,
            keeping: Mutex::default(),
            _lock: lock,
        }
    }
}

impl App {
    pub(super) fn now(&self) -> NumericDate {
        (self.clock)()
    }

    /// What the office is called.
    pub(super) fn office(&self, language: Language) -> String {
        self.settings.office.in_language(&[language.code()]).to_owned()
    }

    /// A page of the inbox, with its path after the language.
    pub(super) fn page(&self, language: Language, path: &str) -> Page {
        Page::new(language, |other| format!("/{}/{path}", other.code()))
    }

    pub(super) fn may_ask(&self, client: IpAddr) -> bool {
        self.requests.as_ref().is_none_or(|rate| rate.allows(client))
    }

    pub(super) fn may_send(&self, client: IpAddr) -> bool {
        self.submissions.as_ref().is_none_or(|rate| rate.allows(client))
    }

    pub(super) fn may_try_a_code(&self, client: IpAddr) -> bool {
        self.codes.as_ref().is_none_or(|rate| rate.allows(client))
    }

    /// Keeps what was sent. Blocks: it waits for the disk.
    pub(super) fn keep(
        &self,
        sealed: &SealedSubmission,
    ) -> Result<Received, vernet_applications::Error> {
        let _one_at_a_time = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.folder.keep(sealed, self.now(), self.room)
    }
}
