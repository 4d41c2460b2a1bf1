//! From Python values to those of the engine: every complaint names the parameter.

use std::time::Duration;

use bgcopy_engine::client::FileInfo;
use bgcopy_protocol::{Guid, ResultCode};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDelta, PyFloat, PyInt, PyString, PyType};

use crate::enums::{self, Member};
use crate::error;

/// The complaint about a value of another type.
pub fn wrong_type(value: &Bound<'_, PyAny>, name: &str, wanted: &str) -> PyErr {
    let found = value.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{name} must be {wanted}, not {found}"))
}

/// The complaint about a value of the right type.
pub fn invalid(py: Python<'_>, text: &str) -> PyErr {
    error::raise(py, ResultCode::BG_E_INVALIDARG, text)
}

/// A text without NUL.
pub fn text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    let Ok(string) = value.cast::<PyString>() else {
        return Err(wrong_type(value, name, "str"));
    };
    let Ok(text) = string.to_cow() else {
        return Err(invalid(
            value.py(),
            &format!("{name} has lone surrogates and cannot be written as UTF-8"),
        ));
    };
    if text.contains('\0') {
        return Err(invalid(value.py(), &format!("{name} contains a NUL character")));
    }
    Ok(text.into_owned())
}

/// A text or `None`.
pub fn optional_text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<String>> {
    if value.is_none() { Ok(None) } else { text(value, name).map(Some) }
}

/// A path: `str`, `bytes` or `os.PathLike`.
pub fn path(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    static FSDECODE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    if value.is_instance_of::<PyString>() {
        return text(value, name);
    }
    let decode = FSDECODE.get_or_try_init(py, || py.import("os")?.getattr("fsdecode").map(Bound::unbind))?;
    match decode.bind(py).call1((value,)) {
        Ok(decoded) => text(&decoded, name),
        Err(error) if error.is_instance_of::<PyTypeError>(py) => {
            Err(wrong_type(value, name, "str, bytes or os.PathLike"))
        }
        Err(error) => Err(error),
    }
}

/// Pairs of URL and path.
pub fn file_set(files: &Bound<'_, PyAny>) -> PyResult<Vec<FileInfo>> {
    let pairs = files.try_iter().map_err(|_| wrong_type(files, "files", "an iterable of pairs"))?;
    let mut set = Vec::new();
    for pair in pairs {
        let pair = pair?;
        let wrong = || wrong_type(&pair, "each of files", "a pair of URL and path");
        if pair.is_instance_of::<PyString>() {
            return Err(wrong());
        }
        let parts: Vec<Bound<'_, PyAny>> = pair.try_iter().map_err(|_| wrong())?.collect::<PyResult<_>>()?;
        let [url, place] = &*parts else { return Err(wrong()) };
        let remote_name = text(url, "remote_name")?;
        set.push(FileInfo { remote_name, local_name: path(place, "local_name")? });
    }
    Ok(set)
}

/// A whole number between 0 and `most`.
pub fn number(value: &Bound<'_, PyAny>, name: &str, most: u64) -> PyResult<u64> {
    // True is an int for Python; as a number of bytes or seconds it is a mistake.
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(value, name, "int"));
    }
    match value.extract::<u64>() {
        Ok(number) if number <= most => Ok(number),
        _ => Err(invalid(value.py(), &format!("{name} must be between 0 and {most}, not {value}"))),
    }
}

/// A number of 32 bits.
pub fn number_u32(value: &Bound<'_, PyAny>, name: &str) -> PyResult<u32> {
    number(value, name, u64::from(u32::MAX)).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

/// A flag.
pub fn flag(value: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    value.cast::<PyBool>().map(|flag| flag.is_true()).map_err(|_| wrong_type(value, name, "bool"))
}

/// A time span: `datetime.timedelta`, or seconds.
pub fn span(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Duration> {
    let bad = || invalid(value.py(), &format!("{name} must not be negative or endless: {value}"));
    if value.is_instance_of::<PyDelta>() {
        return value.extract().map_err(|_| bad());
    }
    let number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    if !number || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(value, name, "datetime.timedelta or a number of seconds"));
    }
    let seconds: f64 = value.extract().map_err(|_| bad())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| bad())
}

