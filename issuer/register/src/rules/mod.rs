//! What the law and the register allow: each decision is checked against the state.
//!
//! | file | rules about |
//! |---|---|
//! | `decide` | the decisions about an existing authorisation, and events of keys and officers |
//! | `suspension` | suspensions |
//! | `grant` | grants and new certificates |
//! | `loss` | what was lost by revocation or waiver |
//! | `common` | checks that several of them share |

pub(crate) mod common;
pub(crate) mod decide;
pub(crate) mod grant;
pub(crate) mod loss;
pub(crate) mod suspension;
