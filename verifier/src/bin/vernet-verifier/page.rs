//! Stand-in until the page is merged.
use std::borrow::Cow;

use anyhow::Result;
use vernet_common::TrustAnchor;

pub(crate) struct PageFile {
    pub(crate) path: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Cow<'static, [u8]>,
}

pub(crate) fn files(_anchor: &TrustAnchor, _publication: &str) -> Result<Vec<PageFile>> {
    Ok(vec![PageFile { path: "v/index.html".into(), media_type: "text/html", bytes: Cow::Borrowed(b"page") }])
}

pub(crate) fn content_security_policy(_publication: &str) -> String {
    "default-src 'none'".into()
}
