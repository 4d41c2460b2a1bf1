//! Answers to 401 and 407 (RFC 9110 section 11): Basic (RFC 7617) and Digest (RFC 7616).
//!
//! Nothing is sent before it was asked for; afterwards it is sent with every request to the same place,
//! so that a job of many files is asked once.

use std::collections::HashMap;
use std::fmt;

use bgcopy_protocol::enums::{AuthScheme, AuthTarget};
use md5::{Digest as _, Md5};
use parking_lot::Mutex;

use crate::transfer::access::Credentials;

/// How often one request may be answered with a challenge; a stale nonce costs one more.
const MOST_ROUNDS: u32 = 3;

/// Who answers challenges, with the credentials of one job.
#[derive(Debug, Default)]
pub(super) struct Authenticator {
    credentials: Vec<Held>,
    known: Mutex<HashMap<(AuthTarget, String), Known>>,
}

/// Credentials, and the one place they are for, unless they are for all.
#[derive(Debug)]
pub(super) struct Held {
    pub place: Option<String>,
    pub credentials: Credentials,
}

/// What a place asked for last.
#[derive(Debug)]
struct Known {
    challenge: Challenge,
    /// Which of the credentials answer it.
    credentials: usize,
    /// Requests with this nonce so far.
    count: u32,
}

/// What is asked for: a server or proxy, and the request for it.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub target: AuthTarget,
    /// The server or proxy, `host:port` or a URL without path.
    pub place: &'a str,
    pub method: &'a str,
    /// As in the request line.
    pub uri: &'a str,
}

/// What to do about a challenge.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// [`Authenticator::header`] now has an answer.
    Again,
    /// There is none; the text says why.
    Refused(String),
    /// The credentials that would answer it cannot be sent; the text says why.
    Malformed(String),
}

/// A challenge of a scheme that can be answered.
#[derive(Clone, PartialEq, Eq)]
enum Challenge {
    Basic,
    Digest(Box<Nonce>),
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Challenge::Basic => "Basic",
            Challenge::Digest(_) => "Digest",
        })
    }
}

/// A Digest challenge.
#[derive(Clone, Default, PartialEq, Eq)]
struct Nonce {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// As the server wrote it.
    algorithm: Option<String>,
    sha256: bool,
    session: bool,
    /// `qop=auth` is offered.
    auth: bool,
    userhash: bool,
    stale: bool,
}

impl Authenticator {
    pub(super) fn new(credentials: Vec<Held>) -> Authenticator {
        Authenticator { credentials, known: Mutex::default() }
    }

    /// Whether nothing can ever be answered.
    pub(super) fn is_empty(&self) -> bool {
        self.credentials.is_empty()
    }

    /// User name and password for a proxy that asks for them before there is HTTP.
    pub(super) fn password_for(&self, proxy: &str) -> Option<(&str, &str)> {
        let held = self.credentials.iter().find(|held| {
            let of = &held.credentials;
            (of.target, of.scheme) == (AuthTarget::Proxy, AuthScheme::Basic)
                && held.place.as_deref().is_none_or(|place| place == proxy)
        })?;
        Some((held.credentials.user.as_deref()?, held.credentials.password.as_deref()?))
    }

    /// The value of Authorization or Proxy-Authorization, once the place has asked for it.
    pub(super) fn header(&self, question: Question) -> Option<Vec<u8>> {
        if self.credentials.is_empty() {
            return None;
        }
        let mut known = self.known.lock();
        let known = known.get_mut(&(question.target, question.place.to_owned()))?;
        let credentials = &self.credentials.get(known.credentials)?.credentials;
        let user = credentials.user.as_deref().unwrap_or_default();
        let password = credentials.password.as_deref().unwrap_or_default();
        match &known.challenge {
            Challenge::Basic => Some(basic(user.as_bytes(), password.as_bytes()).into_bytes()),
            Challenge::Digest(nonce) => {
                known.count += 1;
                let mut random = [0; 16];
                getrandom::fill(&mut random).ok()?;
                Some(nonce.answer(user, password, question, known.count, &hex(&random)))
            }
        }
    }

