//! Small files that visitors upload, as text.

use std::io::{Cursor, Read};

use encoding_rs::WINDOWS_1252;

use super::input;

/// Why a file cannot be read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextError {
    /// More text than allowed.
    TooLarge,
    /// Damaged, or something else than text.
    Unreadable,
}

/// Returns the text of a file, or of every file of a ZIP archive with its name. Text that is not UTF-8 is
/// taken for windows-1252, as in IMDb's older exports.
///
/// # Errors
/// When there are more than `max_bytes` of text, or something else than text.
pub fn text_files(bytes: &[u8], max_bytes: u64) -> Result<Vec<(String, String)>, TextError> {
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let opened = input::open("", reader, None).or(Err(TextError::Unreadable))?;
    let mut left = max_bytes;
    let mut files = Vec::new();
    for file in opened {
        let mut bytes = Vec::new();
        let mut limited = file.bytes.take(left + 1);
        limited.read_to_end(&mut bytes).or(Err(TextError::Unreadable))?;
        left = left.checked_sub(bytes.len() as u64).ok_or(TextError::TooLarge)?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
        };
        files.push((file.name.trim_start_matches('/').to_owned(), text));
    }
    Ok(files)
}
