//! Problems as answers, in the description of an operation.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::{
    Content, Header, Ref, RefOr, ResponseBuilder, example::ExampleBuilder,
    response::Response as Answer,
};

use super::problem::{Code, MEDIA_TYPE, Problem};

/// A type that stands for the answers with these problems, in the description of an operation.
macro_rules! problems {
    ($name:ident: $($code:ident),+) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses()
            -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>> {
                $crate::serve::problems::answers(&[$($crate::serve::problem::Code::$code),+])
            }
        }
    };
}

pub(super) use problems;

/// The answers with these problems, by HTTP status.
pub(super) fn answers(codes: &[Code]) -> BTreeMap<String, RefOr<Answer>> {
    let mut by_status: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_str().to_owned()).or_default().push(*code);
    }
    by_status.into_iter().map(|(status, codes)| (status, answer(&codes).into())).collect()
}

fn answer(codes: &[Code]) -> Answer {
    let about: Vec<String> =
        codes.iter().map(|code| format!("- `{}`: {}", code.name(), code.about())).collect();
    let examples = codes.iter().map(|code| {
        let problem = json!(Problem::new(*code, "what was found, and what was expected"));
        (code.name(), ExampleBuilder::new().summary(code.title()).value(Some(problem)).build())
    });
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    content.examples = examples.map(|(name, example)| (name, example.into())).collect();
    let answer = ResponseBuilder::new().description(about.join("\n")).content(MEDIA_TYPE, content);
    let header = |about: &str| {
        let mut header = Header::default();
        header.description = Some(about.to_owned());
        header
    };
    let answer = match codes[0] {
        Code::Busy | Code::RateLimited | Code::NotReady => {
            answer.header("retry-after", header("In so many seconds"))
        }
        Code::Unauthorized => answer.header("www-authenticate", header("`Bearer`")),
        _ => answer,
    };
    answer.build()
}
