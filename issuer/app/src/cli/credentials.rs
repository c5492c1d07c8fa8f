//! Passphrases and PINs: from files, from the environment, or from the person at the terminal.

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Result;
use clap::Args;
use vernet_host::{
    KeyFile, KeyFileError, Passphrase, Pin, SecretError, SecretKind, note, printable,
    warn_if_readable_by_others,
};
use vernet_issuer::{Credentials, KeyLocation, NewKey, TokenError, TokenUri};

/// Where passphrases and PINs come from.
#[derive(Args)]
pub(super) struct CredentialArgs {
    /// A file whose first line is the passphrase of the keys; else $VERNET_PASSPHRASE, else it is
    /// asked for
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file whose first line is the PIN of the token; else $VERNET_PIN, else it is asked for
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_PIN_FILE")]
    pin_file: Option<PathBuf>,
    /// The library that drives a token whose URI has no `module-path`
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_PKCS11_MODULE")]
    pkcs11_module: Option<PathBuf>,
    /// A file whose first line is the passphrase of the officer's key; else that of the office's
    /// keys
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_OFFICER_PASSPHRASE_FILE")]
    officer_passphrase_file: Option<PathBuf>,
    /// A file whose first line is the PIN of the officer's token; else it is asked for
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_OFFICER_PIN_FILE")]
    officer_pin_file: Option<PathBuf>,
}

/// Whose keys are opened.
#[derive(Clone, Copy)]
enum Whose {
    Offices,
    Officers,
}

impl CredentialArgs {
    /// The credentials of existing keys. Prompts come only when an answer is needed, and only once.
    pub(super) fn of_existing_keys(&self) -> SessionCredentials<'_> {
        SessionCredentials::new(self, Whose::Offices)
    }

    /// The credentials of the key of the officer who decides.
    pub(super) fn of_officer(&self) -> SessionCredentials<'_> {
        SessionCredentials::new(self, Whose::Officers)
    }

    /// The credentials of the keys at these locations. Prompts come now, and tokens are opened as a
    /// test: people take their time, and the clock must be read after that.
    pub(super) fn of(&self, locations: &[KeyLocation]) -> Result<SessionCredentials<'_>> {
        let credentials = self.of_existing_keys();
        for location in locations {
            match location {
                KeyLocation::File(file) => {
                    // Errors in the file are reported before anybody is asked.
                    KeyFile::open(file)?;
                    credentials.passphrase(file)?;
                }
                KeyLocation::Reference(_) | KeyLocation::Token(_) => {
                    drop(location.open(&credentials)?)
                }
            }
        }
        Ok(credentials)
    }

    /// The passphrase for new keys: asked for twice, because nobody can look it up afterwards.
    pub(super) fn new_passphrase(&self) -> Result<Passphrase> {
        let passphrase = match self.stored_passphrase(Whose::Offices)? {
            Some(passphrase) => passphrase,
            None => Passphrase::ask_twice(
                "New passphrase, of what is made now (12 characters or more): ",
                PASSPHRASE_ELSEWHERE,
            )?,
        };
        passphrase.check_for_new_key()?;
        Ok(passphrase)
    }

    fn stored_passphrase(&self, whose: Whose) -> Result<Option<Passphrase>, SecretError> {
        let own = match whose {
            Whose::Offices => None,
            Whose::Officers => self.officer_passphrase_file.as_deref(),
        };
        Passphrase::stored(own.or(self.passphrase_file.as_deref()), Some("VERNET_PASSPHRASE"))
    }

    /// An officer's token never gets the PIN of the office's token: a wrong PIN would use up one of
    /// the few tries.
    fn stored_pin(&self, whose: Whose) -> Result<Option<Pin>, SecretError> {
        match whose {
            Whose::Offices => Pin::stored(self.pin_file.as_deref(), Some("VERNET_PIN")),
            Whose::Officers => Pin::stored(self.officer_pin_file.as_deref(), None),
        }
    }
}

