//! Renewal of leases, and attempts that lose theirs.

use super::*;

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_in_time_for_as_long_as_the_job_runs() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(false));
    let mut extensions = worker.queue.extensions.subscribe();
    let mut last = Instant::now();
    for number in 1..=20 {
        extensions
            .wait_for(|extensions| *extensions == number)
            .await
            .unwrap();
        assert!(
            last.elapsed() <= VISIBILITY / 2,
            "renewed after {:?}",
            last.elapsed()
        );
        last = Instant::now();
    }
    assert!(worker.journal.record().held_until.unwrap() > worker.clock.now());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_renewal_is_refused_stops_and_deletes_nothing() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(false));
    *worker.queue.extension.lock() = Extension::Stale;
    worker.renews_once().await;
    // Another attempt has the job now.
    worker.journal.record().attempt += 1;
    worker.site.open.send_replace(true);
    worker.stop().await;
    assert_eq!(worker.journal.names(), ["started"]);
    assert!(worker.queue.told.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_renewal_is_not_answered_stops_before_its_lease_lapses() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(false));
    *worker.queue.extension.lock() = Extension::Unanswered;
    let began = Instant::now();
    worker.renews_once().await;
    // The dispatcher's task stays.
    while worker.tasks.len() > 1 {
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    assert!(
        began.elapsed() < VISIBILITY,
        "stopped after {:?}",
        began.elapsed()
    );
    assert_eq!(worker.journal.names(), ["started"]);
    assert!(worker.queue.told.borrow().is_empty());
}
