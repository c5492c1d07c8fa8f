//! The trust list: which keys count, for what, and until when. It is signed by the office's root
//! keys, which are kept offline.

mod key;
mod list;
mod office;
mod profile;
mod roots;
mod signed;
mod title;

pub use key::{KeyUse, TrustedKey};
pub use list::TrustList;
pub use office::{Contact, EmailAddress, InWords, OfficeDetails, PhoneNumber};
pub use profile::Profile;
pub use roots::Roots;
pub use signed::{RootPayload, RootSigned, SignedTrustList, TrustAnchor};
pub use title::TrustedTitle;
