//! Text of another encoding as UTF-8.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding};

/// Decodes what it reads. Bytes that the encoding does not know are an error: to replace them would
/// store damaged names.
pub struct Decoder<R> {
    bytes: R,
    decoder: encoding_rs::Decoder,
    encoding: &'static Encoding,
    input: Vec<u8>,
    used: usize,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

const BUFFER: usize = 32 * 1024;

impl<R: Read> Decoder<R> {
    pub fn new(bytes: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        let (input, output) = (Vec::new(), Vec::new());
        Self { bytes, decoder, encoding, input, used: 0, output, given: 0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.used == self.input.len() && !self.ended {
            self.input.resize(BUFFER, 0);
            let read = self.bytes.read(&mut self.input)?;
            self.input.truncate(read);
            self.used = 0;
            self.ended = read == 0;
        }
        self.output.resize(4 * BUFFER, 0);
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.input[self.used..],
            &mut self.output,
            self.ended,
        );
        self.used += read;
        self.output.truncate(written);
        self.given = 0;
        match result {
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
            DecoderResult::Malformed(..) => {
                let name = self.encoding.name();
                Err(io::Error::other(format!("the text is not in the encoding {name}")))
            }
        }
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.ended && self.used == self.input.len() {
                return Ok(0);
            }
            self.fill()?;
        }
        let length = buffer.len().min(self.output.len() - self.given);
        buffer[..length].copy_from_slice(&self.output[self.given..][..length]);
        self.given += length;
        Ok(length)
    }
}
