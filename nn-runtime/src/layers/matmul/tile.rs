//! Precompiled tiles: compiled once, with this crate.
//!
//! Their sizes are numbers, so all are one function without type parameters: what is generic would
//! be compiled in the program that uses it, for each of its layers.
//!
//! A tile for every layer, kernel and instruction set took four times as long to compile and was no
//! faster: a walk of a hundred steps is a loop, whether its length is a constant or not. Only the
//! largest tile of each layer is compiled for it, since constant distances between addresses save a
//! tenth of its time. Compiling a program with LeNet-5 again takes 7.5 s instead of 11.5.

use super::inner_loop::{Ahead, PackedColumns, Rows, Steps};
use super::line::Line;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Running, Vector, run_within};
use crate::vector::Spaced;

/// The most vectors in a row of a panel.
pub(super) const PANEL: usize = 2;

/// The most rows of a tile.
pub(super) const TALLEST: usize = 12;

/// The most vectors in a row of a tile.
pub(super) const WIDEST: usize = 8;

/// The sums of a tile, row after row.
#[repr(align(64))]
pub(super) struct Sums(pub [f32; TALLEST * PANEL * LANES]);

impl Sums {
    pub fn new() -> Self {
        Self([0.0; _])
    }
}

/// What the sums of a tile begin with.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// 0.
    Zero,
    /// The same for each row.
    Row(&'a [Line; WIDEST]),
    /// What is where they are kept.
    Sums,
}

/// Rows of the left factor.
#[derive(Clone, Copy)]
pub(crate) enum Factor<'a> {
    /// `depth` numbers of each, `stride` numbers apart.
    Rows { numbers: &'a [f32], stride: usize, depth: usize },
    /// Their columns, `stride` numbers apart.
    Columns { numbers: &'a [f32], stride: usize },
    /// Their columns, packed.
    Packed(PackedColumns<'a>),
}

/// Some columns of the right factor.
#[derive(Clone, Copy)]
pub(super) enum Panel<'a> {
    /// `width` numbers of each row, `stride` numbers apart.
    Strided { numbers: &'a [f32], stride: usize, width: usize },
    /// Packed, of as many vectors as the tile.
    Packed(&'a [Line]),
}

/// Sums of `rows` rows and `vectors` vectors of columns.
pub(super) struct Tile<'a> {
    pub left: Factor<'a>,
    pub right: Panel<'a>,
    pub rows: usize,
    pub vectors: usize,
    pub begin: Start<'a>,
    /// Where they are kept, rows `stride` numbers apart.
    pub sums: &'a mut [f32],
    pub stride: usize,
}

/// The most rows of a tile.
pub(super) const fn tallest<I: Isa>() -> usize {
    I::SUMS / I::WIDTH
}

/// How many rows the next tile has of those that are left over.
#[inline(always)]
pub(super) fn rows_of<I: Isa>(left: usize) -> usize {
    let most = left.min(tallest::<I>());
    for rows in [tallest::<I>(), 8, 4, 2] {
        if rows <= most {
            return rows;
        }
    }
    1
}

/// How many vectors a tile of so many rows has where they are not packed: enough sums to keep the
/// multipliers busy.
#[inline(always)]
pub(super) const fn vectors_of<I: Isa>(rows: usize) -> usize {
    let busy = match I::SUMS {
        24 => 8,
        6 => 4,
        _ => 2,
    };
    if busy / rows > I::WIDTH { busy / rows } else { I::WIDTH }
}

/// Computes a tile.
#[inline(never)]
pub(super) fn compute(path: Running, tile: Tile<'_>) {
    run_within(path, tile);
}

impl Kernel for Tile<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        match self.rows {
            12 => self.of_rows::<I, 12>(),
            8 => self.of_rows::<I, 8>(),
            6 => self.of_rows::<I, 6>(),
            4 => self.of_rows::<I, 4>(),
            2 => self.of_rows::<I, 2>(),
            _ => self.of_rows::<I, 1>(),
        }
    }
}

