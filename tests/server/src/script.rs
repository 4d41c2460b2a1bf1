//! How a resource behaves: parsed from `key=value` pairs of a URL's query or of a control request.

/// Everything a resource may be told to do. The default is a well-behaved static file server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub etag: Etag,
    pub date: Date,
    pub ranges: Ranges,
    pub head: Head,
    pub version: u64,
    pub change_after: Option<u64>,
    pub change_size: Option<u64>,
    pub change_in_place: bool,

    pub headers: Vec<(String, String)>,
    pub big_headers: usize,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub redirect: Option<String>,
    pub redirect_status: Option<u16>,
    pub redirect_loop: bool,
    pub auth: Option<Auth>,
    pub user: String,
    pub password: String,

    pub chunked: bool,
    pub no_length: bool,
    pub http10: bool,
    pub close: bool,
    pub rate: Option<u64>,
    pub delay_ms: u64,
    pub body_delay_ms: u64,

    pub faults: Faults,
    pub on: On,
    pub fail_skip: u64,
    pub fail_first: Option<u64>,
}

/// What goes wrong, for the requests that `on`, `fail_skip` and `fail_first` select.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Faults {
    pub status: Option<u16>,
    pub retry_after: Option<String>,
    pub stall_headers: bool,
    pub reset_headers: bool,
    pub close_headers: bool,
    pub garbage: bool,
    pub stall_after: Option<u64>,
    pub stall_timeout_ms: Option<u64>,
    pub reset_after: Option<u64>,
    pub close_after: Option<u64>,
    pub short: u64,
    pub long: u64,
    pub claim_length: Option<u64>,
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_text:literal $(, $(#[$vdoc:meta])* $variant:ident = $text:literal)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) enum $name { #[default] $first, $($(#[$vdoc])* $variant),* }

        impl $name {
            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $first_text => Ok(Self::$first),
                    $($text => Ok(Self::$variant),)*
                    _ => Err(format!("'{text}' is none of {}", [$first_text $(, $text)*].join(", "))),
                }
            }
        }
    };
}

choices! {
    /// The ETag field.
    Etag {
        Strong = "strong",
        Weak = "weak",
        /// Alternates between two values from one request to the next, as behind unlike servers of one name.
        Flip = "flip",
        /// Another value in each response.
        Random = "random",
        /// Stays the same when the version changes: a server that lies.
        Fixed = "fixed",
        None = "none",
    }
}
choices! {
    /// The Last-Modified field.
    Date {
        On = "on",
        Off = "off",
        /// Stays the same when the version changes.
        Fixed = "fixed",
    }
}
choices! {
    /// How Range is answered.
    Ranges {
        On = "on",
        Off = "off",
        /// 206 even where If-Range names another version.
        IgnoreIfRange = "ignore-if-range",
        /// Always 200 to a request that carries If-Range.
        RefuseIfRange = "refuse-if-range",
        WrongStart = "wrong-start",
        WrongTotal = "wrong-total",
        NoContentRange = "no-content-range",
        /// multipart/byteranges even for one range.
        Multipart = "multipart",
        /// Multipart requests get the whole file: one range at a time.
        Single = "single",
        /// Of several ranges only the first is sent, as a single one.
        First = "first",
        /// Several ranges come in the order of the file.
        Sorted = "sorted",
        /// Several ranges come as one that spans them all.
        Merged = "merged",
        /// The last of several parts is not the one that was asked for.
        WrongPart = "wrong-part",
    }
}
choices! {
    /// How HEAD is answered.
    Head { Ok = "ok", Forbidden = "403", NotFound = "404", NotAllowed = "405", NotImplemented = "501", NoLength = "no-length" }
}
choices! {
    /// Which requests the faults may hit.
    On { Any = "any", Get = "get", Head = "head", Post = "post", Range = "range", NoRange = "no-range" }
}
choices! {
    /// Which credentials are demanded.
    Auth { Basic = "basic" }
}

