//! The alerts of other states: a table beside the register, which can be purged.
//!
//! No statement refers to it, and neither the audit nor a copy of the register covers it.

use vernet_common::CivilDate;

use crate::{
    application::Application,
    error::Error,
    incoming::{AlertIndex, IncomingAlert, IncomingDraft},
    storage::transaction::{Access, Storage},
};

/// The alerts of other states. They are personal data of people who never applied, and are kept
/// only until they are purged.
///
/// Every method can fail with [`Error::RegisterBusy`], [`Error::RegisterUnreachable`],
/// [`Error::ConnectionLost`] or [`Error::Store`]. Repeating it then does no harm.
pub struct IncomingAlerts<'a> {
    storage: &'a mut dyn Storage,
}

impl<'a> IncomingAlerts<'a> {
    pub(super) fn new(storage: &'a mut dyn Storage) -> Self {
        Self { storage }
    }

    /// Stores all of these alerts or none. One that is stored already is replaced. Returns how many
    /// were.
    ///
    /// # Errors
    ///
    /// As for [`IncomingAlerts`].
    pub fn import(&mut self, alerts: &[IncomingAlert]) -> Result<usize, Error> {
        let mut transaction = self.storage.begin(Access::Write)?;
        let mut replaced = 0;
        for alert in alerts {
            replaced += usize::from(transaction.delete_alert(&alert.id)?);
            transaction.insert_alert(&alert.clone().into())?;
        }
        transaction.commit()?;
        Ok(replaced)
    }

    /// Every alert, in order of receipt.
    ///
    /// # Errors
    ///
    /// As for [`IncomingAlerts`]; [`Error::IncomingAlert`] if one was changed in the database.
    pub fn list(&mut self) -> Result<Vec<IncomingAlert>, Error> {
        let mut alerts = Vec::new();
        let mut transaction = self.storage.begin(Access::Read)?;
        transaction.alerts(&mut |row: IncomingDraft| {
            let id = row.id.clone();
            let alert = row.try_into();
            alerts.push(
                alert.map_err(|source| Error::IncomingAlert { id, source: Box::new(source) })?,
            );
            Ok(())
        })?;
        Ok(alerts)
    }

    /// The alerts that [may be about](IncomingAlert::resembles) applicants: in the order of the
    /// applicants, each with its key, and of receipt.
    ///
    /// # Errors
    ///
    /// As for [`IncomingAlerts::list`].
    pub fn about<'b, K: Copy>(
        &mut self,
        applicants: impl IntoIterator<Item = (K, &'b Application)>,
    ) -> Result<Vec<(K, IncomingAlert)>, Error> {
        let alerts = self.list()?;
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        let index = AlertIndex::new(&alerts);
        let about = |(key, applicant): (K, &'b Application)| {
            index.resembling(applicant).into_iter().map(move |alert| (key, alert.clone()))
        };
        Ok(applicants.into_iter().flat_map(about).collect())
    }

    /// Deletes one alert.
    ///
    /// # Errors
    ///
    /// As for [`IncomingAlerts`]; [`Error::IncomingAlertUnknown`] if there is none with this
    /// reference, because a mistyped one would leave the right one in place.
    pub fn purge(&mut self, id: &str) -> Result<(), Error> {
        let mut transaction = self.storage.begin(Access::Write)?;
        if !transaction.delete_alert(id)? {
            return Err(Error::IncomingAlertUnknown { id: id.to_owned() });
        }
        transaction.commit()
    }

    /// Deletes every alert that was received before a day. Returns how many.
    ///
    /// # Errors
    ///
    /// As for [`IncomingAlerts`].
    pub fn purge_before(&mut self, day: CivilDate) -> Result<u64, Error> {
        let mut transaction = self.storage.begin(Access::Write)?;
        let purged = transaction.delete_alerts_before(day)?;
        transaction.commit()?;
        Ok(purged)
    }
}
