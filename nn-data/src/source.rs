//! A csv file as records with line numbers: unpacking, UTF-8, byte order marks, line ends, quotes.
//!
//! Blank lines are skipped, whitespace around a cell is removed, and so are cells without a name at
//! the end of every line, which come from lines that end in a delimiter.

use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::content_error::ContentError;
use crate::error::Error;
use crate::quotes::{QuoteError, line_ends, settled};
use crate::request::Request;
use crate::seems::seems;
use crate::unpack;

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
        let delimiter = delimiter_byte(request.delimiter)?;
        let (path, text) = read_text(request)?;
        let text = settled(&text, delimiter).map_err(|error| refused(&path, error))?;
        let mut rows = records(&path, &text, delimiter)?;
        if rows.is_empty() {
            return Err(Error::Empty { path });
        }
        let header: Vec<String> = rows.remove(0).cells.iter().map(str::to_owned).collect();
        if header.len() > 1 {
            // A line of spaces is blank too; in a file of one column it is a missing cell.
            rows.retain(|row| !(row.cells.len() == 1 && row.cells[0].is_empty()));
        }
        let mut source = Source { path, header, rows };
        source.drop_empty_ends();
        Ok(source)
    }

    /// Lines that all end in a delimiter have a last cell that is empty and has no name.
    fn drop_empty_ends(&mut self) {
        let width = self.header.len();
        let is_empty = |at: usize| self.rows.iter().all(|row| row.cells.get(at).is_none_or(str::is_empty));
        let empty = (1..width).rev().take_while(|&at| self.header[at].is_empty() && is_empty(at)).count();
        for row in self.rows.iter_mut().filter(|row| row.cells.len() == width) {
            row.cells.truncate(width - empty);
        }
        self.header.truncate(width - empty);
    }
}

/// The file that is read, and its text.
fn read_text(request: &Request) -> Result<(PathBuf, String), Error> {
    let (path, bytes) = read_bytes(request)?;
    if let Some(seems) = other_format(&bytes) {
        return Err(Error::NotCsv { path, seems });
    }
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
    match text.find('\0') {
        None => Ok((path, text)),
        Some(at) => Err(Error::NulByte { path, line: 1 + line_ends(&text.as_bytes()[..at]) }),
    }
}

/// The file that is read, and what it holds, unpacked.
fn read_bytes(request: &Request) -> Result<(PathBuf, Vec<u8>), Error> {
    if let Some(content) = &request.content {
        return Ok((request.path.clone(), content.clone()));
    }
    let path = unpack::existing(&request.path);
    if path.is_dir() {
        return Err(Error::Folder { path });
    }
    match unpack::read_unpacked(&path, unpack::open(&path)?) {
        Err(Error::Content { error: ContentError::Empty, .. }) => Err(Error::Empty { path }),
        read => Ok((path, read?)),
    }
}

/// The type of a file that does not begin like a csv file.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some("a zip archive, as Excel files (.xlsx) are; save the table as csv"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("text in UTF-16; save it in UTF-8"),
        _ => seems(bytes),
    }
}

fn records(path: &Path, text: &str, delimiter: u8) -> Result<Vec<Row>, Error> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
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
    Ok(rows)
}

/// The cells of a text, as those of a csv file; errors call it `name`. A text that is blank has one
/// cell, which is empty.
///
/// # Errors
///
/// Where the delimiter cannot be one, or quotes do not fit.
pub fn cells(name: &str, text: &str, delimiter: char) -> Result<Vec<String>, Error> {
    let (path, delimiter) = (Path::new(name), delimiter_byte(delimiter)?);
    let text = settled(text, delimiter).map_err(|error| refused(path, error))?;
    let rows = records(path, &text, delimiter)?;
    let cells: Vec<String> = rows.iter().flat_map(|row| &row.cells).map(str::to_owned).collect();
    Ok(if cells.is_empty() { vec![String::new()] } else { cells })
}

fn refused(path: &Path, error: QuoteError) -> Error {
    let path = path.to_owned();
    match error {
        QuoteError::Open { line } => Error::UnclosedQuote { path, line },
        QuoteError::TextBehind { line } => Error::TextBehindQuote { path, line },
    }
}

fn delimiter_byte(delimiter: char) -> Result<u8, Error> {
    match u8::try_from(delimiter) {
        Ok(byte) if byte.is_ascii() && !b"\"\r\n\0".contains(&byte) => Ok(byte),
        _ => Err(Error::Delimiter { delimiter }),
    }
}
