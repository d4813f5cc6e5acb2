//! Jobs whose journal does not take what they write.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_full_disk_stops_the_job_until_there_is_space_and_loses_nothing() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(true));
    worker.journal.record().failing_commits = 5;
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    let names = worker.journal.names();
    assert_eq!(names.iter().filter(|name| *name == "progress").count(), 3);
    assert_eq!(worker.journal.record().failing_commits, 0);
}

/// A worker whose one job has tried to commit on a full disk.
async fn stuck(commits: u32) -> Worker {
    let worker = Worker::new(vec![(body(&job()), 1)], Site::new(true));
    worker.journal.record().failing_commits = u32::MAX;
    let mut tried = worker.journal.commits.subscribe();
    worker.dispatch();
    tried.wait_for(|tried| *tried >= commits).await.unwrap();
    worker
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_store_is_full_does_not_hold_up_a_drain() {
    let worker = stuck(3).await;
    let tried = *worker.journal.commits.borrow();
    let began = Instant::now();
    worker.stop().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(
        *worker.journal.commits.borrow(),
        tried,
        "nothing is retried"
    );
    assert!(matches!(
        worker.queue.told.borrow()[..],
        [Told::Released(_)]
    ));
    assert!(worker.journal.names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_crawl_whose_store_fills_up_is_given_back_by_a_drain() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(false));
    let mut extensions = worker.queue.extensions.subscribe();
    extensions.wait_for(|count| *count == 1).await.unwrap();
    worker.journal.record().failing_commits = u32::MAX;
    let mut tried = worker.journal.commits.subscribe();
    let before = *tried.borrow();
    worker.site.open.send_replace(true);
    tried.wait_for(|tried| *tried > before).await.unwrap();
    let began = Instant::now();
    worker.stop().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(matches!(
        worker.queue.told.borrow()[..],
        [Told::Released(_)]
    ));
}

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_while_the_first_event_waits_for_space() {
    let worker = Worker::new(vec![(body(&job()), 1)], Site::new(true));
    worker.journal.record().failing_commits = 300;
    worker.dispatch();
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert!(*worker.queue.extensions.borrow() >= 5);
    assert_eq!(worker.journal.names().last().unwrap(), "done");
}

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_while_the_last_event_waits_for_space() {
    let worker = Worker::new(vec![(body(&job()), 1)], Site::new(true));
    worker.journal.record().refuses_ends = true;
    worker.dispatch();
    let mut extensions = worker.queue.extensions.subscribe();
    extensions.wait_for(|count| *count == 10).await.unwrap();
    assert!(worker.journal.record().held_until.unwrap() > worker.clock.now());
    worker.journal.record().refuses_ends = false;
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names().last().unwrap(), "done");
}

#[tokio::test(start_paused = true)]
async fn no_job_is_taken_while_the_store_is_away() {
    let worker = Worker::new(vec![(body(&job()), 1)], Site::new(true));
    worker.journal.record().is_away = true;
    worker.dispatch();
    let mut told = worker.queue.told.subscribe();
    // A receive that was under way when the outage was noticed takes one more.
    worker.queue.settled().await;
    worker.queue.deliver(body(&job()), 2);
    told.wait_for(|told| told.len() == 2).await.unwrap();

    worker.queue.deliver(body(&job()), 3);
    let mut probes = worker.journal.probes.subscribe();
    probes.wait_for(|probes| *probes == 10).await.unwrap();
    assert_eq!(worker.queue.waiting(), 1, "its receives are not used up");

    worker.journal.record().is_away = false;
    let all = told.wait_for(|told| told.len() == 3).await.unwrap();
    assert_eq!(all[2], Told::Acked);
}
