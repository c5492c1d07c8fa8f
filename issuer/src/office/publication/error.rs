//! Why nothing could be published at a destination.

vernet_common::error_enum! {
    /// Why nothing could be published at a destination. None of the texts holds credentials.
    #[derive(Debug, thiserror::Error)]
    pub enum DestinationError {
        /// It is not the URL of a possible destination.
        #[error("the destination is {found}, expected {expected}")]
        Invalid: "destination_invalid" {
            /// What it is. Credentials in a URL are not repeated.
            found: String,
            /// What it should be.
            expected: &'static str,
        },
        /// This program was built without object stores.
        #[error(
            "the destination is a URL, and this program was built without object stores: expected a folder"
        )]
        Unsupported: "destination_unsupported",
        /// The store denies access.
        #[error("the object store does not let us {action} `{name}`: {reason}")]
        Denied: "object_store_denied" {
            /// What was tried.
            action: &'static str,
            /// The object.
            name: String,
            /// The store's answer.
            reason: String,
        },
        /// The store cannot be reached, or cannot perform the operation.
        #[error("cannot {action} `{name}`: {reason}")]
        Failed: "object_store_failed" {
            /// What was tried.
            action: &'static str,
            /// The object.
            name: String,
            /// Why not.
            reason: String,
        },
        /// The store does not support conditional writes, so nothing would keep a slower publisher
        /// from replacing a newer publication.
        #[error(
            "the object store cannot write `{name}` on condition that nobody else does meanwhile: {reason}"
        )]
        Unconditional: "object_store_unconditional" {
            /// The object.
            name: String,
            /// The store's answer.
            reason: String,
        },
        /// An object with a unique name holds other content.
        #[error("`{name}` holds another publication than the one just signed, and is never replaced")]
        ArchiveDiffers: "archive_differs" {
            /// The object.
            name: String,
        },
        /// Others kept changing the publication.
        #[error(
            "others kept changing `{name}` while it was to be replaced: gave up after {attempts} attempts"
        )]
        Contended: "destination_contended" {
            /// The object.
            name: String,
            /// How often it was tried.
            attempts: u32,
        },
    }
}
