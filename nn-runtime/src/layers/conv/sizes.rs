//! What a convolution reads, and how it is cut so that it fits into a cache.
//!
//! Forward, output `(i, j)` reads input `(S·i + D·k − P, S·j + D·l − P)` for each tap `(k, l)`. The
//! padded image is split into planes by the remainders of row and column by S: each tap then reads
//! one plane, shifted by a fixed number of rows and columns, and the positions of a row of outputs
//! are neighbours. Backward, an input `S·a + r` gets contributions of the outputs
//! `a + (r + P − D·k)/S`, for the taps where that is whole: so each pair of remainders r is a job
//! of its own that reads dy, in one plane, with some of the taps.
//!
//! Positions are numbered through a tile row by row, with the columns between that only the window
//! reaches: so sixteen positions are sixteen neighbours in memory, whatever the width of the image.
//! The results for columns that are not positions are dropped.

use core::marker::PhantomData;

use crate::isa::LANES;
use crate::layers::window::Window;

/// Floats of a band: 64 KiB. The compiler refuses windows of which not even a row fits.
pub(crate) const BAND: usize = BANDS[3];

/// Vectors of sums that are kept for some outputs of a tile: 32 KiB.
pub(super) const STAGE: usize = STAGES[2];

/// Capacities of bands. A layer has the least that suffices: they are on the stack, of which a
/// small machine has little.
pub(crate) const BANDS: [usize; 4] = [1 << 9, 1 << 11, 1 << 13, 1 << 14];

/// Capacities for vectors of sums, and for transposed gradients.
pub(crate) const STAGES: [usize; 3] = [32, 128, 512];

/// The least of these capacities that suffices.
pub(super) const fn least<const N: usize>(needed: usize, capacities: [usize; N]) -> usize {
    let mut index = 0;
    while needed > capacities[index] {
        index += 1;
    }
    capacities[index]
}

/// A call whose constants `$b` and `$k` are the least capacities for so many numbers and so many
/// vectors. Conditions are constants, so that only one call is compiled.
macro_rules! in_least_memory {
    ($numbers:expr, $vectors:expr, |$b:ident, $k:ident| $call:expr) => {
        in_least_memory!(
            $numbers, $vectors, |$b, $k| $call;
            512 32, 512 128, 512 512, 2048 32, 2048 128, 2048 512,
            8192 32, 8192 128, 8192 512, 16384 32, 16384 128, 16384 512
        )
    };
    ($numbers:expr, $vectors:expr, |$b:ident, $k:ident| $call:expr; $($band:literal $stage:literal),*) => {{
        use crate::layers::conv::sizes::{BANDS, STAGES, least};
        $(if const { least($numbers, BANDS) == $band && least($vectors, STAGES) == $stage } {
            const $b: usize = $band;
            const $k: usize = $stage;
            $call
        } else)* {
            unreachable!("the literals are all pairs of capacities")
        }
    }};
}
pub(super) use in_least_memory;

/// Vectors of positions that a tile may have whose register tiles have at most twelve rows.
const fn most(sums: usize) -> usize {
    if sums < 12 { STAGE / sums } else { STAGE / 12 }
}

/// What is read for which positions. Pairs are height and width.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// The image that is read.
    pub image: [usize; 2],
    /// How many positions there are.
    pub positions: [usize; 2],
    /// How far apart in the image the numbers of two neighbouring positions are.
    pub stride: [usize; 2],
    /// Zeros before the image.
    pub padding: [usize; 2],
    /// The largest shift of a tap, in numbers of the image.
    pub shift: [usize; 2],
    /// The channels that are read.
    pub channels: usize,
    /// How many numbers are made for each position.
    pub sums: usize,
    /// Vectors of positions that a tile may have.
    pub most: usize,
}

/// How the positions are cut into tiles, and the channels and the rows of the window into blocks.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    /// The positions of a tile.
    pub tile: [usize; 2],
    /// Channels that are read at a time.
    pub channels: usize,
    /// Whether the rows of the window are read one at a time, of a single channel.
    pub by_rows: bool,
    /// Planes of a channel in each direction.
    pub planes: [usize; 2],
    /// Rows and columns of a plane.
    pub plane: [usize; 2],
    /// Vectors of positions in a tile.
    pub vectors: usize,
}

impl Reading {
    /// Tiles as large as a band and the sums allow.
    pub const fn cut(self) -> Cut {
        let (mut tile, mut channels, mut by_rows) = (self.positions, self.channels, false);
        loop {
            let cut = self.cut_to(tile, channels, by_rows);
            if cut.vectors <= self.most && cut.numbers() <= BAND {
                return cut;
            }
            if tile[0] > 1 {
                tile[0] = tile[0].div_ceil(2);
            } else if tile[1] > LANES {
                tile[1] = tile[1].div_ceil(2);
            } else if channels > 1 {
                channels = channels.div_ceil(2);
            } else {
                assert!(!by_rows, "a window of which not even a row fits");
                by_rows = true;
            }
        }
    }

    const fn cut_to(self, tile: [usize; 2], channels: usize, by_rows: bool) -> Cut {
        let shift = [if by_rows { 0 } else { self.shift[0] }, self.shift[1]];
        let mut cut = Cut { tile, channels, by_rows, planes: [0; 2], plane: [0; 2], vectors: 0 };
        let mut axis = 0;
        while axis < 2 {
            cut.planes[axis] = if shift[axis] < self.stride[axis] { shift[axis] + 1 } else { self.stride[axis] };
            cut.plane[axis] = tile[axis] + shift[axis] / self.stride[axis];
            axis += 1;
        }
        cut.vectors = ((tile[0] - 1) * cut.plane[1] + tile[1]).div_ceil(LANES);
        cut
    }
}

