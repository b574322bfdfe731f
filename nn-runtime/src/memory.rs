//! Where numbers lie: aligned flat arrays, typed views into them, and values made in place.
//!
//! A network is plain data, and may be larger than a thread's stack. So a boxed one is never built
//! on the stack and moved: zeroed memory is taken from the allocator and filled where it lies.
//! Which types allow that is what [`Zeroed`] says.
//!
//! A view whose place does not fit into its array is a mistake of the code that asks for it, not of
//! a user, so the views panic there. Offsets are constants, so in an optimised build the checks
//! fold away.
#![allow(unsafe_code)]

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::fmt;
use core::ops::Range;

/// Floats in a cache line: the unit that slots and flats are rounded up to.
pub(crate) const LINE: usize = 16;

/// `length` floats rounded up to whole cache lines (16 floats).
#[doc(hidden)]
pub const fn padded(length: usize) -> usize {
    length.next_multiple_of(LINE)
}

/// `N` floats that start at a cache line. `N` is a multiple of 16.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
#[repr(C, align(64))]
pub struct Flat<const N: usize>([f32; N]);

impl<const N: usize> Flat<N> {
    /// All floats.
    #[inline(always)]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// All floats.
    #[inline(always)]
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.0
    }

    /// The row-major `[R, C]` matrix that starts at `offset`.
    #[inline(always)]
    pub fn matrix<const R: usize, const C: usize>(&self, offset: usize) -> &[[f32; C]; R] {
        fixed(&self.0[offset..])
    }

    /// The row-major `[R, C]` matrix that starts at `offset`.
    #[inline(always)]
    pub fn matrix_mut<const R: usize, const C: usize>(&mut self, offset: usize) -> &mut [[f32; C]; R] {
        fixed_mut(&mut self.0[offset..])
    }

    /// The `C` floats that start at `offset`.
    #[inline(always)]
    pub fn vector<const C: usize>(&self, offset: usize) -> &[f32; C] {
        vector(&self.0[offset..])
    }

    /// The `C` floats that start at `offset`.
    #[inline(always)]
    pub fn vector_mut<const C: usize>(&mut self, offset: usize) -> &mut [f32; C] {
        vector_mut(&mut self.0[offset..])
    }

    /// The weights and the biases of a dense layer, or their gradients: the row-major `[R, C]`
    /// matrix that starts at one offset, and the `C` floats that start at the other.
    #[inline(always)]
    pub fn layer_mut<const R: usize, const C: usize>(
        &mut self,
        weight: usize,
        bias: usize,
    ) -> (&mut [[f32; C]; R], &mut [f32; C]) {
        let [weight, bias] = self.pair(weight..weight + R * C, bias..bias + C);
        (fixed_mut(weight), vector_mut(bias))
    }

    /// Two disjoint vectors of `C` floats at once, such as a running mean and its variance.
    #[inline(always)]
    pub fn vectors_mut<const C: usize>(&mut self, [a, b]: [usize; 2]) -> [&mut [f32; C]; 2] {
        self.pair(a..a + C, b..b + C).map(vector_mut)
    }

    /// Two disjoint parts, in any order.
    #[inline(always)]
    fn pair(&mut self, a: Range<usize>, b: Range<usize>) -> [&mut [f32]; 2] {
        if a.start < b.start {
            let (before, after) = self.0.split_at_mut(b.start);
            [&mut before[a], &mut after[..b.end - b.start]]
        } else {
            let (before, after) = self.0.split_at_mut(a.start);
            [&mut after[..a.end - a.start], &mut before[b]]
        }
    }
}

impl<const N: usize> fmt::Debug for Flat<N> {
    /// The first numbers, and how many there are: `[0.5, -1.0, 0.25, 0.0, … 64 numbers]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        if N <= SHOWN {
            return self.0.fmt(f);
        }
        f.write_str("[")?;
        for number in &self.0[..SHOWN] {
            write!(f, "{number:?}, ")?;
        }
        write!(f, "… {N} numbers]")
    }
}

impl<const N: usize> AsRef<[f32]> for Flat<N> {
    #[inline(always)]
    fn as_ref(&self) -> &[f32] {
        &self.0
    }
}

