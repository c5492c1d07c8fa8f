//! The metrics of each office whose certificates are verified, by its issuer's URL: so that an
//! operator sees which one's lists grow old. `metrics.rs` has those of the office that is served.

use anyhow::Result;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use vernet_common::NumericDate;

use super::office::{Office, Refreshed};

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

    /// How things are with an office now.
    pub(super) fn look_at(&self, office: &Office, now: NumericDate) {
        let labels = OfficeLabels { office: name(office) };
        let (ready, alarm) = (office.not_ready(now).is_none(), office.alarm().is_some());
        self.ready.get_or_create(&labels).set(i64::from(ready && !alarm));
        self.log_alarm.get_or_create(&labels).set(i64::from(alarm));
        if let Some(current) = office.current() {
            self.status_age.get_or_create(&labels).set(current.status_age(now));
            let left = current.knowledge.trust_list().exp.seconds_since(now);
            self.trust_list_left.get_or_create(&labels).set(left);
        }
    }
}

fn name(office: &Office) -> String {
    office.anchor.iss.to_string()
}
