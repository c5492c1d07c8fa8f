//! The roster's metrics. Labels are outcomes and the operator's names for receivers; nothing is
//! about a person.

use std::collections::BTreeMap;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use vernet_common::NumericDate;
use vernet_verifier::roster::RosterReport;

use super::{outbox::Outbox, receiver::Receiver};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct ReceiverLabels {
    receiver: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct DeliveryLabels {
    receiver: String,
    outcome: &'static str,
}

/// The metrics since the start.
#[derive(Default)]
pub(super) struct Figures {
    rows: Family<OutcomeLabels, Gauge>,
    expiring: Gauge,
    checks: Family<OutcomeLabels, Counter>,
    last_check: Gauge,
    deliveries: Family<DeliveryLabels, Counter>,
    pending: Family<ReceiverLabels, Gauge>,
    oldest_pending: Family<ReceiverLabels, Gauge>,
    full: Gauge,
    telling: Gauge,
}

impl Figures {
    /// Nothing was sent to these yet: a series that begins with its first failure shows no increase.
    pub(super) fn new(receivers: &[Receiver]) -> Self {
        let figures = Self::default();
        for receiver in receivers {
            let name = || receiver.name.as_str().to_owned();
            for outcome in ["delivered", "failed"] {
                let labels = DeliveryLabels { receiver: name(), outcome };
                drop(figures.deliveries.get_or_create(&labels));
            }
            drop(figures.pending.get_or_create(&ReceiverLabels { receiver: name() }));
            drop(figures.oldest_pending.get_or_create(&ReceiverLabels { receiver: name() }));
        }
        figures
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "roster_rows",
            "Rows of the roster at the last check, by outcome",
            self.rows.clone(),
        );
        registry.register(
            "roster_expiring",
            "Rows of the roster whose certificate expires soon",
            self.expiring.clone(),
        );
        registry.register("roster_checks", "Checks of the roster, by outcome", self.checks.clone());
        registry.register_with_unit(
            "roster_last_check_timestamp",
            "When the roster was last checked, since 1970",
            Unit::Seconds,
            self.last_check.clone(),
        );
        registry.register(
            "roster_deliveries",
            "Attempts to deliver a message, by receiver and outcome",
            self.deliveries.clone(),
        );
        registry.register(
            "roster_pending",
            "Messages that a receiver does not have yet",
            self.pending.clone(),
        );
        registry.register_with_unit(
            "roster_oldest_pending",
            "Age of the oldest message that a receiver does not have yet",
            Unit::Seconds,
            self.oldest_pending.clone(),
        );
        registry.register(
            "roster_outbox_full",
            "Whether changes wait because too many messages do",
            self.full.clone(),
        );
        registry.register(
            "roster_telling",
            "Whether this server tells of changes: of several that share a state folder one does",
            self.telling.clone(),
        );
        for outcome in ["done", "failed"] {
            drop(self.checks.get_or_create(&OutcomeLabels { outcome }));
        }
    }

    /// A check has found this.
    pub(super) fn checked(&self, report: &RosterReport) {
        let summary = &report.summary;
        for (outcome, rows) in [
            ("accepted", summary.accepted),
            ("refused", summary.refused),
            ("undetermined", summary.undetermined),
            ("problem", summary.problem),
        ] {
            self.rows.get_or_create(&OutcomeLabels { outcome }).set(rows as i64);
        }
        self.expiring.set(summary.expiring as i64);
        self.last_check.set(report.about.checked_at.seconds());
        self.checks.get_or_create(&OutcomeLabels { outcome: "done" }).inc();
    }

    pub(super) fn failed(&self) {
        self.checks.get_or_create(&OutcomeLabels { outcome: "failed" }).inc();
    }

    pub(super) fn attempted(&self, receiver: &Receiver, arrived: bool) {
        let outcome = if arrived { "delivered" } else { "failed" };
        let receiver = receiver.name.as_str().to_owned();
        self.deliveries.get_or_create(&DeliveryLabels { receiver, outcome }).inc();
    }

    /// What waits, as of now. Receivers of one name are counted together.
    pub(super) fn look_at(
        &self,
        outbox: Option<&Outbox>,
        receivers: &[Receiver],
        now: NumericDate,
    ) {
        self.telling.set(i64::from(outbox.is_some()));
        let Some(outbox) = outbox else { return };
        self.full.set(i64::from(outbox.is_full()));
        let mut by_name: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
        for receiver in receivers {
            let (number, oldest) = outbox.backlog(&receiver.key);
            let (sum, longest) = by_name.entry(receiver.name.as_str()).or_default();
            *sum += number;
            *longest = (*longest).max(oldest.map_or(0, |oldest| now.seconds_since(oldest)));
        }
        for (name, (number, longest)) in by_name {
            let labels = ReceiverLabels { receiver: name.to_owned() };
            self.pending.get_or_create(&labels).set(number as i64);
            self.oldest_pending.get_or_create(&labels).set(longest);
        }
    }
}
