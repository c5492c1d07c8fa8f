//! The metrics of each office whose certificates are verified, by its issuer's URL: so that an
//! operator sees which one's lists grow old. `metrics.rs` has those of the office that is served.

use std::sync::Arc;

use anyhow::Result;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use vernet_common::NumericDate;

use super::{
    in_use::Current,
    office::{Office, Refreshed},
};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfficeLabels {
    office: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RefreshLabels {
    office: String,
    outcome: &'static str,
}

/// The metrics since the start.
#[derive(Default)]
pub(super) struct OfficeFigures {
    refreshes: Family<RefreshLabels, Counter>,
    ready: Family<OfficeLabels, Gauge>,
    status_age: Family<OfficeLabels, Gauge>,
    trust_list_left: Family<OfficeLabels, Gauge>,
    log_alarm: Family<OfficeLabels, Gauge>,
    late: Family<OfficeLabels, Gauge>,
}

impl OfficeFigures {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let figures = Self::default();
        registry.register(
            "office_refreshes",
            "Attempts to get newer lists, by office and outcome",
            figures.refreshes.clone(),
        );
        registry.register(
            "office_ready",
            "Whether there are lists by which certificates of the office can be accepted",
            figures.ready.clone(),
        );
        registry.register_with_unit(
            "office_status_age",
            "Age of the oldest status list of the office in use, if there is any",
            Unit::Seconds,
            figures.status_age.clone(),
        );
        registry.register_with_unit(
            "office_trust_list_left",
            "Time until the trust list of the office expires, if there is any",
            Unit::Seconds,
            figures.trust_list_left.clone(),
        );
        registry.register(
            "office_log_alarm",
            "Whether there is evidence that the office signed two logs that contradict each other",
            figures.log_alarm.clone(),
        );
        registry.register(
            "office_late",
            "Whether the office can be reached and has not published its next lists, which are overdue",
            figures.late.clone(),
        );
        figures
    }

    /// Nothing was asked of it yet: a series that begins with its first failure shows no increase.
    pub(super) fn begin(&self, office: &Office) {
        for outcome in Refreshed::OUTCOMES {
            drop(self.refreshes.get_or_create(&RefreshLabels { office: name(office), outcome }));
        }
    }

    pub(super) fn count_refresh(&self, office: &Office, outcome: &Result<Refreshed>) {
        if let Some(outcome) = Refreshed::outcome(outcome) {
            self.refreshes.get_or_create(&RefreshLabels { office: name(office), outcome }).inc();
        }
    }

    pub(super) fn set(&self, office: &Office, health: &Health) {
        let labels = OfficeLabels { office: name(office) };
        self.ready.get_or_create(&labels).set(health.ready);
        self.log_alarm.get_or_create(&labels).set(health.alarm);
        self.late.get_or_create(&labels).set(health.late);
        if let Some(lists) = &health.lists {
            self.status_age.get_or_create(&labels).set(lists.status_age);
            self.trust_list_left.get_or_create(&labels).set(lists.trust_list_left);
        }
    }
}

/// How things are with an office now.
pub(super) struct Health {
    /// 1 or 0, as gauges have it.
    pub(super) ready: i64,
    pub(super) alarm: i64,
    pub(super) late: i64,
    pub(super) lists: Option<ListsHealth>,
}

/// The same of the lists in use.
pub(super) struct ListsHealth {
    pub(super) current: Arc<Current>,
    /// In seconds.
    pub(super) status_age: i64,
    pub(super) trust_list_left: i64,
}

impl Health {
    pub(super) fn of(office: &Office, now: NumericDate) -> Self {
        let (ready, alarm) = (office.not_ready(now).is_none(), office.alarm().is_some());
        let lists = office.current().map(|current| ListsHealth {
            status_age: current.status_age(now),
            trust_list_left: current.knowledge.trust_list().exp.seconds_since(now),
            current,
        });
        let late = i64::from(office.late_since(now).is_some());
        Self { ready: i64::from(ready && !alarm), alarm: i64::from(alarm), late, lists }
    }
}

fn name(office: &Office) -> String {
    office.anchor.iss.to_string()
}
