//! Defines error enums with the code of each variant beside its definition, so that no code can be
//! forgotten or drift.

/// Defines an error enum with `code()`. Each entry is `Variant: "code" { … }`, with its
/// documentation and its message above it in the form that `thiserror` reads. An entry that wraps
/// another error and has that error's code is written `Variant: _ (…)`, or with a field called
/// `source`. An entry that exists only with a cargo feature of the crate has `if "feature"` after
/// the code.
///
/// ```
/// vernet_common::error_enum! {
///     /// What can go wrong at the desk.
///     #[derive(Debug, thiserror::Error)]
///     pub enum DeskError {
///         /// The form is empty.
///         #[error("the form is empty")]
///         FormEmpty: "form_empty",
///         /// A line of the form.
///         #[error("line {line}: {source}")]
///         Line: _ {
///             /// Which one.
///             line: u32,
///             /// What is wrong with it.
///             source: vernet_common::Error,
///         },
///     }
/// }
/// assert_eq!(DeskError::FormEmpty.code(), "form_empty");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! error_enum {
    (
        $(#[$outer:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[$($meta:tt)*])*
                $variant:ident : $code:tt $(if $feature:literal)?
                $({ $($fields:tt)* })? $(( $($inner:tt)* ))?
            ),* $(,)?
        }
    ) => {
        $(#[$outer])*
        #[non_exhaustive]
        $vis enum $name {
            $(
                $(#[$($meta)*])*
                $(#[cfg(feature = $feature)])?
                $variant $({ $($fields)* })? $(( $($inner)* ))?
            ),*
        }

        impl $name {
            /// The stable name of the error. It is API: programs and tests match on it.
            pub fn code(&self) -> &'static str {
                match self {
                    $(
                        $(#[cfg(feature = $feature)])?
                        $crate::error_enum!(@pattern $code $variant source $({ $($fields)* })?) =>
                            $crate::error_enum!(@code $code source),
                    )*
                }
            }
        }
    };
    (@pattern _ $variant:ident $source:ident { $($fields:tt)* }) => { Self::$variant { $source, .. } };
    (@pattern _ $variant:ident $source:ident) => { Self::$variant($source) };
    (@pattern $code:literal $variant:ident $source:ident $({ $($fields:tt)* })?) => { Self::$variant { .. } };
    (@code _ $source:ident) => { $source.code() };
    (@code $code:literal $source:ident) => { $code };
}
