//! The state of the register: what its statements mean on a day, as known at an instant.
//!
//! [`State`](index::State) is one type that answers many questions. Each file here answers those of
//! one subject, and none of them checks the rules.
//!
//! | file | questions about |
//! |---|---|
//! | `index` | statements, certificates, people: everything that was recorded, by subject |
//! | `held` | the statements themselves: all, or an excerpt |
//! | `record` | one certificate |
//! | `standing` | what an authorisation was worth on a day |
//! | `status_lists` | the status lists, with their `decoys` |
//! | `issued` | the issued `log`, and stolen keys |
//! | `restored` | what was lost, and taken back from a publication |
//! | `proposals` | what waits for a second officer |
//! | `officers` | who is in office |
//! | `activity` | what an officer signed |
//! | `dispatches` | which papers were printed and sent |
//! | `documents` | what proposals rest on, and what was deleted by duty |
//! | `due` | what requires action soon; `may_be_due`, of whom it is asked |
//! | `particulars` | who the holder of a right is, as corrected |
//! | `namesakes` | who has the birth date and a similar name |
//! | `known_people` | what a search compares, kept between searches |
//! | `person` | finding somebody, and everything that is held about them |
//! | `reactions` | what other states are informed of |
//! | `past` | the past of a person, as histories tell it |
//! | `people` | everybody, once |
//! | `figures` | how many, for statistics |

pub(crate) mod activity;
pub(crate) mod decoys;
mod dispatches;
mod documents;
pub(crate) mod due;
pub(crate) mod figures;
pub(crate) mod held;
pub(crate) mod index;
pub(crate) mod issued;
pub(crate) mod known_people;
pub(crate) mod log;
mod may_be_due;
pub(crate) mod namesakes;
pub(crate) mod officers;
pub(crate) mod particulars;
pub(crate) mod past;
mod people;
pub(crate) mod person;
pub(crate) mod proposals;
mod reactions;
pub(crate) mod record;
pub(crate) mod restored;
pub(crate) mod standing;
pub(crate) mod status_lists;
pub(crate) mod told;