    /// Takes the challenges of a 401 or 407 to a request that was sent with `sent`, the `round`-th time.
    pub(super) fn challenged(
        &self,
        question: Question,
        challenges: &[String],
        sent: Option<&[u8]>,
        round: u32,
    ) -> Verdict {
        let offered: Vec<Offer> = challenges.iter().flat_map(|text| offers(text)).collect();
        let whose = match question.target {
            AuthTarget::Server => "server",
            AuthTarget::Proxy => "proxy",
        };
        let mut best: Option<(u32, usize, Challenge)> = None;
        for offer in &offered {
            let Some((strength, scheme, challenge)) = offer.answerable() else { continue };
            let fitting = |held: &Held| {
                let one = &held.credentials;
                held.place.as_ref().is_none_or(|place| place == question.place)
                    && (one.target, one.scheme) == (question.target, scheme)
                    && one.user.is_some()
            };
            if let Some(index) = self.credentials.iter().position(fitting)
                && best.as_ref().is_none_or(|(known, ..)| strength > *known)
            {
                best = Some((strength, index, challenge));
            }
        }
        let Some((_, index, challenge)) = best else {
            return Verdict::Refused(no_answer(whose, &offered, self.has(question.target)));
        };
        let credentials = &self.credentials[index].credentials;
        let user = credentials.user.as_deref().unwrap_or_default();
        let password = credentials.password.as_deref().unwrap_or_default();
        if user.chars().chain(password.chars()).any(char::is_control)
            || (challenge == Challenge::Basic && user.contains(':'))
        {
            return Verdict::Malformed(format!(
                "the user name or password for the {whose} has a character that {challenge:?} cannot carry"
            ));
        }
        // What went out before this request was challenged may have been for an earlier nonce.
        let old = round == 1 && matches!(challenge, Challenge::Digest(_));
        let stale = matches!(&challenge, Challenge::Digest(nonce) if nonce.stale);
        if round >= MOST_ROUNDS || (sent.is_some() && !old && !stale) {
            return Verdict::Refused(format!(
                "the {whose} refuses the user name or the password of the job ({challenge:?})"
            ));
        }
        let known = Known { challenge, credentials: index, count: 0 };
        self.known.lock().insert((question.target, question.place.to_owned()), known);
        Verdict::Again
    }

    fn has(&self, target: AuthTarget) -> bool {
        self.credentials.iter().any(|held| held.credentials.target == target)
    }
}

fn no_answer(whose: &str, offered: &[Offer], has_others: bool) -> String {
    let known = ["Basic", "Digest", "NTLM", "Negotiate", "Kerberos", "Bearer", "Passport1.4"];
    let mut schemes: Vec<&str> = Vec::new();
    for offer in offered {
        let name = known.iter().find(|name| name.eq_ignore_ascii_case(&offer.scheme));
        if let Some(name) = name
            && !schemes.contains(name)
        {
            schemes.push(name);
        }
    }
    let asked = match schemes.as_slice() {
        [] => "in a way that is not known here".to_owned(),
        schemes => format!("with {}", schemes.join(" or ")),
    };
    let answerable = offered.iter().any(|offer| offer.answerable().is_some());
    let advice = match (answerable, has_others) {
        (false, _) => "which cannot be answered: only Basic and Digest are",
        (true, false) => "and the job has no credentials for it",
        (true, true) => "and the job has credentials for other schemes only",
    };
    format!("the {whose} wants to know who asks, {asked}, {advice}")
}

