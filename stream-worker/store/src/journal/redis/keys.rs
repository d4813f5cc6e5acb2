//! Names of keys. All keys of one channel share its ID as hash tag, so that they are in one slot.

use shared::ChannelId;

/// The layout's version. One that workers of this version cannot read gets another.
pub(super) const LAYOUT: &str = "cc1:";

/// The keys of one channel.
#[derive(Debug, Clone)]
pub(super) struct ChannelKeys {
    /// The record, a hash; also the topic on which changes of the channel are published.
    pub(super) record: String,
    /// The job's message.
    pub(super) job: String,
    /// Blocks of frames, a stream.
    pub(super) log: String,
    /// Whole data of events whose frame was cut, a stream.
    pub(super) whole: String,
    /// Pending URLs, a stream.
    pub(super) todo: String,
    /// Watchers by worker, a hash.
    pub(super) here: String,
}

/// The keys of one tenant.
#[derive(Debug, Clone)]
pub(super) struct TenantKeys {
    /// Totals by day, a hash.
    pub(super) totals: String,
    /// Channels by number, a sorted set.
    pub(super) channels: String,
    /// Channels whose webhook has not received everything, by when somebody must look; a sorted set.
    pub(super) owed: String,
}

/// Makes the names.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    /// `space` stands before all names; empty but where several journals share a server.
    pub(super) fn new(space: &str) -> Self {
        Self {
            prefix: format!("{space}{LAYOUT}"),
        }
    }

    pub(super) fn channel(&self, channel: ChannelId) -> ChannelKeys {
        let record = self.topic(channel);
        ChannelKeys {
            job: format!("{record}:job"),
            log: format!("{record}:log"),
            whole: format!("{record}:whole"),
            todo: format!("{record}:todo"),
            here: format!("{record}:here"),
            record,
        }
    }

    /// The record's key, under which its changes are published.
    pub(super) fn topic(&self, channel: ChannelId) -> String {
        format!("{}{{{channel}}}", self.prefix)
    }

    /// The channel of a topic.
    pub(super) fn channel_of(&self, topic: &str) -> Option<ChannelId> {
        let tag = topic.strip_prefix(&self.prefix)?;
        tag.strip_prefix('{')?.strip_suffix('}')?.parse().ok()
    }

    pub(super) fn tenant(&self, tenant: &str) -> TenantKeys {
        // Of a name with a brace the server would take another part for the tag.
        let tag = format!(
            "{}{{tenant:{}}}",
            self.prefix,
            tenant.replace(['{', '}'], "_")
        );
        TenantKeys {
            totals: format!("{tag}:totals"),
            channels: format!("{tag}:channels"),
            owed: format!("{tag}:hooks"),
        }
    }

    /// The tenants that may have pending webhooks, by when one was added last; a sorted set.
    pub(super) fn tenants_with_webhooks(&self) -> String {
        format!("{}{{hooks}}", self.prefix)
    }

    /// The topic on which a worker hears answers to its requests.
    pub(super) fn answers_to(&self, worker: &str) -> String {
        format!("{}{{w:{worker}}}", self.prefix)
    }

    /// Key that the probe writes.
    pub(super) fn probe(&self) -> String {
        format!("{}{{probe}}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_names_its_channel() {
        let (keys, channel) = (Keys::new("t1:"), ChannelId::mint());
        assert_eq!(keys.channel_of(&keys.topic(channel)), Some(channel));
        assert_eq!(Keys::new("").channel_of(&keys.topic(channel)), None);
    }
}
