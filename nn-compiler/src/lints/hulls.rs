//! Whether two sets of points are separable by a hyperplane, and the proof where they are not.
//!
//! They are inseparable exactly if their convex hulls meet, that is, if there are weights λ, μ ≥ 0 with
//!
//! ```text
//! Σλ = 1    Σμ = 1    Σ λᵢ·aᵢ − Σ μⱼ·bⱼ = 0
//! ```
//!
//! The first phase of the simplex method looks for them in `f64` (Dantzig 1951, with the rule of Bland 1977
//! where it stalls). Its basis, some `dimensions + 2` points at most, is then solved exactly in integers
//! (Bareiss 1968): `f64` numbers are integers times powers of two. What is returned is proved.

use std::cmp::Ordering;

use num_bigint::BigInt;

/// A point of both hulls.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    /// Points of the first set, each with its weight.
    pub first: Vec<(usize, BigInt)>,
    /// Points of the second set, each with its weight; all weights have one denominator.
    pub second: Vec<(usize, BigInt)>,
}

/// The search is limited to this many multiplications.
const MOST_WORK: usize = 50_000_000;

/// Closer to zero than this, a number of the search is zero.
const TINY: f64 = 1e-9;

/// A proven point of the hulls of both sets; `None` if there is none or none is found.
pub fn meet(first: &[&[f64]], second: &[&[f64]]) -> Option<Meeting> {
    let points = || first.iter().map(|point| (*point, 1)).chain(second.iter().map(|point| (*point, -1)));
    let columns: Vec<(&[f64], i8)> = points().collect();
    let basis = Tableau::new(&columns)?.solve()?;
    let chosen: Vec<(&[f64], i8)> = basis.iter().map(|column| columns[*column]).collect();
    let weights = solve_exactly(equations(&chosen)?)?;
    let mut meeting = Meeting { first: Vec::new(), second: Vec::new() };
    for (column, weight) in basis.into_iter().zip(weights) {
        match weight.cmp(&BigInt::ZERO) {
            Ordering::Less => return None,
            Ordering::Equal => {}
            Ordering::Greater if column < first.len() => meeting.first.push((column, weight)),
            Ordering::Greater => meeting.second.push((column - first.len(), weight)),
        }
    }
    meeting.first.sort();
    meeting.second.sort();
    Some(meeting)
}

/// The equations with a slack variable each, the sum of which is to become 0; the columns of slack variables
/// are left out, since a slack variable that has left the basis never returns.
struct Tableau {
    /// One row for each equation, the right side last.
    rows: Vec<Vec<f64>>,
    /// What a unit of each variable takes off the sum, the sum itself last.
    gains: Vec<f64>,
    /// The variable of each row; from `variables` on they are slack.
    basis: Vec<usize>,
    variables: usize,
}

