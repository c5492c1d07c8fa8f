//! The status lists, signed to be published.

use vernet_common::{LogHead, NumericDate, Signer, StatusList, StatusListNumber};

use crate::{
    error::Error,
    statements::{digest::Digest, event::Event, statement::Dates},
    store::{register::Register, writer::By},
};

/// A status list that is to be signed.
#[derive(Debug)]
pub struct ListToSign {
    /// Its number.
    pub list: StatusListNumber,
    /// Its `iat`: later than that of the list before, so that whoever has seen the newest list
    /// knows it.
    pub iat: NumericDate,
    /// The statuses as of then.
    pub statuses: StatusList,
    /// The issued log as of then.
    pub log: LogHead,
}

impl Register {
    /// Has every status list signed, all as of one instant, and records each with the hash that
    /// follows from the register. All of it happens under the write lock: whoever decides or
    /// publishes elsewhere comes before or after, so no newer list says less.
    ///
    /// Do so **before** publishing: a list that was recorded and not published does no harm, the
    /// other way round `iat` could go backwards.
    ///
    /// `sign` returns the hash of the payload that it signed. The instant is `now`, or up to `lead`
    /// seconds later: after every statement, and after the publication before.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`] if that is not enough, [`vernet_common::Error::TrustListRolledBack`];
    /// what `sign` returns; [`Error::Chain`] or [`Error::Store`].
    pub fn publish<E: From<Error>>(
        &mut self,
        trust_list_seq: u64,
        officer: &dyn Signer,
        now: NumericDate,
        lead: i64,
        sign: &mut dyn FnMut(&ListToSign) -> Result<Digest, E>,
    ) -> Result<NumericDate, E> {
        self.transact_at(now, lead, |state, writer| {
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
            // Of two lists of one second nobody could say which is newer.
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