impl Tile<'_> {
    #[inline(always)]
    fn of_rows<I: Isa, const M: usize>(self) {
        match self.vectors {
            1 => self.of::<I, M, 1>(),
            2 => self.of::<I, M, 2>(),
            3 => self.of::<I, M, 3>(),
            4 => self.of::<I, M, 4>(),
            5 => self.of::<I, M, 5>(),
            6 => self.of::<I, M, 6>(),
            7 => self.of::<I, M, 7>(),
            _ => self.of::<I, M, 8>(),
        }
    }

    /// The tile, if there is one of so many rows and vectors.
    #[inline(always)]
    fn of<I: Isa, const M: usize, const G: usize>(self) {
        if const { M > tallest::<I>() || G > vectors_of::<I>(M) } {
            unreachable!("a tile that no product has");
        }
        match (self.left, self.right) {
            (Factor::Rows { numbers, stride, depth }, right) => {
                let mut rows = [numbers; M];
                each!(M, |m| {
                    rows[m] = &numbers[m * stride..][..depth];
                });
                match right {
                    Panel::Packed(panel) => self.packed::<I, _, M, G>(rows, panel),
                    Panel::Strided { .. } => self.strided::<I, _, M, G>(rows, depth),
                }
            }
            (Factor::Packed(columns), Panel::Packed(panel)) => self.packed::<I, _, M, G>(columns, panel),
            (Factor::Columns { numbers, stride }, Panel::Strided { .. }) if const { G <= I::WIDTH } => {
                let depth = numbers.len().div_ceil(stride);
                self.strided::<I, _, M, G>(Apart { numbers, stride }, depth);
            }
            _ => unreachable!("a tile that no product has"),
        }
    }

    #[inline(always)]
    fn strided<I: Isa, A: Rows<M>, const M: usize, const G: usize>(self, left: A, depth: usize) {
        let Panel::Strided { numbers, stride, width } = self.right else { unreachable!("a tile of a panel") };
        if width < G * LANES {
            self.walk::<I, _, _, M, G>(left, Strided::<true> { numbers, stride, width, depth });
        } else {
            self.walk::<I, _, _, M, G>(left, Strided::<false> { numbers, stride, width, depth });
        }
    }

    #[inline(always)]
    fn packed<I: Isa, A: Rows<M>, const M: usize, const G: usize>(self, left: A, panel: &[Line]) {
        if const { G > I::WIDTH } {
            unreachable!("a panel that no product has");
        }
        self.walk::<I, _, _, M, G>(left, panel.as_chunks::<G>().0);
    }

    /// The tile, on operands whose types say how they are stored.
    #[inline(always)]
    pub fn walk<I: Isa, A: Rows<M>, P: Steps<G>, const M: usize, const G: usize>(self, left: A, right: P) {
        let sums = self.begin_sums::<I, M, G>();
        self.keep::<I, M, G>(left.walk(sums, right));
    }

    /// The same, while later panels are prefetched.
    #[inline(always)]
    pub fn walk_ahead<I: Isa, A: Rows<M>, const M: usize, const G: usize>(self, left: A, right: Ahead<'_, G>) {
        let sums = self.begin_sums::<I, M, G>();
        self.keep::<I, M, G>(left.walk_ahead(sums, right));
    }

    /// What the sums begin with.
    #[inline(always)]
    fn begin_sums<I: Isa, const M: usize, const G: usize>(&self) -> [[I::Vector; G]; M] {
        let mut sums = [[I::Vector::splat(0.0); G]; M];
        match self.begin {
            Start::Zero => {}
            Start::Row(row) => {
                each!(M, |m| {
                    each!(G, |g| {
                        sums[m][g] = row[g].vector();
                    });
                });
            }
            Start::Sums => {
                each!(M, |m| {
                    let kept = self.sums[m * self.stride..].as_chunks().0;
                    each!(G, |g| {
                        sums[m][g] = I::Vector::load(&kept[g]);
                    });
                });
            }
        }
        sums
    }

    /// Keeps the sums.
    #[inline(always)]
    fn keep<I: Isa, const M: usize, const G: usize>(self, sums: [[I::Vector; G]; M]) {
        each!(M, |m| {
            let kept = self.sums[m * self.stride..].as_chunks_mut().0;
            each!(G, |g| {
                sums[m][g].store(&mut kept[g]);
            });
        });
    }
}

/// Columns, `stride` numbers apart.
#[derive(Clone, Copy)]
struct Apart<'a> {
    numbers: &'a [f32],
    stride: usize,
}

impl<const M: usize> Rows<M> for Apart<'_> {
    #[inline(always)]
    fn at(self, m: usize, d: usize) -> f32 {
        self.numbers[d * self.stride..][..M][m]
    }

    #[inline(always)]
    fn row(&self, m: usize) -> Spaced<'_> {
        Spaced { numbers: self.numbers, first: m, stride: self.stride }
    }
}

/// A segment of each row; `PART` says whether its last vector is partial.
#[derive(Clone, Copy)]
struct Strided<'a, const PART: bool> {
    numbers: &'a [f32],
    stride: usize,
    width: usize,
    depth: usize,
}

impl<const PART: bool, const G: usize> Steps<G> for Strided<'_, PART> {
    #[inline(always)]
    fn depth(self) -> usize {
        self.depth
    }

    #[inline(always)]
    fn load<V: Vector>(self, d: usize) -> [V; G] {
        let (whole, rest) = self.numbers[d * self.stride..][..if PART { self.width } else { G * LANES }].as_chunks();
        let mut vectors = [V::splat(0.0); G];
        if PART {
            let whole = &whole[..G - 1];
            each!(G - 1, |g| {
                vectors[g] = V::load(&whole[g]);
            });
            vectors[G - 1] = V::load_part(rest);
        } else {
            each!(G, |g| {
                vectors[g] = V::load(&whole[g]);
            });
        }
        vectors
    }

    #[inline(always)]
    fn vectors(&self, g: usize) -> (Spaced<'_>, usize) {
        let lanes = if PART { LANES.min(self.width - g * LANES) } else { LANES };
        (Spaced { numbers: self.numbers, first: g * LANES, stride: self.stride }, lanes)
    }
}
