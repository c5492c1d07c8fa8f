//! What a publication is about to replace.

/// The current publication at a destination, which is about to be replaced. It is unchecked.
#[derive(Debug, Default)]
pub(super) struct Previous {
    pub(super) bundle: Option<Vec<u8>>,
    pub(super) trust_list: Option<Vec<u8>>,
    pub(super) status_lists: Vec<Vec<u8>>,
}
