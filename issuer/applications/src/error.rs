//! What can go wrong between applicants and the office.

vernet_common::error_enum! {
    /// Why something that was sent is not read, or not kept.
    #[derive(Debug, thiserror::Error)]
    pub enum Error {
        /// A value or a signature is not what both sides agreed on.
        #[error(transparent)]
        Common: _ (#[from] vernet_common::Error),
        /// The text is not a code of a receipt.
        #[error("this is no code of a receipt: {found}, expected 25 letters and digits as in `7K2M9-…`")]
        NotACode: "receipt_code_malformed" {
            /// What is wrong, without the text.
            found: &'static str,
        },
        /// A file was sealed to another key, for another receipt or another purpose, or was changed.
        #[error("the sealed file does not open with this key: it is for another one, or was changed")]
        DoesNotOpen: "sealed_for_another",
        /// The bytes are not those of a sealed file.
        #[error("this is no sealed file: {found}")]
        NotSealed: "sealed_malformed" {
            /// What is wrong with it.
            found: &'static str,
        },
        /// What was sealed does not hold what it should.
        #[error("what was sealed cannot be read: {found}")]
        Malformed: "submission_malformed" {
            /// What is wrong with it.
            found: &'static str,
        },
        /// A field of a form cannot be accepted.
        #[error("`{field}` of the form: {fault}")]
        Form: "form_invalid" {
            /// Which.
            field: &'static str,
            /// Why.
            fault: &'static str,
        },
        /// Nothing is known under this receipt.
        #[error("nothing is known under the receipt `{receipt}`")]
        ReceiptUnknown: "receipt_unknown" {
            /// The receipt.
            receipt: String,
        },
        /// So much has come that the office must look at it first.
        #[error("{found} wait already, at most {limit} may")]
        Full: "inbox_full" {
            /// How much there is.
            found: String,
            /// How much there may be.
            limit: String,
        },
        /// A file or folder was not written.
        #[error(transparent)]
        File: _ if "files" (#[from] vernet_host::FileError),
        /// The operating system refused.
        #[error("cannot {action} `{path}`: {source}", path = path.display())]
        Io: "io" if "files" {
            /// What was tried.
            action: &'static str,
            /// Where.
            path: std::path::PathBuf,
            /// Why not.
            source: std::io::Error,
        },
    }
}
