//! Random numbers, and the initial values of parameters.
//!
//! The generator is xoshiro256++ (Blackman & Vigna 2021), and all arithmetic on its way to a float
//! is this crate's or `libm`'s, so that a seed means the same numbers on every machine.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Generator(Xoshiro256PlusPlus);

impl Generator {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// One of many independent streams of a seed, such as that of a step and a layer.
    pub fn stream(seed: u64, a: u64, b: u64) -> Self {
        Self::new(stream_seed(seed, a, b))
    }

    /// Uniform in `[0, 1)`, a multiple of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Two independent numbers of the standard normal distribution (Marsaglia's polar method,
    /// 1964).
    pub fn normal_pair(&mut self) -> [f64; 2] {
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let factor = libm::sqrt(-2.0 * libm::log(s) / s);
                return [u * factor, v * factor];
            }
        }
    }

    /// Uniform in `0..bound`, without bias (Lemire 2019). `bound` is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let rejected = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= rejected {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts the items into a random order (Fisher & Yates), each with the same probability.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// The seed of [`Generator::stream`].
pub fn stream_seed(seed: u64, a: u64, b: u64) -> u64 {
    [a, b].iter().fold(scramble(seed), |seed, part| scramble(seed ^ part))
}

/// SplitMix64's step (Steele, Lea & Flood 2014): every bit of the result depends on every bit of
/// `x`.
fn scramble(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Normal with variance 2 / fan_in (He et al. 2015).
#[doc(hidden)]
pub fn he_normal(generator: &mut Generator, fan_in: usize, _: usize, values: &mut [f32]) {
    normal(generator, deviation(2.0, fan_in), values);
}

/// Uniform with variance 2 / fan_in (He et al. 2015).
#[doc(hidden)]
pub fn he_uniform(generator: &mut Generator, fan_in: usize, _: usize, values: &mut [f32]) {
    uniform(generator, deviation(6.0, fan_in), values);
}

/// Normal with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010).
#[doc(hidden)]
pub fn glorot_normal(generator: &mut Generator, fan_in: usize, fan_out: usize, values: &mut [f32]) {
    normal(generator, deviation(2.0, fan_in + fan_out), values);
}

/// Uniform with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010).
#[doc(hidden)]
pub fn glorot_uniform(generator: &mut Generator, fan_in: usize, fan_out: usize, values: &mut [f32]) {
    uniform(generator, deviation(6.0, fan_in + fan_out), values);
}

/// Normal with variance 1 / fan_in (LeCun et al. 1998).
#[doc(hidden)]
pub fn lecun_normal(generator: &mut Generator, fan_in: usize, _: usize, values: &mut [f32]) {
    normal(generator, deviation(1.0, fan_in), values);
}

/// √(numerator / fan). A uniform distribution on [−a, a] has the variance a² / 3.
fn deviation(numerator: f64, fan: usize) -> f32 {
    libm::sqrt(numerator / fan as f64) as f32
}

/// Normal with mean 0 and standard deviation `deviation`.
#[doc(hidden)]
pub fn normal(generator: &mut Generator, deviation: f32, values: &mut [f32]) {
    for pair in values.chunks_mut(2) {
        for (value, number) in pair.iter_mut().zip(generator.normal_pair()) {
            *value = (f64::from(deviation) * number) as f32;
        }
    }
}

/// Uniform in `[−bound, bound]`.
#[doc(hidden)]
pub fn uniform(generator: &mut Generator, bound: f32, values: &mut [f32]) {
    for value in values {
        *value = (f64::from(bound) * (2.0 * generator.unit() - 1.0)) as f32;
    }
}

/// The same number everywhere.
#[doc(hidden)]
pub fn constant(value: f32, values: &mut [f32]) {
    values.fill(value);
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    /// Mean and standard deviation.
    fn moments(values: &[f32]) -> (f64, f64) {
        let count = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let squares: f64 = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum();
        (mean, (squares / count).sqrt())
    }

    #[test]
    fn initialisers_have_the_deviations_of_their_papers() {
        type Initialiser = fn(&mut Generator, usize, usize, &mut [f32]);
        let cases: [(Initialiser, f64); 5] = [
            (he_normal, 2.0 / 50.0),
            (he_uniform, 2.0 / 50.0),
            (glorot_normal, 2.0 / 200.0),
            (glorot_uniform, 2.0 / 200.0),
            (lecun_normal, 1.0 / 50.0),
        ];
        for (index, (initialise, variance)) in cases.into_iter().enumerate() {
            let mut values = [0.0; 40_001];
            initialise(&mut Generator::new(7), 50, 150, &mut values);
            let (mean, deviation) = moments(&values);
            // Five standard errors of 40,000 draws.
            assert!(mean.abs() < 5.0 * variance.sqrt() / 200.0, "{index}: {mean}");
            assert!((deviation / variance.sqrt() - 1.0).abs() < 5.0 / 280.0, "{index}: {deviation}");
        }
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_reaches_every_order() {
        let mut seen = std::collections::BTreeMap::new();
        for seed in 0..600 {
            let mut items = [0, 1, 2];
            Generator::stream(seed, 1, 2).shuffle(&mut items);
            *seen.entry(items).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|&count| (60..140).contains(&count)));
    }

    #[test]
    fn streams_differ_in_every_argument() {
        let seeds = [(1, 2, 3), (2, 2, 3), (1, 3, 3), (1, 2, 4), (1, 3, 2)].map(|(seed, a, b)| stream_seed(seed, a, b));
        for (index, seed) in seeds.iter().enumerate() {
            assert!(!seeds[..index].contains(seed));
        }
    }
}
