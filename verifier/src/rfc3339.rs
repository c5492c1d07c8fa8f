//! Instants as people and programs write them: RFC 3339, in UTC and whole seconds.

use alloc::string::String;

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use vernet_common::NumericDate;

pub(crate) fn serialize<S: Serializer>(
    instant: &NumericDate,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(instant)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<NumericDate, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

#[cfg(feature = "roster")]
pub(crate) mod optional {
    use alloc::string::String;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vernet_common::NumericDate;

    pub(crate) fn serialize<S: Serializer>(
        instant: &Option<NumericDate>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => serializer.collect_str(instant),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NumericDate>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
