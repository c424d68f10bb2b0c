//! Posting lists, delta-encoded in variable-length integers.

/// The kind of name that a posting refers to; it determines the meaning of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// A movie, by its title.
    Title,
    /// A movie, by its original title.
    Original,
    Person,
    Tag,
}

const FIELDS: [Field; 4] = [Field::Title, Field::Original, Field::Person, Field::Tag];

/// Packs a field and a number into one integer, ordered by field, then by number. Numbers must be
/// below 2^30.
pub fn pack(field: Field, number: u32) -> u32 {
    (field as u32) << 30 | number
}

/// Reverses [`pack`].
pub fn unpack(packed: u32) -> (Field, u32) {
    (FIELDS[(packed >> 30) as usize], packed & ((1 << 30) - 1))
}

/// Appends a list, which must be ascending and without duplicates.
pub fn write(list: &[u32], bytes: &mut Vec<u8>) {
    write_number(u32::try_from(list.len()).expect("fewer than 2^32 postings per word"), bytes);
    let mut previous = 0;
    for &packed in list {
        write_number(packed - previous, bytes);
        previous = packed;
    }
}

fn write_number(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// An iterator over a list written by [`write()`].
pub struct Postings<'a> {
    bytes: &'a [u8],
    left: u32,
    packed: u32,
}

impl<'a> Postings<'a> {
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut list = Self { bytes, left: 0, packed: 0 };
        list.left = list.number();
        list
    }

    fn number(&mut self) -> u32 {
        let (mut number, mut shift) = (0, 0);
        while let Some((&byte, rest)) = self.bytes.split_first() {
            self.bytes = rest;
            number |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        number
    }
}

impl Iterator for Postings<'_> {
    type Item = (Field, u32);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.packed += self.number();
        Some(unpack(self.packed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_reverses_write() {
        let list =
            [(Field::Title, 0), (Field::Original, 1 << 29), (Field::Person, 300), (Field::Tag, 0)];
        let packed = list.map(|(field, number)| pack(field, number));
        let mut bytes = vec![0xff];
        write(&packed, &mut bytes);
        assert_eq!(Postings::read(&bytes[1..]).collect::<Vec<_>>(), list);
    }
}
