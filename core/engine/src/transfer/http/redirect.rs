//! Redirects: which are followed, and to where (RFC 9110 section 15.4).

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::flags::{RedirectPolicy, SecurityFlags};

use super::exchange::{Ask, Exchange};
use super::response::Response;
use super::url::Url;
use crate::transfer::TransferError;

/// How many redirects one request follows.
const MOST_HOPS: usize = 10;

impl<'a> Exchange<'a> {
    /// Sends `ask` and follows redirects to the final response.
    pub(super) fn run(&self, ask: &Ask) -> Result<Response<'a>, TransferError> {
        let mut url = self.url.clone();
        let mut visited = Vec::new();
        let mut method = self.method.filter(|_| !ask.head);
        loop {
            let mut response = self.once(&url, ask, method)?;
            let forbidden = self.security.redirect_policy() == RedirectPolicy::Disallow;
            let status = response.head.status;
            match status {
                301 | 302 | 303 | 307 | 308 => {}
                // A choice: nothing to follow, but a redirect to those who want none.
                300 if forbidden => {}
                _ => return Ok(response),
            }
            let Some(location) = response.head.location.take() else { return Ok(response) };
            response.drain();
            if forbidden {
                return Err(self.redirect_refused(&url, status, &location));
            }
            let downgrade = self.security.contains(SecurityFlags::REDIRECT_ALLOW_HTTPS_TO_HTTP);
            let next = follow(&url, &location, downgrade).map_err(|why| redirect_failed(&url, &why))?;
            visited.push(url);
            if visited.contains(&next) {
                return Err(redirect_failed(&next, "the redirects go round in a circle"));
            }
            if visited.len() > MOST_HOPS {
                return Err(redirect_failed(&next, &format!("there are more than {MOST_HOPS} redirects")));
            }
            url = next;
            method = method.filter(|method| match status {
                303 => false,
                // What everybody does since the first browsers (RFC 9110 section 15.4.2).
                301 | 302 => *method != "POST",
                _ => true,
            });
        }
    }

    /// The job takes no redirects; where this one leads is told all the same.
    fn redirect_refused(&self, url: &Url, status: u16, location: &str) -> TransferError {
        let target = match url.join(location) {
            Ok(next) => {
                self.observer.redirected(&self.url.renamed_to(&next));
                next.to_string()
            }
            Err(why) => format!("{location:?}: {why}"),
        };
        let text = format!(
            "the server redirects {url} to {target}, and the job does not allow redirects; resume it to fetch from there"
        );
        let error = TransferError::new(refusal_of(status), ErrorContext::RemoteFile, text);
        TransferError { http_status: Some(status), ..error.fatal() }
    }
}

/// Where a redirect from `url` leads, if it may be followed.
fn follow(url: &Url, location: &str, downgrade: bool) -> Result<Url, String> {
    let next = url.join(location).map_err(|why| format!("to {location:?}: {why}"))?;
    if url.secure && !next.secure && !downgrade {
        return Err(format!("to {next}: from https to http, where anybody could read and change the file"));
    }
    Ok(next)
}

/// The code of a redirect that the job does not allow.
fn refusal_of(status: u16) -> ResultCode {
    match status {
        300 => ResultCode::BG_E_REDIRECT_REFUSED_300,
        301 => ResultCode::BG_E_REDIRECT_REFUSED_301,
        302 => ResultCode::BG_E_REDIRECT_REFUSED_302,
        303 => ResultCode::BG_E_REDIRECT_REFUSED_303,
        307 => ResultCode::BG_E_REDIRECT_REFUSED_307,
        _ => ResultCode::BG_E_REDIRECT_REFUSED_308,
    }
}

fn redirect_failed(url: &Url, why: &str) -> TransferError {
    let code = ResultCode::BG_E_WINHTTP_REDIRECT_FAILED;
    let text = format!("the redirect at {url} was not followed: {why}");
    TransferError::new(code, ErrorContext::RemoteFile, text).fatal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leaves_https_only_where_that_is_allowed() {
        let url = |text| Url::parse(text).unwrap();
        assert!(follow(&url("http://h/a"), "https://h/b", false).is_ok());
        assert!(follow(&url("https://h/a"), "/b", false).is_ok());
        assert!(follow(&url("https://h/a"), "http://h/b", false).is_err());
        assert!(follow(&url("https://h/a"), "http://h/b", true).is_ok());
        for downgrade in [false, true] {
            assert!(follow(&url("http://h/a"), "ftp://h/b", downgrade).is_err());
            assert!(follow(&url("http://h/a"), "file:///etc/passwd", downgrade).is_err());
        }
    }
}
