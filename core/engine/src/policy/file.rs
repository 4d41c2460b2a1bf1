//! One file of policies: each key is checked by itself, and what is wrong is reported and left out.

use std::ops::RangeInclusive;

use bgcopy_protocol::flags::CostFlags;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Policy;
use crate::limit::window::{Daily, Hours, Levels, Limit, Weekly};
use crate::transfer::access::ProxyLists;

/// Something in a file that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what is allowed.
    pub text: String,
}

/// Most kilobits per second that a policy of Windows can name.
const MAX_KBPS: u32 = 4_294_967_200;
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const EVERY_DAY: [bool; 7] = [true; 7];
const DEFAULT_HOURS: Hours = Hours { from: 8, to: 17 };

/// Names of the policies of cost, and of what a connection costs.
const COST_POLICIES: &[(&str, CostFlags)] = &[
    ("always", CostFlags::TRANSFER_ALWAYS),
    ("not_roaming", CostFlags::TRANSFER_NOT_ROAMING),
    ("no_surcharge", CostFlags::TRANSFER_NO_SURCHARGE),
    ("standard", CostFlags::TRANSFER_STANDARD),
    ("unrestricted", CostFlags::TRANSFER_UNRESTRICTED),
];
const COSTS: &[(&str, CostFlags)] = &[
    ("unrestricted", CostFlags::UNRESTRICTED),
    ("capped", CostFlags::CAPPED_USAGE_UNKNOWN),
    ("below_cap", CostFlags::BELOW_CAP),
    ("near_cap", CostFlags::NEAR_CAP),
    ("overcap_charged", CostFlags::OVERCAP_CHARGED),
    ("overcap_throttled", CostFlags::OVERCAP_THROTTLED),
    ("usage_based", CostFlags::USAGE_BASED),
    ("roaming", CostFlags::ROAMING),
];

type Value<'a> = Spanned<DeValue<'a>>;
/// A value, or why it is none.
type Checked<T> = Result<T, String>;