/// The value for Basic (RFC 7617).
pub(super) fn basic(user: &[u8], password: &[u8]) -> String {
    format!("Basic {}", base64(&[user, b":", password].concat()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

impl Nonce {
    fn hash(&self, parts: &[&[u8]]) -> String {
        let text = parts.join(&b':');
        if self.sha256 {
            hex(ring::digest::digest(&ring::digest::SHA256, &text).as_ref())
        } else {
            hex(&Md5::digest(&text))
        }
    }

    /// RFC 7616 section 3.4.
    fn answer(&self, user: &str, password: &str, question: Question, count: u32, cnonce: &str) -> Vec<u8> {
        let realm = self.realm.as_bytes();
        let mut secret = self.hash(&[user.as_bytes(), realm, password.as_bytes()]);
        if self.session {
            secret = self.hash(&[secret.as_bytes(), self.nonce.as_bytes(), cnonce.as_bytes()]);
        }
        let request = self.hash(&[question.method.as_bytes(), question.uri.as_bytes()]);
        let count = format!("{count:08x}");
        let (nonce, cnonce) = (self.nonce.as_bytes(), cnonce.as_bytes());
        let response = if self.auth {
            self.hash(&[secret.as_bytes(), nonce, count.as_bytes(), cnonce, b"auth", request.as_bytes()])
        } else {
            self.hash(&[secret.as_bytes(), nonce, request.as_bytes()])
        };
        let name = match self.userhash {
            true => self.hash(&[user.as_bytes(), realm]),
            false => user.to_owned(),
        };
        let mut text = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\"",
            quoted(&name),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(question.uri),
        );
        if let Some(algorithm) = &self.algorithm {
            text += &format!(", algorithm={algorithm}");
        }
        if self.auth {
            text += &format!(", qop=auth, nc={count}, cnonce={}", quoted(&String::from_utf8_lossy(cnonce)));
        }
        if let Some(opaque) = &self.opaque {
            text += &format!(", opaque={}", quoted(opaque));
        }
        if self.userhash {
            text += ", userhash=true";
        }
        text.into_bytes()
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One scheme of a WWW-Authenticate or Proxy-Authenticate field.
#[derive(Debug, Default)]
struct Offer {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Offer {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// How strong the scheme is, and the challenge, if this program can answer it.
    fn answerable(&self) -> Option<(u32, AuthScheme, Challenge)> {
        if self.scheme.eq_ignore_ascii_case("basic") {
            return Some((1, AuthScheme::Basic, Challenge::Basic));
        }
        if !self.scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let algorithm = self.parameter("algorithm");
        let (sha256, session) = match algorithm.unwrap_or("MD5").to_ascii_uppercase().as_str() {
            "MD5" => (false, false),
            "MD5-SESS" => (false, true),
            "SHA-256" => (true, false),
            "SHA-256-SESS" => (true, true),
            _ => return None,
        };
        let qop = self.parameter("qop");
        let auth = qop.is_some_and(|qop| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !auth {
            return None;
        }
        let flag = |name| self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let nonce = Nonce {
            realm: self.parameter("realm").unwrap_or_default().to_owned(),
            nonce: self.parameter("nonce")?.to_owned(),
            opaque: self.parameter("opaque").map(str::to_owned),
            algorithm: algorithm.map(str::to_owned),
            sha256,
            session,
            auth,
            userhash: flag("userhash"),
            stale: flag("stale"),
        };
        Some((if sha256 { 3 } else { 2 }, AuthScheme::Digest, Challenge::Digest(Box::new(nonce))))
    }
}

/// The challenges of one field; what makes no sense is left out.
fn offers(field: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut rest = field;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() && after.is_empty() {
            return offers;
        }
        let Some(value) = after.trim_start().strip_prefix('=').filter(|_| !word.is_empty()) else {
            rest = after.strip_prefix('=').unwrap_or(after);
            offers.push(Offer { scheme: word.to_owned(), parameters: Vec::new() });
            continue;
        };
        let (value, after) = parameter_value(value.trim_start());
        rest = after;
        if let Some(offer) = offers.last_mut() {
            offer.parameters.push((word.to_owned(), value));
        }
    }
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find([',', ' ', '\t']).unwrap_or(text.len()));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(scheme: AuthScheme, user: &str, password: &str) -> Held {
        let (user, password) = (Some(user.into()), Some(password.into()));
        Held { place: None, credentials: Credentials { target: AuthTarget::Server, scheme, user, password } }
    }

    #[test]
    fn credentials_may_be_for_one_place() {
        let held = Held { place: Some("http://h".into()), ..credentials(AuthScheme::Basic, "u", "p") };
        let authenticator = Authenticator::new(vec![held]);
        let offered = ["Basic realm=x".to_owned()];
        let elsewhere = Question { place: "http://other", ..QUESTION };
        assert!(matches!(authenticator.challenged(elsewhere, &offered, None, 1), Verdict::Refused(_)));
        assert_eq!(authenticator.challenged(QUESTION, &offered, None, 1), Verdict::Again);
    }

    const QUESTION: Question<'_> =
        Question { target: AuthTarget::Server, place: "http://h", method: "GET", uri: "/dir/index.html" };

    #[test]
    fn base64_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    /// The examples of RFC 7616 section 3.9.1, and of RFC 2069 for a server without qop.
    #[test]
    fn digests_are_those_of_the_standard() {
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let nonce = |text: &str| {
            let Some((_, _, Challenge::Digest(nonce))) = offers(text)[0].answerable() else {
                panic!("{text}")
            };
            nonce
        };
        let text = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=ALGORITHM, \
                    nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let nonce = nonce(&text.replace("ALGORITHM", algorithm));
            let answer = nonce.answer("Mufasa", "Circle of Life", QUESTION, 1, cnonce);
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.contains(&format!("response=\"{response}\"")), "{answer}");
            assert!(answer.contains("nc=00000001") && answer.contains(&format!("algorithm={algorithm}")));
        }
        let old = nonce("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"");
        let answer = String::from_utf8(old.answer("Mufasa", "CircleOfLife", QUESTION, 1, cnonce)).unwrap();
        assert!(answer.contains("response=\"1949323746fe6a43ef61f9606e7febea\""), "{answer}");
        assert!(!answer.contains("qop"), "{answer}");
    }

    #[test]
    fn the_strongest_scheme_with_credentials_is_answered() {
        let offered = [
            "Negotiate, NTLM".to_owned(),
            "Basic realm=\"a, b\", Digest realm=r, nonce=n, Digest realm=r, nonce=n, algorithm=SHA-256"
                .to_owned(),
        ];
        for (schemes, expected) in
            [(vec![AuthScheme::Basic], "Basic "), (vec![AuthScheme::Basic, AuthScheme::Digest], "Digest ")]
        {
            let all = schemes.into_iter().map(|scheme| credentials(scheme, "u", "p")).collect();
            let authenticator = Authenticator::new(all);
            assert_eq!(authenticator.header(QUESTION), None, "nothing before it is asked for");
            assert_eq!(authenticator.challenged(QUESTION, &offered, None, 1), Verdict::Again);
            let header = String::from_utf8(authenticator.header(QUESTION).unwrap()).unwrap();
            assert!(header.starts_with(expected), "{header}");
            assert!(expected != "Digest " || header.contains("algorithm=SHA-256"), "{header}");
            let elsewhere = Question { place: "http://other", ..QUESTION };
            assert_eq!(authenticator.header(elsewhere), None);
        }
    }

    #[test]
    fn refused_credentials_are_not_sent_again() {
        let authenticator = Authenticator::new(vec![credentials(AuthScheme::Basic, "u", "geheim")]);
        let offered = ["Basic realm=x".to_owned()];
        assert_eq!(authenticator.challenged(QUESTION, &offered, None, 1), Verdict::Again);
        let sent = authenticator.header(QUESTION);
        let Verdict::Refused(text) = authenticator.challenged(QUESTION, &offered, sent.as_deref(), 2) else {
            panic!("sent again")
        };
        assert!(text.contains("refuses") && !text.contains("geheim"), "{text}");
        assert!(!format!("{authenticator:?}").contains("geheim"));
    }

    #[test]
    fn a_nonce_that_became_old_is_replaced_but_not_for_ever() {
        let authenticator = Authenticator::new(vec![credentials(AuthScheme::Digest, "u", "p")]);
        let offered = ["Digest realm=x, nonce=n, qop=auth".to_owned()];
        assert_eq!(authenticator.challenged(QUESTION, &offered, None, 1), Verdict::Again);
        let header = |()| String::from_utf8(authenticator.header(QUESTION).unwrap()).unwrap();
        assert!(header(()).contains("nc=00000001") && header(()).contains("nc=00000002"));
        let sent = authenticator.header(QUESTION);
        assert_eq!(authenticator.challenged(QUESTION, &offered, sent.as_deref(), 1), Verdict::Again);
        assert!(matches!(
            authenticator.challenged(QUESTION, &offered, sent.as_deref(), 2),
            Verdict::Refused(_)
        ));
        let stale = ["Digest realm=x, nonce=m, qop=auth, stale=true".to_owned()];
        assert_eq!(authenticator.challenged(QUESTION, &stale, sent.as_deref(), 2), Verdict::Again);
        assert!(matches!(
            authenticator.challenged(QUESTION, &stale, sent.as_deref(), 3),
            Verdict::Refused(_)
        ));
    }

    #[test]
    fn what_cannot_be_answered_says_so() {
        let none = Authenticator::default();
        let refused = |authenticator: &Authenticator, field: &str| match authenticator.challenged(
            QUESTION,
            &[field.to_owned()],
            None,
            1,
        ) {
            Verdict::Refused(text) => text,
            other => panic!("{other:?}"),
        };
        assert!(refused(&none, "Basic realm=x").contains("no credentials for it"));
        assert!(refused(&none, "Negotiate YII==").contains("with Negotiate, which cannot be answered"));
        assert!(refused(&none, "").contains("not known"));
        let ntlm = Authenticator::new(vec![credentials(AuthScheme::Ntlm, "u", "p")]);
        assert!(refused(&ntlm, "Basic realm=x").contains("for other schemes only"));
        assert!(refused(&ntlm, "NTLM").contains("cannot be answered"));
        assert!(refused(&ntlm, "Digest nonce=n, qop=auth-int").contains("cannot be answered"));
        let odd = Authenticator::new(vec![credentials(AuthScheme::Basic, "a:b", "p")]);
        let verdict = odd.challenged(QUESTION, &["Basic".to_owned()], None, 1);
        assert!(matches!(verdict, Verdict::Malformed(_)), "{verdict:?}");
    }

    #[test]
    fn no_field_is_too_strange() {
        for field in
            [",,,", "= =", "a=\"", "Digest nonce=\"a\\\"b\" , x", "Basic realm=\"\u{e4}", "\"", "a = b"]
        {
            let _ = offers(field);
        }
        let parsed = offers("Digest nonce=\"a\\\"b\" , realm = x");
        assert_eq!(parsed[0].parameter("nonce"), Some("a\"b"));
        assert_eq!(parsed[0].parameter("REALM"), Some("x"));
    }
}
