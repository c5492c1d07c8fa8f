//! What every page needs, of officers and of applicants: languages, the layout, the headers that
//! protect a browser, forms, static files. It knows nothing of an office.

pub(crate) mod headers;
pub(crate) mod language;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod refusal;
pub(crate) mod static_files;
pub(crate) mod token;
pub(crate) mod words;