/// Where the new passphrase of an existing key comes from.
#[derive(Args)]
pub(super) struct NewPassphraseArgs {
    /// A file whose first line is the new passphrase; else $VERNET_NEW_PASSPHRASE, else it is asked
    /// for
    #[arg(long, value_name = "FILE", env = "VERNET_NEW_PASSPHRASE_FILE")]
    new_passphrase_file: Option<PathBuf>,
}

impl NewPassphraseArgs {
    /// The new passphrase. Call this only after the old one opened the key.
    pub(super) fn passphrase(&self) -> Result<Passphrase> {
        let file = self.new_passphrase_file.as_deref();
        let passphrase = match Passphrase::stored(file, Some("VERNET_NEW_PASSPHRASE"))? {
            Some(passphrase) => passphrase,
            None => Passphrase::ask_twice(
                "New passphrase (12 characters or more): ",
                "`--new-passphrase-file` or VERNET_NEW_PASSPHRASE",
            )?,
        };
        passphrase.check_for_new_key()?;
        Ok(passphrase)
    }
}

/// Credentials that a server keeps as long as it runs.
pub(super) struct KeptCredentials {
    passphrase: Option<Passphrase>,
    pin: Option<Pin>,
    module: Option<PathBuf>,
}

impl CredentialArgs {
    /// What opens the office's keys at these locations, for as long as the program runs: asked for
    /// now, if there is somebody to ask.
    pub(super) fn kept_for(&self, locations: &[KeyLocation]) -> Result<KeptCredentials> {
        let session = self.of(locations)?;
        let passphrase = session.passphrase.get().cloned();
        let pin = self.stored_pin(Whose::Offices)?;
        Ok(KeptCredentials { passphrase, pin, module: session.module() })
    }
}

impl Credentials for KeptCredentials {
    fn passphrase(&self, _: &Path) -> Result<Passphrase, KeyFileError> {
        let (kind, origin) = (SecretKind::Passphrase, PASSPHRASE_ELSEWHERE.to_owned());
        Ok(self.passphrase.clone().ok_or(SecretError::Missing { kind, origin })?)
    }

    fn pin(&self, _: &TokenUri) -> Result<Pin, TokenError> {
        let (kind, origin) = (SecretKind::Pin, PIN_ELSEWHERE.to_owned());
        Ok(self.pin.clone().ok_or(SecretError::Missing { kind, origin })?)
    }

    fn module(&self) -> Option<PathBuf> {
        self.module.clone()
    }
}

/// How to provide a passphrase without a prompt.
const PASSPHRASE_ELSEWHERE: &str = "`--passphrase-file` or VERNET_PASSPHRASE";

/// How to provide a PIN without a prompt.
const PIN_ELSEWHERE: &str = "`--pin-file`, VERNET_PIN or `pin-source`";

/// Where a new key shall be.
#[derive(Args)]
pub(super) struct PlaceArgs {
    /// Make the key in this token, as in
    /// `pkcs11:token=office;object=status?module-path=/usr/lib/softhsm/libsofthsm2.so`; without
    /// it, in an encrypted file
    #[arg(long, value_name = "URI")]
    token: Option<TokenUri>,
    /// Take the key that is in the token under that name instead of making one
    #[arg(long, requires = "token")]
    existing: bool,
}

impl PlaceArgs {
    pub(super) fn token(&self) -> Option<&TokenUri> {
        self.token.as_ref()
    }

    /// The place, after the prompts that it needs.
    pub(super) fn prepare<'a>(&'a self, args: &'a CredentialArgs) -> Result<Place<'a>> {
        Place::of(self.token.as_ref(), self.existing, args)
    }
}

/// Where a new key shall be, with the credentials for making it.
pub(super) enum Place<'a> {
    File(Passphrase),
    Token { uri: &'a TokenUri, existing: bool, credentials: SessionCredentials<'a> },
}

