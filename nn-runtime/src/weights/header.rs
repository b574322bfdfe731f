//! The header of a safetensors file, read where it is, without an allocator.
//!
//! A file is 8 bytes (the length of the header, little-endian), the header (a JSON object), and the
//! data of all tensors without a gap:
//!
//! ```text
//! {"__metadata__":{"key":"value"},"y.0.weight":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]}}
//! ```
//!
//! Everything is checked once, by [`Header::parse`]; afterwards it is walked again whenever it is
//! needed. What is refused here and taken by the crate `safetensors` is what no writer writes:
//! other keys in a tensor, a list in place of an object, `null` metadata. Names that appear twice
//! are found by those who look names up (`read.rs`).

use core::iter;
use core::ops::Range;

use arrayvec::ArrayVec;

use super::json::{Cursor, Numbers, Pairs, Quoted};
use crate::misfit::Damage;

/// What the metadata `nn.layout` says.
pub(crate) const LAYOUT: &str = "dense weights are [inputs, units]";

/// Bytes of the header's length.
const LENGTH: usize = size_of::<u64>();

/// Bytes that a header may have, as in the crate `safetensors`.
const MAX_HEADER: u64 = 100_000_000;

/// Tensors whose data may be in another order than in the header: each is then compared with each.
const MAX_UNORDERED: usize = 1024;

/// As many of them as are compared with all others in one reading of the header, which may be long.
const AT_ONCE: usize = 64;

/// The number types of safetensors, with the bits of a number.
const NUMBER_TYPES: [(&str, usize); 22] = [
    ("F32", 32),
    ("F64", 64),
    ("F16", 16),
    ("BF16", 16),
    ("I8", 8),
    ("I16", 16),
    ("I32", 32),
    ("I64", 64),
    ("U8", 8),
    ("U16", 16),
    ("U32", 32),
    ("U64", 64),
    ("BOOL", 8),
    ("C64", 64),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
];

/// A tensor of a file.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    /// Where its name is, in bytes from the start of the file.
    pub(super) at: usize,
    pub(super) name: Quoted<'a>,
    pub(super) number_type: &'static str,
    pub(super) shape: Numbers<'a>,
    /// Its first byte in the data of the file.
    start: usize,
    pub(super) data: &'a [u8],
}

impl<'a> Found<'a> {
    /// Whether this is its shape.
    pub(super) fn has_shape(&self, shape: &[usize]) -> bool {
        self.shape.iter().eq(shape.iter().copied())
    }

    /// Its numbers, if their type is F32.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = f32> + use<'a> {
        self.data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
    }

    /// Its bytes in the data of the file.
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.data.len()
    }
}

/// A valid header, and the data after it.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    members: Members<'a>,
}

impl<'a> Header<'a> {
    /// Reads and checks the header.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Damage> {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
            return Err(Damage::TooShort { length: bytes.len() });
        };
        let length = u64::from_le_bytes(*length);
        let split = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
        let Some((header, data)) = split.filter(|_| length <= MAX_HEADER) else {
            return Err(Damage::HeaderLength { length });
        };
        let text =
            core::str::from_utf8(header).map_err(|error| Damage::NotText { at: LENGTH + error.valid_up_to() })?;
        let mut cursor = Cursor::new(text, LENGTH);
        cursor.pass('{', "`{`")?;
        let header = Self { members: Members { cursor, is_first: true, data } };
        header.check()?;
        Ok(header)
    }

    /// Reads everything once. The tensors share no byte and leave none out.
    fn check(&self) -> Result<(), Damage> {
        let mut members = self.members;
        let (mut tensors, mut end, mut is_ordered, mut has_metadata) = (0, 0, true, false);
        loop {
            let at = members.cursor.position();
            match members.advance()? {
                Some(Member::Metadata(_)) if has_metadata => return Err(Damage::Duplicate { at }),
                Some(Member::Metadata(_)) => has_metadata = true,
                Some(Member::Tensor(found)) => {
                    tensors += 1;
                    is_ordered &= found.start == end;
                    // Not more than what the sizes of `tensors` slices of the data add up to.
                    end = end.checked_add(found.data.len()).ok_or(Damage::Overlap { at })?;
                }
                None => break,
            }
        }
        members.cursor.finish()?;
        if end != self.members.data.len() {
            return Err(Damage::Length { described: end, found: self.members.data.len() });
        }
        if is_ordered {
            return Ok(());
        }
        if tensors > MAX_UNORDERED {
            return Err(Damage::Unordered { tensors });
        }
        // They are as long together as the data, so without an overlap there is no gap.
        (0..tensors).step_by(AT_ONCE).try_for_each(|first| self.check_apart(first))
    }

    /// No later tensor shares a byte with one of those that begin with this number.
    fn check_apart(&self, first: usize) -> Result<(), Damage> {
        let mut compared = ArrayVec::<(Range<usize>, usize), AT_ONCE>::new();
        for found in self.tensors().skip(first) {
            let range = found.range();
            let overlaps = |(other, _): &&(Range<usize>, usize)| range.start < other.end && other.start < range.end;
            if let Some(&(_, at)) = compared.iter().find(overlaps) {
                return Err(Damage::Overlap { at });
            }
            if !compared.is_full() {
                compared.push((range, found.at));
            }
        }
        Ok(())
    }

    /// The tensors, in the order of the header.
    pub(super) fn tensors(&self) -> impl Iterator<Item = Found<'a>> + use<'a> {
        self.members().filter_map(|member| match member {
            Member::Tensor(found) => Some(found),
            Member::Metadata(_) => None,
        })
    }

    /// The metadata.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Quoted<'a>, Quoted<'a>)> + use<'a> {
        let pairs = self.members().find_map(|member| match member {
            Member::Metadata(pairs) => Some(pairs),
            Member::Tensor(_) => None,
        });
        pairs.into_iter().flat_map(Pairs::iter)
    }

    fn members(&self) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let mut members = self.members;
        iter::from_fn(move || members.advance().ok().flatten())
    }
}

