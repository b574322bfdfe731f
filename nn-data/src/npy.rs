//! NPY files of NumPy, versions 1 to 3, in C and in Fortran order; the crate `npyz` reads them.

use npyz::{DType, Deserialize, NpyFile, NpyHeader, Order, TypeChar};

use crate::array::{self, Array};
use crate::content_error::ContentError;
use crate::unpack;

/// The longest header of an array of numbers.
const LONGEST_HEADER: usize = 4096;

/// Reads all of a file.
pub(crate) fn parse(bytes: &[u8]) -> Result<Array, ContentError> {
    check_header(bytes)?;
    let mut data = bytes;
    let header =
        NpyHeader::from_reader(&mut data).map_err(|error| ContentError::NpyHeader { reason: error.to_string() })?;
    let shape = shape(&header)?;
    let DType::Plain(number) = header.dtype() else {
        return Err(ContentError::NumberType { found: header.dtype().descr() });
    };
    let unread = || ContentError::NumberType { found: header.dtype().descr() };
    let start = bytes.len() - data.len();
    let too_large = || ContentError::TooLarge { shape: header.shape().to_vec() };
    let count = array::count(&shape).ok_or_else(too_large)?;
    let size = number.num_bytes().ok_or_else(unread)?;
    let expected = count.checked_mul(size).and_then(|bytes| bytes.checked_add(start)).ok_or_else(too_large)?;
    if expected != bytes.len() {
        return Err(ContentError::Length { shape, expected, found: bytes.len() });
    }
    let wide = match (number.type_char(), size) {
        (TypeChar::Int, 4) => numbers(&header, data, |number: i32| f64::from(number)),
        (TypeChar::Int, 8) => numbers(&header, data, |number: i64| number as f64),
        (TypeChar::Uint, 4) => numbers(&header, data, |number: u32| f64::from(number)),
        (TypeChar::Uint, 8) => numbers(&header, data, |number: u64| number as f64),
        (TypeChar::Float, 8) => numbers(&header, data, |number: f64| number),
        _ => None,
    };
    if let Some(wide) = wide {
        let wide = in_order(&header, wide, &shape);
        return array::rounded(shape, wide);
    }
    let numbers = match (number.type_char(), size) {
        (TypeChar::Bool, 1) => numbers(&header, data, |number: bool| f32::from(u8::from(number))),
        (TypeChar::Int, 1) => numbers(&header, data, |number: i8| f32::from(number)),
        (TypeChar::Int, 2) => numbers(&header, data, |number: i16| f32::from(number)),
        (TypeChar::Uint, 1) => numbers(&header, data, |number: u8| f32::from(number)),
        (TypeChar::Uint, 2) => numbers(&header, data, |number: u16| f32::from(number)),
        (TypeChar::Float, 4) => numbers(&header, data, |number: f32| number),
        _ => return Err(unread()),
    };
    let numbers = in_order(&header, numbers.ok_or_else(unread)?, &shape);
    array::checked(shape, numbers)
}

/// Numbers with the last dimension fastest.
fn in_order<T: Copy>(header: &NpyHeader, numbers: Vec<T>, shape: &[usize]) -> Vec<T> {
    match header.order() {
        Order::C => numbers,
        Order::Fortran => in_c_order(&numbers, shape),
    }
}

fn shape(header: &NpyHeader) -> Result<Vec<usize>, ContentError> {
    let shape: Option<Vec<usize>> = header.shape().iter().map(|dimension| usize::try_from(*dimension).ok()).collect();
    match shape {
        Some(shape) if shape.is_empty() => Err(ContentError::NoRows),
        Some(shape) => Ok(shape),
        None => Err(ContentError::TooLarge { shape: header.shape().to_vec() }),
    }
}

fn numbers<T: Deserialize, N>(header: &NpyHeader, data: &[u8], number: impl Fn(T) -> N) -> Option<Vec<N>> {
    let read = NpyFile::with_header(header.clone(), data).data().ok()?;
    read.map(|read| read.ok().map(&number)).collect()
}

/// Numbers whose first dimension is fastest, with the last one fastest.
fn in_c_order<T: Copy>(numbers: &[T], shape: &[usize]) -> Vec<T> {
    let mut index = vec![0; shape.len()];
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for dimension in shape {
        strides.push(stride);
        stride *= dimension;
    }
    let (mut ordered, mut from) = (Vec::with_capacity(numbers.len()), 0);
    for _ in 0..numbers.len() {
        ordered.push(numbers[from]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            from += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            from -= shape[axis] * strides[axis];
            index[axis] = 0;
        }
    }
    ordered
}

/// What `npyz` assumes: a header is short, and the product of the dimensions fits in 64 bits.
fn check_header(bytes: &[u8]) -> Result<(), ContentError> {
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(unpack::magic("NPY", bytes));
    }
    let (length, start) = match bytes[6..] {
        [1, _, low, high, ..] => (usize::from(u16::from_le_bytes([low, high])), 10),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
        [] | [_] | [1..=3, _, ..] => return Err(ContentError::HeaderCut { bytes: bytes.len() }),
        [major, minor, ..] => {
            return Err(ContentError::NpyHeader { reason: format!("the version {major}.{minor} is not known") });
        }
    };
    if length > LONGEST_HEADER {
        let reason = format!("it is {length} bytes long, so it is not a plain array of numbers");
        return Err(ContentError::NpyHeader { reason });
    }
    let header = bytes.get(start..start + length).ok_or(ContentError::HeaderCut { bytes: bytes.len() })?;
    let text = String::from_utf8_lossy(header);
    let brackets = text.matches(['(', '[', '{']).count();
    let dimensions = text.split_once("shape").and_then(|(_, rest)| rest.split_once('(')?.1.split_once(')'));
    let Some((dimensions, _)) = dimensions.filter(|_| brackets <= 8) else {
        return Err(ContentError::NpyHeader { reason: "it is not the header of a plain array of numbers".to_owned() });
    };
    let product = dimensions
        .split(',')
        .map(str::trim)
        .filter(|dimension| !dimension.is_empty())
        .try_fold(1_u64, |product, dimension| {
            dimension.parse::<u64>().ok().and_then(|dimension| product.checked_mul(dimension.max(1)))
        });
    match product {
        Some(_) => Ok(()),
        None => {
            Err(ContentError::NpyHeader { reason: format!("({dimensions}) is not a shape that an array can have") })
        }
    }
}