impl<const N: usize> AsMut<[f32]> for Flat<N> {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

/// Cuts a scratch into consecutive slots of the given lengths, each starting at a cache line if the
/// scratch does. A row needs the sum of the [`padded`] widths; so do `n` rows, `n` times.
#[doc(hidden)]
#[inline(always)]
pub fn split<const S: usize>(scratch: &mut [f32], lengths: [usize; S]) -> [&mut [f32]; S] {
    let mut rest = scratch;
    lengths.map(|length| {
        let (slot, after) = core::mem::take(&mut rest).split_at_mut(padded(length));
        rest = after;
        &mut slot[..length]
    })
}

/// The first `rows` rows of width `W` of a slot.
#[doc(hidden)]
#[inline(always)]
pub fn rows<const W: usize>(slot: &[f32], rows: usize) -> &[[f32; W]] {
    slot[..rows * W].as_chunks().0
}

/// The first `rows` rows of width `W` of a slot.
#[doc(hidden)]
#[inline(always)]
pub fn rows_mut<const W: usize>(slot: &mut [f32], rows: usize) -> &mut [[f32; W]] {
    slot[..rows * W].as_chunks_mut().0
}

/// The row-major `[R, C]` matrix at the start of a slot.
#[doc(hidden)]
#[inline(always)]
pub fn fixed<const R: usize, const C: usize>(slot: &[f32]) -> &[[f32; C]; R] {
    rows(slot, R).first_chunk().expect("rows() gives as many rows as it is asked for")
}

/// The row-major `[R, C]` matrix at the start of a slot.
#[doc(hidden)]
#[inline(always)]
pub fn fixed_mut<const R: usize, const C: usize>(slot: &mut [f32]) -> &mut [[f32; C]; R] {
    rows_mut(slot, R).first_chunk_mut().expect("rows_mut() gives as many rows as it is asked for")
}

/// The first `C` floats of a slot.
#[doc(hidden)]
#[inline(always)]
pub fn vector<const C: usize>(slot: &[f32]) -> &[f32; C] {
    slot.first_chunk().expect("the slot holds the vector")
}

/// The first `C` floats of a slot.
#[doc(hidden)]
#[inline(always)]
pub fn vector_mut<const C: usize>(slot: &mut [f32]) -> &mut [f32; C] {
    slot.first_chunk_mut().expect("the slot holds the vector")
}

/// Plain data for which all bytes zero is a value.
///
/// A struct becomes `Zeroed` through [`plain!`](crate::plain), which checks its fields.
///
/// # Safety
///
/// The bytes `0, 0, …` are a valid value of the type, and a copy of a value's bytes is a second,
/// independent value: no references, no pointers to owned memory. (So it can go to another thread.)
pub unsafe trait Zeroed: Send + Sync + Sized {
    /// The value whose numbers are all zero. It passes through the stack: for what is large see
    /// [`zeroed_box`](Self::zeroed_box).
    #[inline(always)]
    fn zeroed() -> Self {
        zeroed()
    }

    /// The value whose numbers are all zero, made where it lies.
    #[cfg(feature = "alloc")]
    fn zeroed_box() -> Box<Self> {
        let mut zeroed = Box::<Self>::new_uninit();
        // SAFETY: the pointer is to one value, which is not initialised yet, and zero bytes are a
        // value of a `Zeroed` type.
        unsafe {
            zeroed.as_mut_ptr().write_bytes(0, 1);
            zeroed.assume_init()
        }
    }

