//! Counters, in the text format of Prometheus.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted since the server started.
#[derive(Default)]
pub struct Metrics {
    /// Connections that are open.
    pub connections: AtomicU64,
    /// Answers by the first digit of their status; 0 for requests that were given up.
    pub answers: [AtomicU64; 6],
    /// Bytes of bodies of answers.
    pub sent: AtomicU64,
    /// Bytes of Fragments that were new.
    pub received: AtomicU64,
    /// Files that arrived whole.
    pub uploads: AtomicU64,
    /// Notifications that server applications took, and others.
    pub notifications: [AtomicU64; 2],
    /// Sessions that clean-ups ended.
    pub cleaned: AtomicU64,
    /// Lines of the access log for which there was no room.
    pub lost_lines: AtomicU64,
}

impl Metrics {
    /// Counts something.
    pub fn add(counter: &AtomicU64, number: u64) {
        counter.fetch_add(number, Ordering::Relaxed);
    }

    /// The text, with what is known elsewhere: open sessions, and bytes of unfinished uploads.
    pub fn text(&self, sessions: u64, temporary: u64) -> String {
        let mut text = String::new();
        let mut metric = |name: &str, kind: &str, help: &str, values: &[(&str, u64)]| {
            let _ = writeln!(text, "# HELP bgcopy_server_{name} {help}\n# TYPE bgcopy_server_{name} {kind}");
            for (labels, value) in values {
                let _ = writeln!(text, "bgcopy_server_{name}{labels} {value}");
            }
        };
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let one = |counter: &AtomicU64| [("", of(counter))];
        metric("connections", "gauge", "Open connections.", &one(&self.connections));
        let classes =
            ["none", "1xx", "2xx", "3xx", "4xx", "5xx"].map(|class| format!("{{status=\"{class}\"}}"));
        let answers: Vec<_> =
            classes.iter().zip(&self.answers).map(|(class, count)| (class.as_str(), of(count))).collect();
        metric("answers_total", "counter", "Answers by class of status.", &answers);
        metric("sent_bytes_total", "counter", "Bytes of bodies of answers.", &one(&self.sent));
        metric("received_bytes_total", "counter", "Bytes of uploads.", &one(&self.received));
        metric("uploads_total", "counter", "Uploads that arrived whole.", &one(&self.uploads));
        let [taken, other] = &self.notifications;
        let notifications = [("{result=\"taken\"}", of(taken)), ("{result=\"failed\"}", of(other))];
        metric("notifications_total", "counter", "Notifications of server applications.", &notifications);
        metric("cleaned_sessions_total", "counter", "Sessions that ended by clean-up.", &one(&self.cleaned));
        metric("lost_log_lines_total", "counter", "Lines missing in the access log.", &one(&self.lost_lines));
        metric("sessions", "gauge", "Open upload sessions.", &[("", sessions)]);
        metric("temporary_bytes", "gauge", "Bytes of unfinished uploads.", &[("", temporary)]);
        text
    }
}
