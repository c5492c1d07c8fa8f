//! The letter about a decision, to the person whom it is about.

use vernet_common::NumericDate;

use super::{Office, OfficeSender};
use crate::{error::Error, letter::Language};

impl Office {
    /// Draws the letter that tells a person of a decision: what, from when, by which paragraph, and how
    /// to appeal. It needs no key and has no code: only the certificate tells what applies today.
    ///
    /// It names the body that decided as it was called on that day, and the sender as of now.
    ///
    /// `seq` is the number of the decision or of its proposal. Without a language it is in the form of
    /// Norwegian that the person chose.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::StatementNotFound`] if there is no such statement;
    /// [`Error::NoDecisionLetter`] if it is no decision of this office about a person;
    /// [`Error::Letter`] if the page cannot be drawn; [`Error::FeatureMissing`] without the feature
    /// `pdf`.
    pub fn decision_letter(
        &self,
        seq: u64,
        language: Option<Language>,
        now: NumericDate,
    ) -> Result<Vec<u8>, Error> {
        let state = self.register.state();
        let told = state.told(seq)?.ok_or_else(|| Error::NoDecisionLetter {
            seq,
            found: state.statement(seq).map_or("", |statement| statement.event.name()),
        })?;
        let language = language.unwrap_or_else(|| Language::chosen(told.language));
        draw((&told, self.config.sender(now.civil_date())), language, now)
    }
}

#[cfg(feature = "pdf")]
fn draw(
    (told, sender): (&vernet_register::Told<'_>, Option<&OfficeSender>),
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, Error> {
    Ok(crate::letter::decision_letter(told, sender, language, now)?)
}

#[cfg(not(feature = "pdf"))]
fn draw(
    _: (&vernet_register::Told<'_>, Option<&OfficeSender>),
    _: Language,
    _: NumericDate,
) -> Result<Vec<u8>, Error> {
    Err(Error::FeatureMissing { feature: "pdf" })
}
