//! The tables behind `bgcopy.enums` and `bgcopy.result`, for the program that writes those files.

use bgcopy_protocol::constants::{CONSTANTS, Kind};
use bgcopy_protocol::result::TABLE;
use pyo3::prelude::*;

/// Name, value and meaning of a constant.
type Row = (&'static str, i64, &'static str);

/// Every group of constants: C name, kind, meaning, constants.
#[pyfunction]
pub fn constants() -> Vec<(&'static str, &'static str, &'static str, Vec<Row>)> {
    CONSTANTS
        .iter()
        .map(|group| {
            let kind = match group.kind {
                Kind::Enumeration => "enumeration",
                Kind::Flags => "flags",
                Kind::Sizes => "sizes",
            };
            let rows = group.constants.iter().map(|row| (row.name, row.value, row.doc)).collect();
            (group.name, kind, group.doc, rows)
        })
        .collect()
}

/// Every result code that has a name: name, value, meaning.
#[pyfunction]
pub fn result_codes() -> Vec<Row> {
    TABLE.iter().map(|entry| (entry.name, i64::from(entry.code.0), entry.text)).collect()
}
