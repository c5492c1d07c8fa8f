//! A token's library, the token, and the session in which its owner is logged in.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    session::{Session, SessionState, UserType},
    slot::{Slot, TokenInfo},
    types::AuthPin,
};
use vernet_host::Pin;

use super::{TokenError, TokenUri};
use crate::Credentials;

/// A token that matches a URI, with a session in which its owner is logged in. Dropping the last
/// session of a token logs out.
pub(super) struct OpenToken {
    pub(super) module: Pkcs11,
    pub(super) slot: Slot,
    pub(super) label: String,
    pub(super) session: Session,
}

/// What a session may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Use keys.
    Use,
    /// Use and generate keys.
    Write,
}

impl OpenToken {
    pub(super) fn open(
        uri: &TokenUri,
        access: Access,
        credentials: &dyn Credentials,
    ) -> Result<Self, TokenError> {
        let path = uri
            .module_path
            .clone()
            .or_else(|| credentials.module())
            .ok_or(TokenError::ModuleMissing)?;
        if !path.is_absolute() || path.to_str().is_none() {
            return Err(TokenError::ModuleUnusable {
                path,
                reason: "its path is not absolute, or not Unicode".into(),
            });
        }
        let module = load(&path)?;
        let (slot, info) = find(&module, uri)?;
        let session = match access {
            Access::Use => module.open_ro_session(slot),
            Access::Write => module.open_rw_session(slot),
        };
        let token = Self {
            session: session.map_err(refused)?,
            module,
            slot,
            label: info.label().to_owned(),
        };
        token.log_in(&info, uri, credentials)?;
        Ok(token)
    }

    /// Tries the PIN once.
    fn log_in(
        &self,
        info: &TokenInfo,
        uri: &TokenUri,
        credentials: &dyn Credentials,
    ) -> Result<(), TokenError> {
        let state = self.session.get_session_info().map_err(refused)?.session_state();
        // A login applies to all sessions of this process.
        if !info.login_required() || matches!(state, SessionState::RoUser | SessionState::RwUser) {
            return Ok(());
        }
        let token = || self.label.clone();
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked { token: token() });
        }
        if !info.user_pin_initialized() {
            return Err(TokenError::PinNotSet { token: token() });
        }
        // The token has its own keypad: nobody types the PIN into this machine.
        let pin = if info.protected_authentication_path() {
            None
        } else {
            let pin = match &uri.pin_source {
                Some(file) => credentials.pin_from_file(file)?,
                None => credentials.pin(uri)?,
            };
            check_tries(info.user_pin_final_try(), &pin, &self.label)?;
            Some(AuthPin::from(pin.expose()))
        };
        match self.session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => {
                let last_try = self
                    .module
                    .get_token_info(self.slot)
                    .is_ok_and(|info| info.user_pin_final_try());
                Err(login_refused(error, token(), last_try))
            }
        }
    }
}

/// Refuses a stored PIN on the last try: an hourly job with an outdated PIN would lock the token
/// within a day.
fn check_tries(is_last_try: bool, pin: &Pin, token: &str) -> Result<(), TokenError> {
    if is_last_try && !pin.is_typed() {
        return Err(TokenError::PinLastTry { token: token.to_owned() });
    }
    Ok(())
}

/// Loads and initialises a library. A library is initialised once per process and stays loaded, so
/// that a second key in the same token reuses it.
fn load(path: &Path) -> Result<Pkcs11, TokenError> {
    static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());
    // The map's entries are complete even if a thread panicked.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = loaded.get(path) {
        return Ok(module.clone());
    }
    let unusable = |error: Error| TokenError::ModuleUnusable {
        path: path.to_owned(),
        reason: in_short(error),
    };
    let module = Pkcs11::new(path).map_err(unusable)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // The same library under another name, for instance through a link.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(unusable(error)),
    }
    loaded.insert(path.to_owned(), module.clone());
    Ok(module)
}