impl<'a> Place<'a> {
    pub(super) fn of(
        token: Option<&'a TokenUri>,
        existing: bool,
        args: &'a CredentialArgs,
    ) -> Result<Self> {
        let place = match token {
            None => Self::File(args.new_passphrase()?),
            Some(uri) => Self::Token { uri, existing, credentials: args.of_existing_keys() },
        };
        place.new_key().check()?;
        Ok(place)
    }

    pub(super) fn new_key(&self) -> NewKey<'_> {
        match self {
            Self::File(passphrase) => NewKey::File(passphrase),
            Self::Token { uri, existing: false, credentials } => NewKey::Token(uri, credentials),
            Self::Token { uri, existing: true, credentials } => NewKey::Existing(uri, credentials),
        }
    }
}

/// Passphrases and PINs for one command.
pub(super) struct SessionCredentials<'a> {
    args: &'a CredentialArgs,
    whose: Whose,
    passphrase: OnceCell<Passphrase>,
    /// The PINs, by token.
    pins: RefCell<BTreeMap<String, Pin>>,
}

impl<'a> SessionCredentials<'a> {
    fn new(args: &'a CredentialArgs, whose: Whose) -> Self {
        Self { args, whose, passphrase: OnceCell::new(), pins: RefCell::default() }
    }
}

/// How often a person may type a passphrase before the command ends.
const TRIES: usize = 3;

/// Asks for the passphrase of a key file until it opens the file: a slip of the fingers costs no
/// command typed again.
fn ask_for(file: &Path, question: &str) -> Result<Passphrase, KeyFileError> {
    let key = KeyFile::open(file)?;
    let mut tries = 1;
    loop {
        let passphrase = Passphrase::ask(question, PASSPHRASE_ELSEWHERE)?;
        match key.decrypt(&passphrase) {
            Err(KeyFileError::PassphraseWrong) if tries < TRIES => {
                note("That is not its passphrase. Try again.");
                tries += 1;
            }
            outcome => return outcome.map(|_| passphrase),
        }
    }
}

impl Credentials for SessionCredentials<'_> {
    fn passphrase(&self, file: &Path) -> Result<Passphrase, KeyFileError> {
        if let Some(known) = self.passphrase.get() {
            return Ok(known.clone());
        }
        // Whoever has several passphrases sees by the file which one is meant.
        let (path, file) = (file, printable(&file.to_string_lossy()));
        let question = match self.whose {
            Whose::Offices => format!("Passphrase of the keys (`{file}`): "),
            Whose::Officers => format!("Passphrase of the officer's key (`{file}`): "),
        };
        let passphrase = match self.args.stored_passphrase(self.whose)? {
            Some(stored) => stored,
            None => ask_for(path, &question)?,
        };
        Ok(self.passphrase.get_or_init(|| passphrase).clone())
    }

    fn pin(&self, token: &TokenUri) -> Result<Pin, TokenError> {
        let which = token.token_alone();
        if let Some(known) = self.pins.borrow().get(&which) {
            return Ok(known.clone());
        }
        let pin = match self.args.stored_pin(self.whose)? {
            Some(stored) => stored,
            None => {
                let question = format!("PIN of the token `{}`: ", printable(token.token_name()));
                Pin::ask(&question, PIN_ELSEWHERE)?
            }
        };
        self.pins.borrow_mut().insert(which, pin.clone());
        Ok(pin)
    }

    fn pin_from_file(&self, file: &Path) -> Result<Pin, TokenError> {
        warn_if_readable_by_others(file);
        Ok(Pin::from_file(file)?)
    }

    fn module(&self) -> Option<PathBuf> {
        let path = self.args.pkcs11_module.as_ref()?;
        // An absolute path, so that the library is never searched for.
        Some(std::path::absolute(path).unwrap_or_else(|_| path.clone()))
    }
}
