//! What a publication is about to replace.

/// What is published at a destination, and about to be replaced. Nothing about it was checked.
#[derive(Debug, Default)]
pub(super) struct Previous {
    pub(super) bundle: Option<Vec<u8>>,
    pub(super) trust_list: Option<Vec<u8>>,
    pub(super) status_lists: Vec<Vec<u8>>,
}
