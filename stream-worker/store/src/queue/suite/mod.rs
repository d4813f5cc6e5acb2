//! The behaviour of every queue, told once and run against each.
//!
//! A behaviour is a function of a [`World`]; the macros make a test of each. What a queue under test takes for the time passes
//! when the [`World`] says so. It hides deliveries for [`VISIBILITY`](world::VISIBILITY), gives each message
//! [`MAX_RECEIVES`](world::MAX_RECEIVES) receives, and waits for [`LONG_POLL`](world::LONG_POLL).
//!
//! A standard queue of SQS delivers at least once and in about the order of submission. What other queues promise beyond that is
//! told apart, and so is what only a queue within this process can be held to: its waits, by a clock that a test turns.

pub(crate) mod world;
pub(crate) mod deliveries;
pub(crate) mod dead_letters;
pub(crate) mod order;
pub(crate) mod waiting;

pub(crate) use world::World;

/// Makes a test of each behaviour, in a world that `$open` makes. `$options` are those of `tokio::test`.
macro_rules! behaviours {
    ($open:path, $options:tt; $($module:ident: $name:ident,)+) => {
        $(
            #[tokio::test $options]
            async fn $name() {
                crate::queue::suite::$module::$name($open().await).await;
            }
        )+
    };
}
pub(crate) use behaviours;

/// Behaviour that jobs rely on.
macro_rules! behaviours_of_every_queue {
    ($open:path, $options:tt) => {
        crate::queue::suite::behaviours!($open, $options;
            deliveries: a_delivery_is_hidden_until_its_visibility_ends,
            deliveries: an_extended_delivery_stays_hidden,
            deliveries: an_acknowledged_message_is_gone,
            deliveries: a_released_message_comes_back_at_once_or_later,
            deliveries: a_receipt_of_a_message_that_is_gone_is_stale,
            deliveries: a_receipt_that_nobody_gave_is_stale,
            deliveries: the_depth_tells_ready_from_hidden,
            dead_letters: a_message_that_comes_too_often_is_dead,
            dead_letters: a_resubmitted_message_counts_its_receives_anew,
            dead_letters: a_dead_letter_never_comes_back,
            order: a_receive_takes_no_more_than_it_was_asked_for,
            waiting: a_receive_gets_what_is_submitted_while_it_waits,
            waiting: a_stopped_receive_takes_nothing,
        );
    };
}
pub(crate) use behaviours_of_every_queue;

/// Behaviour of a queue that delivers once at a time, and in order.
macro_rules! behaviours_of_exact_queues {
    ($open:path, $options:tt) => {
        crate::queue::suite::behaviours!($open, $options;
            deliveries: a_receipt_of_an_earlier_receive_is_stale,
            deliveries: an_acknowledgement_counts_once,
            deliveries: a_channel_is_in_the_queue_once,
            deliveries: of_many_receivers_none_shares_a_message,
            deliveries: the_depth_tells_how_long_the_oldest_has_waited,
            order: a_tenants_messages_come_in_the_order_of_their_submission,
            order: tenants_take_turns,
            order: messages_of_tenants_that_are_left_out_stay_and_the_others_take_turns,
        );
    };
}
pub(crate) use behaviours_of_exact_queues;

/// Behaviour of a queue within one process, which has one clock with its users.
macro_rules! behaviours_of_queues_with_our_clock {
    ($open:path, $options:tt) => {
        crate::queue::suite::behaviours!($open, $options;
            waiting: a_receive_waits_for_a_submission,
            waiting: a_receive_waits_for_a_hidden_message,
            waiting: a_receive_is_woken_by_a_release,
            waiting: a_receive_ends_by_itself,
            waiting: a_stopped_receive_ends_at_once,
        );
    };
}
pub(crate) use behaviours_of_queues_with_our_clock;
