//! What the law and the register allow: asked of the state, on behalf of somebody who decides.
//!
//! | file | rules about |
//! |---|---|
//! | `decide` | the decisions about an authorisation that exists, and events of keys and officers |
//! | `suspension` | suspensions |
//! | `grant` | grants and new certificates |
//! | `loss` | what was lost by revocation or waiver |
//! | `common` | what several of them ask |

pub(crate) mod common;
pub(crate) mod decide;
pub(crate) mod grant;
pub(crate) mod loss;
pub(crate) mod suspension;
