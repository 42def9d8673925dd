//! Reads a list line by line in its own encoding, with memory for one line only.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::encoding::Transcoder;

/// One line as an editor counts.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Number from 1.
    pub number: u64,
    /// Its text without the line end.
    pub text: String,
    /// Bytes that are no characters were replaced.
    pub damaged: bool,
    /// It was longer than allowed; the rest was dropped.
    pub cut: bool,
}

/// The lines of a list.
pub(crate) struct Lines {
    input: BufReader<Box<dyn Read + Send>>,
    encoding: &'static Encoding,
    newline: u8,
    bytes_max: usize,
    number: u64,
    returned: VecDeque<Line>,
}

impl Lines {
    /// `input` stands at the beginning of the list.
    pub(crate) fn new(
        input: Box<dyn Read + Send>,
        encoding: &'static Encoding,
        newline: u8,
        bytes_max: usize,
    ) -> Lines {
        let (input, encoding): (Box<dyn Read + Send>, _) = if encoding == UTF_16LE || encoding == UTF_16BE {
            (Box::new(Transcoder::new(input, encoding)), UTF_8)
        } else {
            (input, encoding)
        };
        Lines {
            input: BufReader::with_capacity(65_536, input),
            encoding,
            newline,
            bytes_max,
            number: 0,
            returned: VecDeque::new(),
        }
    }

    /// The next line; none at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.returned.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let Some(cut) = self.read_bytes(&mut bytes)? else {
            return Ok(None);
        };
        self.number += 1;
        if self.newline == b'\n' && bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if self.number == 1 && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let (text, damaged) = if self.encoding == UTF_8 {
            match String::from_utf8(bytes) {
                Ok(text) => (text, false),
                // A cut line may end within a character; that is not its fault.
                Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), !cut),
            }
        } else {
            let (text, damaged) = self.encoding.decode_without_bom_handling(&bytes);
            (text.into_owned(), damaged)
        };
        Ok(Some(Line { number: self.number, text, damaged, cut }))
    }

    /// Takes back lines that were read too far; they come again in the same order.
    pub(crate) fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.returned.push_front(line);
        }
    }

    /// Whether the line was cut, or none at the end of the list.
    fn read_bytes(&mut self, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
        let (mut any, mut cut) = (false, false);
        loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                return Ok(any.then_some(cut));
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == self.newline);
            let part = &buffer[..end.unwrap_or(buffer.len())];
            let room = self.bytes_max - line.len();
            line.extend_from_slice(&part[..part.len().min(room)]);
            cut |= part.len() > room;
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some(cut));
            }
        }
    }
}

/// The byte that ends lines: old Macs wrote carriage returns alone.
pub(crate) fn newline_of(head: &[u8]) -> u8 {
    if !head.contains(&b'\n') && head.contains(&b'\r') { b'\r' } else { b'\n' }
}