impl Tableau {
    fn new(columns: &[(&[f64], i8)]) -> Option<Self> {
        let variables = columns.len();
        let dimensions = columns.first()?.0.len();
        let indicator = |side: i8| columns.iter().map(move |(_, of)| if *of == side { 1.0 } else { 0.0 });
        let mut rows: Vec<Vec<f64>> = vec![indicator(1).chain([1.0]).collect(), indicator(-1).chain([1.0]).collect()];
        for dimension in 0..dimensions {
            // Moved and scaled to −1 to 1, which changes no weight.
            let numbers = || columns.iter().map(|(point, _)| point[dimension]);
            let (low, high) = (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
            let (middle, half) = (low / 2.0 + high / 2.0, high / 2.0 - low / 2.0);
            if half > 0.0 {
                let row = columns.iter().map(|(point, side)| f64::from(*side) * ((point[dimension] - middle) / half));
                rows.push(row.chain([0.0]).collect());
            }
        }
        let gains = (0..=variables).map(|column| rows.iter().map(|row| row[column]).sum()).collect();
        let basis = (variables..variables + rows.len()).collect();
        Some(Self { rows, gains, basis, variables })
    }

    /// The points of a basis in which slack is left only in redundant equations.
    fn solve(mut self) -> Option<Vec<usize>> {
        let most_pivots = MOST_WORK / (self.rows.len() * self.gains.len());
        let mut stalled = 0;
        for _ in 0..most_pivots {
            let left = self.gains[self.variables];
            let Some(column) = self.entering(stalled > 2 * self.rows.len()) else {
                return (left < TINY).then(|| self.points());
            };
            let row = self.leaving(column)?;
            self.pivot(row, column);
            stalled = if self.gains[self.variables] < left - TINY { 0 } else { stalled + 1 };
        }
        None
    }

    /// The variable that gains most, or the first that gains anything, which prevents cycling.
    fn entering(&self, first: bool) -> Option<usize> {
        let mut gaining = (0..self.variables).filter(|column| self.gains[*column] > TINY);
        match first {
            true => gaining.next(),
            false => gaining.max_by(|a, b| self.gains[*a].total_cmp(&self.gains[*b])),
        }
    }

    /// The row that a variable empties first.
    fn leaving(&self, column: usize) -> Option<usize> {
        let ratio = |row: &usize| self.rows[*row][self.variables] / self.rows[*row][column];
        let candidates = (0..self.rows.len()).filter(|row| self.rows[*row][column] > TINY);
        candidates.min_by(|a, b| ratio(a).total_cmp(&ratio(b)).then(self.basis[*a].cmp(&self.basis[*b])))
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let mut pivot = std::mem::take(&mut self.rows[row]);
        let divisor = pivot[column];
        pivot.iter_mut().for_each(|number| *number /= divisor);
        for other in self.rows.iter_mut().filter(|other| !other.is_empty()).chain([&mut self.gains]) {
            let factor = other[column];
            if factor != 0.0 {
                other.iter_mut().zip(&pivot).for_each(|(number, of_pivot)| *number -= factor * of_pivot);
            }
        }
        self.rows[row] = pivot;
        self.basis[row] = column;
    }

    fn points(mut self) -> Vec<usize> {
        for row in 0..self.rows.len() {
            let numbers = self.rows[row][..self.variables].iter().enumerate();
            let largest = numbers.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs())).map(|(column, _)| column);
            // Its slack is 0, so that any point can take its place without a change.
            if let Some(column) = largest.filter(|column| self.rows[row][*column].abs() > 1e-6)
                && self.basis[row] >= self.variables
            {
                self.pivot(row, column);
            }
        }
        self.basis.retain(|variable| *variable < self.variables);
        self.basis
    }
}

/// The equations of some points in integers, each multiplied by a power of two, the right side last.
fn equations(points: &[(&[f64], i8)]) -> Option<Vec<Vec<BigInt>>> {
    let indicator = |side: i8| points.iter().map(move |(_, of)| BigInt::from(u8::from(*of == side)));
    let one = || [BigInt::from(1)];
    let mut rows: Vec<Vec<BigInt>> = vec![indicator(1).chain(one()).collect(), indicator(-1).chain(one()).collect()];
    for dimension in 0..points.first()?.0.len() {
        let parts: Vec<(i64, i16)> = points.iter().map(|(point, _)| parts(point[dimension])).collect();
        let lowest = parts.iter().filter(|(mantissa, _)| *mantissa != 0).map(|(_, exponent)| *exponent).min();
        let row = parts.iter().zip(points).map(|((mantissa, exponent), (_, side))| {
            let shift = lowest.map_or(0, |lowest| (i32::from(*exponent) - i32::from(lowest)).max(0));
            (BigInt::from(*side) * BigInt::from(*mantissa)) << shift
        });
        rows.push(row.chain([BigInt::ZERO]).collect());
    }
    Some(rows)
}

