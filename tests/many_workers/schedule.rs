//! The faults of a run, drawn from a seed.

use std::fmt;
use std::time::Duration;

use e2e::Cluster;
use fastrand::Rng;

/// Workers of a run.
pub(crate) const WORKERS: usize = 3;

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A worker is killed (SIGKILL), and started again when the fault is over.
    Kill(usize),
    /// A worker is asked to stop (SIGTERM), and started again once it has.
    Restart(usize),
    /// A worker is stopped with all its connections open (SIGSTOP), and goes on (SIGCONT) when the fault is over.
    Freeze(usize),
    /// A worker's connections to Redis break in the middle of an answer.
    Cut(usize),
    /// A worker does not reach Redis until the fault is over.
    CutOff(usize),
    /// Redis is killed, and started again when the fault is over.
    RedisKill,
    /// Redis is stopped with all its connections open, and goes on when the fault is over.
    RedisFreeze,
    /// Redis is lost, and a replica takes over that was cut off from it when the fault began.
    Promote,
    /// Redis forgets the scripts that it was sent.
    ScriptFlush,
    /// All watchers' connections break in the middle of an event.
    WatchersCut,
}

impl Fault {
    /// Its kind in a word, for the report.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Kill(_) => "kill",
            Self::Restart(_) => "restart",
            Self::Freeze(_) => "freeze",
            Self::Cut(_) => "cut",
            Self::CutOff(_) => "cut off",
            Self::RedisKill => "redis kill",
            Self::RedisFreeze => "redis freeze",
            Self::Promote => "promote",
            Self::ScriptFlush => "script flush",
            Self::WatchersCut => "watchers cut",
        }
    }

    /// One of each kind, each with a random worker.
    fn one_of_each(random: &mut Rng) -> Vec<Self> {
        let mut worker = || random.usize(0..WORKERS);
        let mut faults = vec![
            Self::Kill(worker()),
            Self::Restart(worker()),
            Self::Freeze(worker()),
            Self::Cut(worker()),
            Self::CutOff(worker()),
            Self::RedisKill,
            Self::RedisFreeze,
            Self::Promote,
            Self::ScriptFlush,
            Self::WatchersCut,
        ];
        random.shuffle(&mut faults);
        faults
    }

    /// True if another fault may happen while this one lasts: it leaves Redis and two workers as they are.
    const fn leaves_others(self) -> bool {
        matches!(self, Self::Kill(_) | Self::Freeze(_) | Self::CutOff(_))
    }

    /// True if it goes on until it is ended.
    pub(crate) const fn lasts(self) -> bool {
        match self {
            Self::Kill(_)
            | Self::Freeze(_)
            | Self::CutOff(_)
            | Self::RedisKill
            | Self::RedisFreeze
            | Self::Promote => true,
            Self::Restart(_) | Self::Cut(_) | Self::ScriptFlush | Self::WatchersCut => false,
        }
    }

    /// True if another attempt may follow because of it.
    pub(crate) const fn ends_attempts(self) -> bool {
        self.lasts() || matches!(self, Self::Restart(_))
    }

    /// A fault that can happen, and be over, while a worker is away.
    fn meanwhile(random: &mut Rng) -> Self {
        match random.u8(0..4) {
            0 => Self::RedisKill,
            1 => Self::RedisFreeze,
            2 => Self::ScriptFlush,
            _ => Self::WatchersCut,
        }
    }
}

/// One fault, or one within another.
#[derive(Clone)]
pub(crate) struct Step {
    /// Quiet before it.
    pub(crate) quiet: Duration,
    pub(crate) fault: Fault,
    /// Its length, if it lasts.
    pub(crate) span: Duration,
    /// A fault that begins and ends while it lasts.
    pub(crate) meanwhile: Option<Fault>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            quiet,
            fault,
            span,
            meanwhile,
        } = self;
        write!(f, "{quiet:?} quiet, {fault:?} for {span:?}")?;
        meanwhile.map_or(Ok(()), |fault| write!(f, " with {fault:?} meanwhile"))
    }
}

/// The faults that a seed stands for: `rounds` times each kind, in a random order, with a worker and a length of 0.3 to 1.5
/// leases each.
pub(crate) fn schedule(seed: u64, rounds: usize) -> Vec<Step> {
    let mut random = Rng::with_seed(seed);
    let faults: Vec<Fault> = (0..rounds)
        .flat_map(|_| Fault::one_of_each(&mut random))
        .collect();
    let steps = faults.into_iter().map(|fault| {
        let lease = Cluster::LEASE.as_secs_f64();
        let meanwhile = fault.leaves_others() && random.bool();
        Step {
            quiet: Duration::from_millis(random.u64(200..1_500)),
            fault,
            span: Duration::from_secs_f64(lease * (0.3 + 1.2 * random.f64())),
            meanwhile: meanwhile.then(|| Fault::meanwhile(&mut random)),
        }
    });
    steps.collect()
}
