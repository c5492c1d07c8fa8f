//! `GET /openapi.json`: the description of the endpoint (OpenAPI 3.1), generated from the types
//! that are read and written, the comments on them, and the routes themselves: every described path
//! is served, and every served path is described.

use std::sync::Arc;

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr, Required,
        schema::Schema,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    app::App,
    batch,
    conditional::{Condition, NOT_MODIFIED},
    lists,
    problem::Problem,
    problems::problems,
    roster, verify, watch,
};

/// What every client should know before its first request.
const INTRODUCTION: &str = "\
Says whether a certificate for a protected title, such as `perfusionist`, is in force. The answer is a **verdict**: one of three colours, a stable code, \
the instant of which it is true, and what to do next. A server may trust several issuers, an authority and a board for instance: each certificate is judged by \
the one that signed it, which `office` names.

- `accepted` (green): the certificate is in force. With the code `authorised_with_conditions`, obtain the decision.
- `refused` (red): it is not in force, or it is not a certificate.
- `undetermined` (amber): nobody can tell just now, for instance because the lists are too old. It is **never** a kind of valid.

A program that needs yes or no takes `\"verdict\": \"accepted\"` for yes and everything else for no.

An accepted certificate does not say that the person who shows it is the person in it: compare name and birth date with a **photo ID**.

Every verdict has the HTTP status 200, also a refusal. Other statuses mean that there is no verdict, and come with a problem (RFC 9457) whose \
`code` is stable, as `application/problem+json`. To a method that a path does not have, the answer is 405 with the code `method_not_allowed`.

What is sent here stays here: the server fetches the issuers' signed lists on a schedule and decides by itself. Nobody learns whom you look up.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Vernet verifier", description = INTRODUCTION),
    servers((url = "/")),
    tags(
        (name = "verdicts", description = "Is a certificate in force?"),
        (name = "roster", description = "The hospital's own staff, if this server watches it."),
        (name = "publication", description = "An office's signed lists, verified, as this server uses them. They are public: whoever has them can verify without \
            asking anybody. Of several offices that it trusts, this server passes on the lists of one."),
        (name = "operation", description = "For whoever runs the server. Neither token nor limits stand before `/healthz`, `/readyz` and `/metrics`."),
    ),
    components(schemas(Problem)),
    modifiers(&Bearer)
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description =
            Some("A token (RFC 6750) from whoever runs the server, if the server is set up to ask for one.".to_owned());
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Routes behind the tokens and the limits.
pub(super) fn for_programs() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(verify::verify_one)).routes(routes!(batch::verify_lines))
}

/// Routes behind the limits, and tokens that they look at themselves.
pub(super) fn for_personnel() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(roster::page::report))
}

/// Routes behind the limits.
pub(super) fn for_everybody() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(lists::bundle))
        .routes(routes!(lists::trust_list))
        .routes(routes!(lists::status_list))
        .routes(routes!(lists::log_file))
        .routes(routes!(description))
}

/// Routes behind nothing: monitoring gets an answer even when the server is busy.
pub(super) fn for_operators() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(watch::healthz))
        .routes(routes!(watch::readyz))
        .routes(routes!(watch::metrics))
}

/// The whole description.
pub(super) fn describe() -> utoipa::openapi::OpenApi {
    let mut openapi = OpenApiRouter::with_openapi(Description::openapi())
        .merge(for_programs())
        .merge(for_personnel())
        .merge(for_everybody())
        .merge(for_operators())
        .into_openapi();
    // OpenAPI has no parameters that span several segments; with `/` as `%2F` the path names the
    // same file.
    if let Some(files) = openapi.paths.paths.remove("/v1/publication/log/{*file}") {
        openapi.paths.paths.insert("/v1/publication/log/{file}".into(), files);
    }
    // A body is always required; the macro says so only for bodies that have a schema.
    for operation in openapi.paths.paths.values_mut().filter_map(|path| path.post.as_mut()) {
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.required = Some(Required::True);
        }
    }
    // The library's verdict has no receipt: the server adds it.
    let schemas = openapi.components.get_or_insert_default().schemas.get_mut("Verdict");
    if let Some(RefOr::T(Schema::Object(verdict))) = schemas {
        verdict.properties.insert("receipt".to_owned(), verify::receipt_schema().into());
    }
    openapi
}

