//! Errors with stable names, each written once.

/// Makes an error enum: per entry its documentation, message, stable name and fields. An entry
/// without a stable name hands on another error, which has its own.
macro_rules! error_enum {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$entry:meta])* $code:literal $variant:ident $({ $($fields:tt)* })?,)*
        }
        $($(#[$handed:meta])* $other:ident($inner:ty);)*
    ) => {
        $(#[$about])*
        #[derive(Debug, thiserror::Error)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$entry])* $variant $({ $($fields)* })?,)*
            $($(#[$handed])* #[error(transparent)] $other(#[from] $inner),)*
        }

        impl $name {
            /// The stable name of the error. It is API: programs and tests match on it.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                    $(Self::$other(error) => error.code(),)*
                }
            }
        }
    };
}

pub(crate) use error_enum;
