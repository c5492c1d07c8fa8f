//! A hospital's whole staff against one set of lists.
//!
//! [`RosterTable`] reads the table, [`judge_all`] judges its rows on every processor,
//! [`RosterReport::new`] adds what only all rows together show (one certificate for two people),
//! and [`RosterReport::compare`] says what has changed since an earlier report. Everything that is
//! needed is already on the machine: nothing here uses the network, so nobody learns whom a
//! hospital employs.
//!
//! Every row of the table is a row of the report. A row that cannot be read, has no certificate or
//! has another person's is reported with its own [`RosterCode`]; it is never left out, and never
//! ends the check.

mod changes;
mod code;
mod columns;
mod compare;
mod error;
mod judge;
mod known;
mod names;
mod outcome;
mod report;
mod run;
mod table;
mod urgency;

pub use self::{
    changes::{Change, ChangeKind, Changes, Seen},
    code::{RosterCode, RowCode},
    error::RosterError,
    judge::{Terms, WhatIsShown, judge_row},
    outcome::Outcome,
    report::{
        FORMAT, Finding, OfficeSeen, ReportCertificate, ReportHead, ReportRow, RosterReport,
        Summary, VERSION,
    },
    run::judge_all,
    table::{MAX_ROWS, RosterRow, RosterTable},
    urgency::Urgency,
};
pub use vernet_text::RowFault;