/// A finite number as mantissa·2^exponent, the mantissa odd or zero.
fn parts(number: f64) -> (i64, i16) {
    let bits = number.to_bits();
    let (fraction, exponent) = ((bits & ((1 << 52) - 1)) as i64, ((bits >> 52) & 0x7FF) as i16);
    let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    let zeros = if mantissa == 0 { 0 } else { mantissa.trailing_zeros() };
    let sign = if number.is_sign_negative() { -1 } else { 1 };
    (sign * (mantissa >> zeros), exponent.max(1) - 1075 + zeros as i16)
}

/// The numerators of the only solution over a denominator above 0; `None` where there is none, or are many.
fn solve_exactly(mut rows: Vec<Vec<BigInt>>) -> Option<Vec<BigInt>> {
    let unknowns = rows.first()?.len() - 1;
    let mut divisor = BigInt::from(1);
    for column in 0..unknowns {
        let found = (column..rows.len()).find(|row| rows[*row][column] != BigInt::ZERO)?;
        rows.swap(column, found);
        let pivot = std::mem::take(&mut rows[column]);
        for row in rows.iter_mut().filter(|row| !row.is_empty()) {
            let factor = row[column].clone();
            for (number, of_pivot) in row.iter_mut().zip(&pivot) {
                // Every number is a determinant of the original ones, so the division is exact.
                *number = (&*number * &pivot[column] - &factor * of_pivot) / &divisor;
            }
        }
        divisor = pivot[column].clone();
        rows[column] = pivot;
    }
    if rows[unknowns..].iter().any(|row| row[unknowns] != BigInt::ZERO) {
        return None;
    }
    let sign = BigInt::from(if divisor < BigInt::ZERO { -1 } else { 1 });
    Some(rows[..unknowns].iter().map(|row| &row[unknowns] * &sign).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between −1 and 1 from a generator of the simplest kind, by a finer or a coarser grid.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self, grid: u64) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) % (2 * grid + 1)) as f64 / grid as f64 - 1.0
        }

        fn point(&mut self, dimensions: usize, grid: u64) -> Vec<f64> {
            (0..dimensions).map(|_| f64::from(self.next(grid) as f32)).collect()
        }
    }

    fn slices(points: &[Vec<f64>]) -> Vec<&[f64]> {
        points.iter().map(Vec::as_slice).collect()
    }

    fn meet_of(first: &[Vec<f64>], second: &[Vec<f64>]) -> Option<Meeting> {
        meet(&slices(first), &slices(second))
    }

    fn weights(of: &[(usize, BigInt)]) -> Vec<(usize, f64)> {
        let total: BigInt = of.iter().map(|(_, weight)| weight).sum();
        let share =
            |weight: &BigInt| weight.to_string().parse::<f64>().unwrap() / total.to_string().parse::<f64>().unwrap();
        of.iter().map(|(point, weight)| (*point, share(weight))).collect()
    }

    #[test]
    fn gates_of_two_inputs() {
        let corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        for table in 1..15u8 {
            let side = |one: bool| -> Vec<Vec<f64>> {
                let on_side = |row: &usize| (table >> row & 1 == 1) == one;
                (0..4).filter(on_side).map(|row| corners[row].to_vec()).collect()
            };
            let found = meet_of(&side(true), &side(false));
            // XOR and its opposite.
            assert_eq!(found.is_some(), table == 0b0110 || table == 0b1001, "{table:04b}");
            if let Some(meeting) = found {
                assert_eq!(weights(&meeting.first), [(0, 0.5), (1, 0.5)]);
                assert_eq!(weights(&meeting.second), [(0, 0.5), (1, 0.5)]);
            }
        }
    }

    #[test]
    fn sets_on_two_sides_of_a_plane_do_not_meet() {
        let mut numbers = Numbers(1);
        for dimensions in 1..=8 {
            for grid in [2, 10, 1 << 20] {
                let plane = numbers.point(dimensions, 1000);
                let (mut above, mut below) = (Vec::new(), Vec::new());
                for _ in 0..60 {
                    let point = numbers.point(dimensions, grid);
                    let height: f64 = point.iter().zip(&plane).map(|(x, w)| x * w).sum();
                    if height > 1e-12 {
                        above.push(point)
                    } else if height < -1e-12 {
                        below.push(point)
                    }
                }
                if !above.is_empty() && !below.is_empty() {
                    assert_eq!(meet_of(&above, &below), None, "{dimensions} dimensions on {grid}");
                }
            }
        }
    }

    /// A point of the second set between points of the first.
    #[test]
    fn a_point_within_the_other_hull_is_found() {
        let mut numbers = Numbers(2);
        for dimensions in 1..=8 {
            for rows in [40, 200] {
                let first: Vec<_> = (0..rows).map(|_| numbers.point(dimensions, 1 << 20)).collect();
                let mean = |dimension: usize| first.iter().map(|point| point[dimension]).sum::<f64>() / rows as f64;
                let mut second: Vec<_> = (0..rows).map(|_| numbers.point(dimensions, 1 << 20)).collect();
                second.iter_mut().for_each(|point| point[0] += 5.0);
                assert_eq!(meet_of(&first, &second), None);
                second.push((0..dimensions).map(mean).collect());
                let meeting = meet_of(&first, &second).expect("the hulls share a point");
                assert!(meeting.first.len() + meeting.second.len() <= dimensions + 2);
                check(&meeting, &first, &second);
            }
        }
    }

    #[test]
    fn two_clouds_in_one_place_meet() {
        let mut numbers = Numbers(3);
        for (dimensions, rows, grid) in [(2, 500, 1000), (4, 150, 50), (13, 170, 1 << 20), (32, 300, 16)] {
            let mut cloud = || -> Vec<_> { (0..rows).map(|_| numbers.point(dimensions, grid)).collect() };
            let (first, second) = (cloud(), cloud());
            check(&meet_of(&first, &second).expect("the hulls share a point"), &first, &second);
        }
    }

    /// Numbers of very different size, a constant column, and one that is the sum of others.
    #[test]
    fn awkward_columns_do_no_harm() {
        let mut numbers = Numbers(4);
        let mut cloud = |shift: f64| -> Vec<Vec<f64>> {
            let mut point = || {
                let (a, b) = (numbers.next(1000), numbers.next(1000));
                vec![a * 1e20 + shift * 1e21, b * 1e-20, 7.0, a * 1e20 + shift * 1e21 + 2.0 * a * 1e20]
            };
            (0..50).map(|_| point()).collect()
        };
        let (first, second, third) = (cloud(0.0), cloud(1.0), cloud(0.0));
        assert_eq!(meet_of(&first, &second), None);
        let _ = meet_of(&first, &third);
        let tiny = f64::from(f32::from_bits(1));
        assert_eq!(meet_of(&[vec![tiny], vec![-tiny]], &[vec![-0.0]]).map(|meeting| meeting.first.len()), Some(2));
        assert_eq!(meet_of(&[vec![f64::MAX]], &[vec![f64::MIN]]), None);
        assert_eq!(meet_of(&[], &[]), None);
        assert_eq!(meet_of(&[vec![1.0]], &[]), None);
    }

    /// The weights give one point, up to rounding.
    fn check(meeting: &Meeting, first: &[Vec<f64>], second: &[Vec<f64>]) {
        let point = |weights: &[(usize, f64)], of: &[Vec<f64>], dimension: usize| -> f64 {
            weights.iter().map(|(point, weight)| weight * of[*point][dimension]).sum()
        };
        let (of_first, of_second) = (weights(&meeting.first), weights(&meeting.second));
        for dimension in 0..first[0].len() {
            let distance = point(&of_first, first, dimension) - point(&of_second, second, dimension);
            assert!(distance.abs() < 1e-9, "{distance}");
        }
    }
}
