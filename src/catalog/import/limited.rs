//! Bytes of one record at a time, in bounded memory.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use super::input::Bytes;

/// Bytes of one record; a longer one means that this is no file of records.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Passes bytes on until one record has taken too many: a reader that looks for an end which never
/// comes would fill the memory.
pub struct Limited {
    bytes: Bytes,
    left: usize,
    last: u8,
    ended: bool,
    line: u64,
    quotes: Option<Box<Quotes>>,
}

/// Follows the quotes of a table, to find one that is never closed.
struct Quotes {
    delimiter: u8,
    escape: Option<u8>,
    state: QuoteState,
    line: u64,
    opened_at: u64,
    /// Lines in which a quoted field goes on after its closing quote.
    stray: VecDeque<u64>,
}

#[derive(PartialEq, Eq)]
enum QuoteState {
    FieldStart,
    Plain,
    Quoted,
    Escaped,
    /// After a quote in a quoted field: its end, or the first of two.
    Closing,
}

impl Limited {
    pub fn new(bytes: Bytes) -> Self {
        Self { bytes, left: MAX_RECORD, last: b'\n', ended: false, line: 1, quotes: None }
    }

    /// Also follows the quotes of a table.
    pub fn with_quotes(bytes: Bytes, delimiter: u8, escape: Option<u8>) -> Self {
        let state = QuoteState::FieldStart;
        let stray = VecDeque::new();
        let quotes = Quotes { delimiter, escape, state, line: 1, opened_at: 0, stray };
        Self { quotes: Some(Box::new(quotes)), ..Self::new(bytes) }
    }

    /// The next record begins.
    pub fn renew(&mut self) {
        self.left = MAX_RECORD;
    }

    /// Whether the file has ended, and not with the end of a line: that of a cut file is missing.
    pub fn ended_within_a_line(&self) -> bool {
        self.ended && self.last != b'\n'
    }

    /// Returns the line of the quote that is still open where the file ended.
    pub fn open_quote(&self) -> Option<u64> {
        let quotes = self.quotes.as_ref().filter(|_| self.ended)?;
        matches!(quotes.state, QuoteState::Quoted | QuoteState::Escaped).then_some(quotes.opened_at)
    }

    /// Removes and returns the next line before `end` in which a quoted field goes on after its closing
    /// quote.
    pub fn stray_quote(&mut self, end: u64) -> Option<u64> {
        let stray = &mut self.quotes.as_mut()?.stray;
        stray.front().filter(|line| **line < end)?;
        stray.pop_front()
    }

    /// The line that has been reached, from 1, when read through [`BufRead`].
    pub fn line(&self) -> u64 {
        self.line
    }

    fn check(&self) -> io::Result<()> {
        if self.left > 0 {
            return Ok(());
        }
        let quotes = self.quotes.as_ref().filter(|quotes| quotes.state == QuoteState::Quoted);
        Err(io::Error::other(match quotes {
            Some(quotes) => format!(
                "the record is longer than {MAX_RECORD} bytes: the quote that opens in line {} may not be \
                 closed",
                quotes.opened_at
            ),
            None => format!("the record is longer than {MAX_RECORD} bytes"),
        }))
    }
}

impl Quotes {
    fn follow(&mut self, bytes: &[u8]) {
        use QuoteState::{Closing, Escaped, FieldStart, Plain, Quoted};
        for byte in bytes {
            self.state = match (&self.state, *byte) {
                (Quoted, escape) if self.escape == Some(escape) => Escaped,
                (Quoted, b'"') => Closing,
                (Quoted | Escaped, _) => Quoted,
                (Closing, b'"') if self.escape.is_none() => Quoted,
                (FieldStart, b'"') => {
                    self.opened_at = self.line;
                    Quoted
                }
                (Closing, byte)
                    if !matches!(byte, b'\r' | b'\n' | b' ') && byte != self.delimiter =>
                {
                    if self.stray.back() != Some(&self.line) {
                        self.stray.push_back(self.line);
                    }
                    Plain
                }
                (_, b'\n') => FieldStart,
                (_, byte) if byte == self.delimiter => FieldStart,
                _ => Plain,
            };
            self.line += u64::from(*byte == b'\n');
        }
    }
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let end = buffer.len().min(self.left);
        let read = self.bytes.read(&mut buffer[..end])?;
        self.left -= read;
        self.ended = read == 0 && end > 0;
        self.last = buffer[..read].last().copied().unwrap_or(self.last);
        if let Some(quotes) = &mut self.quotes {
            quotes.follow(&buffer[..read]);
        }
        Ok(read)
    }
}

impl BufRead for Limited {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        let buffer = self.bytes.fill_buf()?;
        Ok(&buffer[..buffer.len().min(self.left)])
    }

    fn consume(&mut self, amount: usize) {
        let used = self.bytes.fill_buf().map_or(&[][..], |buffer| &buffer[..amount]);
        self.line += used.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.bytes.consume(amount);
        self.left -= amount.min(self.left);
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn record_size_is_limited() {
        let endless = BufReader::new(io::repeat(b'x'));
        let mut limited = Limited::new(Box::new(endless));
        let mut buffer = vec![0; MAX_RECORD];
        limited.read_exact(&mut buffer).unwrap();
        limited.renew();
        limited.read_exact(&mut buffer).unwrap();
        assert!(limited.read_exact(&mut buffer).is_err());
    }

    #[test]
    fn unclosed_quote_is_found() {
        let open = |text: &'static str| {
            let mut limited = Limited::with_quotes(Box::new(text.as_bytes()), b',', None);
            io::copy(&mut limited, &mut io::sink()).unwrap();
            limited.open_quote()
        };
        assert_eq!(open("a,b\n1,\"x\ny\n"), Some(2));
        assert_eq!(open("a,b\n1,\"x \"\"y\"\"\"\n"), None);
        assert_eq!(open("a,b\n1,5\" disk\n"), None);
    }
}