impl Script {
    /// Builds a script from pairs; a later pair overrides an earlier one of the same key.
    ///
    /// # Errors
    /// A key or value that means nothing. A misspelt key must not make a test pass. Keys that begin with `x-` are
    /// ignored: they make a URL unique or look signed.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let mut script = Self::default();
        for (key, value) in pairs {
            if !key.to_ascii_lowercase().starts_with("x-") {
                script.set(key, value).map_err(|why| format!("parameter '{key}': {why}"))?;
            }
        }
        if script.fail_first.is_some() && script.faults == Faults::default() {
            script.faults.status = Some(503);
        }
        Ok(script)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let faults = &mut self.faults;
        match key {
            "etag" => self.etag = Etag::parse(value)?,
            "date" => self.date = Date::parse(value)?,
            "ranges" => self.ranges = Ranges::parse(value)?,
            "head" => self.head = Head::parse(value)?,
            "version" => self.version = number(value)?,
            "change_after" => self.change_after = Some(number(value)?),
            "change_size" => self.change_size = Some(number(value)?),
            "change_in_place" => self.change_in_place = flag(value)?,
            "header" => self.headers.push(header(value)?),
            "big_headers" => self.big_headers = number(value)? as usize,
            "content_type" => self.content_type = Some(value.into()),
            "content_encoding" => self.content_encoding = Some(value.into()),
            "redirect" => self.redirect = Some(value.into()),
            "redirect_status" => self.redirect_status = Some(status(value)?),
            "redirect_loop" => self.redirect_loop = flag(value)?,
            "auth" => self.auth = Some(Auth::parse(value)?),
            "user" => self.user = value.into(),
            "password" => self.password = value.into(),
            "chunked" => self.chunked = flag(value)?,
            "no_length" => self.no_length = flag(value)?,
            "http10" => self.http10 = flag(value)?,
            "keepalive" => self.close = !flag(value)?,
            "rate" => self.rate = Some(number(value)?.max(1)),
            "delay_ms" => self.delay_ms = number(value)?,
            "body_delay_ms" => self.body_delay_ms = number(value)?,
            "status" => faults.status = Some(status(value)?),
            "retry_after" => faults.retry_after = Some(value.into()),
            "stall_headers" => faults.stall_headers = flag(value)?,
            "reset_headers" => faults.reset_headers = flag(value)?,
            "close_headers" => faults.close_headers = flag(value)?,
            "garbage" => faults.garbage = flag(value)?,
            "stall_after" => faults.stall_after = Some(number(value)?),
            "stall_timeout_ms" => faults.stall_timeout_ms = Some(number(value)?),
            "reset_after" => faults.reset_after = Some(number(value)?),
            "close_after" => faults.close_after = Some(number(value)?),
            "short" => faults.short = number(value)?,
            "long" => faults.long = number(value)?,
            "claim_length" => faults.claim_length = Some(number(value)?),
            "on" => self.on = On::parse(value)?,
            "fail_skip" => self.fail_skip = number(value)?,
            "fail_first" => self.fail_first = Some(number(value)?),
            _ => return Err("not known; see tests/server/README.md".into()),
        }
        Ok(())
    }

    /// Whether the faults hit request number `index` (from 0) of those that `on` selects.
    pub fn fails(&self, index: u64) -> bool {
        let last = self.fail_first.map_or(u64::MAX, |count| self.fail_skip.saturating_add(count));
        (self.fail_skip..last).contains(&index)
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("'{text}' is not a number"))
}

fn status(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(status @ 100..=999) => Ok(status),
        _ => Err(format!("'{text}' is not a status code")),
    }
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "" | "1" | "on" => Ok(true),
        "0" | "off" => Ok(false),
        _ => Err(format!("'{text}' is none of 1, 0, on, off")),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or_else(|| format!("'{text}' is not 'Name: value'"))?;
    Ok((name.trim().into(), value.trim().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_and_values_are_refused_by_name() {
        let error = Script::parse([("rnages", "off")]).unwrap_err();
        assert!(error.contains("rnages"), "{error}");
        let error = Script::parse([("ranges", "of")]).unwrap_err();
        assert!(error.contains("'of'") && error.contains("wrong-start"), "{error}");
        assert!(Script::parse([("X-Amz-Signature", "abc")]).is_ok());
    }

    #[test]
    fn fail_first_alone_means_503_and_the_window_ends() {
        let script = Script::parse([("fail_first", "2"), ("fail_skip", "1")]).unwrap();
        assert_eq!(script.faults.status, Some(503));
        assert_eq!([0, 1, 2, 3].map(|index| script.fails(index)), [false, true, true, false]);
    }

    #[test]
    fn without_a_window_every_request_fails() {
        let script = Script::parse([("status", "404")]).unwrap();
        assert!(script.fails(0) && script.fails(1_000_000));
    }
}
