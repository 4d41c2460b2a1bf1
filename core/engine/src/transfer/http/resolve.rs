//! Host names to addresses, cancellable.
//!
//! `getaddrinfo` cannot be interrupted, so it runs on a thread of its own, which is left to itself
//! when the attempt is cancelled. Answers are kept for a minute: a job of many files asks once.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::failure::Failure;
use super::tcp::Patience;
use crate::sys::poll::Interest;

/// How long an answer is reused. Short: the resolver does not tell how long it is valid.
const KEEP: Duration = Duration::from_secs(60);
/// Enough for every server of a queue; when it is full it is emptied.
const MOST_NAMES: usize = 256;

/// The answers of the last minute.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<String, (Instant, Vec<IpAddr>)>>);

impl Names {
    /// The addresses of `host`, an IPv6 literal in brackets or not, for `port`.
    pub(super) fn resolve(
        &self,
        host: &str,
        port: u16,
        patience: Patience,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let with_port = |ips: &[IpAddr]| ips.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(literal) = host.parse() {
            return Ok(with_port(&[literal]));
        }
        if let Some((asked, ips)) = self.0.lock().get(host)
            && asked.elapsed() < KEEP
        {
            return Ok(with_port(ips));
        }
        let ips = ask(host.to_owned(), look_up, patience)?;
        let mut names = self.0.lock();
        if names.len() >= MOST_NAMES {
            names.clear();
        }
        names.insert(host.to_owned(), (Instant::now(), ips.clone()));
        Ok(with_port(&ips))
    }

    /// Forgets `host`: none of its addresses answered.
    pub(super) fn forget(&self, host: &str) {
        self.0.lock().remove(host);
    }
}

fn look_up(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

fn ask(
    host: String,
    look_up: impl FnOnce(&str) -> io::Result<Vec<IpAddr>> + Send + 'static,
    patience: Patience,
) -> Result<Vec<IpAddr>, Failure> {
    // The end of the pipe tells a poll that the answer is there, or that the thread died.
    let (done, running) = io::pipe().map_err(Failure::Resolve)?;
    let (answer, answers) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("bgcopy-resolve".into())
        .spawn(move || {
            // Nobody listens any more after a cancel.
            let _ = answer.send(look_up(&host));
            drop(running);
        })
        .map_err(Failure::Resolve)?;
    patience.wait(&done, Interest::Readable)?;
    match answers.try_recv() {
        Ok(Ok(ips)) if !ips.is_empty() => Ok(ips),
        Ok(Ok(_)) => Err(Failure::Resolve(io::Error::other("it has no address"))),
        Ok(Err(error)) => Err(Failure::Resolve(error)),
        Err(_) => Err(Failure::Resolve(io::Error::other("the lookup ended without an answer"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::cancel::CancelToken;

    const FOREVER: Patience = Patience { cancel: None, deadline: None };

    #[test]
    fn literals_need_no_lookup() {
        let names = Names::default();
        for (host, expected) in [("127.0.0.1", "127.0.0.1:80"), ("[::1]", "[::1]:80")] {
            let found = names.resolve(host, 80, FOREVER).unwrap();
            assert_eq!(found, [expected.parse::<SocketAddr>().unwrap()]);
        }
        assert!(names.0.lock().is_empty());
    }

    #[test]
    fn an_answer_is_kept_until_forgotten() {
        let names = Names::default();
        let first = names.resolve("localhost", 80, FOREVER).unwrap();
        assert!(first.iter().all(|a| a.ip().is_loopback() && a.port() == 80));
        assert!(names.0.lock().contains_key("localhost"));
        names.forget("localhost");
        assert!(names.0.lock().is_empty());
    }

    #[test]
    fn an_old_answer_is_asked_again() {
        let names = Names::default();
        let Some(old) = Instant::now().checked_sub(KEEP * 2) else { return };
        names.0.lock().insert("localhost".into(), (old, vec!["192.0.2.1".parse().unwrap()]));
        assert!(names.resolve("localhost", 80, FOREVER).unwrap().iter().all(|a| a.ip().is_loopback()));
    }

    /// Asks a resolver that never answers.
    fn ask_nobody(patience: Patience) -> Result<Vec<IpAddr>, Failure> {
        let (release, released) = mpsc::channel::<()>();
        let result = ask(
            "host".into(),
            move |_| {
                let _ = released.recv();
                Ok(vec![])
            },
            patience,
        );
        drop(release);
        result
    }

    #[test]
    fn a_cancelled_lookup_ends_without_its_answer() {
        let cancel = CancelToken::new().unwrap();
        let token = cancel.clone();
        let asking = thread::spawn(move || ask_nobody(Patience { cancel: Some(&token), deadline: None }));
        cancel.cancel();
        assert!(matches!(asking.join().unwrap(), Err(Failure::Cancelled)));
    }

    #[test]
    fn a_lookup_ends_at_its_deadline() {
        let deadline = Some(Instant::now() + Duration::from_millis(5));
        assert!(matches!(ask_nobody(Patience { cancel: None, deadline }), Err(Failure::TimedOut)));
    }
}
