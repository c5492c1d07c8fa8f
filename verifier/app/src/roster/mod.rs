//! A hospital's whole staff: read from a table or a folder, judged, and shown as a page. Both the
//! command line and the server use it.

pub(crate) mod check;
mod files;
pub(crate) mod html;
pub(crate) mod staff;
pub(crate) mod view;
