use std::sync::Arc;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tempfile::TempDir;

use super::{
    CommitObserver, CommitOutcome, CommitStats, DataDir, Database, OpenError, Schema, StoreError,
    unobserved,
};

const MIGRATIONS: &[&str] = &[
    "CREATE TABLE numbers (number INTEGER PRIMARY KEY)",
    "CREATE TABLE more (id INTEGER PRIMARY KEY)",
];

const SCHEMA: Schema = Schema {
    file: "test.db",
    migrations: MIGRATIONS.split_at(1).0,
};

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("refused")]
    ByChoice,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn open(dir: &TempDir, observer: CommitObserver) -> Database {
    let data = DataDir::open(dir.path()).unwrap();
    Database::open(&data, &SCHEMA, observer, |_| Ok(())).unwrap()
}

async fn add(
    database: &Database,
    number: i64,
    effects: &Arc<Mutex<Vec<i64>>>,
) -> Result<(), Refused> {
    let effects = effects.clone();
    database
        .write(move |tx| {
            tx.execute("INSERT INTO numbers VALUES (?1)", [number])
                .map_err(StoreError::from)?;
            tx.after_commit(move || effects.lock().push(number));
            if number % 10 == 3 {
                return Err(Refused::ByChoice);
            }
            assert!(number % 10 != 7, "sevens panic");
            Ok(())
        })
        .await
}

async fn numbers(database: &Database) -> Vec<i64> {
    let read = database.read(|connection| -> Result<Vec<i64>, StoreError> {
        let mut statement = connection.prepare("SELECT number FROM numbers ORDER BY number")?;
        let numbers = statement.query_map([], |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    });
    read.await.unwrap()
}

#[tokio::test]
async fn a_command_that_refuses_or_panics_leaves_nothing_and_hurts_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(&dir, unobserved());
    let effects = Arc::default();
    let results = join_all((0..50).map(|number| add(&database, number, &effects))).await;
    for (number, result) in results.iter().enumerate() {
        match number % 10 {
            3 => assert!(matches!(result, Err(Refused::ByChoice))),
            7 => assert!(matches!(result, Err(Refused::Store(StoreError::Failed(_))))),
            _ => assert!(result.is_ok(), "{number}: {result:?}"),
        }
    }
    let kept: Vec<i64> = (0..50)
        .filter(|number| ![3, 7].contains(&(number % 10)))
        .collect();
    assert_eq!(numbers(&database).await, kept);
    assert_eq!(
        *effects.lock(),
        kept,
        "effects run in the order of their commands"
    );
}

#[tokio::test]
async fn what_waits_shares_a_commit_and_effects_follow_it() {
    let dir = tempfile::tempdir().unwrap();
    let commits: Arc<Mutex<Vec<CommitStats>>> = Arc::default();
    let database = {
        let commits = commits.clone();
        open(&dir, Arc::new(move |stats| commits.lock().push(stats)))
    };
    // The first command holds the thread until the others wait behind it.
    let (go, wait) = std::sync::mpsc::sync_channel::<()>(1);
    let first = database.write(move |_tx| -> Result<(), StoreError> {
        let _gone = wait.recv();
        Ok(())
    });
    let effects = Arc::default();
    let rest = join_all((0..100).map(|n| add(&database, n * 10, &effects)));
    let (first, rest, ()) = tokio::join!(first, rest, async { go.send(()).unwrap() });
    first.unwrap();
    assert!(rest.iter().all(Result::is_ok));
    let commits = commits.lock();
    assert!(
        commits
            .iter()
            .all(|commit| matches!(commit.outcome, CommitOutcome::Durable))
    );
    assert!(commits.len() < 100, "{} commits", commits.len());
    assert!(commits.iter().map(|commit| commit.commands).sum::<usize>() >= 100);
}

#[tokio::test]
async fn a_close_finishes_what_waits_and_leaves_no_log() {
    let dir = tempfile::tempdir().unwrap();
    let database = Arc::new(open(&dir, unobserved()));
    let effects = Arc::default();
    let writes = join_all([0, 1, 2].map(|number| add(&database, number, &effects)));
    let (writes, ()) = tokio::join!(writes, database.close());
    assert!(writes.iter().all(Result::is_ok), "{writes:?}");
    let late = add(&database, 5, &effects).await;
    assert!(matches!(late, Err(Refused::Store(StoreError::Closed))));
    let log = std::fs::metadata(dir.path().join("test.db-wal"));
    assert!(log.is_err(), "{log:?}");
    drop(database);
    assert_eq!(numbers(&open(&dir, unobserved())).await, [0, 1, 2]);
}

