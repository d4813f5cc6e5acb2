//! Pauses one connection on whichever worker has it.

use std::sync::Arc;
use std::time::Duration;

use shared::ChannelId;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::gates::Asked;
use super::inner::Inner;
use crate::journal::{GateRequest, JournalError};
use crate::redis::Request;

/// Time for the worker that has the connection to say so.
const PATIENCE: Duration = Duration::from_millis(500);

impl Inner {
    pub(super) async fn gate(
        &self,
        channel: ChannelId,
        connection: Uuid,
        paused: bool,
    ) -> Result<bool, JournalError> {
        let request = Uuid::new_v4();
        let answer = self.gates.ask(request);
        let asked = Asked {
            request,
            worker: self.name.clone(),
            connection,
            paused,
        };
        let topic = self.keys.topic(channel);
        self.publish(&topic, &asked.text()).await?;
        let answered = tokio::time::timeout(PATIENCE, answer).await;
        Ok(matches!(answered, Ok(Ok(()))))
    }

    /// Hands another worker's request to whoever looks after connections here, and answers for him if he has that one.
    pub(super) fn take_gate_request(self: &Arc<Self>, channel: ChannelId, text: &str) {
        let Some(asked) = Asked::parse(text).filter(|asked| asked.worker != self.name) else {
            return;
        };
        let Some(requests) = self.gates.requests.lock().clone() else {
            return;
        };
        let (answer, found) = oneshot::channel();
        let request = GateRequest {
            channel,
            connection: asked.connection,
            paused: asked.paused,
            answer,
        };
        if requests.try_send(request).is_err() {
            return;
        }
        let inner = self.clone();
        self.spawn(async move {
            if found.await == Ok(true) {
                let topic = inner.keys.answers_to(&asked.worker);
                // The one who asked says that nobody has it.
                let _told = inner.publish(&topic, &asked.request.to_string()).await;
            }
        });
    }

    pub(super) fn take_gate_answer(&self, text: &str) {
        if let Ok(request) = text.parse() {
            self.gates.answer(request);
        }
    }

    async fn publish(&self, topic: &str, text: &str) -> Result<(), JournalError> {
        let publish = Request::command("SPUBLISH").bytes(topic).bytes(text);
        self.server.run(publish).await.map(drop)
    }
}
