//! The QR transport: a whole certificate in 49 modules.
//!
//! The code is a link, `https://<host>/v#<digits>`. Any phone's camera opens it; what follows the
//! `#` never leaves the phone. The digits are the payload's bytes, read as one big-endian number in
//! base 10, because a QR code stores three digits in ten bits.
//!
//! Byte 0 of the payload is the format: 1 is the [`template`], which leaves out what every
//! certificate of the issuer has in common, and 2 is [`any`](any), the JWS in compressed form. Both
//! restore **the exact JWS** that was signed.

mod any;
mod digits;
mod payload;
mod peek;
mod template;

pub use payload::QrPayload;
pub use peek::Peek;