#[tokio::test]
async fn a_file_gets_the_migrations_that_it_has_not_seen() {
    let dir = tempfile::tempdir().unwrap();
    open(&dir, unobserved()).close().await;
    let newer = Schema {
        migrations: MIGRATIONS,
        ..SCHEMA
    };
    let data = DataDir::open(dir.path()).unwrap();
    let database = Database::open(&data, &newer, unobserved(), |connection| {
        connection.execute("INSERT INTO more VALUES (1)", [])?;
        Ok(())
    });
    database.unwrap().close().await;
    let refused = Database::open(&data, &SCHEMA, unobserved(), |_| Ok(()));
    assert!(matches!(
        refused.err(),
        Some(OpenError::Newer {
            found: 2,
            known: 1,
            ..
        })
    ));
}

#[tokio::test]
async fn a_recovery_that_fails_leaves_nothing_and_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let failed = Database::open(&data, &SCHEMA, unobserved(), |connection| {
        connection.execute("INSERT INTO numbers VALUES (1)", [])?;
        Err(StoreError::Damaged("it looks odd".into()))
    });
    assert!(failed.err().unwrap().to_string().contains("it looks odd"));
    drop(data);
    assert!(numbers(&open(&dir, unobserved())).await.is_empty());
}

#[tokio::test]
async fn what_does_not_fit_on_the_disk_is_not_there_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let full = Database::open(&data, &SCHEMA, unobserved(), |connection| {
        Ok(connection.pragma_update(None, "max_page_count", 8)?)
    });
    let (database, effects) = (full.unwrap(), Arc::default());
    let large = database.write(|tx| -> Result<(), StoreError> {
        tx.after_commit(|| unreachable!("it is not durable"));
        tx.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
             INSERT INTO numbers SELECT i FROM n",
            [],
        )?;
        Ok(())
    });
    let (large, small) = tokio::join!(large, add(&database, 1, &effects));
    assert!(matches!(large, Err(StoreError::Failed(_))), "{large:?}");
    // In the same transaction the small one may have gone with it, but never half-way.
    let kept = if small.is_ok() { vec![1] } else { Vec::new() };
    assert_eq!(numbers(&database).await, kept);
    assert_eq!(*effects.lock(), kept);
    add(&database, 2, &effects).await.unwrap();
}

#[tokio::test]
async fn a_log_that_has_grown_is_small_again_when_it_is_quiet() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(&dir, unobserved());
    let log = || {
        std::fs::metadata(dir.path().join("test.db-wal"))
            .unwrap()
            .len()
    };
    let grown = database.write(|tx| -> Result<(), StoreError> {
        tx.execute_batch("CREATE TABLE large AS SELECT randomblob(8000000) AS bytes")?;
        Ok(())
    });
    grown.await.unwrap();
    let small = async {
        while log() > 0 {
            tokio::task::yield_now().await;
        }
    };
    let small = tokio::time::timeout(std::time::Duration::from_secs(10), small).await;
    assert!(small.is_ok(), "the log still has {} bytes", log());
    // Writing goes on after it.
    add(&database, 1, &Arc::default()).await.unwrap();
    assert_eq!(numbers(&database).await, [1]);
}

#[tokio::test]
async fn a_commit_that_fails_is_reported_as_failed() {
    let dir = tempfile::tempdir().unwrap();
    let outcomes: Arc<Mutex<Vec<CommitOutcome>>> = Arc::default();
    let database = {
        let outcomes = outcomes.clone();
        open(
            &dir,
            Arc::new(move |stats| outcomes.lock().push(stats.outcome)),
        )
    };
    // SQLite looks at it when it commits, and refuses then.
    let orphan = database.write(|tx| -> Result<(), StoreError> {
        tx.execute_batch(
            "CREATE TABLE orphans (of INTEGER REFERENCES numbers DEFERRABLE INITIALLY DEFERRED);
             INSERT INTO orphans VALUES (42)",
        )?;
        Ok(())
    });
    assert!(orphan.await.is_err());
    add(&database, 1, &Arc::default()).await.unwrap();
    let outcomes = outcomes.lock();
    assert!(
        matches!(
            outcomes[..],
            [CommitOutcome::Failed(_), CommitOutcome::Durable]
        ),
        "{outcomes:?}"
    );
}