    /// A boxed copy, made where it lies. (`Box::clone` may pass the value through the stack.)
    #[cfg(feature = "alloc")]
    fn boxed(&self) -> Box<Self> {
        let mut copy = Box::new_uninit();
        // SAFETY: both places are valid for one `Self` and distinct, and the bytes of a `Zeroed`
        // value may be copied to make another.
        unsafe {
            core::ptr::copy_nonoverlapping(self, copy.as_mut_ptr(), 1);
            copy.assume_init()
        }
    }
}

/// The value of a [`Zeroed`] type whose numbers are all zero, as a constant: for a `static` that a
/// program without an allocator initialises in place.
#[inline(always)]
pub const fn zeroed<T: Zeroed>() -> T {
    // SAFETY: zero bytes are a value of a `Zeroed` type.
    unsafe { core::mem::MaybeUninit::zeroed().assume_init() }
}

/// The bytes of a weights file that is compiled into the program: the file that was checked when
/// the code was generated, or one with the same header, so that each tensor is where it was.
///
/// # Panics
///
/// While the program is compiled, where the file has another header.
#[doc(hidden)]
pub const fn with_header(file: &[u8], length: usize, fingerprint: u64) -> &[u8] {
    assert!(
        file.len() >= length && self::fingerprint(file.split_at(length).0) == fingerprint,
        "the weights file has changed since the code was generated; compile again, or export again"
    );
    file
}

/// A number for bytes, which other bytes are unlikely to have. The compiler of specs computes the
/// same.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325, 0);
    while at < words.len() + rest.len() {
        let word = if at < words.len() { u64::from_le_bytes(words[at]) } else { rest[at - words.len()] as u64 };
        hash = (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        at += 1;
    }
    hash
}

/// The numbers of tensors in a weights file, as a constant, and zeros between them. Each tensor is
/// where it starts in the file, in bytes; where it starts in the flat, in numbers; and how many
/// numbers it has.
///
/// A tensor is copied as a whole, so that rustc takes milliseconds for a million numbers.
///
/// # Panics
///
/// While the program is compiled, where a tensor is outside of the file or of the flat.
#[doc(hidden)]
pub const fn embedded<const N: usize>(file: &[u8], tensors: &[(usize, usize, usize)]) -> Flat<N> {
    let mut numbers = [[0; 4]; N];
    let mut at = 0;
    while at < tensors.len() {
        let (start, offset, length) = tensors[at];
        let (source, _) = file.split_at(start).1.split_at(length * 4);
        numbers.split_at_mut(offset).1.split_at_mut(length).0.as_flattened_mut().copy_from_slice(source);
        at += 1;
    }
    Flat(from_le_bytes(numbers))
}

/// Numbers whose bytes are in the order of weights files.
#[cfg(target_endian = "little")]
const fn from_le_bytes<const N: usize>(bytes: [[u8; 4]; N]) -> [f32; N] {
    // SAFETY: both types have the same size, and all bit patterns are numbers.
    unsafe { core::mem::transmute_copy(&bytes) }
}

/// Numbers whose bytes are in the order of weights files, one by one.
#[cfg(target_endian = "big")]
const fn from_le_bytes<const N: usize>(bytes: [[u8; 4]; N]) -> [f32; N] {
    let mut numbers = [0.0; N];
    let mut at = 0;
    while at < N {
        numbers[at] = f32::from_le_bytes(bytes[at]);
        at += 1;
    }
    numbers
}

macro_rules! zeroed_numbers {
    ($($number:ty)*) => {$(
        // SAFETY: a number; all bit patterns are values.
        unsafe impl Zeroed for $number {}
    )*};
}

zeroed_numbers!(f32 f64 u32 u64 usize);

// SAFETY: a sequence of values that are `Zeroed` themselves.
unsafe impl<T: Zeroed, const N: usize> Zeroed for [T; N] {}

// SAFETY: an array of floats; any padding after it has no value.
unsafe impl<const N: usize> Zeroed for Flat<N> {}

// SAFETY: no bytes at all.
unsafe impl Zeroed for () {}

macro_rules! zeroed_tuples {
    ($(($($element:ident)+))*) => {$(
        // SAFETY: values that are `Zeroed` themselves, and padding, which has no value.
        unsafe impl<$($element: Zeroed),+> Zeroed for ($($element,)+) {}
    )*};
}

zeroed_tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

/// Defines a struct of plain data, with [`Clone`] and [`Zeroed`](crate::memory::Zeroed).
///
/// A field whose type is not `Zeroed` is refused by the compiler. Inner attributes at the start,
/// such as `#![allow(deprecated)]`, are those of the impl of `Zeroed`.
///
/// ```
/// nn_runtime::plain! {
///     /// Two flats.
///     pub struct Pair {
///         /// The first.
///         pub a: nn_runtime::memory::Flat<16>,
///         b: nn_runtime::memory::Flat<32>,
///     }
/// }
/// ```
///
/// ```compile_fail
/// nn_runtime::plain! { struct Name { text: &'static str } }
/// ```
#[macro_export]
macro_rules! plain {
    (
        $(#![$everywhere:meta])*
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident $(<$parameter:ident: $bound:path>)? {
            $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive($crate::generated::Clone)]
        $visibility struct $name $(<$parameter: $bound>)? {
            $($(#[$field_attribute])* $field_visibility $field: $type,)*
        }

        $(#[$everywhere])*
        // SAFETY: `zeroed` below builds the struct from fields that are all `Zeroed`, so the struct
        // is a sequence of such values, and padding, which has no value.
        unsafe impl $(<$parameter: $bound>)? $crate::memory::Zeroed for $name $(<$parameter>)? {
            #[inline(always)]
            fn zeroed() -> Self {
                Self { $($field: $crate::memory::Zeroed::zeroed(),)* }
            }
        }
    };
}

/// Floats on the heap that start at a cache line; how many is known only at run time.
#[doc(hidden)]
#[cfg(feature = "alloc")]
pub struct Buffer(Box<[Flat<LINE>]>);

#[cfg(feature = "alloc")]
impl Buffer {
    /// At least `length` zeros.
    pub fn new(length: usize) -> Self {
        let mut zeros = Box::new_uninit_slice(length.div_ceil(LINE));
        zeros.fill_with(|| core::mem::MaybeUninit::new(zeroed()));
        // SAFETY: all values are initialised.
        Self(unsafe { zeros.assume_init() })
    }

    /// All floats.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        let length = self.0.len() * LINE;
        // SAFETY: `Flat<16>` is `repr(C)` around 16 floats and 64 bytes long, so a slice of them is
        // one of 16 times as many floats; the borrow is the same.
        unsafe { core::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_row_major_and_disjoint() {
        let mut flat = Flat::<16>(core::array::from_fn(|index| index as f32));
        assert_eq!(flat.matrix::<2, 3>(4), &[[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]);
        assert_eq!(flat.vector::<2>(14), &[14.0, 15.0]);
        let [a, b] = flat.vectors_mut::<2>([2, 0]);
        core::mem::swap(a, b);
        assert_eq!(flat.vector::<4>(0), &[2.0, 3.0, 0.0, 1.0]);
        assert_eq!(&flat as *const _ as usize % 64, 0);
    }

    #[test]
    fn tensors_of_a_file_are_placed_by_their_offsets() {
        const NUMBERS: [f32; 4] = [f32::MIN_POSITIVE, -0.0, 1.5e-42, 7.0];
        let mut file = vec![1, 2, 3];
        file.extend(NUMBERS.iter().flat_map(|number| number.to_le_bytes()));
        let flat = embedded::<32>(&file, &[(7, 16, 3), (3, 1, 1)]);
        let mut expected = [0.0f32; 32];
        expected[16..19].copy_from_slice(&NUMBERS[1..]);
        expected[1] = NUMBERS[0];
        assert_eq!(flat.0.map(f32::to_bits), expected.map(f32::to_bits));
    }

    #[test]
    fn a_file_with_another_header_is_noticed() {
        let file = *b"a header 13 numbers";
        assert_eq!(with_header(&file, 11, fingerprint(b"a header 13")), file);
        for changed in [&b"a header 23 numbers"[..], b"a hEader 13 numbers", b"a header"] {
            assert!(std::panic::catch_unwind(|| with_header(changed, 11, fingerprint(b"a header 13"))).is_err());
        }
    }

    #[test]
    fn a_flat_shows_its_first_numbers() {
        extern crate std;
        let flat = Flat::<16>(core::array::from_fn(|index| index as f32 / 2.0));
        assert_eq!(std::format!("{flat:?}"), "[0.0, 0.5, 1.0, 1.5, … 16 numbers]");
        assert_eq!(std::format!("{:?}", Flat([])), "[]");
        assert!(flat == flat.clone() && flat != Flat::zeroed());
    }

    #[test]
    fn slots_start_at_cache_lines() {
        let mut scratch = [0.0; 64];
        let start = scratch.as_ptr() as usize;
        let [a, b, c] = split(&mut scratch, [3, 17, 0]);
        assert_eq!((a.len(), b.len(), c.len()), (3, 17, 0));
        assert_eq!(b.as_ptr() as usize - start, 64);
        assert_eq!(rows::<3>(a, 1).len(), 1);
        assert_eq!(fixed::<5, 3>(b)[4], [0.0; 3]);
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn a_buffer_is_aligned_and_zero() {
        let mut buffer = Buffer::new(17);
        let floats = buffer.as_mut_slice();
        assert_eq!(floats, [0.0; 32]);
        assert_eq!(floats.as_ptr() as usize % 64, 0);
        assert!(Buffer::new(0).as_mut_slice().is_empty());
    }
}
