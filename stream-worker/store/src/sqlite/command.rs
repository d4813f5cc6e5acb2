//! One change of a database, from its caller to the writer's thread and back.

use std::ops::Deref;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;

/// Called on the writer's thread once a command is durable: wakes watchers, moves counters.
pub(super) type Effect = Box<dyn FnOnce() + Send>;

/// A command's share of the writer's transaction.
pub struct Transaction<'c> {
    connection: &'c Connection,
    effects: Vec<Effect>,
}

impl Transaction<'_> {
    /// Has `effect` called on the writer's thread once this command is durable, and never if it is not. Effects run in
    /// the order of their commands. They must not block.
    pub fn after_commit(&mut self, effect: impl FnOnce() + Send + 'static) {
        self.effects.push(Box::new(effect));
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A change that waits for the writer.
pub(super) trait Command: Send {
    /// Makes the change within the open transaction.
    fn execute(self: Box<Self>, connection: &Connection) -> Box<dyn Executed>;

    /// Answers that the change was not even tried.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// A change that waits for the fsync.
pub(super) trait Executed {
    /// `Undo` if the command has answered an error: its change must not stay in the transaction.
    fn verdict(&self) -> Verdict;

    /// Runs the effects if the change is durable, then answers the caller.
    fn conclude(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// Fate of an executed command within its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    Undo,
}

/// A command that answers through a channel. The change is made also if the receiver has been dropped.
pub(super) struct Request<T, E, F> {
    pub(super) work: F,
    pub(super) answer: oneshot::Sender<Result<T, E>>,
}

struct Answer<T, E> {
    result: Result<T, E>,
    effects: Vec<Effect>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Command for Request<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send,
{
    fn execute(self: Box<Self>, connection: &Connection) -> Box<dyn Executed> {
        let mut transaction = Transaction {
            connection,
            effects: Vec::new(),
        };
        let result = (self.work)(&mut transaction);
        Box::new(Answer {
            result,
            effects: transaction.effects,
            answer: self.answer,
        })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _gone = self.answer.send(Err(error.into()));
    }
}

impl<T, E: From<StoreError>> Executed for Answer<T, E> {
    fn verdict(&self) -> Verdict {
        match self.result {
            Ok(_) => Verdict::Keep,
            Err(_) => Verdict::Undo,
        }
    }

    fn conclude(self: Box<Self>, outcome: Result<(), StoreError>) {
        let answer = match (self.result, outcome) {
            (Err(refused), _) => Err(refused),
            (Ok(_), Err(failed)) => Err(failed.into()),
            (Ok(value), Ok(())) => {
                for effect in self.effects {
                    effect();
                }
                Ok(value)
            }
        };
        let _gone = self.answer.send(answer);
    }
}