impl Policy {
    /// Takes over what a text says; the later of two values for one key holds. Returns what it cannot use.
    pub fn read(&mut self, text: &str) -> Vec<Fault> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader { text, faults: Vec::new() };
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            reader.report(at, format!("not TOML: {}", error.message()));
        }
        reader.top(self, document.get_ref());
        reader.faults.sort_by_key(|fault| fault.line);
        reader.faults
    }
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn report(&mut self, at: usize, text: String) {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        self.faults.push(Fault { line, text });
    }

    /// Sets `place` to the checked value, or reports why not.
    fn set<T>(&mut self, key: &str, value: &Value<'_>, place: &mut Option<T>, checked: Checked<T>) {
        if value.span().is_empty() {
            // Put in by the parser where there is none, which it has reported.
            return;
        }
        match checked {
            Ok(value) => *place = Some(value),
            Err(why) => self.report(value.span().start, format!("{key} {why}; it is left out")),
        }
    }

    fn unknown(&mut self, table: &str, key: &Spanned<std::borrow::Cow<'_, str>>) {
        let place = if table.is_empty() { String::new() } else { format!(" in [{table}]") };
        self.report(key.span().start, format!("unknown key {}{place}; it is left out", key.get_ref()));
    }

    /// The table of a key; reports another kind of value.
    fn table<'v, 'i>(&mut self, key: &str, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.report(value.span().start, format!("{key} must be a table: [{key}]; it is left out"));
        }
        table
    }

    fn top(&mut self, policy: &mut Policy, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let any = 1..=u32::MAX;
            let (place, range) = match name {
                "job_inactivity_timeout_days" => (&mut policy.job_inactivity_timeout_days, 1..=999),
                "max_download_time_s" => (&mut policy.max_download_time_s, any),
                "max_jobs_per_machine" => (&mut policy.max_jobs_per_machine, any),
                "max_jobs_per_user" => (&mut policy.max_jobs_per_user, any),
                "max_files_per_job" => (&mut policy.max_files_per_job, any),
                "max_ranges_per_file" => (&mut policy.max_ranges_per_file, any),
                "time_slice_s" => (&mut policy.time_slice_s, any),
                "minimum_retry_delay_s" => (&mut policy.minimum_retry_delay_s, 5..=u32::MAX),
                "no_progress_timeout_s" => (&mut policy.no_progress_timeout_s, 0..=u32::MAX),
                "bandwidth" => {
                    self.bandwidth(policy, name, value);
                    continue;
                }
                "cost" => {
                    self.cost(policy, name, value);
                    continue;
                }
                "peer_caching" => {
                    self.peer_caching(name, value);
                    continue;
                }
                "proxy" => {
                    self.proxy(policy, name, value);
                    continue;
                }
                "shares" => {
                    self.shares(policy, name, value);
                    continue;
                }
                "implicit_credentials" => {
                    self.implicit_credentials(name, value);
                    continue;
                }
                _ => {
                    self.unknown("", key);
                    continue;
                }
            };
            self.set(name, value, place, number(value, range));
        }
    }

    fn bandwidth(&mut self, policy: &mut Policy, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        let mut window = Window::default();
        let mut said = false;
        for (key, inner) in table {
            let name = key.get_ref().as_ref();
            let table = format!("{path}.{name}");
            match name {
                "work" => self.weekly(&mut policy.bandwidth.work, &table, inner),
                "maintenance" => self.weekly(&mut policy.bandwidth.maintenance, &table, inner),
                "non_work" => self.levels(&mut policy.bandwidth.non_work, &table, inner),
                "limit_kbps" => self.set(name, inner, &mut window.inside, limit(inner)),
                "outside_kbps" => self.set(name, inner, &mut window.outside, limit(inner)),
                "from_hour" => self.set(name, inner, &mut window.from, hour(inner)),
                "to_hour" => self.set(name, inner, &mut window.to, hour(inner)),
                _ => self.unknown(path, key),
            }
            said |= matches!(name, "limit_kbps" | "outside_kbps" | "from_hour" | "to_hour");
        }
        match window.inside {
            Some(inside) => {
                let hours = window.hours().unwrap_or(DEFAULT_HOURS);
                let outside = window.outside.unwrap_or(Limit::Unlimited);
                policy.bandwidth.daily = Some(Daily { hours, inside, outside });
            }
            None if said => self.report(value.span().start, format!("[{path}] needs limit_kbps")),
            None => {}
        }
    }

    fn weekly(&mut self, place: &mut Option<Weekly>, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        let mut window = Window::default();
        let mut days = None;
        let mut levels = Levels::all(Limit::Unlimited);
        for (key, inner) in table {
            let name = key.get_ref().as_ref();
            match name {
                "days" => self.set(name, inner, &mut days, self::days(inner)),
                "from_hour" => self.set(name, inner, &mut window.from, hour(inner)),
                "to_hour" => self.set(name, inner, &mut window.to, hour(inner)),
                _ => self.level(&mut levels, path, key, inner),
            }
        }
        match window.hours() {
            Some(hours) => *place = Some(Weekly { days: days.unwrap_or(EVERY_DAY), hours, levels }),
            None => self.report(value.span().start, format!("[{path}] needs from_hour and to_hour")),
        }
    }

    fn levels(&mut self, place: &mut Option<Levels>, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        let mut levels = Levels::all(Limit::Unlimited);
        for (key, inner) in table {
            self.level(&mut levels, path, key, inner);
        }
        *place = Some(levels);
    }

    fn level(
        &mut self,
        levels: &mut Levels,
        path: &str,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
    ) {
        let name = key.get_ref().as_ref();
        let place = match name {
            "high_kbps" => &mut levels.high,
            "normal_kbps" => &mut levels.normal,
            "low_kbps" => &mut levels.low,
            _ => return self.unknown(path, key),
        };
        let mut found = None;
        self.set(name, value, &mut found, limit(value));
        *place = found.unwrap_or(*place);
    }

    fn cost(&mut self, policy: &mut Policy, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        for (key, inner) in table {
            let name = key.get_ref().as_ref();
            let (place, names) = match name {
                "foreground" => (&mut policy.cost.foreground, COST_POLICIES),
                "high" => (&mut policy.cost.high, COST_POLICIES),
                "normal" => (&mut policy.cost.normal, COST_POLICIES),
                "low" => (&mut policy.cost.low, COST_POLICIES),
                "network" => (&mut policy.cost.network, COSTS),
                _ => {
                    self.unknown(path, key);
                    continue;
                }
            };
            self.set(name, inner, place, flags(inner, names));
        }
    }

    fn proxy(&mut self, policy: &mut Policy, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        let (mut list, mut bypass) = (None, None);
        for (key, inner) in table {
            let name = key.get_ref().as_ref();
            match name {
                "list" => self.set(name, inner, &mut list, text(inner)),
                "bypass" => self.set(name, inner, &mut bypass, text(inner)),
                _ => self.unknown(path, key),
            }
        }
        let Some(list) = list else {
            return self.report(value.span().start, format!("[{path}] needs list; it is left out"));
        };
        let lists = ProxyLists { list, bypass: bypass.unwrap_or_default() };
        match lists.check() {
            Ok(()) => policy.proxy = Some(lists),
            Err(why) => self.report(value.span().start, format!("[{path}]: {why}; it is left out")),
        }
    }

    fn shares(&mut self, policy: &mut Policy, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        for (key, inner) in table {
            let name = key.get_ref().as_ref();
            let added = text(inner).and_then(|place| policy.shares.add(name, &place));
            self.set(name, inner, &mut None, added);
        }
    }

    /// Whether the system's credentials of the user answer servers: they are not there.
    fn implicit_credentials(&mut self, name: &str, value: &Value<'_>) {
        let checked = match value.get_ref().as_str() {
            Some("when_asked") => Ok(()),
            Some("always" | "system") => {
                Err("has no effect: the system's credentials of a user are not sent".to_owned())
            }
            _ => Err("must be always, system or when_asked".to_owned()),
        };
        self.set(name, value, &mut None, checked);
    }

    /// Policies about something that is not there: a file made for machines that have it is no mistake.
    fn peer_caching(&mut self, path: &str, value: &Value<'_>) {
        let Some(table) = self.table(path, value) else { return };
        for (key, inner) in table {
            let name = key.get_ref().as_ref();
            let checked = match name {
                "enable_peer_caching"
                | "disable_peer_caching_client"
                | "disable_peer_caching_server"
                | "disable_branch_cache" => {
                    inner.get_ref().as_bool().map(drop).ok_or_else(|| "must be true or false".to_owned())
                }
                "max_bandwidth_served_bps" => number(inner, 1_048_576..=MAX_KBPS).map(drop),
                "max_cache_size_percent" => number(inner, 1..=80).map(drop),
                "max_content_age_days" => number(inner, 1..=120).map(drop),
                _ => {
                    self.unknown(path, key);
                    continue;
                }
            };
            let without = Err("has no effect: there is no peer cache".to_owned());
            self.set(name, inner, &mut None::<()>, checked.and(without));
        }
    }
}

