//! The behaviour of every journal, told once and run against each.
//!
//! A behaviour is a function of a [`World`]; `journal_suite!` makes a test of each. What a journal takes for the time passes
//! when the [`World`] says so.

pub(crate) mod world;
pub(crate) mod leases;
pub(crate) mod steps;
pub(crate) mod reading;
pub(crate) mod cursors;
pub(crate) mod following;
pub(crate) mod flags;
pub(crate) mod outbox;
pub(crate) mod retention;
pub(crate) mod writing;
pub(crate) mod tenants;

pub(crate) use world::World;

/// Runs each behaviour in a world that `$open` makes, as a test that `$test` says.
macro_rules! journal_suite {
    ($test:meta, $open:path) => {
        crate::journal::suite::journal_suite!($test, $open;
            leases: the_first_attempt_is_fresh_and_the_next_one_resumes,
            leases: a_lease_that_is_held_is_not_given_to_another,
            leases: a_renewed_lease_lasts_from_the_renewal_on,
            leases: a_lapsed_lease_goes_to_the_next_attempt_and_fences_the_last,
            leases: a_released_lease_is_free_at_once,
            leases: of_many_workers_that_come_at_once_one_gets_the_lease,
            leases: a_job_that_has_ended_is_finished_for_everybody,
            leases: an_attempt_that_wrote_nothing_leaves_a_fresh_job,
            leases: attempts_that_finish_no_url_are_counted,
            steps: a_step_is_seen_whole,
            steps: a_step_that_does_not_follow_the_head_is_refused_whole,
            steps: a_refused_step_does_not_hurt_those_committed_with_it,
            steps: nothing_follows_the_terminal_event,
            steps: urls_wait_from_discovery_to_completion,
            steps: pending_urls_come_page_by_page_in_order,
            steps: what_robots_files_said_is_kept_by_host,
            steps: a_large_job_leaves_no_waiting_urls_at_its_end,
            reading: frames_come_in_order_as_they_were_written,
            reading: a_read_stops_at_its_budget_but_gives_at_least_one,
            reading: a_cut_event_is_whole_in_a_download,
            reading: an_event_is_recalled_by_its_gist_or_else_by_its_data,
            reading: an_unknown_channel_has_nothing,
            reading: a_read_after_an_event_that_the_log_does_not_hold_says_where_they_part,
            cursors: an_event_of_the_log_is_a_valid_cursor,
            cursors: a_cursor_that_no_event_ever_had_is_unknown,
            cursors: a_cursor_beyond_the_head_is_from_a_lost_tail,
            cursors: a_cursor_that_a_later_attempt_wrote_over_is_from_a_lost_tail,
            following: a_follower_hears_each_step_with_its_frames,
            following: whoever_registers_before_reading_misses_nothing,
            following: a_dropped_guard_ends_the_calls,
            flags: a_cancel_is_seen_by_the_job_and_the_first_reason_stays,
            flags: a_cancel_that_comes_before_the_job_is_kept_for_it,
            flags: an_ended_job_is_not_cancelled,
            flags: a_pause_reaches_those_who_watch_and_lasts,
            flags: the_last_watcher_starts_the_grace_and_the_next_one_ends_it,
            flags: the_watchers_of_a_channel_are_counted,
            flags: a_job_that_nobody_watched_is_not_unwatched,
            flags: every_receiver_hears_every_change,
            outbox: a_webhook_is_pending_from_the_beginning_of_its_job,
            outbox: webhooks_are_claimed_by_tenant_in_the_order_of_their_jobs,
            outbox: one_webhook_has_one_teller,
            outbox: a_released_claim_is_claimable_at_once,
            outbox: a_claim_of_another_is_refused,
            outbox: a_claim_lasts_from_its_last_use_on,
            outbox: a_claim_that_lapsed_is_good_until_another_claims,
            outbox: a_webhook_that_failed_is_claimed_again_when_it_is_due,
            outbox: a_webhooks_cursor_is_kept_until_it_has_received_everything,
            outbox: an_attempt_that_resumes_makes_no_webhook_pending_twice,
            outbox: a_pending_webhook_goes_with_the_record,
            retention: events_of_a_job_that_ended_long_ago_go,
            retention: jobs_that_run_or_ended_lately_stay,
            retention: an_expired_channel_is_told_from_an_unknown_one_for_a_while,
            retention: a_channel_whose_job_never_came_goes_after_a_day,
            retention: commits_go_on_while_a_large_job_expires,
            writing: a_log_writer_numbers_events_and_moves_on_only_on_success,
            writing: a_log_writer_may_repeat_an_append_that_was_dropped,
            writing: a_log_writer_that_is_fenced_says_so,
            writing: a_log_reader_gives_each_event_once_and_goes_on_when_the_log_grows,
            tenants: a_tenants_jobs_and_pages_are_counted_by_day,
            tenants: a_second_attempt_counts_no_job_and_no_page_twice,
            tenants: a_tenants_jobs_come_newest_first_and_page_by_page,
            tenants: a_tenants_jobs_are_listed_by_state,
        );
    };
    ($test:meta, $open:path; $($module:ident: $name:ident,)+) => {
        $(
            #[$test]
            async fn $name() {
                crate::journal::suite::$module::$name($open().await).await;
            }
        )+
    };
}
pub(crate) use journal_suite;
