//! The state that requests share: the lists, the limits, and the static files.

use std::num::NonZeroU32;

use anyhow::Result;
use vernet_serve::{HALF, Places, QUARTER, Rate};
use vernet_verifier::Policy;

use super::{
    assets::Assets,
    config::{Config, Receipts},
    docs::Docs,
    metrics::Metrics,
    offices::TrustedOffices,
    pictures::Pictures,
    roster::state::Roster,
    tokens::Tokens,
};
use crate::{
    archive::Archive,
    global::Global,
    signing::{ReceiptSigner, open_unattended},
};

/// Everything that requests share.
pub(super) struct App {
    pub(super) offices: TrustedOffices,
    pub(super) policy: Policy,
    pub(super) assets: Assets,
    pub(super) docs: Docs,
    pub(super) metrics: Metrics,
    pub(super) tokens: Option<Tokens>,
    pub(super) receipts: Option<ReceiptSigner>,
    pub(super) rate: Option<Rate>,
    pub(super) requests: Places,
    pub(super) batches: Places,
    pub(super) pictures: Pictures,
    pub(super) tls: bool,
    pub(super) roster: Option<Roster>,
}

/// How many batches run at a time: each keeps every processor busy.
const MAX_BATCHES: usize = 4;

impl App {
    /// The server as it is configured, with the documentation of its routes.
    pub(super) fn new(global: &Global, config: &Config, docs: Docs) -> Result<Self> {
        let policy = Policy {
            max_status_age_s: i64::from(config.max_status_age) * 3600,
            ..Policy::default()
        };
        let archive = config.archive.clone().map(Archive::new);
        let store = global.store()?;
        let state = store.folder().to_owned();
        let offices = TrustedOffices::open(
            store.warning(|text| tracing::warn!("{text}")),
            config.publication.clone(),
            config.roots.as_deref(),
            policy,
            archive,
        )?;
        let roster = config.roster.as_ref();
        let roster = roster
            .map(|roster| Roster::open(roster, &state, &offices.served.anchor))
            .transpose()?;
        let mut metrics = Metrics::new(&offices);
        if let Some(roster) = &roster {
            roster.register(metrics.registry());
        }
        Ok(Self {
            assets: Assets::new(&offices.served.anchor)?,
            docs,
            offices,
            policy,
            metrics,
            tokens: config.tokens.as_deref().map(Tokens::read).transpose()?,
            receipts: config.receipts.as_ref().map(receipt_signer).transpose()?,
            rate: NonZeroU32::new(config.rate_limit).map(Rate::new),
            requests: Places::new(config.max_requests.get() as usize, QUARTER, config.behind_proxy),
            batches: Places::new(MAX_BATCHES, HALF, config.behind_proxy),
            pictures: Pictures::new(config.behind_proxy),
            tls: config.tls.is_some(),
            roster,
        })
    }
}

/// Opens the key without a prompt: nobody can be asked for the passphrase here.
fn receipt_signer(receipts: &Receipts) -> Result<ReceiptSigner> {
    let key = open_unattended(&receipts.key, receipts.passphrase_file.as_deref())?;
    Ok(ReceiptSigner::new(key, receipts.name.clone()))
}
