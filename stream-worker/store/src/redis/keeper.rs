//! The task that keeps a connection.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{PushInfo, PushKind};
use shared::back_off::Doubling;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;

use super::dial::{dial, is_primary};
use super::line::{Connected, Losses, State};
use super::pushes::Pushes;
use super::{Line, LinkError, RedisAddress};

/// Time after which each connection is asked whether it lives and whether it leads to the primary.
pub(super) const PULSE: Duration = Duration::from_secs(5);

/// Pauses between attempts to connect. The longest is what a worker loses at most after an outage's end.
const PAUSES: Doubling = Doubling {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(2),
};

/// The task that keeps a line connected.
pub(super) struct Keeper {
    /// For the log.
    name: &'static str,
    address: RedisAddress,
    state: watch::Sender<State>,
    losses: Losses,
    pulse: Duration,
    /// Set on the line for pushes: takes what is pushed, and knows what to subscribe to.
    pushes: Option<Arc<Pushes>>,
    stop: CancellationToken,
}

impl Keeper {
    /// A line and its keeper, which must be run.
    pub(super) fn new(
        name: &'static str,
        address: RedisAddress,
        term: watch::Sender<u64>,
        stop: CancellationToken,
    ) -> (Self, Line) {
        let first = LinkError::Failed("no connection to Redis has been made yet".to_owned());
        let (state, receiver) = watch::channel(State::Down(first));
        let losses = Losses {
            generation: watch::Sender::new(0),
            term,
        };
        let line = Line::new(receiver, losses.clone());
        let keeper = Self {
            name,
            address,
            state,
            losses,
            pulse: PULSE,
            pushes: None,
            stop,
        };
        (keeper, line)
    }

    /// Has the connection asked for its life this often.
    pub(super) const fn with_pulse(mut self, pulse: Duration) -> Self {
        self.pulse = pulse;
        self
    }

    /// Has `pushes` hear what this line's server pushes.
    pub(super) fn with_pushes(mut self, pushes: Arc<Pushes>) -> Self {
        self.pushes = Some(pushes);
        self
    }

    /// Connects, watches, connects again, until it is stopped.
    pub(super) async fn run(self) {
        let (mut generation, mut failures) = (0, 0_u32);
        loop {
            generation += 1;
            let began = Instant::now();
            let live = self.stop.run_until_cancelled(self.live(generation));
            let Some(why) = live.await else {
                break;
            };
            // A connection that ends at once is as good as none.
            let lived =
                began.elapsed() > PAUSES.longest && !matches!(*self.state.borrow(), State::Down(_));
            failures = if lived { 1 } else { failures.saturating_add(1) };
            if failures == 1 {
                tracing::warn!(line = self.name, address = %self.address, error = %why, "there is no connection to Redis");
            }
            self.state.send_replace(State::Down(why));
            let pause = PAUSES.jittered(failures, fastrand::f64());
            if self.stop.run_until_cancelled(sleep(pause)).await.is_none() {
                break;
            }
        }
        self.state.send_replace(State::Closed);
    }

    /// One connection from its beginning to its end; answers why it ended.
    async fn live(&self, generation: u64) -> LinkError {
        let term = *self.losses.term.borrow();
        let mut connection = match dial(&self.address, self.pushed(generation)).await {
            Ok(connection) => connection,
            Err(error) => return error,
        };
        if let Some(pushes) = &self.pushes
            && let Err(error) = pushes.subscribe_anew(&mut connection).await
        {
            return error;
        }
        tracing::info!(line = self.name, address = %self.address, generation, "connected to Redis");
        self.state.send_replace(State::Up(Connected {
            connection: connection.clone(),
            generation,
            term,
        }));
        self.watch(connection, generation, term).await
    }

    /// Waits until a connection is lost.
    async fn watch(
        &self,
        mut connection: MultiplexedConnection,
        generation: u64,
        term: u64,
    ) -> LinkError {
        let mut lost = self.losses.generation.subscribe();
        let mut terms = self.losses.term.subscribe();
        let mut pulse = interval_at(Instant::now() + self.pulse, self.pulse);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // All arms are cancel-safe: they take nothing.
            tokio::select! {
                _ = lost.wait_for(|last| *last >= generation) => {
                    return LinkError::Failed("the connection to Redis was lost".to_owned());
                }
                _ = terms.wait_for(|now| *now > term) => {
                    return LinkError::Failed("this Redis is no primary any more".to_owned());
                }
                _ = pulse.tick() => {}
            }
            match is_primary(&mut connection).await {
                Ok(true) => {}
                Ok(false) => self.losses.end(term),
                Err(error) => return error,
            }
        }
    }

    /// Takes what the server sends unasked on one connection.
    fn pushed(&self, generation: u64) -> impl Fn(PushInfo) + Send + Sync + 'static {
        let (losses, pushes) = (self.losses.clone(), self.pushes.clone());
        move |info| match info.kind {
            PushKind::Disconnection => losses.lose(generation),
            _ => {
                if let Some(pushes) = &pushes {
                    pushes.take(info);
                }
            }
        }
    }
}
