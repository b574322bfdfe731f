//! The numbers of a tensor.

use nn_compiler::weights::state_dict::Numbers;

use super::{Data, External, Tensor};

/// The elements of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Of a floating-point type.
    Floats(Vec<f32>),
    /// Of an integer type, or truth values.
    Ints(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
}

/// Reads the elements of a tensor, as many as its dimensions say. `read` reads parts of other files.
///
/// # Errors
///
/// Dimensions that are negative, that are too large, or that are not those of the data; unknown types.
pub fn elements(tensor: &Tensor, read: &dyn Fn(&External) -> Result<Vec<u8>, String>) -> Result<Elements, String> {
    let count = count(&tensor.dims)?;
    let kind = Kind::of(tensor.data_type)?;
    let elements = match &tensor.data {
        Data::Raw(bytes) => kind.of_bytes(bytes)?,
        Data::External(external) => kind.of_bytes(&read(external)?)?,
        Data::Floats(numbers) => Elements::Floats(numbers.clone()),
        Data::Doubles(numbers) => Elements::Floats(numbers.iter().map(|number| *number as f32).collect()),
        Data::Ints(numbers) => kind.of_ints(numbers)?,
        Data::Texts(texts) => Elements::Texts(texts.clone()),
    };
    let found = elements.len();
    if found != count {
        return Err(format!("its dimensions {:?} need {count} elements, but it has {found}", tensor.dims));
    }
    Ok(elements)
}

/// The product of dimensions. Where one of them is 0, the others are limited too: an empty tensor has no bytes in the
/// file that would warrant a list of its places.
fn count(dims: &[i64]) -> Result<usize, String> {
    let sizes: Option<Vec<usize>> = dims.iter().map(|dim| usize::try_from(*dim).ok()).collect();
    let sizes = sizes.ok_or_else(|| format!("its dimensions are {dims:?}"))?;
    let product = sizes.iter().try_fold(1usize, |product, dim| product.checked_mul((*dim).max(1)));
    let most = if sizes.contains(&0) { MOST_OF_EMPTY } else { MOST };
    let is_small = product.is_some_and(|product| product <= most);
    if is_small { Ok(sizes.iter().product()) } else { Err(format!("its dimensions are {dims:?}")) }
}

/// The most elements of a tensor.
const MOST: usize = 1 << 40;

/// The largest product of the other dimensions of an empty tensor.
const MOST_OF_EMPTY: usize = 1 << 20;

impl Elements {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(numbers) => numbers.len(),
            Self::Ints(numbers) => numbers.len(),
            Self::Texts(texts) => texts.len(),
        }
    }
}

/// How the bytes of an element are read.
#[derive(Clone, Copy)]
enum Kind {
    /// A floating-point type, as safetensors names it.
    Float(&'static str),
    /// An integer of this many bytes, with a sign or without.
    Int { bytes: usize, signed: bool },
    /// Texts have no bytes.
    Text,
}

impl Kind {
    /// By the number in `TensorProto.DataType`.
    fn of(data_type: i64) -> Result<Self, String> {
        Ok(match data_type {
            1 => Self::Float("F32"),
            10 => Self::Float("F16"),
            11 => Self::Float("F64"),
            16 => Self::Float("BF16"),
            2 | 9 => Self::Int { bytes: 1, signed: false },
            3 => Self::Int { bytes: 1, signed: true },
            4 => Self::Int { bytes: 2, signed: false },
            5 => Self::Int { bytes: 2, signed: true },
            6 => Self::Int { bytes: 4, signed: true },
            12 => Self::Int { bytes: 4, signed: false },
            7 | 13 => Self::Int { bytes: 8, signed: true },
            8 => Self::Text,
            other => return Err(format!("its elements have the type {other}, which is not read")),
        })
    }

    fn of_bytes(self, bytes: &[u8]) -> Result<Elements, String> {
        match self {
            Self::Float(name) => {
                let numbers = Numbers::read(name, bytes).map(|numbers| numbers.values);
                Ok(Elements::Floats(numbers.unwrap_or_default()))
            }
            Self::Int { bytes: size, signed } => {
                Ok(Elements::Ints(bytes.chunks_exact(size).map(|bytes| integer(bytes, signed)).collect()))
            }
            Self::Text if bytes.is_empty() => Ok(Elements::Texts(Vec::new())),
            Self::Text => Err("its texts are in a field for numbers".to_owned()),
        }
    }

    /// Numbers of 16 bits are kept as integers, with the same bits.
    fn of_ints(self, numbers: &[i64]) -> Result<Elements, String> {
        match self {
            Self::Float(name @ ("F16" | "BF16")) => {
                let bytes: Vec<u8> = numbers.iter().flat_map(|number| (*number as u16).to_le_bytes()).collect();
                Self::Float(name).of_bytes(&bytes)
            }
            Self::Int { .. } => Ok(Elements::Ints(numbers.to_vec())),
            Self::Float(_) | Self::Text => Err("its elements are in a field of another type".to_owned()),
        }
    }
}

fn integer(bytes: &[u8], signed: bool) -> i64 {
    let is_negative = signed && bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut wide = [if is_negative { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    i64::from_le_bytes(wide)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn of(dims: &[i64], data_type: i64, data: Data) -> Result<Elements, String> {
        let tensor = Tensor { name: String::new(), dims: dims.to_vec(), data_type, data };
        elements(&tensor, &|_| Err("no other file".to_owned()))
    }

    #[test]
    fn elements_are_read_by_their_type() {
        let raw = |bytes: &'static [u8]| Data::Raw(Cow::Borrowed(bytes));
        assert_eq!(of(&[1], 1, raw(&[0, 0, 0x80, 0x3f])), Ok(Elements::Floats(vec![1.0])));
        assert_eq!(of(&[2], 3, raw(&[0xff, 1])), Ok(Elements::Ints(vec![-1, 1])));
        assert_eq!(of(&[2], 2, raw(&[0xff, 1])), Ok(Elements::Ints(vec![255, 1])));
        assert_eq!(of(&[], 6, raw(&[0xfe, 0xff, 0xff, 0xff])), Ok(Elements::Ints(vec![-2])));
        assert_eq!(of(&[1], 10, Data::Ints(vec![0x3c00])), Ok(Elements::Floats(vec![1.0])));
        assert_eq!(of(&[1], 11, Data::Doubles(vec![0.5])), Ok(Elements::Floats(vec![0.5])));
    }

    #[test]
    fn dimensions_must_be_those_of_the_data() {
        let numbers = || Data::Floats(vec![1.0, 2.0]);
        assert_eq!(of(&[3], 1, numbers()).unwrap_err(), "its dimensions [3] need 3 elements, but it has 2");
        assert_eq!(of(&[-1], 1, numbers()).unwrap_err(), "its dimensions are [-1]");
        assert_eq!(
            of(&[1 << 40, 1 << 40], 1, numbers()).unwrap_err(),
            "its dimensions are [1099511627776, 1099511627776]"
        );
        assert_eq!(of(&[2], 23, numbers()).unwrap_err(), "its elements have the type 23, which is not read");
        let external = Data::External(External::default());
        assert_eq!(of(&[2], 1, external).unwrap_err(), "no other file");
    }
}
