//! A part of a statement that is read when somebody asks for it.
//!
//! Most of a register is what was applied for, twice: when it was proposed, and when it was granted.
//! A command asks for a few of them. When a statement was checked before, they stay as text.

use std::{fmt, ops::Deref, sync::OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

/// What a statement says, or the JSON text of it.
pub struct Lazy<T> {
    /// Empty if it was made from a value.
    text: Box<str>,
    value: OnceLock<Box<T>>,
}

impl<T> Lazy<T> {
    /// From JSON that was read as `T`, with all checks, before.
    #[cfg(feature = "storage")]
    pub(crate) fn checked(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), value: OnceLock::new() }
    }

    /// The text, as long as nobody asked for the value.
    pub(crate) fn unread(&self) -> Option<&str> {
        self.value.get().is_none().then_some(&*self.text)
    }
}

impl<T: DeserializeOwned> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get_or_init(|| {
            serde_json::from_str(&self.text).expect("the same text was read before, see `read`")
        })
    }
}

impl<T> From<T> for Lazy<T> {
    fn from(value: T) -> Self {
        Box::new(value).into()
    }
}

impl<T> From<Box<T>> for Lazy<T> {
    fn from(value: Box<T>) -> Self {
        Self { text: "".into(), value: value.into() }
    }
}

impl<T: Clone + DeserializeOwned> Clone for Lazy<T> {
    fn clone(&self) -> Self {
        T::clone(self).into()
    }
}

impl<T: PartialEq + DeserializeOwned> PartialEq for Lazy<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq + DeserializeOwned> Eq for Lazy<T> {}

impl<T: fmt::Debug + DeserializeOwned> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: Serialize + DeserializeOwned> Serialize for Lazy<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lazy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}