/// Parts of a window that come one by one.
#[derive(Default)]
struct Window {
    from: Option<u8>,
    to: Option<u8>,
    inside: Option<Limit>,
    outside: Option<Limit>,
}

impl Window {
    fn hours(&self) -> Option<Hours> {
        Some(Hours { from: self.from?, to: self.to? })
    }
}

fn integer(value: &Value<'_>) -> Option<i64> {
    let integer = value.get_ref().as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn number(value: &Value<'_>, range: RangeInclusive<u32>) -> Checked<u32> {
    let found = integer(value).and_then(|number| u32::try_from(number).ok());
    found
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
}

fn text(value: &Value<'_>) -> Checked<String> {
    value.get_ref().as_str().map(str::to_owned).ok_or_else(|| "must be a text".to_owned())
}

fn hour(value: &Value<'_>) -> Checked<u8> {
    number(value, 0..=23).map(|hour| u8::try_from(hour).unwrap_or(0))
}

fn limit(value: &Value<'_>) -> Checked<Limit> {
    if value.get_ref().as_str() == Some("unlimited") {
        return Ok(Limit::Unlimited);
    }
    number(value, 0..=MAX_KBPS).map(Limit::Kbps).map_err(|why| format!("{why}, or \"unlimited\""))
}

fn days(value: &Value<'_>) -> Checked<[bool; 7]> {
    let wrong = || format!("must be a list of {}", DAYS.join(", "));
    let mut days = [false; 7];
    for day in value.get_ref().as_array().ok_or_else(wrong)?.iter() {
        let name = day.get_ref().as_str().ok_or_else(wrong)?;
        let index = DAYS.iter().position(|known| *known == name).ok_or_else(wrong)?;
        days[index] = true;
    }
    Ok(days)
}

fn flags(value: &Value<'_>, names: &[(&str, CostFlags)]) -> Checked<CostFlags> {
    let name = value.get_ref().as_str();
    let named = names.iter().find(|(known, _)| Some(*known) == name).map(|(_, flags)| *flags);
    let mask = || CostFlags::from_bits(u32::try_from(integer(value)?).ok()?);
    named.or_else(mask).ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        format!("must be {} or a mask of BITS_COST_STATE bits", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::window::Bandwidth;
    use crate::transfer::share::Shares;

    fn read(text: &str) -> (Policy, Vec<(usize, String)>) {
        let mut policy = Policy::default();
        let faults = policy.read(text).into_iter().map(|fault| (fault.line, fault.text)).collect();
        (policy, faults)
    }

    #[test]
    fn every_key_is_read_with_its_unit() {
        let (policy, faults) = read(
            r#"
            job_inactivity_timeout_days = 30
            max_download_time_s = 3600
            max_jobs_per_machine = 300
            max_jobs_per_user = 60
            max_files_per_job = 200
            max_ranges_per_file = 500
            time_slice_s = 60
            minimum_retry_delay_s = 5
            no_progress_timeout_s = 0
            [bandwidth]
            limit_kbps = 1_000
            from_hour = 22
            to_hour = 6
            outside_kbps = 20
            [bandwidth.work]
            days = ["monday", "sunday"]
            from_hour = 8
            to_hour = 17
            high_kbps = 3
            normal_kbps = 2
            low_kbps = 0
            [bandwidth.non_work]
            low_kbps = "unlimited"
            [bandwidth.maintenance]
            from_hour = 1
            to_hour = 2
            [cost]
            foreground = "always"
            high = "not_roaming"
            normal = "no_surcharge"
            low = 0x21
            network = "roaming"
            [proxy]
            list = "http=px1:80 px2"
            bypass = "<local> *.example.org"
            [shares]
            '\\server\data' = "/mnt/data"
            "#,
        );
        assert_eq!(faults, []);
        let mut shares = Shares::default();
        shares.add(r"\\server\data", "/mnt/data").unwrap();
        let all = Levels::all(Limit::Unlimited);
        let expected = Policy {
            job_inactivity_timeout_days: Some(30),
            max_download_time_s: Some(3600),
            max_jobs_per_machine: Some(300),
            max_jobs_per_user: Some(60),
            max_files_per_job: Some(200),
            max_ranges_per_file: Some(500),
            time_slice_s: Some(60),
            minimum_retry_delay_s: Some(5),
            no_progress_timeout_s: Some(0),
            bandwidth: Bandwidth {
                daily: Some(Daily {
                    hours: Hours { from: 22, to: 6 },
                    inside: Limit::Kbps(1000),
                    outside: Limit::Kbps(20),
                }),
                work: Some(Weekly {
                    days: [true, false, false, false, false, false, true],
                    hours: Hours { from: 8, to: 17 },
                    levels: Levels { high: Limit::Kbps(3), normal: Limit::Kbps(2), low: Limit::Kbps(0) },
                }),
                non_work: Some(all),
                maintenance: Some(Weekly { days: [true; 7], hours: Hours { from: 1, to: 2 }, levels: all }),
            },
            cost: super::super::Cost {
                foreground: Some(CostFlags::TRANSFER_ALWAYS),
                high: Some(CostFlags::TRANSFER_NOT_ROAMING),
                normal: Some(CostFlags::TRANSFER_NO_SURCHARGE),
                low: CostFlags::from_bits(0x21),
                network: Some(CostFlags::ROAMING),
            },
            proxy: Some(ProxyLists {
                list: "http=px1:80 px2".to_owned(),
                bypass: "<local> *.example.org".to_owned(),
            }),
            shares,
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn a_wrong_value_or_key_is_named_with_its_line_and_leaves_the_others() {
        let (policy, faults) = read(concat!(
            "max_jobs_per_user = 0\n",
            "max_jobs_per_machine = \"many\"\n",
            "max_files_per_job = 7\n",
            "job_inactivity_timeout_days = 1000\n",
            "max_job_per_user = 5\n",
            "[bandwidth]\n",
            "limit_kbps = 10\n",
            "from_hour = 24\n",
            "speed = 1\n",
            "[bandwidth.work]\n",
            "days = [\"someday\"]\n",
            "[cost]\n",
            "low = \"cheap\"\n",
            "high = 0x100\n",
        ));
        assert_eq!(policy.max_files_per_job, Some(7));
        assert_eq!(policy.bandwidth.daily.map(|daily| daily.inside), Some(Limit::Kbps(10)));
        let wanted = [
            (1, "max_jobs_per_user must be a whole number from 1 to 4294967295"),
            (2, "max_jobs_per_machine must be"),
            (4, "job_inactivity_timeout_days must be a whole number from 1 to 999"),
            (5, "unknown key max_job_per_user"),
            (8, "from_hour must be a whole number from 0 to 23"),
            (9, "unknown key speed in [bandwidth]"),
            (10, "[bandwidth.work] needs from_hour and to_hour"),
            (11, "days must be a list of monday"),
            (13, "low must be always, not_roaming"),
            (14, "high must be"),
        ];
        assert_eq!(faults.len(), wanted.len(), "{faults:?}");
        for ((line, text), (at, start)) in faults.iter().zip(wanted) {
            assert!(*line == at && text.starts_with(start), "{line}: {text}");
        }
    }

    #[test]
    fn a_line_that_is_no_toml_takes_nothing_else_with_it() {
        let (policy, faults) = read("max_jobs_per_user = 5\nmax_files_per_job = = 3\ntime_slice_s = 9\n");
        assert_eq!((policy.max_jobs_per_user, policy.time_slice_s), (Some(5), Some(9)));
        assert!(faults.iter().all(|(line, _)| *line == 2) && !faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn a_value_that_is_no_table_where_one_belongs_is_reported() {
        let (policy, faults) = read("bandwidth = 5\ncost = []\n");
        assert_eq!(policy, Policy::default());
        assert_eq!(faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn policies_of_the_peer_cache_are_checked_and_said_to_have_no_effect() {
        let (policy, faults) =
            read("[peer_caching]\nenable_peer_caching = true\nmax_cache_size_percent = 81\n");
        assert_eq!(policy, Policy::default());
        assert!(faults[0].1.contains("no effect") && faults[1].1.contains("1 to 80"), "{faults:?}");
    }

    #[test]
    fn system_credentials_are_said_not_to_be_sent() {
        for (text, line) in [
            ("implicit_credentials = \"when_asked\"", None),
            ("implicit_credentials = \"always\"", Some("no effect")),
            ("\nimplicit_credentials = \"never\"", Some("must be always, system or when_asked")),
        ] {
            let (policy, faults) = read(text);
            assert_eq!(policy, Policy::default());
            assert_eq!(faults.len(), usize::from(line.is_some()), "{faults:?}");
            assert!(faults.iter().zip(line).all(|(fault, line)| fault.1.contains(line)), "{faults:?}");
        }
    }

    #[test]
    fn proxies_and_shares_that_are_none_are_named_and_left_out() {
        let (policy, faults) = read(concat!(
            "[proxy]\n",
            "list = \"socks4://px\"\n",
            "[shares]\n",
            "'\\\\server' = \"/a\"\n",
            "'\\\\server\\share' = \"a\"\n",
            "'\\\\server\\data' = \"/data\"\n",
            "[peer_caching]\n",
        ));
        assert_eq!(
            (policy.proxy, policy.shares.resolve(r"\\server\data\a").unwrap().as_ref()),
            (None, "/data/a")
        );
        let wanted = [(1, "not in socks4"), (4, "must have a name like"), (5, "must be the directory")];
        assert_eq!(faults.len(), wanted.len(), "{faults:?}");
        for ((line, text), (at, words)) in faults.iter().zip(wanted) {
            assert!(*line == at && text.contains(words), "{line}: {text}");
        }
        assert!(read("[proxy]\nbypass = \"a\"").1[0].1.contains("needs list"));
    }

    #[test]
    fn of_two_files_the_later_one_holds_key_by_key() {
        let mut policy = Policy::default();
        policy.read("max_jobs_per_user = 1\ntime_slice_s = 1\n[bandwidth]\nlimit_kbps = 1\n");
        policy.read("max_jobs_per_user = 2\n[bandwidth.non_work]\n");
        assert_eq!((policy.max_jobs_per_user, policy.time_slice_s), (Some(2), Some(1)));
        assert!(policy.bandwidth.daily.is_some() && policy.bandwidth.non_work.is_some());
    }
}
