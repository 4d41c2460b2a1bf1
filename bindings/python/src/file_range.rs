//! Ranges of files: `bgcopy.FileRange`, and what can stand for one.

use bgcopy_engine::client::FileRange;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString, PyType};

use crate::argument::{number, wrong_type};

/// The length of a range that goes to the end of its file: `None` in Python.
const TO_END: u64 = u64::MAX;

/// Ranges as a list of `bgcopy.FileRange`.
pub fn give<'py>(py: Python<'py>, ranges: &[FileRange]) -> PyResult<Bound<'py, PyList>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "bgcopy.file_range", "FileRange")?;
    let list = PyList::empty(py);
    for range in ranges {
        let length = (range.length != TO_END).then_some(range.length);
        list.append(class.call1((range.initial_offset, length))?)?;
    }
    Ok(list)
}

/// Ranges from pairs of offset and length.
pub fn take(ranges: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<FileRange>> {
    let wanted = "an iterable of pairs of offset and length";
    if ranges.is_instance_of::<PyString>() {
        return Err(wrong_type(ranges, name, wanted));
    }
    let pairs = ranges.try_iter().map_err(|_| wrong_type(ranges, name, wanted))?;
    pairs.map(|pair| one(&pair?, name)).collect()
}

fn one(pair: &Bound<'_, PyAny>, name: &str) -> PyResult<FileRange> {
    let wrong = || wrong_type(pair, &format!("each of {name}"), "a pair of offset and length");
    if pair.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    let parts: Vec<Bound<'_, PyAny>> = pair.try_iter().map_err(|_| wrong())?.collect::<PyResult<_>>()?;
    let [offset, length] = &*parts else { return Err(wrong()) };
    let initial_offset = number(offset, "initial_offset", u64::MAX)?;
    let length = if length.is_none() { TO_END } else { number(length, "length", u64::MAX)? };
    Ok(FileRange { initial_offset, length })
}