/// A member of the header.
enum Member<'a> {
    Metadata(Pairs<'a>),
    Tensor(Found<'a>),
}

/// What is left of the header.
#[derive(Clone, Copy)]
struct Members<'a> {
    cursor: Cursor<'a>,
    is_first: bool,
    data: &'a [u8],
}

impl<'a> Members<'a> {
    /// The next member.
    fn advance(&mut self) -> Result<Option<Member<'a>>, Damage> {
        let mut at = self.cursor;
        if !self.is_first {
            at.passes(',');
        }
        let Some(name) = self.cursor.key(self.is_first)? else { return Ok(None) };
        self.is_first = false;
        Ok(Some(if name.is("__metadata__") {
            Member::Metadata(self.cursor.pairs()?)
        } else {
            Member::Tensor(self.tensor(at.position(), name)?)
        }))
    }

    /// A tensor, after its name.
    fn tensor(&mut self, at: usize, name: Quoted<'a>) -> Result<Found<'a>, Damage> {
        const KEYS: &str = "each of `dtype`, `shape` and `data_offsets` once";
        let cursor = &mut self.cursor;
        let (mut number_type, mut shape, mut offsets) = (None, None, None);
        cursor.pass('{', "`{`")?;
        let mut is_first = true;
        let mut here = *cursor;
        while let Some(key) = cursor.key(is_first)? {
            let is_new = if key.is("dtype") {
                number_type.replace(self::number_type(cursor)?).is_none()
            } else if key.is("shape") {
                shape.replace(cursor.numbers()?).is_none()
            } else if key.is("data_offsets") {
                offsets.replace(cursor.numbers()?).is_none()
            } else {
                false
            };
            if !is_new {
                return Err(here.damage(KEYS));
            }
            is_first = false;
            here = *cursor;
        }
        let (Some((number_type, bits)), Some(shape), Some(offsets)) = (number_type, shape, offsets) else {
            return Err(here.damage(KEYS));
        };
        let (start, data) = data(self.data, at, offsets)?;
        let total = shape.iter().try_fold(1, usize::checked_mul).and_then(|numbers| numbers.checked_mul(bits));
        if total.is_none_or(|total| total % 8 != 0 || total / 8 != data.len()) {
            return Err(Damage::Size { at });
        }
        Ok(Found { at, name, number_type, shape, start, data })
    }
}

/// A number type and its bits.
fn number_type(cursor: &mut Cursor<'_>) -> Result<(&'static str, usize), Damage> {
    let mut here = *cursor;
    let name = cursor.quoted()?;
    let found = NUMBER_TYPES.iter().find(|(known, _)| name.is(known));
    found.copied().ok_or_else(|| here.damage("a number type of safetensors, such as \"F32\""))
}

/// The first of a tensor's bytes, and all of them.
fn data<'a>(data: &'a [u8], at: usize, offsets: Numbers<'_>) -> Result<(usize, &'a [u8]), Damage> {
    let mut offsets = offsets.iter();
    let (Some(start), Some(end), None) = (offsets.next(), offsets.next(), offsets.next()) else {
        return Err(Damage::Size { at });
    };
    let data = data.get(start..end).ok_or(Damage::Outside { at })?;
    Ok((start, data))
}