/// The one token that matches.
fn find(module: &Pkcs11, uri: &TokenUri) -> Result<(Slot, TokenInfo), TokenError> {
    let mut tokens = Vec::new();
    for slot in module.get_slots_with_token().map_err(refused)? {
        match module.get_token_info(slot) {
            Ok(info) if info.token_initialized() => tokens.push((slot, info)),
            Ok(_) => {}
            // Removed since, or of a kind that the library does not know.
            Err(Error::Pkcs11(
                RvError::TokenNotPresent | RvError::TokenNotRecognized | RvError::DeviceRemoved,
                _,
            )) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    let all: Vec<_> = tokens.iter().map(|(_, info)| info.label().to_owned()).collect();
    tokens.retain(|(_, info)| {
        [
            (&uri.token, info.label()),
            (&uri.manufacturer, info.manufacturer_id()),
            (&uri.model, info.model()),
            (&uri.serial, info.serial_number()),
        ]
        .iter()
        .all(|(wanted, found)| wanted.as_ref().is_none_or(|wanted| wanted == found))
    });
    let fitting = tokens
        .iter()
        .map(|(_, info)| format!("{} (serial {})", info.label(), info.serial_number()))
        .collect();
    match (tokens.pop(), tokens.is_empty()) {
        (None, _) => Err(TokenError::NotFound { uri: uri.key(), found: all }),
        (Some(token), true) => Ok(token),
        (Some(_), false) => Err(TokenError::Ambiguous { uri: uri.key(), found: fitting }),
    }
}

fn login_refused(error: Error, token: String, last_try: bool) -> TokenError {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
            TokenError::PinWrong { token, last_try }
        }
        Error::Pkcs11(RvError::PinLocked, _) => TokenError::PinLocked { token },
        Error::Pkcs11(RvError::PinExpired, _) => TokenError::PinExpired { token },
        Error::Pkcs11(RvError::UserPinNotInitialized, _) => TokenError::PinNotSet { token },
        error => refused(error),
    }
}

/// Maps an error of the library.
pub(super) fn refused(error: Error) -> TokenError {
    match error {
        Error::Pkcs11(answer, function) => {
            let (answer_name, function) = (format!("{answer:?}"), format!("C_{function:?}"));
            match answer {
                RvError::DeviceRemoved
                | RvError::TokenNotPresent
                | RvError::SessionClosed
                | RvError::SessionHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::KeyHandleInvalid => {
                    TokenError::Removed { function, answer: answer_name }
                }
                _ => TokenError::Refused { function, answer: answer_name },
            }
        }
        error => TokenError::Refused { function: "the library".into(), answer: error.to_string() },
    }
}

/// The error without the sentences of the specification that the binding adds to each return value.
fn in_short(error: Error) -> String {
    match error {
        Error::Pkcs11(answer, function) => format!("it answered `{answer:?}` to `C_{function:?}`"),
        Error::LibraryLoading(source) => source.to_string(),
        Error::MissingSymbol(name) => format!("it has no `{name}`, so it is no PKCS #11 library"),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    /// SoftHSM does not lock itself, so what other tokens answer is given here.
    #[test]
    fn answers_to_a_login_have_their_own_codes() {
        for (answer, code) in [
            (RvError::PinIncorrect, "token_pin_wrong"),
            (RvError::PinLenRange, "token_pin_wrong"),
            (RvError::PinInvalid, "token_pin_wrong"),
            (RvError::PinLocked, "token_pin_locked"),
            (RvError::PinExpired, "token_pin_expired"),
            (RvError::UserPinNotInitialized, "token_pin_not_set"),
            (RvError::DeviceRemoved, "token_removed"),
            (RvError::GeneralError, "token_refused"),
        ] {
            let error =
                login_refused(Error::Pkcs11(answer, Function::Login), "office".into(), false);
            assert_eq!(error.code(), code, "{error}");
        }
        let wrong = |last_try| {
            login_refused(
                Error::Pkcs11(RvError::PinIncorrect, Function::Login),
                "a".into(),
                last_try,
            )
        };
        assert!(
            wrong(true).to_string().contains("one try is left")
                && !wrong(false).to_string().contains("left")
        );
    }

    #[test]
    fn a_stored_pin_is_not_the_last_one_that_is_tried() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("pin"), "1234").expect("written");
        let stored = Pin::from_file(&folder.path().join("pin")).expect("a PIN");
        let typed = Pin::from_prompt("1234".to_owned()).expect("a PIN");
        assert_eq!(
            check_tries(true, &stored, "office").expect_err("refused").code(),
            "token_pin_last_try"
        );
        assert!(
            check_tries(true, &typed, "office").is_ok()
                && check_tries(false, &stored, "office").is_ok()
        );
    }

    #[test]
    fn a_token_that_is_gone_is_told_from_one_that_refuses() {
        for answer in
            [RvError::DeviceRemoved, RvError::TokenNotPresent, RvError::SessionHandleInvalid]
        {
            assert_eq!(refused(Error::Pkcs11(answer, Function::Sign)).code(), "token_removed");
        }
        let error = refused(Error::Pkcs11(RvError::FunctionFailed, Function::Sign));
        assert_eq!(error.to_string(), "the token answered `FunctionFailed` to `C_Sign`");
    }

    #[test]
    fn what_is_no_library_of_a_token_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("text.so");
        std::fs::write(&text, "no library").expect("written");
        for path in [folder.path().join("none.so"), text] {
            assert_eq!(load(&path).expect_err("no library").code(), "token_module_unusable");
        }
    }
}
