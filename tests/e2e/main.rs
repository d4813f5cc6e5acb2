//! Every promise that Crawlcast makes, one module for each behaviour, held against the real binary.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the finding")]

mod architecture;
mod stacks;
mod command_line;
mod submit_then_watch;
mod bad_requests;
mod bad_tokens;
mod other_origins;
mod watch_before_start;
mod end_of_job;
mod honest_ends;
mod results;
mod reconnect;
mod cursor_reset;
mod heartbeat;
mod pause_resume;
mod slow_watcher;
mod cancel;
mod disconnect;
mod drain;
mod crash;
mod limits;
mod lifetime;
mod h2c;
mod crowd;
mod behind_nginx;
mod behind_proxies;
mod ends_behind_proxies;
mod caches;
mod sqs_dead_letters;
mod sqs_redelivery;
mod sqs_refuses;
mod local_stack;
mod split;
mod split_under_kills;
mod tenants;
mod webhook;
mod recrawl;
mod robots;
mod hostile_site;
mod endless;
mod real_site;
mod browser_page;
mod clients;
mod metrics_and_health;
