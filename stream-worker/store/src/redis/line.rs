//! A connection that is made again when it is lost.

use redis::aio::MultiplexedConnection;
use redis::{RedisError, Value};
use tokio::sync::watch;
use tokio::time::timeout;

use super::error::Aftermath;
use super::{LinkError, RESPONSE, Reply, Request};

/// Milliseconds in which replicas confirm a change, or have not.
const CONFIRMATION_MS: u64 = 1_000;

/// One of a worker's connections. Calls on it are answered in their order; many may wait at once.
#[derive(Debug, Clone)]
pub struct Line {
    state: watch::Receiver<State>,
    losses: Losses,
}

/// State of a connection.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// There is none now, for this reason.
    Down(LinkError),
    Up(Connected),
    Closed,
}

/// A connection that is there.
#[derive(Debug, Clone)]
pub(super) struct Connected {
    pub(super) connection: MultiplexedConnection,
    /// Counts the connections of this line.
    pub(super) generation: u64,
    /// Counts the primaries that the worker has seen go.
    pub(super) term: u64,
}

/// Signals of those who find a connection lost to the task that keeps it.
#[derive(Debug, Clone)]
pub(super) struct Losses {
    /// The last generation of this line that is lost.
    pub(super) generation: watch::Sender<u64>,
    /// The current term, for all lines: who learns that the primary has moved ends it.
    pub(super) term: watch::Sender<u64>,
}

