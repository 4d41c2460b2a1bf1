//! Behaviour of the queue through the client API: a scripted server, a store in memory, a clock moved by hand.

mod access;
mod certificates;
mod concurrency;
mod copies;
mod failures;
mod fork;
mod http_options;
mod life_cycle;
mod model;
mod notifications;
mod on_demand;
mod policies;
mod programs;
mod properties;
mod ranges;
mod remote_names;
mod response_headers;
mod rules;
mod scheduling;
mod small_files;
mod squid;
mod stage;
mod timers;
mod tokens;
mod validation;
