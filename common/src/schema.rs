//! JSON Schemas of the types whose fields differ from their JSON. The others derive theirs.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use crate::{claims::StatusListUri, id::CertificateNumber, trust_list::InWords};

impl PartialSchema for CertificateNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "The number printed on a certificate: country, profession, year, serial number in that year. It names the piece of paper, \
                 not the person: a new print bears a new number.",
            ))
            .pattern(Some("^[A-Z]{2}-[A-Z]{2}-2[0-9]{3}-[0-9]{6}$"))
            .examples(["NO-PE-2026-000123"])
            .into()
    }
}

impl ToSchema for CertificateNumber {
    fn name() -> Cow<'static, str> {
        "CertificateNumber".into()
    }
}

impl PartialSchema for StatusListUri {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uri".to_owned())))
            .description(Some(
                "The URI of a status list: the issuer, `/status/`, and a number from 1 to 127.",
            ))
            .pattern(Some("^https://.+/status/[1-9][0-9]{0,2}$"))
            .examples(["https://perfusionist.example.no/status/1"])
            .into()
    }
}

impl ToSchema for StatusListUri {
    fn name() -> Cow<'static, str> {
        "StatusListUri".into()
    }
}

impl PartialSchema for InWords {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(100));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "A text in several languages, by language tag (BCP 47). `nb` is always among them.",
            ))
            .additional_properties(Some(Schema::Object(text.build())))
            .examples([
                serde_json::json!({ "nb": "Eksempeldirektoratet", "en": "Example Directorate" }),
            ])
            .into()
    }
}

impl ToSchema for InWords {
    fn name() -> Cow<'static, str> {
        "InWords".into()
    }
}
