//! Totals of tenants by day, and their lists of jobs.

use std::time::Duration;

use shared::{ChannelId, Counts, JobMessage, JobState, Terminal};

use super::World;
use super::world::{Pen, granted, job};
use crate::journal::{Step, TenantJobs, Usage};

const DAY: Duration = Duration::from_secs(86_400);

/// A job of `tenant`, taken.
async fn begin(world: &World, tenant: &str) -> Pen {
    let job = JobMessage {
        tenant: tenant.to_owned(),
        ..job(ChannelId::mint())
    };
    let (lease, _) = granted(world.acquire(&job, "w1").await);
    Pen {
        journal: world.journal.clone(),
        job,
        lease,
        head: 0,
    }
}

/// Commits a step after which the job has fetched so many pages in all.
async fn fetch(pen: &mut Pen, fetched: u64) {
    let step = Step {
        counts: Counts {
            discovered: fetched,
            fetched,
            ..Counts::default()
        },
        ..pen.step(1)
    };
    pen.commit(step).await.unwrap();
}

async fn channels(world: &World, wanted: TenantJobs) -> Vec<ChannelId> {
    let jobs = world.journal.jobs_of(wanted).await.unwrap();
    jobs.into_iter().map(|job| job.channel).collect()
}

fn all_of(tenant: &str) -> TenantJobs {
    TenantJobs {
        tenant: tenant.to_owned(),
        state: None,
        before: None,
        most: 10,
    }
}

pub(crate) async fn a_tenants_jobs_and_pages_are_counted_by_day(world: World) {
    let (mut first, mut second) = (begin(&world, "a").await, begin(&world, "a").await);
    begin(&world, "b").await;
    fetch(&mut first, 3).await;
    fetch(&mut first, 5).await;
    fetch(&mut second, 2).await;
    let today = world.journal.usage("a").await.unwrap();
    assert_eq!(today, Usage { jobs: 2, pages: 7 });
    assert_eq!(world.journal.usage("b").await.unwrap().pages, 0);
    world.pass(DAY).await;
    assert_eq!(world.journal.usage("a").await.unwrap(), Usage::default());
}

pub(crate) async fn a_second_attempt_counts_no_job_and_no_page_twice(world: World) {
    let mut pen = begin(&world, "a").await;
    fetch(&mut pen, 4).await;
    let mut next = world.take_over(&pen).await;
    fetch(&mut next, 6).await;
    let usage = world.journal.usage("a").await.unwrap();
    assert_eq!(usage, Usage { jobs: 1, pages: 6 });
}

pub(crate) async fn a_tenants_jobs_come_newest_first_and_page_by_page(world: World) {
    let mut pens = Vec::new();
    for _ in 0..3 {
        pens.push(begin(&world, "a").await);
        begin(&world, "b").await;
    }
    let newest_first: Vec<ChannelId> = pens.iter().rev().map(Pen::channel).collect();
    assert_eq!(channels(&world, all_of("a")).await, newest_first);
    let mut wanted = TenantJobs {
        most: 2,
        ..all_of("a")
    };
    let page = world.journal.jobs_of(wanted.clone()).await.unwrap();
    wanted.before = page.last().map(|job| job.number);
    assert_eq!(channels(&world, wanted).await, newest_first[2..]);
}

pub(crate) async fn a_tenants_jobs_are_listed_by_state(world: World) {
    let (mut ended, running) = (begin(&world, "a").await, begin(&world, "a").await);
    let step = Step {
        outcome: Some(Terminal::Done),
        ..ended.step(1)
    };
    ended.commit(step).await.unwrap();
    let in_state = |state| TenantJobs {
        state: Some(state),
        ..all_of("a")
    };
    let done = channels(&world, in_state(JobState::Done)).await;
    assert_eq!(done, [ended.channel()]);
    let running_now = channels(&world, in_state(JobState::Running)).await;
    assert_eq!(running_now, [running.channel()]);
}
