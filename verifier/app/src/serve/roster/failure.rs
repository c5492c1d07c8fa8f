//! Why a message has not arrived.

/// Why a message has not arrived. The text quotes nothing that a receiver has answered: it might
/// repeat the message.
#[derive(Debug)]
pub(super) enum Failure {
    /// The receiver takes nothing just now.
    Unreachable(String),
    /// It takes messages, but not this one.
    Refused(String),
}
