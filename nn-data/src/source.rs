//! A csv file as records with line numbers: reading, UTF-8, byte order marks, line ends, quotes.
//!
//! Blank lines are skipped, and white space around a cell is not part of it.

use std::fs;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::error::Error;
use crate::request::Request;

/// The header and rows of a csv file.
pub(crate) struct Source {
    pub path: PathBuf,
    pub header: Vec<String>,
    pub rows: Vec<Row>,
}

/// One row: its cells, and the line on which it starts, from 1.
pub(crate) struct Row {
    pub line: u64,
    pub cells: StringRecord,
}

impl Source {
    pub fn read(request: &Request) -> Result<Source, Error> {
        let path = &request.path;
        let text = read_text(request)?;
        let mut rows = records(path, &text, request.delimiter)?;
        if rows.is_empty() {
            return Err(Error::Empty { path: path.clone() });
        }
        let header: Vec<String> = rows.remove(0).cells.iter().map(str::to_owned).collect();
        if header.len() > 1 {
            // A line of spaces is blank too; in a file of one column it is a missing cell.
            rows.retain(|row| !(row.cells.len() == 1 && row.cells[0].is_empty()));
        }
        Ok(Source { path: path.clone(), header, rows })
    }
}

fn read_text(request: &Request) -> Result<String, Error> {
    let path = &request.path;
    let bytes = match &request.content {
        Some(content) => content.clone(),
        None if path.is_dir() => return Err(Error::Folder { path: path.clone() }),
        None => fs::read(path).map_err(|source| Error::Read { path: path.clone(), source })?,
    };
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Error::NotUtf8 { path: path.clone(), line: 1 + line_ends(valid) }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if text.trim().is_empty() {
        return Err(Error::Empty { path: path.clone() });
    }
    Ok(text)
}

fn records(path: &Path, text: &str, delimiter: char) -> Result<Vec<Row>, Error> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter_byte(delimiter)?)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut cells = StringRecord::new();
    let (mut line, mut counted) = (1, 0);
    loop {
        let found = reader
            .read_record(&mut cells)
            .map_err(|error| Error::Read { path: path.to_owned(), source: error.into() })?;
        if !found {
            break;
        }
        // The reader's own place of a record may lie before blank lines that it skipped.
        let from = cells.position().map_or(0, |at| at.byte() as usize);
        let skipped = text.as_bytes()[from..].iter().take_while(|b| b"\r\n".contains(b)).count();
        let start = from + skipped;
        line += line_ends(&text.as_bytes()[counted..start]);
        counted = start;
        rows.push(Row { line, cells: cells.clone() });
    }
    if is_open(&text[counted..]) {
        return Err(Error::UnclosedQuote { path: path.to_owned(), line });
    }
    Ok(rows)
}

fn delimiter_byte(delimiter: char) -> Result<u8, Error> {
    match u8::try_from(delimiter) {
        Ok(byte) if byte.is_ascii() && !b"\"\r\n\0".contains(&byte) => Ok(byte),
        _ => Err(Error::Delimiter { delimiter }),
    }
}

/// How many lines end in the text: at `\n`, `\r\n`, or a lone `\r`.
fn line_ends(text: &[u8]) -> u64 {
    let ends = text
        .iter()
        .enumerate()
        .filter(|&(i, &byte)| byte == b'\n' || (byte == b'\r' && text.get(i + 1) != Some(&b'\n')));
    ends.count() as u64
}

/// Whether the last record ran on over line ends because of a quote that nothing closes.
fn is_open(last: &str) -> bool {
    last.trim_end().contains(['\n', '\r']) && last.matches('"').count() % 2 == 1
}
