//! CSV.

use alloc::vec::Vec;

use vera_data::csv::{self, Record};
use vera_rt::{Heap, Ref, Roots, string};

use crate::values::{build, bytes, elements};

/// `csv_parse`
pub fn parse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let records = csv::parse(string::bytes(heap, text));
    build(heap, roots, |b| match &records {
        Ok(records) => {
            let mut lines = Vec::with_capacity(records.len());
            for record in records {
                let fields: Vec<Ref> = record.iter().map(|field| b.string(field)).collect();
                lines.push(b.array(&fields));
            }
            let lines = b.array(&lines);
            b.ok(lines)
        }
        Err(error) => b.err(&error.message()),
    })
}

/// `csv_write`
pub fn write(heap: &mut Heap, records: Ref, roots: Roots) -> Ref {
    let record = |record| elements(heap, record).map(|field| bytes(heap, field)).collect();
    let records: Vec<Record> = elements(heap, records).map(record).collect();
    let text = csv::write(&records);
    string::new(heap, &text, roots)
}
