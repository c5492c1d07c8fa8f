//! For monitoring: whether the server is up, whether it can accept certificates, and its metrics.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use vernet_host::clock;

use super::{
    app::App,
    metrics,
    problem::{Code, Problem},
    problems::problems,
};

problems!(NotReady: NotReady, LogAlarm, Internal);
problems!(Failed: Internal);

/// Is the server there?
#[utoipa::path(
    get, path = "/healthz", operation_id = "getHealth", tag = "operation",
    responses((status = 200, description = "It is, whatever it can do just now", body = String, example = "ok\n")),
)]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Can certificates be accepted?
///
/// Not without lists, nor with a trust list that has run out or a clock that is behind. The server
/// still answers then, with verdicts that say so. Nor while there is evidence that the office's
/// keys are in wrong hands: `log_alarm`. It is about the office whose lists are served here; how it
/// is with each of several is in `/metrics`. An office that is late with its next lists is no reason
/// to be unready as long as those in use are good; the text says so.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "operation",
    responses((status = 200, description = "They can", body = String, example = "ready\n"), NotReady),
)]
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let served = &app.offices.served;
    if served.alarm().is_some() {
        // The location of the evidence is only in the server's log.
        return Problem::new(
            Code::LogAlarm,
            "the folder `evidence` of the server's state has more",
        )
        .into_response();
    }
    match clock().map(|now| (served.not_ready(now), served.late_since(now))) {
        Ok((None, None)) => "ready\n".into_response(),
        Ok((None, Some(due))) => {
            format!("ready, but the office is late: newer lists have been due since {due}\n")
                .into_response()
        }
        Ok((Some(why), _)) => Problem::new(Code::NotReady, why).into_response(),
        Err(error) => Problem::internal(&error.into()).into_response(),
    }
}

/// Counts, ages and durations for Prometheus
///
/// Verdicts by code, requests by route and status, refreshes by outcome, the age of the lists, also
/// for each office;
/// of a roster that is watched, how many rows have which outcome, and what waits to be delivered.
/// Nothing about a person.
#[utoipa::path(
    get, path = "/metrics", operation_id = "getMetrics", tag = "operation",
    responses((status = 200, description = "OpenMetrics text", body = String, content_type = metrics::MEDIA_TYPE), Failed),
)]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let scrape = || {
        let now = clock()?;
        if let Some(roster) = &app.roster {
            roster.look_at_backlog(now);
        }
        app.metrics.scrape(&app.offices, now)
    };
    match scrape() {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], text).into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}