impl Line {
    pub(super) const fn new(state: watch::Receiver<State>, losses: Losses) -> Self {
        Self { state, losses }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// [`LinkError`]. After [`Failed`](LinkError::Failed) it may have been carried out.
    ///
    /// # Cancel safety
    /// A dropped call may or may not be carried out.
    pub async fn ask(&self, request: &Request) -> Result<Reply, LinkError> {
        let mut connected = self.connected().await?;
        let answer = connected
            .connection
            .send_packed_command(&request.command)
            .await;
        let answer = match (answer.and_then(Value::extract_error), request.with_text()) {
            (Err(error), Some(text)) if is_unknown_script(&error) => {
                let again = connected.connection.send_packed_command(&text).await;
                again.and_then(Value::extract_error)
            }
            (answer, _) => answer,
        };
        self.sort(&connected, answer)
    }

    /// Makes several calls at once; the answers are in their order. They are no one step: others' calls may come between.
    ///
    /// # Errors
    /// [`LinkError`] if the connection failed: each of them may have been carried out. What the server says of a single call is
    /// in its answer.
    ///
    /// # Cancel safety
    /// As [`ask`](Self::ask).
    pub async fn ask_all(
        &self,
        requests: &[Request],
    ) -> Result<Vec<Result<Reply, LinkError>>, LinkError> {
        let mut connected = self.connected().await?;
        let commands = requests.iter().map(|request| request.command.clone());
        let mut answers = self.pipeline(&mut connected, commands.collect()).await?;
        let unknown: Vec<usize> = (0..answers.len())
            .filter(|&at| answers[at].as_ref().is_err_and(is_unknown_script))
            .collect();
        let texts: Vec<redis::Cmd> = unknown
            .iter()
            .filter_map(|&at| requests[at].with_text())
            .collect();
        if !texts.is_empty() {
            let again = self.pipeline(&mut connected, texts).await?;
            for (at, answer) in unknown.into_iter().zip(again) {
                answers[at] = answer;
            }
        }
        Ok(answers
            .into_iter()
            .map(|answer| self.sort(&connected, answer))
            .collect())
    }

    /// Makes a call that changes something, and waits until so many replicas have said that they have the change. The connection
    /// is blocked for as long.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); [`LinkError::Unconfirmed`] if the call was carried out and too few replicas have it.
    ///
    /// # Cancel safety
    /// As [`ask`](Self::ask).
    pub(super) async fn ask_confirmed(
        &self,
        request: &Request,
        wanted: u32,
    ) -> Result<Reply, LinkError> {
        // The server waits for what *this connection* has written: on another it would have nothing to wait for.
        let mut connected = self.connected().await?;
        let commands = |call| vec![call, wait_for(wanted)];
        let first = self.pipeline(&mut connected, commands(request.command.clone()));
        let mut answers = first.await?;
        if answers[0].as_ref().is_err_and(is_unknown_script)
            && let Some(text) = request.with_text()
        {
            answers = self.pipeline(&mut connected, commands(text)).await?;
        }
        let mut answers = answers
            .into_iter()
            .map(|answer| self.sort(&connected, answer));
        let mut next = || {
            let missing = || Err(LinkError::Unexpected("no answer".to_owned()));
            answers.next().unwrap_or_else(missing)
        };
        let (answer, confirmed) = (next()?, next()?.count()?);
        if confirmed < u64::from(wanted) {
            return Err(LinkError::Unconfirmed { confirmed, wanted });
        }
        Ok(answer)
    }

    /// Number of the current connection, 0 before the first: it changes with every reconnect, after which what was heard and seen
    /// before must be looked at again.
    ///
    /// # Errors
    /// [`LinkError::Closed`] once the link is closed.
    pub async fn reconnected(&self, last: u64) -> Result<u64, LinkError> {
        let mut state = self.state.clone();
        let newer = state.wait_for(|state| match state {
            State::Up(connected) => connected.generation > last,
            State::Down(_) => false,
            State::Closed => true,
        });
        match newer.await.as_deref() {
            Ok(State::Up(connected)) => Ok(connected.generation),
            Ok(State::Down(_) | State::Closed) | Err(_) => Err(LinkError::Closed),
        }
    }

    /// Reason for which there is no connection now, if there is none.
    #[must_use]
    pub fn fault(&self) -> Option<LinkError> {
        match &*self.state.borrow() {
            State::Up(_) => None,
            State::Down(why) => Some(why.clone()),
            State::Closed => Some(LinkError::Closed),
        }
    }

    async fn pipeline(
        &self,
        connected: &mut Connected,
        commands: Vec<redis::Cmd>,
    ) -> Result<Vec<Result<Value, RedisError>>, LinkError> {
        let count = commands.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(count);
        for command in commands {
            pipeline.add_command(command);
        }
        match connected
            .connection
            .send_packed_commands(&pipeline, 0, count)
            .await
        {
            Ok(answers) => Ok(answers.into_iter().map(Value::extract_error).collect()),
            Err(error) => self.sort(connected, Err(error)).map(|_never| Vec::new()),
        }
    }

    /// The connection, once there is one.
    async fn connected(&self) -> Result<Connected, LinkError> {
        let mut state = self.state.clone();
        let settled = |state: &State| match state {
            // A refusal does not pass by itself.
            State::Down(why) => matches!(why, LinkError::Refused(_)),
            State::Up(_) | State::Closed => true,
        };
        let up = timeout(RESPONSE, state.wait_for(settled));
        match up.await {
            Ok(Ok(up)) => match &*up {
                State::Up(connected) => Ok(connected.clone()),
                State::Down(why) => Err(why.clone()),
                State::Closed => Err(LinkError::Closed),
            },
            Ok(Err(_keeper_is_gone)) => Err(LinkError::Closed),
            Err(_elapsed) => Err(self
                .fault()
                .unwrap_or_else(|| LinkError::Failed("Redis did not answer in time".to_owned()))),
        }
    }

    /// Reads an answer, and gives the connection up if it says that.
    fn sort(
        &self,
        connected: &Connected,
        answer: Result<Value, RedisError>,
    ) -> Result<Reply, LinkError> {
        let error = match answer {
            Ok(value) => return Ok(Reply(value)),
            Err(error) => error,
        };
        match Aftermath::of(&error) {
            Aftermath::Keep => {}
            Aftermath::Redial => self.losses.lose(connected.generation),
            Aftermath::FindPrimary => self.losses.end(connected.term),
        }
        Err(LinkError::of(&error))
    }
}

fn wait_for(replicas: u32) -> redis::Cmd {
    let mut wait = redis::cmd("WAIT");
    wait.arg(replicas).arg(CONFIRMATION_MS);
    wait
}

fn is_unknown_script(error: &RedisError) -> bool {
    error.code() == Some("NOSCRIPT")
}

impl Losses {
    pub(super) fn lose(&self, generation: u64) {
        self.generation.send_if_modified(|last| {
            let news = generation > *last;
            *last = generation.max(*last);
            news
        });
    }

    /// Ends a term, unless somebody has already.
    pub(super) fn end(&self, term: u64) {
        self.term.send_if_modified(|now| {
            let news = *now == term;
            *now += u64::from(news);
            news
        });
    }
}
