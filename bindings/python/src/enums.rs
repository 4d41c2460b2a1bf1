//! Members of the enumerations in `bgcopy.enums`.

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{
    AuthScheme, AuthTarget, CertStoreLocation, ErrorContext, GroupProperty, JobPriority, JobState, JobType,
    ProxyUsage, QmProgress,
};
use bgcopy_protocol::flags::{
    AclFlags, CostFlags, JobPeerCachingFlags, QmStatusFlags, SecurityFlags, TokenFlags,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyInt;

use crate::argument::wrong_type;
use crate::error;

static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// A class of `bgcopy.enums`.
pub fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let module = MODULE.get_or_try_init(py, || py.import("bgcopy.enums").map(Bound::unbind))?;
    module.bind(py).getattr(name)
}

/// A type whose values are members of a class of `bgcopy.enums`.
pub trait Member: Sized + Copy {
    /// The Python class.
    const CLASS: &'static str;
    /// The number of the value.
    fn number(self) -> i64;
    /// The value of a number, if it has one.
    fn of(number: i64) -> Option<Self>;
}

macro_rules! enumeration {
    ($($name:ident),*) => {$(
        impl Member for $name {
            const CLASS: &'static str = stringify!($name);
            fn number(self) -> i64 {
                self as i64
            }
            fn of(number: i64) -> Option<Self> {
                i32::try_from(number).ok().and_then(|number| Self::try_from(number).ok())
            }
        }
    )*};
}
enumeration!(
    AuthScheme,
    AuthTarget,
    CertStoreLocation,
    ErrorContext,
    GroupProperty,
    JobPriority,
    JobState,
    JobType,
    ProxyUsage,
    QmProgress
);

macro_rules! flags {
    ($($name:ident),*) => {$(
        impl Member for $name {
            const CLASS: &'static str = stringify!($name);
            fn number(self) -> i64 {
                i64::from(self.bits())
            }
            fn of(number: i64) -> Option<Self> {
                u32::try_from(number).ok().and_then(Self::from_bits)
            }
        }
    )*};
}
flags!(AclFlags, CostFlags, JobPeerCachingFlags, QmStatusFlags, SecurityFlags, TokenFlags);

/// The Python member of a value.
pub fn give<T: Member>(py: Python<'_>, value: T) -> PyResult<Py<PyAny>> {
    member(py, T::CLASS, value.number())
}

/// The member of a class with a number.
pub fn member(py: Python<'_>, name: &str, number: i64) -> PyResult<Py<PyAny>> {
    let class = class(py, name)?;
    // Looking in the table of members is five times faster than calling the class, which combined flags need.
    let known = class.getattr(pyo3::intern!(py, "_value2member_map_"))?;
    match known.get_item(number) {
        Ok(member) => Ok(member.unbind()),
        Err(_) => Ok(class.call1((number,))?.unbind()),
    }
}

/// The value of an argument: a member, or its number.
pub fn take<T: Member>(value: &Bound<'_, PyAny>, name: &str) -> PyResult<T> {
    take_or(value, name, ResultCode::BG_E_NOTIMPL)
}

/// The value of an argument whose undefined numbers have a code of their own.
pub fn take_or<T: Member>(value: &Bound<'_, PyAny>, name: &str, undefined: ResultCode) -> PyResult<T> {
    if !value.is_instance_of::<PyInt>() {
        return Err(wrong_type(value, name, T::CLASS));
    }
    let number = value.extract::<i64>().ok();
    number.and_then(T::of).ok_or_else(|| {
        let text = format!("{name}: {value} is not a value of {}", T::CLASS);
        error::raise(value.py(), undefined, &text)
    })
}