impl Cut {
    /// Floats of a channel in a band.
    pub const fn channel(self) -> usize {
        self.planes[0] * self.planes[1] * self.plane[0] * self.plane[1]
    }

    /// Floats of a band, with what the last vector reads too much.
    pub const fn numbers(self) -> usize {
        self.channel() * self.channels + LANES
    }

    /// Where the plane and the row of a shift begin.
    #[inline(always)]
    pub const fn row(self, stride: usize, shift: usize) -> usize {
        let shift = if self.by_rows { 0 } else { shift };
        (shift % stride) * self.planes[1] * self.plane[0] * self.plane[1] + shift / stride * self.plane[1]
    }

    /// What a shift in columns adds to that.
    #[inline(always)]
    pub const fn column(self, stride: usize, shift: usize) -> usize {
        (shift % stride) * self.plane[0] * self.plane[1] + shift / stride
    }
}

/// The taps of a window: which of them count, and how far each is shifted against the first, in
/// numbers of the image.
pub(super) trait Taps: Copy {
    /// The size of the window.
    const SIZE: [usize; 2];
    /// What is read.
    const READING: Reading;
    /// How it is cut.
    const CUT: Cut = Self::READING.cut();

    /// The shift of a row of the window; `None` where it does not count.
    fn row(self, k: usize) -> Option<usize>;

    /// The shift of a column of the window; `None` where it does not count.
    fn column(self, l: usize) -> Option<usize>;
}

/// All taps, for the outputs: of a group, `C` channels and `M` outputs.
pub(super) struct Forward<S, const C: usize, const M: usize>(PhantomData<S>);

/// The same in tiles of at most so many vectors of positions.
pub(super) const fn forward<S: Window>(channels: usize, sums: usize, most: usize) -> Reading {
    Reading {
        image: S::INPUT,
        positions: S::OUTPUT,
        stride: S::STRIDE,
        padding: S::PADDING,
        shift: [S::DILATION[0] * (S::SIZE[0] - 1), S::DILATION[1] * (S::SIZE[1] - 1)],
        channels,
        sums,
        most,
    }
}

impl<S, const C: usize, const M: usize> Forward<S, C, M> {
    pub const NEW: Self = Self(PhantomData);
}

impl<S, const C: usize, const M: usize> Clone for Forward<S, C, M> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, const C: usize, const M: usize> Copy for Forward<S, C, M> {}

impl<S: Window, const C: usize, const M: usize> Taps for Forward<S, C, M> {
    const SIZE: [usize; 2] = S::SIZE;
    const READING: Reading = forward::<S>(C, M, most(M));

    #[inline(always)]
    fn row(self, k: usize) -> Option<usize> {
        Some(S::DILATION[0] * k)
    }

    #[inline(always)]
    fn column(self, l: usize) -> Option<usize> {
        Some(S::DILATION[1] * l)
    }
}

/// The taps of the inputs whose row and column have these remainders by the stride: of a group, `C`
/// channels and `M` outputs.
pub(super) struct Backward<S, const C: usize, const M: usize> {
    pub remainder: [usize; 2],
    window: PhantomData<S>,
}

impl<S, const C: usize, const M: usize> Clone for Backward<S, C, M> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, const C: usize, const M: usize> Copy for Backward<S, C, M> {}

impl<S: Window, const C: usize, const M: usize> Backward<S, C, M> {
    /// Zeros before dy: as many as the last tap reads further up than the first output of all.
    const PADDING: [usize; 2] = [Self::before(0), Self::before(1)];

    const fn before(axis: usize) -> usize {
        (S::DILATION[axis] * (S::SIZE[axis] - 1)).saturating_sub(S::PADDING[axis]).div_ceil(S::STRIDE[axis])
    }

    #[inline(always)]
    pub fn new(remainder: [usize; 2]) -> Self {
        Self { remainder, window: PhantomData }
    }

    #[inline(always)]
    fn shift(self, axis: usize, tap: usize) -> Option<usize> {
        let (to, from) =
            (Self::PADDING[axis] * S::STRIDE[axis] + self.remainder[axis] + S::PADDING[axis], S::DILATION[axis] * tap);
        if (to - from).is_multiple_of(S::STRIDE[axis]) { Some((to - from) / S::STRIDE[axis]) } else { None }
    }
}

impl<S: Window, const C: usize, const M: usize> Taps for Backward<S, C, M> {
    const SIZE: [usize; 2] = S::SIZE;
    const READING: Reading = Reading {
        image: S::OUTPUT,
        positions: [S::INPUT[0].div_ceil(S::STRIDE[0]), S::INPUT[1].div_ceil(S::STRIDE[1])],
        stride: [1, 1],
        padding: Self::PADDING,
        shift: [
            Self::PADDING[0] + S::PADDING[0].div_ceil(S::STRIDE[0]),
            Self::PADDING[1] + S::PADDING[1].div_ceil(S::STRIDE[1]),
        ],
        channels: M,
        sums: C,
        most: most(C),
    };

    #[inline(always)]
    fn row(self, k: usize) -> Option<usize> {
        self.shift(0, k)
    }

    #[inline(always)]
    fn column(self, l: usize) -> Option<usize> {
        self.shift(1, l)
    }
}