/// An identifier: `uuid.UUID`, or its text with or without braces.
pub fn guid(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Guid> {
    if value.is_instance(uuid_class(value.py())?)? {
        return Ok(Guid::from_u128(value.getattr("int")?.extract()?));
    }
    if !value.is_instance_of::<PyString>() {
        return Err(wrong_type(value, name, "uuid.UUID or str"));
    }
    text(value, name)?.parse().map_err(|error| invalid(value.py(), &format!("{name}: {error}")))
}

/// An identifier as `uuid.UUID`.
pub fn uuid(py: Python<'_>, guid: Guid) -> PyResult<Py<PyAny>> {
    let arguments = pyo3::types::PyDict::new(py);
    arguments.set_item("int", guid.to_u128())?;
    Ok(uuid_class(py)?.call((), Some(&arguments))?.unbind())
}

fn uuid_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "uuid", "UUID")
}

/// How values of a property look in Python.
pub trait Shape<T> {
    /// The value for Python.
    fn give(py: Python<'_>, value: T) -> PyResult<Py<PyAny>>;
    /// The value from Python.
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<T>;
}

/// `str`.
pub struct Text;
/// A member of an enumeration in `bgcopy.enums`.
pub struct AMember;
/// `int`, of seconds or milliseconds.
pub struct Number;
/// `datetime.timedelta`, of whole seconds; numbers of seconds are taken too.
pub struct Seconds;
/// `datetime.timedelta`, of whole milliseconds; numbers of seconds are taken too.
pub struct Milliseconds;
/// `int`, or `None` for no limit.
pub struct Limit;
/// `uuid.UUID`.
pub struct Uuid;
/// `bool`.
pub struct Flag;

impl Shape<String> for Text {
    fn give(py: Python<'_>, value: String) -> PyResult<Py<PyAny>> {
        Ok(value.into_pyobject(py)?.into_any().unbind())
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
        text(value, name)
    }
}

impl<T: Member> Shape<T> for AMember {
    fn give(py: Python<'_>, value: T) -> PyResult<Py<PyAny>> {
        enums::give(py, value)
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<T> {
        enums::take(value, name)
    }
}

impl Shape<u32> for Number {
    fn give(py: Python<'_>, value: u32) -> PyResult<Py<PyAny>> {
        Ok(value.into_pyobject(py)?.into_any().unbind())
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<u32> {
        number_u32(value, name)
    }
}

fn units(value: &Bound<'_, PyAny>, name: &str, of: fn(Duration) -> u128) -> PyResult<u32> {
    u32::try_from(of(span(value, name)?))
        .map_err(|_| invalid(value.py(), &format!("{name} is too long: {value}")))
}

impl Shape<u32> for Seconds {
    fn give(py: Python<'_>, value: u32) -> PyResult<Py<PyAny>> {
        Ok(Duration::from_secs(value.into()).into_pyobject(py)?.into_any().unbind())
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<u32> {
        units(value, name, |span| span.as_secs().into())
    }
}

impl Shape<u32> for Milliseconds {
    fn give(py: Python<'_>, value: u32) -> PyResult<Py<PyAny>> {
        Ok(Duration::from_millis(value.into()).into_pyobject(py)?.into_any().unbind())
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<u32> {
        units(value, name, |span| span.as_millis())
    }
}

impl Shape<u64> for Limit {
    fn give(py: Python<'_>, value: u64) -> PyResult<Py<PyAny>> {
        Ok((value != u64::MAX).then_some(value).into_pyobject(py)?.into_any().unbind())
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<u64> {
        if value.is_none() { Ok(u64::MAX) } else { number(value, name, u64::MAX) }
    }
}

impl Shape<Guid> for Uuid {
    fn give(py: Python<'_>, value: Guid) -> PyResult<Py<PyAny>> {
        uuid(py, value)
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Guid> {
        guid(value, name)
    }
}

impl Shape<bool> for Flag {
    fn give(py: Python<'_>, value: bool) -> PyResult<Py<PyAny>> {
        Ok(value.into_pyobject(py)?.to_owned().into_any().unbind())
    }
    fn take(value: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
        flag(value, name)
    }
}
