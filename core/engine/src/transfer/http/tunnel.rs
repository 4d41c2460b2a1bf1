//! CONNECT: a way through a proxy for what it must not read (RFC 9110 section 9.3.6).

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::AuthTarget;

use super::authentication::{Authenticator, Question, Verdict};
use super::failure::Failure;
use super::proxy::Proxy;
use super::request::Request;
use super::tcp::{Patience, Tcp};

/// Longer answers to CONNECT are refused.
const MOST_BYTES: usize = 16 * 1024;

/// Opens a way to `host:port` over connections to the proxy, which `dial` makes.
pub(super) fn open(
    proxy: &Proxy,
    authenticator: &Authenticator,
    host_and_port: &str,
    user_agent: &str,
    patience: Patience,
    dial: impl Fn() -> Result<Tcp, Failure>,
) -> Result<Tcp, Failure> {
    let place = proxy.to_string();
    let question =
        Question { target: AuthTarget::Proxy, place: &place, method: "CONNECT", uri: host_and_port };
    let mut round = 1;
    loop {
        let header = authenticator.header(question);
        let mut tcp = dial()?;
        let mut request = Request::new("CONNECT", host_and_port, host_and_port);
        request.header("User-Agent", user_agent.as_bytes())?;
        if let Some(header) = &header {
            request.header("Proxy-Authorization", header)?;
        }
        tcp.send(&request.into_bytes(), patience)?;
        let answer = receive(&mut tcp, patience)?;
        let (status, challenges) = parse(&answer).ok_or_else(|| {
            Failure::Io(std::io::Error::other(format!("the proxy {place} does not speak HTTP")))
        })?;
        if (200..300).contains(&status) {
            return Ok(tcp);
        }
        let mut text = format!("the proxy {place} answered {status} for {host_and_port}");
        let mut code = ResultCode::from_http_status(status);
        if status == 407 {
            match authenticator.challenged(question, &challenges, header.as_deref(), round) {
                Verdict::Again => {
                    round += 1;
                    continue;
                }
                Verdict::Refused(why) => text = format!("{text}: {why}"),
                Verdict::Malformed(why) => (code, text) = (ResultCode::BG_E_INVALID_CREDENTIALS, why),
            }
        }
        return Err(Failure::Proxy(code, text));
    }
}

/// The head of an answer, without the empty line.
fn receive(tcp: &mut Tcp, patience: Patience) -> Result<Vec<u8>, Failure> {
    let mut answer = Vec::new();
    let mut block = [0; 2048];
    loop {
        let received = tcp.receive(&mut block, 0, patience)?;
        if received == 0 {
            return Err(Failure::Io(std::io::ErrorKind::UnexpectedEof.into()));
        }
        let searched = answer.len().saturating_sub(3);
        answer.extend_from_slice(&block[..received]);
        if let Some(end) = answer[searched..].windows(4).position(|four| four == b"\r\n\r\n") {
            // Nothing comes from the other side before it is spoken to.
            answer.truncate(searched + end);
            return Ok(answer);
        }
        if answer.len() > MOST_BYTES {
            return Err(Failure::Io(std::io::Error::other("the proxy answers with too many headers")));
        }
    }
}

/// The status and the challenges of an answer.
fn parse(answer: &[u8]) -> Option<(u16, Vec<String>)> {
    let text: String = answer.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    if !words.next()?.starts_with("HTTP/1.") {
        return None;
    }
    let status = words.next()?.parse().ok()?;
    let challenges = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authenticate").then(|| value.trim().to_owned())
    });
    Some((status, challenges.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_challenges() {
        let answer =
            b"HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=x\r\nA: b\r\nproxy-authenticate:NTLM";
        assert_eq!(parse(answer), Some((407, vec!["Basic realm=x".to_owned(), "NTLM".to_owned()])));
        assert_eq!(parse(b"HTTP/1.0 200 OK"), Some((200, vec![])));
        assert_eq!(parse(b"SSH-2.0-OpenSSH"), None);
        assert_eq!(parse(b"HTTP/1.1 xx"), None);
    }
}
