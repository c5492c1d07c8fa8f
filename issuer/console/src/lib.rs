//! The office in a browser.
//!
//! | | what | who uses it |
//! |---|---|---|
//! | `desk` | the console: the register, the rules and the words of the command line, as pages | officers |
//! | `inbox` | where people apply, and read what they are answered: a server of its own | applicants |
//! | `web` | what its pages share with those for applicants: layout, languages, protection | |
//!
//! Pages are made here and work as plain forms; scripts do only what a server must not: sign. **The
//! server has no officer's key.** An officer signs in the browser, and what they sign is what the
//! register checks, so a taken-over server cannot decide anything by itself.

mod desk;
mod inbox;
mod server;
mod site;
mod web;

pub use desk::{AccessLogError, Clock, Console, ConsoleAddress};
pub use inbox::{Examine, Inbox, InboxError, InboxSettings, Limits, SettingsError};
pub use server::{Listener, ServeError, Tls, start_log};
pub use site::Site;
