//! Which character encoding is a list in? Found by looking at as much of it as is needed, without keeping it.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes beyond ASCII after which more would not change the guess.
const ENOUGH: usize = 4_096;
/// Below this many bytes beyond ASCII a statistical guess is noise; western lists are by far the most common.
const FEW: usize = 12;

/// Reads `input` from where it stands until the encoding is clear; a list in pure ASCII is read to its end.
pub(crate) fn detect(input: &mut impl Read) -> io::Result<&'static Encoding> {
    let mut buffer = vec![0_u8; 65_536];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut utf8 = Utf8Tally::default();
    let mut first = true;
    loop {
        let read = input.read(&mut buffer)?;
        let bytes = &buffer[..read];
        if first {
            if let Some((encoding, _)) = Encoding::for_bom(bytes) {
                return Ok(encoding);
            }
            if let Some(encoding) = utf16_without_mark(bytes) {
                return Ok(encoding);
            }
            first = false;
        }
        detector.feed(bytes, read == 0);
        utf8.feed(bytes);
        if read == 0 || utf8.beyond_ascii >= ENOUGH {
            break;
        }
    }
    // A few broken bytes in a list that is clearly UTF-8 damage their rows, not the list.
    if utf8.broken == 0 || utf8.whole > utf8.broken {
        return Ok(UTF_8);
    }
    if utf8.beyond_ascii < FEW {
        return Ok(WINDOWS_1252);
    }
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// Every second byte of western UTF-16 text is zero.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(1_024) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let most = head.len() / 2 * 7 / 10;
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > most && even * 10 < odd => Some(UTF_16LE),
        (even, odd) if even > most && odd * 10 < even => Some(UTF_16BE),
        _ => None,
    }
}

/// Counts whole and broken UTF-8 characters beyond ASCII, across chunk borders.
#[derive(Default)]
struct Utf8Tally {
    whole: usize,
    broken: usize,
    beyond_ascii: usize,
    rest: Vec<u8>,
}

impl Utf8Tally {
    fn feed(&mut self, bytes: &[u8]) {
        if self.rest.is_empty() && bytes.is_ascii() {
            return;
        }
        let last = bytes.is_empty();
        let joined = [std::mem::take(&mut self.rest).as_slice(), bytes].concat();
        let mut chunks = joined.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            let beyond = chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
            self.beyond_ascii += beyond + chunk.invalid().len();
            self.whole += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
            if !chunk.invalid().is_empty() {
                if chunks.peek().is_none() && !last && chunk.invalid().len() < 4 {
                    // Perhaps only cut in two by the end of the chunk.
                    self.beyond_ascii -= chunk.invalid().len();
                    self.rest = chunk.invalid().to_vec();
                } else {
                    self.broken += 1;
                }
            }
        }
    }
}

/// Turns UTF-16 into UTF-8 on the way through, so that lines can be found by their newline byte.
pub(crate) struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_start: usize,
    out: Vec<u8>,
    out_start: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    pub(crate) fn new(input: R, encoding: &'static Encoding) -> Self {
        Transcoder {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: Vec::new(),
            raw_start: 0,
            out: Vec::new(),
            out_start: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.out_start == self.out.len() && !self.ended {
            if self.raw_start == self.raw.len() {
                self.raw.resize(16_384, 0);
                let read = self.input.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.raw_start = 0;
            }
            let last = self.raw.is_empty();
            self.out.resize(65_536, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.raw_start..], &mut self.out, last);
            self.raw_start += read;
            self.out.truncate(written);
            self.out_start = 0;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.refill()?;
        let available = &self.out[self.out_start..];
        let count = available.len().min(target.len());
        target[..count].copy_from_slice(&available[..count]);
        self.out_start += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> &'static str {
        detect(&mut io::Cursor::new(bytes)).unwrap().name()
    }

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(of("Name\nMüller\n".as_bytes()), "UTF-8");
        assert_eq!(of(b"Name\nM\xFCller\n"), "windows-1252");
        assert_eq!(of(b"\xFF\xFEN\0a\0m\0e\0"), "UTF-16LE");
        assert_eq!(of(b"\0N\0a\0m\0e\0,\0A\0B\0C"), "UTF-16BE");
        let mut mixed = "Müller;Jürgen;Köln\n".repeat(20).into_bytes();
        mixed.extend(b"M\xFCller;J\xFCrgen\n");
        assert_eq!(of(&mixed), "UTF-8");
    }

    #[test]
    fn an_accent_far_down_the_list_is_seen() {
        let mut list = "name,city\nAnna,Rome\n".repeat(20_000).into_bytes();
        list.extend(b"Ren\xE9,Orl\xE9ans\n");
        assert_eq!(of(&list), "windows-1252");
    }

    #[test]
    fn characters_cut_by_a_chunk_are_whole() {
        let list = format!("a{}", "é".repeat(200_000));
        assert_eq!(of(list.as_bytes()), "UTF-8");
    }
}
