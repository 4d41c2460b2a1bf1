//! The properties of a job: a getter, a setter and a Python property each.

use bgcopy_engine::client::CommandLine;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobPropertyId;
use bgcopy_protocol::flags::NotifyFlags;
use pyo3::prelude::*;

use crate::argument::{
    AMember, Flag, Limit, Milliseconds, Number, Seconds, Shape, Text, Uuid, invalid, optional_text,
    wrong_type,
};
use crate::enums;
use crate::error::{self, call};
use crate::job::BackgroundCopyJob;

/// Methods `get` and `set` with one shape of the value, and the property with another.
macro_rules! property {
    (
        $(#[$doc:meta])* $name:ident ($client_get:ident, $client_set:ident): $shape:ident, $read:ident, $assign:ident;
        $(#[$get_doc:meta])* $get:ident; $(#[$set_doc:meta])* $set:ident, $argument:ident: $method_shape:ident
    ) => {
        #[pymethods]
        impl BackgroundCopyJob {
            $(#[$get_doc])*
            fn $get(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                $method_shape::give(py, call(py, || self.engine().$client_get())?)
            }

            $(#[$set_doc])*
            fn $set(&self, py: Python<'_>, $argument: &Bound<'_, PyAny>) -> PyResult<()> {
                let value = $method_shape::take($argument, stringify!($argument))?;
                call(py, || self.engine().$client_set(value))
            }

            $(#[$doc])*
            #[getter($name)]
            fn $read(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                $shape::give(py, call(py, || self.engine().$client_get())?)
            }

            #[setter($name)]
            fn $assign(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
                let value = $shape::take(value, stringify!($name))?;
                call(py, || self.engine().$client_set(value))
            }
        }
    };
}
pub(crate) use property;

property!(
    /// The name for people, at most 256 characters.
    display_name(display_name, set_display_name): Text, read_display_name, assign_display_name;
    /// Gives the name for people (GetDisplayName).
    get_display_name;
    /// Sets the name for people, at most 256 characters (SetDisplayName).
    ///
    /// Raises InvalidArgumentError with BG_E_STRING_TOO_LONG.
    set_display_name, display_name: Text
);
property!(
    /// The description for people, at most 1,024 characters.
    description(description, set_description): Text, read_description, assign_description;
    /// Gives the description for people (GetDescription).
    get_description;
    /// Sets the description for people, at most 1,024 characters (SetDescription).
    ///
    /// Raises InvalidArgumentError with BG_E_STRING_TOO_LONG.
    set_description, description: Text
);
property!(
    /// How urgent the job is, a JobPriority; also of a running job.
    priority(priority, set_priority): AMember, read_priority, assign_priority;
    /// Gives how urgent the job is, a JobPriority (GetPriority).
    get_priority;
    /// Says how urgent the job is, also while it runs (SetPriority).
    set_priority, priority: AMember
);
property!(
    /// The time before a transient error is tried again, a timedelta of at least 5 s. Numbers are seconds.
    minimum_retry_delay(minimum_retry_delay, set_minimum_retry_delay): Seconds, read_minimum_retry_delay, assign_minimum_retry_delay;
    /// Gives the seconds before a transient error is tried again (GetMinimumRetryDelay).
    get_minimum_retry_delay;
    /// Sets the seconds before a transient error is tried again; less than 5 is raised to 5
    /// (SetMinimumRetryDelay).
    set_minimum_retry_delay, seconds: Number
);
property!(
    /// The time without progress after which a transient error is final, a timedelta. Numbers are seconds.
    no_progress_timeout(no_progress_timeout, set_no_progress_timeout): Seconds, read_no_progress_timeout, assign_no_progress_timeout;
    /// Gives the seconds without progress after which a transient error is final (GetNoProgressTimeout).
    get_no_progress_timeout;
    /// Sets the seconds without progress after which a transient error is final; 0 makes every error final
    /// (SetNoProgressTimeout).
    set_no_progress_timeout, seconds: Number
);
property!(
    /// The time the job may spend transferring, a timedelta. Numbers are seconds.
    maximum_download_time(maximum_download_time, set_maximum_download_time): Seconds, read_maximum_download_time, assign_maximum_download_time;
    /// Gives the seconds the job may spend transferring (GetMaximumDownloadTime).
    get_maximum_download_time;
    /// Sets the seconds the job may spend in CONNECTING and TRANSFERRING (SetMaximumDownloadTime).
    set_maximum_download_time, seconds: Number
);
property!(
    /// What the job allows peers, JobPeerCachingFlags. There is no peer cache that uses it.
    peer_caching_flags(peer_caching_flags, set_peer_caching_flags): AMember, read_peer_caching_flags, assign_peer_caching_flags;
    /// Gives what the job allows peers, JobPeerCachingFlags (GetPeerCachingFlags).
    get_peer_caching_flags;
    /// Says what the job allows peers (SetPeerCachingFlags). There is no peer cache that uses it.
    set_peer_caching_flags, flags: AMember
);
property!(
    /// What of owner and access lists is copied from file servers, AclFlags; ignored over HTTP.
    file_acl_flags(file_acl_flags, set_file_acl_flags): AMember, read_file_acl_flags, assign_file_acl_flags;
    /// Gives what of owner and access lists is copied, AclFlags (GetFileACLFlags).
    get_file_acl_flags;
    /// Says what of owner and access lists is copied from file servers; ignored over HTTP (SetFileACLFlags).
    set_file_acl_flags, flags: AMember
);

#[pymethods]
impl BackgroundCopyJob {
    /// Gives which events are told, NotifyFlags (GetNotifyFlags).
    fn get_notify_flags(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let flags = call(py, || self.engine().notify_flags())?;
        enums::member(py, "NotifyFlags", flags.into())
    }

    /// Says which events are told, NotifyFlags (SetNotifyFlags).
    ///
    /// Raises NotSupportedError for undefined bits.
    fn set_notify_flags(&self, py: Python<'_>, flags: &Bound<'_, PyAny>) -> PyResult<()> {
        self.change_notify_flags(flags, "flags")?;
        self.poke(py)
    }

    /// Which events are told, NotifyFlags.
    #[getter(notify_flags)]
    fn read_notify_flags(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.get_notify_flags(py)
    }

    #[setter(notify_flags)]
    fn assign_notify_flags(&self, py: Python<'_>, flags: &Bound<'_, PyAny>) -> PyResult<()> {
        self.change_notify_flags(flags, "notify_flags")?;
        self.poke(py)
    }

    /// Gives the program that is run for the job and its parameters, or None (GetNotifyCmdLine).
    fn get_notify_cmd_line(&self, py: Python<'_>) -> PyResult<Option<(String, Option<String>)>> {
        let line = call(py, || self.engine().notify_cmd_line())?;
        Ok(line.map(|line| (line.program, line.parameters)))
    }

    /// Sets the program that is run when the job is TRANSFERRED or in ERROR (SetNotifyCmdLine).
    ///
    /// Only when its notify flags say so and no callback takes the event. Run again after the retry delay
    /// until its exit code is 0 or the job leaves that state.
    ///
    /// :param program: absolute path, or None for no program
    /// :param parameters: all arguments in one text, the program's name first; None for none
    #[pyo3(signature = (program, parameters = None))]
    fn set_notify_cmd_line(
        &self,
        py: Python<'_>,
        program: &Bound<'_, PyAny>,
        parameters: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let parameters = parameters.map(|text| optional_text(text, "parameters")).transpose()?.flatten();
        let line = if program.is_none() {
            if parameters.is_some() {
                return Err(invalid(py, "parameters need a program"));
            }
            None
        } else {
            Some(CommandLine { program: crate::argument::path(program, "program")?, parameters })
        };
        call(py, || self.engine().set_notify_cmd_line(line))
    }

    /// The program that is run when the job is TRANSFERRED or in ERROR: (program, parameters), or None.
    #[getter(notify_cmd_line)]
    fn read_notify_cmd_line(&self, py: Python<'_>) -> PyResult<Option<(String, Option<String>)>> {
        self.get_notify_cmd_line(py)
    }

    #[setter(notify_cmd_line)]
    fn assign_notify_cmd_line(&self, py: Python<'_>, line: &Bound<'_, PyAny>) -> PyResult<()> {
        if line.is_none() {
            return self.set_notify_cmd_line(py, line, None);
        }
        let wanted = "(program, parameters) or None";
        let (program, parameters): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
            line.extract().map_err(|_| wrong_type(line, "notify_cmd_line", wanted))?;
        self.set_notify_cmd_line(py, &program, Some(&parameters))
    }
}

impl BackgroundCopyJob {
    fn change_notify_flags(&self, flags: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
        let py = flags.py();
        let flags = crate::argument::number_u32(flags, name)?;
        let Some(flags) = NotifyFlags::from_bits(flags) else {
            let text = format!("{name}: 0x{flags:X} has undefined bits");
            return Err(error::raise(py, ResultCode::BG_E_NOTIMPL, &text));
        };
        call(py, || self.engine().set_notify_flags(flags.bits()))
    }
}

property!(
    /// On connections of which costs the job may transfer, CostFlags.
    cost_flags(cost_flags, set_cost_flags): AMember, read_cost_flags, assign_cost_flags;
    /// Gives on connections of which costs the job may transfer, CostFlags.
    get_cost_flags;
    /// Says on connections of which costs the job may transfer. Every connection counts as unrestricted:
    /// without that flag the job waits in TRANSIENT_ERROR.
    set_cost_flags, flags: AMember
);
property!(
    /// Class to activate for notifications, a UUID; kept and not used.
    notification_clsid(notification_clsid, set_notification_clsid): Uuid, read_notification_clsid, assign_notification_clsid;
    /// Gives the class to activate for notifications.
    get_notification_clsid;
    /// Keeps a class to activate for notifications; nothing is activated.
    set_notification_clsid, clsid: Uuid
);
property!(
    /// Most bytes of all files together, or None for no limit.
    max_download_size(max_download_size, set_max_download_size): Limit, read_max_download_size, assign_max_download_size;
    /// Gives the most bytes of all files together, or None for no limit.
    get_max_download_size;
    /// Sets the most bytes of all files together; a job that has more goes to ERROR.
    ///
    /// Raises InvalidArgumentError for 0, InvalidStateError after the first resume.
    set_max_download_size, size: Limit
);
property!(
    /// Whether only what programs request of the files is fetched.
    on_demand_mode(on_demand_mode, set_on_demand_mode): Flag, read_on_demand_mode, assign_on_demand_mode;
    /// Gives whether only what programs request of the files is fetched.
    get_on_demand_mode;
    /// Fetches only what programs request of the files (:meth:`BackgroundCopyFile.request_file_ranges`), at any
    /// time; False fetches the rest too.
    set_on_demand_mode, on_demand: Flag
);
property!(
    /// Whether servers may make the content while they send it.
    dynamic_content(dynamic_content, set_dynamic_content): Flag, read_dynamic_content, assign_dynamic_content;
    /// Gives whether servers may make the content while they send it.
    get_dynamic_content;
    /// Takes content that servers make while they send it: neither size nor ranges are needed, an interrupted file
    /// begins again at 0, and only a job in the foreground moves.
    ///
    /// Raises InvalidStateError after the first resume, and BitsError together with ranges or another HTTP method.
    set_dynamic_content, dynamic: Flag
);
property!(
    /// Whether bytes go to the final names at once, and no progress is stored.
    high_performance(high_performance, set_high_performance): Flag, read_high_performance, assign_high_performance;
    /// Gives whether bytes go to the final names at once, and no progress is stored.
    get_high_performance;
    /// Writes bytes to the final names at once, in place of what is there, and stores no progress: after the end of
    /// the process an unfinished file begins again. A job that is cancelled leaves its files behind.
    ///
    /// Raises InvalidStateError after the first file.
    set_high_performance, high_performance: Flag
);
property!(
    /// Least time between two modifications that are told, a timedelta. Numbers are seconds.
    minimum_notification_interval(minimum_notification_interval, set_minimum_notification_interval):
        Milliseconds, read_minimum_notification_interval, assign_minimum_notification_interval;
    /// Gives the least milliseconds between two modifications that are told.
    get_minimum_notification_interval;
    /// Sets the least milliseconds between two modifications that are told.
    set_minimum_notification_interval, milliseconds: Number
);

#[pymethods]
impl BackgroundCopyJob {
    /// Gives a property by its JobPropertyId (GetProperty). Each is also a Python property.
    fn get_property(&self, py: Python<'_>, property_id: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        match property_of(property_id)? {
            JobPropertyId::CostFlags => self.get_cost_flags(py),
            JobPropertyId::NotificationClsid => self.get_notification_clsid(py),
            JobPropertyId::MaxDownloadSize => self.get_max_download_size(py),
            JobPropertyId::MinimumNotificationIntervalMs => self.get_minimum_notification_interval(py),
            JobPropertyId::UseStoredCredentials => crate::access::stored_target(py, self),
            JobPropertyId::OnDemandMode => self.get_on_demand_mode(py),
            JobPropertyId::DynamicContent => self.get_dynamic_content(py),
            JobPropertyId::HighPerformance => self.get_high_performance(py),
        }
    }

    /// Sets a property by its JobPropertyId (SetProperty). Each is also a Python property.
    fn set_property(
        &self,
        py: Python<'_>,
        property_id: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        match property_of(property_id)? {
            JobPropertyId::CostFlags => self.set_cost_flags(py, value),
            JobPropertyId::NotificationClsid => self.set_notification_clsid(py, value),
            JobPropertyId::MaxDownloadSize => self.set_max_download_size(py, value),
            JobPropertyId::MinimumNotificationIntervalMs => self.set_minimum_notification_interval(py, value),
            JobPropertyId::UseStoredCredentials => crate::access::set_stored_target(self, value),
            JobPropertyId::OnDemandMode => self.set_on_demand_mode(py, value),
            JobPropertyId::DynamicContent => self.set_dynamic_content(py, value),
            JobPropertyId::HighPerformance => self.set_high_performance(py, value),
        }
    }
}

/// The property of an argument; an undefined one is BG_E_UNKNOWN_PROPERTY_ID.
fn property_of(id: &Bound<'_, PyAny>) -> PyResult<JobPropertyId> {
    let number = crate::argument::number_u32(id, "property_id")?;
    i32::try_from(number).ok().and_then(|number| JobPropertyId::try_from(number).ok()).ok_or_else(|| {
        let text = format!("property_id: {number} is not a value of JobPropertyId");
        error::raise(id.py(), ResultCode::BG_E_UNKNOWN_PROPERTY_ID, &text)
    })
}
