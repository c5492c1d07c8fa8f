//! What the servers of office and hospital need of a machine, in one place.
//!
//! | what | where |
//! |---|---|
//! | so many connections, for each client a share; none that is stuck | [`Counted`] |
//! | so many of anything, for each client a share | [`Places`] |
//! | so many requests of a client in a second | [`Rate`] |
//! | as many connections as this process may have files | [`room_for`] |
//! | a server with bounded heads of requests, which ends when the program is told to | [`server`] |
//!
//! Nothing here knows what is served.

mod connection;
mod ending;
mod open_files;
mod places;
mod rate;

pub use connection::{Counted, Impatient, MAX_UNREAD};
pub use ending::{MAX_HEAD, server};
pub use open_files::room_for;
pub use places::{HALF, Place, Places, QUARTER, network};
pub use rate::Rate;
