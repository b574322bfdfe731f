//! Prints `data/spiral.csv`: two interleaved spirals, 200 rows an arm.
//!
//! Run with `cargo run -p nn-data --example spiral`. The points turn by repeated rotation and the
//! noise comes from a seeded Xoshiro256++, so only exactly rounded operations are used and the text
//! is the same on every machine.

use std::fmt::Write;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const ROWS_PER_ARM: u32 = 200;
const SEED: u64 = 1;
/// Radius of the first and of the last row of an arm.
const RADIUS: (f64, f64) = (0.1, 1.0);
/// Each coordinate is moved by at most this much.
const NOISE: f64 = 0.02;
/// Cosine and sine of the angle between neighbours: 3.5π / 200, so that an arm makes 1.75 turns.
const ROTATION: (f64, f64) = (0.9984890974505379, 0.054950179912445746);

fn main() {
    print!("{}", csv());
}

/// The whole file; the arms take turns, so that any run of rows holds both.
fn csv() -> String {
    let mut noise = Noise(Xoshiro256PlusPlus::seed_from_u64(SEED));
    let mut text = String::from("x,y,arm\n");
    let (mut cos, mut sin) = (1.0, 0.0);
    for row in 0..ROWS_PER_ARM {
        let along = f64::from(row) / f64::from(ROWS_PER_ARM - 1);
        let radius = RADIUS.0 + (RADIUS.1 - RADIUS.0) * along;
        for (arm, side) in [(0, 1.0), (1, -1.0)] {
            let x = side * radius * cos + noise.next();
            let y = side * radius * sin + noise.next();
            writeln!(text, "{x:.4},{y:.4},{arm}").expect("a string takes any text");
        }
        (cos, sin) = (cos * ROTATION.0 - sin * ROTATION.1, sin * ROTATION.0 + cos * ROTATION.1);
    }
    text
}

struct Noise(Xoshiro256PlusPlus);

impl Noise {
    /// The next number, uniform within ±[`NOISE`].
    fn next(&mut self) -> f64 {
        let unit = (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        (2.0 * unit - 1.0) * NOISE
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_file_is_what_this_prints() {
        assert_eq!(include_str!("../../data/spiral.csv"), super::csv());
    }
}
