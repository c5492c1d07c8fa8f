//! Who is told, and over which channel.

use anyhow::Result;
use vernet_common::NumericDate;
use vernet_verifier::roster::Urgency;

use super::{
    failure::Failure, mail::Mail, message::Message, name::ReceiverName, settings::RosterConfig,
    webhook::Webhook,
};

/// One receiver: a webhook, or one address. Each has its own undelivered messages.
pub(super) struct Receiver {
    /// The operator's name for it, in logs and metrics. The addresses of one mail setting share it.
    pub(super) name: ReceiverName,
    /// What tells it from all others, in the state.
    pub(super) key: String,
    /// The least urgent messages that it wants.
    pub(super) urgency: Urgency,
    pub(super) channel: Channel,
}

pub(super) enum Channel {
    Webhook(Webhook),
    Mail(Mail),
}

impl Receiver {
    /// All receivers, their secrets read.
    pub(super) fn all(config: &RosterConfig) -> Result<Vec<Self>> {
        let mut receivers = Vec::new();
        for settings in &config.webhook {
            receivers.push(Self {
                name: settings.name.clone(),
                key: settings.name.as_str().to_owned(),
                urgency: settings.urgency,
                channel: Channel::Webhook(Webhook::new(settings)?),
            });
        }
        for settings in &config.mail {
            for (address, mail) in Mail::all(settings)? {
                receivers.push(Self {
                    name: settings.name.clone(),
                    key: format!("{} {address}", settings.name.as_str()),
                    urgency: settings.urgency,
                    channel: Channel::Mail(mail),
                });
            }
        }
        Ok(receivers)
    }

    /// Sends a message once. Blocks: it uses the network.
    pub(super) fn deliver(&self, message: &Message, now: NumericDate) -> Result<(), Failure> {
        match &self.channel {
            Channel::Webhook(webhook) => webhook.deliver(message, now),
            Channel::Mail(mail) => mail.deliver(message),
        }
    }
}
