//! Signs the status lists for publication.

use vernet_common::{LogHead, NumericDate, StatusList, StatusListNumber};

use crate::{
    error::Error,
    officer_key::signer::OfficerSigner,
    statements::{digest::Digest, event::Event, statement::Dates},
    store::{register::Register, writer::By},
};

/// A status list to be signed.
#[derive(Debug)]
pub struct ListToSign {
    /// Its number.
    pub list: StatusListNumber,
    /// Its `iat`: later than that of the previous list, so that the newest list can be recognised.
    pub iat: NumericDate,
    /// The statuses as of then.
    pub statuses: StatusList,
    /// The issued log as of then.
    pub log: LogHead,
}

impl Register {
    /// Has every status list signed, all as of one instant, and records each with the hash that
    /// follows from the register. It holds the write lock throughout, so decisions and publications
    /// elsewhere come before or after, and no newer list says less.
    ///
    /// Do so **before** publishing: a list that is recorded but not published does no harm, while
    /// for a list published but not recorded, a later `iat` could go backwards.
    ///
    /// `sign` returns the hash of the payload that it signed. The instant is `now`, or up to `lead`
    /// seconds later: after every statement, and after the publication before.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`] if `lead` is too short for that; [`Error::RestorePending`] if a restore
    /// waits for its second officer;
    /// [`vernet_common::Error::TrustListRolledBack`] if an earlier publication named a newer trust
    /// list; any error of `sign`; [`Error::Chain`] if the register is damaged; [`Error::Store`] if
    /// the database returns an error.
    pub fn publish<E: From<Error>>(
        &mut self,
        trust_list_seq: u64,
        officer: &dyn OfficerSigner,
        now: NumericDate,
        lead: i64,
        sign: &mut dyn FnMut(&ListToSign) -> Result<Digest, E>,
    ) -> Result<NumericDate, E> {
        self.transact_at(now, lead, |state, writer| {
            state.no_pending_restore()?;
            let last: Vec<_> =
                state.status_lists().filter_map(|list| state.last_publication(list)).collect();
            if let Some(known) = last
                .iter()
                .map(|last| last.trust_list_seq)
                .max()
                .filter(|known| trust_list_seq < *known)
            {
                let found = trust_list_seq;
                let rolled_back = vernet_common::Error::TrustListRolledBack { found, known };
                return Err(Error::from(rolled_back).into());
            }
            // Two lists with the same second could not be ordered.
            let iat = last
                .iter()
                .map(|last| last.iat.plus_seconds(1))
                .fold(writer.now(), NumericDate::max);
            if iat.seconds_since(now) > lead {
                return Err(Error::ClockBehind {
                    found: now,
                    what: "the last publication",
                    known: iat.plus_seconds(-1),
                }
                .into());
            }
            let (today, log) = (writer.now().civil_date(), state.log().head());
            for list in state.status_lists() {
                let mut statuses = StatusList::new();
                for (index, status) in state.status_list_content(list, iat.civil_date(), iat) {
                    statuses.set(index, status);
                }
                let to_sign = ListToSign { list, iat, statuses, log };
                let sha256 = sign(&to_sign)?;
                let statuses = Digest::of(to_sign.statuses.as_bytes());
                let published =
                    Event::Published { list, iat, trust_list_seq, statuses, log, sha256 };
                writer.append(By::one(officer), Dates::on(today), published)?;
            }
            Ok(iat)
        })
    }
}