problems!(Refusals: RateLimited, Busy, Internal);

/// This description
///
/// OpenAPI 3.1. For people there is `/docs`.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "getDescription", tag = "operation",
    params(Condition),
    responses(
        (status = 200, description = "The description", body = Object, headers(("etag" = String, description = "Names these very bytes"))),
        (status = 304, description = NOT_MODIFIED),
        Refusals,
    ),
)]
async fn description(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    app.docs.openapi.answer(&headers).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};
    use vernet_common::{Bundle, TrustAnchor};
    use vernet_verifier::{Knowledge, Memory, Policy, Verdict};

    use super::{
        super::{
            examples::{EXAMPLE, example_verdict},
            problem::Code,
        },
        *,
    };

    fn described() -> Value {
        json!(describe())
    }

    fn real_verdict(at: &str) -> Verdict {
        let anchor = TrustAnchor::from_json(include_bytes!("../../../../keys-example/roots.json"))
            .expect("the example's roots");
        let bundle =
            Bundle::from_json(include_bytes!("../../../../keys-example/publication/bundle.json"))
                .expect("the example's bundle");
        let (mut memory, policy, now) =
            (Memory::new(&anchor), Policy::default(), at.parse().expect("an instant"));
        let knowledge =
            Knowledge::learn(&bundle, &mut memory, &policy, now).expect("the example's lists");
        vernet_verifier::verify(EXAMPLE, &knowledge, &policy, now)
    }

    fn names(object: &Value) -> BTreeSet<&str> {
        object.as_object().expect("an object").keys().map(String::as_str).collect()
    }

    fn strings(array: &Value) -> BTreeSet<&str> {
        array.as_array().expect("an array").iter().filter_map(Value::as_str).collect()
    }

    #[test]
    fn the_example_is_a_real_verdict() {
        assert_eq!(json!(real_verdict("2026-11-22T10:00:00Z")), example_verdict());
    }

    #[test]
    fn a_verdict_has_the_members_that_are_described() {
        let openapi = described();
        let schemas = &openapi["components"]["schemas"];
        let mut verdict = example_verdict();
        assert!(
            schemas["Verdict"]["properties"]["receipt"].is_object(),
            "the member that is there if it was asked for"
        );
        verdict["receipt"] = "eyJ".into();
        for (schema, object) in
            [("Verdict", &verdict), ("CertificateClaims", &verdict["certificate"])]
        {
            assert_eq!(names(&schemas[schema]["properties"]), names(object));
            let mut required = names(object);
            required.remove("receipt");
            // Somebody with a single name has none.
            required.remove("given_name");
            assert_eq!(strings(&schemas[schema]["required"]), required);
        }
        let codes: BTreeSet<String> =
            vernet_verifier::Code::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(
            strings(&schemas["VerdictCode"]["enum"]),
            codes.iter().map(String::as_str).collect()
        );
    }

    #[test]
    fn a_problem_has_the_members_that_are_described() {
        let openapi = described();
        let schemas = &openapi["components"]["schemas"];
        let now = vernet_common::NumericDate::from_seconds(0).expect("an instant");
        let verdict = vernet_verifier::Verdict::lists_missing(now);
        let problem = json!(Problem::several(&[verdict]).in_line(3));
        assert_eq!(names(&schemas["Problem"]["properties"]), names(&problem));
        let problem = json!(Problem::new(Code::TooLarge, "too large"));
        assert_eq!(strings(&schemas["Problem"]["required"]), names(&problem));
        let codes: BTreeSet<String> = Code::ALL.into_iter().map(Code::name).collect();
        assert_eq!(
            strings(&schemas["ProblemCode"]["enum"]),
            codes.iter().map(String::as_str).collect()
        );
    }

    #[test]
    fn every_problem_is_an_answer_to_something() {
        let paths = described()["paths"].to_string();
        // A described method is never answered with `MethodNotAllowed`.
        for code in Code::ALL.into_iter().filter(|code| *code != Code::MethodNotAllowed) {
            assert!(paths.contains(&format!("`{}`: ", code.name())), "{code:?}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let openapi = described();
        let text = openapi.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap_or_default();
            assert!(openapi.pointer(pointer).is_some(), "{pointer}");
        }
        assert_eq!(openapi["openapi"], "3.1.0");
    }
}
