//! The wire format of protocol buffers: bytes in, numbered fields out.
//!
//! A reader borrows the bytes and copies nothing. A length that is larger than the rest is an error before anything is
//! allocated.

/// A field of a message, with its number.
pub type Field<'a> = (u64, Wire<'a>);

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wire<'a> {
    /// An integer.
    Varint(u64),
    /// Eight bytes.
    Fixed64([u8; 8]),
    /// A message, a text, bytes, or several numbers.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32([u8; 4]),
}

/// Reads the fields of a message.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of a message.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next field; `None` at the end.
    pub fn field(&mut self) -> Result<Option<Field<'a>>, String> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let wire = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.fixed()?),
            2 => Wire::Bytes(self.bytes()?),
            5 => Wire::Fixed32(self.fixed()?),
            other => return Err(format!("a field has the unknown wire type {other}")),
        };
        Ok(Some((tag >> 3, wire)))
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for (at, byte) in self.rest.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[at + 1..];
                return Ok(number);
            }
        }
        Err(if self.rest.len() < 10 { "the file ends within an integer" } else { "an integer has too many bytes" }
            .into())
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or("the file ends within a number")?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn bytes(&mut self) -> Result<&'a [u8], String> {
        let length = self.varint()?;
        let taken = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (bytes, rest) =
            taken.ok_or_else(|| format!("a field has {length} bytes, but only {} follow", self.rest.len()))?;
        self.rest = rest;
        Ok(bytes)
    }
}

impl<'a> Wire<'a> {
    /// An integer.
    pub fn int(self) -> Result<i64, String> {
        match self {
            Self::Varint(number) => Ok(number as i64),
            Self::Fixed64(_) | Self::Bytes(_) | Self::Fixed32(_) => Err("an integer has another wire type".to_owned()),
        }
    }

    /// A number.
    pub fn float(self) -> Result<f32, String> {
        match self {
            Self::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            Self::Fixed64(_) | Self::Bytes(_) | Self::Varint(_) => Err("a number has another wire type".to_owned()),
        }
    }

    /// Bytes.
    pub fn bytes(self) -> Result<&'a [u8], String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Varint(_) | Self::Fixed64(_) | Self::Fixed32(_) => Err("a message has another wire type".to_owned()),
        }
    }

    /// A message.
    pub fn message(self) -> Result<Reader<'a>, String> {
        Ok(Reader::new(self.bytes()?))
    }

    /// A text.
    pub fn text(self) -> Result<String, String> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| "a name is not UTF-8")?;
        Ok(text.to_owned())
    }

    /// Adds an integer, or the packed integers of a list.
    pub fn push_ints(self, list: &mut Vec<i64>) -> Result<(), String> {
        match self {
            Self::Varint(number) => list.push(number as i64),
            Self::Bytes(bytes) => {
                let mut reader = Reader::new(bytes);
                while !reader.rest.is_empty() {
                    list.push(reader.varint()? as i64);
                }
            }
            Self::Fixed64(_) | Self::Fixed32(_) => return Err("integers have another wire type".to_owned()),
        }
        Ok(())
    }

    /// Adds a number of four bytes, or the packed ones of a list.
    pub fn push_floats(self, list: &mut Vec<f32>) -> Result<(), String> {
        match self {
            Self::Fixed32(bytes) => list.push(f32::from_le_bytes(bytes)),
            Self::Bytes(bytes) => list.extend(chunks(bytes)?.iter().map(|bytes| f32::from_le_bytes(*bytes))),
            Self::Varint(_) | Self::Fixed64(_) => return Err("numbers have another wire type".to_owned()),
        }
        Ok(())
    }

    /// Adds a number of eight bytes, or the packed ones of a list.
    pub fn push_doubles(self, list: &mut Vec<f64>) -> Result<(), String> {
        match self {
            Self::Fixed64(bytes) => list.push(f64::from_le_bytes(bytes)),
            Self::Bytes(bytes) => list.extend(chunks(bytes)?.iter().map(|bytes| f64::from_le_bytes(*bytes))),
            Self::Varint(_) | Self::Fixed32(_) => return Err("numbers have another wire type".to_owned()),
        }
        Ok(())
    }
}

/// Bytes in groups of `N`, without a rest.
fn chunks<const N: usize>(bytes: &[u8]) -> Result<&[[u8; N]], String> {
    match bytes.as_chunks() {
        (chunks, []) => Ok(chunks),
        _ => Err(format!("{} bytes are not numbers of {N} bytes", bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Result<Vec<Field<'_>>, String> {
        let mut reader = Reader::new(bytes);
        std::iter::from_fn(|| reader.field().transpose()).collect()
    }

    #[test]
    fn fields_have_a_number_and_a_wire_type() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x1d, 0, 0, 0x80, 0x3f];
        let expected = [(1, Wire::Varint(150)), (2, Wire::Bytes(b"ab")), (3, Wire::Fixed32(1f32.to_le_bytes()))];
        assert_eq!(fields(&bytes).unwrap(), expected);
        let minus = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(fields(&minus).unwrap()[0].1.int(), Ok(-1));
    }

    #[test]
    fn what_is_cut_is_an_error() {
        assert_eq!(fields(&[0x08, 0x96]).unwrap_err(), "the file ends within an integer");
        assert_eq!(
            fields(&[0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]).unwrap_err(),
            "an integer has too many bytes"
        );
        assert_eq!(
            fields(&[0x12, 0xff, 0xff, 0xff, 0x7f, 1]).unwrap_err(),
            "a field has 268435455 bytes, but only 1 follow"
        );
        assert_eq!(fields(&[0x0b]).unwrap_err(), "a field has the unknown wire type 3");
        assert_eq!(fields(&[0x0d, 1, 2]).unwrap_err(), "the file ends within a number");
    }

    #[test]
    fn lists_are_packed_or_not() {
        let mut ints = Vec::new();
        Wire::Varint(7).push_ints(&mut ints).unwrap();
        Wire::Bytes(&[1, 0x96, 1]).push_ints(&mut ints).unwrap();
        assert_eq!(ints, [7, 1, 150]);
        let mut floats = Vec::new();
        Wire::Bytes(&[0, 0, 0x80, 0x3f]).push_floats(&mut floats).unwrap();
        assert_eq!(floats, [1.0]);
        assert_eq!(Wire::Bytes(&[0, 0]).push_floats(&mut floats).unwrap_err(), "2 bytes are not numbers of 4 bytes");
    }
}
