//! `GET /metrics`: what an operator's Prometheus reads. Counts, ages and durations. The types rule
//! out personal data: labels are codes, routes and statuses.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use vernet_common::NumericDate;
use vernet_verifier::Code;

use super::{
    office::{Office, Refreshed},
    office_figures::{Health, OfficeFigures},
    offices::TrustedOffices,
};
use crate::lock::Locked;

pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics since the start.
pub(crate) struct Metrics {
    registry: Registry,
    verdicts: Family<VerdictLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    refreshes: Family<RefreshLabels, Counter>,
    status_age: Gauge,
    trust_list_left: Gauge,
    ready: Gauge,
    log_size: Gauge,
    log_awaited: Gauge,
    log_alarm: Gauge,
    late: Gauge,
    state_locked: Gauge,
    offices: OfficeFigures,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct VerdictLabels {
    code: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RefreshLabels {
    outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new(offices: &TrustedOffices) -> Self {
        let mut registry = Registry::with_prefix("vernet");
        let by_office = OfficeFigures::new(&mut registry);
        offices.all().for_each(|office| by_office.begin(office));
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(|| {
            // From a tenth of a millisecond to half a minute.
            Histogram::new(exponential_buckets(0.0001, 3.0, 12))
        });
        let metrics = Self {
            verdicts: Family::default(),
            requests: Family::default(),
            durations,
            refreshes: Family::default(),
            status_age: Gauge::default(),
            trust_list_left: Gauge::default(),
            ready: Gauge::default(),
            log_size: Gauge::default(),
            log_awaited: Gauge::default(),
            log_alarm: Gauge::default(),
            late: Gauge::default(),
            state_locked: Gauge::default(),
            offices: by_office,
            registry: Registry::default(),
        };
        registry.register("verdicts", "Verdicts given, by code", metrics.verdicts.clone());
        registry.register(
            "requests",
            "Requests answered, by route and HTTP status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time from the head of a request to the head of its answer",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "refreshes",
            "Attempts to get newer lists, by outcome",
            metrics.refreshes.clone(),
        );
        registry.register_with_unit(
            "status_age",
            "Age of the oldest status list in use",
            Unit::Seconds,
            metrics.status_age.clone(),
        );
        registry.register_with_unit(
            "trust_list_left",
            "Time until the trust list expires",
            Unit::Seconds,
            metrics.trust_list_left.clone(),
        );
        registry.register(
            "ready",
            "Whether there are lists by which certificates can be accepted",
            metrics.ready.clone(),
        );
        registry.register("log_size", "Certificates in the office's log", metrics.log_size.clone());
        registry.register(
            "log_awaited",
            "Certificates in a newer log of the office that could not be fetched yet, 0 if there is none",
            metrics.log_awaited.clone(),
        );
        registry.register(
            "state_locked",
            "Whether the last refresh failed because another process holds the lock on the state",
            metrics.state_locked.clone(),
        );
        registry.register(
            "log_alarm",
            "Whether there is evidence that the office signed two logs that contradict each other",
            metrics.log_alarm.clone(),
        );
        registry.register(
            "late",
            "Whether the office can be reached and has not published its next lists, which are overdue",
            metrics.late.clone(),
        );
        for code in Code::ALL {
            drop(metrics.verdicts.get_or_create(&VerdictLabels { code: code.to_string() }));
        }
        for outcome in Refreshed::OUTCOMES {
            drop(metrics.refreshes.get_or_create(&RefreshLabels { outcome }));
        }
        Self { registry, ..metrics }
    }

    /// For more metrics.
    pub(super) fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    pub(crate) fn count_verdict(&self, code: Code) {
        self.verdicts.get_or_create(&VerdictLabels { code: code.to_string() }).inc();
    }

    pub(super) fn count_request(&self, route: &str, status: u16, duration: Duration) {
        let route = route.to_owned();
        self.durations
            .get_or_create(&RouteLabels { route: route.clone() })
            .observe(duration.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { route, status }).inc();
    }

    /// Counts a refresh of an office; that of the one that is served also as the server's own.
    pub(super) fn count_refresh(
        &self,
        office: &Office,
        outcome: &Result<Refreshed>,
        is_served: bool,
    ) {
        self.offices.count_refresh(office, outcome);
        if !is_served {
            return;
        }
        if let Some(outcome) = Refreshed::outcome(outcome) {
            self.refreshes.get_or_create(&RefreshLabels { outcome }).inc();
        }
        let locked = |error: &anyhow::Error| error.chain().any(|link| link.is::<Locked>());
        self.state_locked.set(i64::from(outcome.as_ref().is_err_and(locked)));
    }

    /// The text for Prometheus, with the ages as of now.
    pub(super) fn scrape(&self, offices: &TrustedOffices, now: NumericDate) -> Result<String> {
        for office in offices.all() {
            let health = Health::of(office, now);
            self.offices.set(office, &health);
            if Arc::ptr_eq(office, &offices.served) {
                self.set_served(&health);
            }
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// The metrics without an office's name are about the one that is served.
    fn set_served(&self, health: &Health) {
        self.ready.set(health.ready);
        self.log_alarm.set(health.alarm);
        self.late.set(health.late);
        if let Some(lists) = &health.lists {
            self.status_age.set(lists.status_age);
            self.trust_list_left.set(lists.trust_list_left);
            let knowledge = &lists.current.knowledge;
            let size = knowledge.usable_log().map_or(0, |log| log.size as i64);
            self.log_size.set(size);
            let awaited = knowledge.awaited_log();
            self.log_awaited.set(awaited.map_or(0, |log| log.size as i64 - size));
        }
    }
}
