//! Behaviour of the queue through the client API: a scripted server, a store in memory, a clock moved by hand.

mod failures;
mod notifications;
mod scheduling;
mod stage;
mod timers;
