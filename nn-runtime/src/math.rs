//! The functions that activations and losses need, as polynomials that vectorise.
//!
//! Each is straight-line code on one number (a choice between two values is a select, not a
//! branch), so that a loop over many becomes vector code inside a kernel; [`map`] is that loop. NaN
//! goes in, NaN comes out.
//!
//! | function | error |
//! | --- | --- |
//! | [`exp`], [`tanh`], [`exp_m1_of_negative`] | ≤ 2 ulp |
//! | [`sigmoid`], [`softplus`] | ≤ 4 ulp |
//! | [`normal_cdf`] | relative error ≤ 4e-7 near 0, ≤ 4e-6 in the far tail |

// Sums in lanes walk several arrays by one index.
#![allow(clippy::needless_range_loop)]

use crate::isa::Isa;

/// A function of one number.
pub(crate) trait Function: Copy {
    /// Its value. Implementations are `#[inline(always)]`.
    fn of<I: Isa>(self, x: f32) -> f32;
}

/// Numbers that [`map`] and the activations' backward pass treat at a time: a multiple of every
/// vector width.
pub(crate) const CHUNK: usize = 16;

/// Replaces every value by the function's. The last few are padded to a chunk, since
/// a whole vector costs less than two numbers one by one.
#[inline(always)]
pub(crate) fn map<I: Isa, F: Function>(function: F, values: &mut [f32]) {
    let (chunks, rest) = values.as_chunks_mut::<CHUNK>();
    for chunk in chunks {
        for value in chunk {
            *value = function.of::<I>(*value);
        }
    }
    if !rest.is_empty() {
        let mut padded = [0.0; CHUNK];
        padded[..rest.len()].copy_from_slice(rest);
        for value in &mut padded {
            *value = function.of::<I>(*value);
        }
        rest.copy_from_slice(&padded[..rest.len()]);
    }
}

/// The sum, in lanes that are then added in pairs: an order that the length fixes, and that
/// vectorises.
#[inline(always)]
pub(crate) fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0; CHUNK];
    let (chunks, rest) = values.as_chunks::<CHUNK>();
    for chunk in chunks {
        for lane in 0..CHUNK {
            lanes[lane] += chunk[lane];
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += value;
    }
    add_lanes(lanes)
}

/// The sum of the lanes, in pairs.
#[inline(always)]
pub(crate) fn add_lanes(mut lanes: [f32; CHUNK]) -> f32 {
    let mut count = CHUNK;
    while count > 1 {
        count /= 2;
        for lane in 0..count {
            lanes[lane] += lanes[lane + count];
        }
    }
    lanes[0]
}

/// The largest number; NaN does not count.
#[inline(always)]
pub(crate) fn maximum(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; CHUNK];
    let (chunks, rest) = values.as_chunks::<CHUNK>();
    for chunk in chunks {
        for lane in 0..CHUNK {
            lanes[lane] = if chunk[lane] > lanes[lane] { chunk[lane] } else { lanes[lane] };
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = if value > *lane { value } else { *lane };
    }
    let mut maximum = lanes[0];
    for lane in lanes {
        maximum = if lane > maximum { lane } else { maximum };
    }
    maximum
}

/// −1, 0 or 1; NaN stays NaN.
#[inline(always)]
pub(crate) fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        // 0 of either sign, or NaN.
        x
    }
}

/// √x.
#[inline(always)]
pub(crate) fn sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrtf(x);
}

/// 1.5 · 2²³: adding it rounds to an integer, which then stands in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;

/// ln 2 in two parts; the first has few enough bits that its products with small integers are
/// exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `x = n·ln 2 + r` with |r| ≤ ln 2 / 2; gives n and eʳ − 1 (the polynomial of Cephes' `expf`).
#[inline(always)]
fn reduce<I: Isa>(x: f32) -> (i32, f32) {
    let shifted = I::fma(x, core::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let r = I::fma(whole, -LN_2_LOW, I::fma(whole, -LN_2_HIGH, x));
    let mut p = 1.987_569_2e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
        p = I::fma(p, r, coefficient);
    }
    (n, I::fma(p * r, r, r))
}

/// 2ⁿ for −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// eˣ.
#[inline(always)]
pub(crate) fn exp<I: Isa>(x: f32) -> f32 {
    // Beyond these bounds the result is 0 or infinite. In two factors, since 2ⁿ alone may not be a
    // normal number.
    let (n, p) = reduce::<I>(x.clamp(-104.0, 89.0));
    let half = n >> 1;
    (1.0 + p) * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// eˣ − 1 for x ≤ 0, accurate near 0 too; what is above 0 counts as 0.
#[inline(always)]
pub(crate) fn exp_m1_of_negative<I: Isa>(x: f32) -> f32 {
    // Below −20 it is −1 in this precision.
    let (n, p) = reduce::<I>(x.clamp(-20.0, 0.0));
    let scale = power_of_two(n);
    I::fma(scale, p, scale - 1.0)
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn sigmoid<I: Isa>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<I>(-x))
}

/// tanh x: an odd polynomial (Cephes' `tanhf`) below 0.625, 1 − 2/(e²ˣ + 1) above.
#[inline(always)]
pub(crate) fn tanh<I: Isa>(x: f32) -> f32 {
    let square = x * x;
    let mut p = -5.704_988_7e-3;
    for coefficient in [2.063_909e-2, -5.373_971_6e-2, 0.133_314_42, -0.333_332_8] {
        p = I::fma(p, square, coefficient);
    }
    let near = I::fma(p * square, x, x);
    let far = 1.0 - 2.0 / (exp::<I>(2.0 * x.abs()) + 1.0);
    if x.abs() < 0.625 { near } else { far.copysign(x) }
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub(crate) fn softplus<I: Isa>(x: f32) -> f32 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + ln_1p_of_unit::<I>(exp::<I>(-x.abs()))
}

/// ln(1 + t) for 0 ≤ t ≤ 1: 2·artanh(s) with s = t/(2 + t) ≤ 1/3, whose series ends early.
#[inline(always)]
fn ln_1p_of_unit<I: Isa>(t: f32) -> f32 {
    let twice = 2.0 / (2.0 + t);
    let s = 0.5 * t * twice;
    let square = s * s;
    let mut series = 1.0 / 15.0;
    for odd in [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = I::fma(series, square, 1.0 / odd);
    }
    t * twice * series
}

/// Φ(x) = (1 + erf(x/√2)) / 2, by the Chebyshev fit of erfc in Press et al., Numerical Recipes, 2nd
/// ed., §6.2: small values far to the left keep their relative precision, which 1 + erf would
/// cancel away.
#[inline(always)]
pub(crate) fn normal_cdf<I: Isa>(x: f32) -> f32 {
    let z = x.abs() * core::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / I::fma(0.5, z, 1.0);
    let mut p = 0.170_872_77;
    for coefficient in [
        -0.822_152_23,
        1.488_515_9,
        -1.135_204,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_7,
        -1.265_512_2,
    ] {
        p = I::fma(p, t, coefficient);
    }
    let tail = 0.5 * t * exp::<I>(I::fma(-z, z, p));
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// The density e^(−x²/2) / √(2π) of the normal distribution.
#[inline(always)]
pub(crate) fn normal_density<I: Isa>(x: f32) -> f32 {
    0.398_942_3 * exp::<I>(-0.5 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Kernel, run_on};
    use crate::layers::testing::paths;

    struct Map<'a, F>(F, &'a mut [f32]);

    impl<F: Function> Kernel for Map<'_, F> {
        type Output = ();

        #[inline(always)]
        fn run<I: Isa>(self) {
            map::<I, F>(self.0, self.1);
        }
    }

    macro_rules! functions {
        ($($name:ident = $function:ident;)*) => {
            $(
                #[derive(Clone, Copy)]
                struct $name;

                impl Function for $name {
                    #[inline(always)]
                    fn of<I: Isa>(self, x: f32) -> f32 {
                        $function::<I>(x)
                    }
                }
            )*
        };
    }

    functions! {
        Exp = exp;
        ExpM1 = exp_m1_of_negative;
        Tanh = tanh;
        Sigmoid = sigmoid;
        Softplus = softplus;
        NormalCdf = normal_cdf;
    }

    /// The distance to the exact value in steps between neighbouring floats there.
    fn ulp(value: f32, exact: f64) -> f64 {
        let rounded = exact as f32;
        if value == rounded || (value.is_nan() && exact.is_nan()) {
            return 0.0;
        }
        let magnitude = rounded.abs().min(f32::MAX);
        let step = f64::from(magnitude.next_up().min(f32::MAX)) - f64::from(magnitude.next_down());
        let step = if magnitude == 0.0 { f64::from(f32::from_bits(1)) } else { step / 2.0 };
        (f64::from(value) - exact).abs() / step
    }

    /// Floats of every exponent and both signs, `every` bit patterns apart, and the awkward ones.
    fn sweep(every: usize) -> Vec<f32> {
        let mut inputs: Vec<f32> = (0..f32::INFINITY.to_bits())
            .step_by(every)
            .flat_map(|bits| [f32::from_bits(bits), -f32::from_bits(bits)])
            .collect();
        inputs.extend((-1_300_000..1_300_000).map(|i| i as f32 * 1e-4));
        inputs.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1000.0, -1000.0, 0.625, -0.625]);
        inputs.extend([88.72, 88.73, -87.33, -87.34, -103.0, -103.9, -104.0]);
        inputs
    }

    fn assert_within<F: Function>(function: F, inputs: &[f32], exact: fn(f64) -> f64, limit: f64) {
        for path in paths() {
            let mut values = inputs.to_vec();
            run_on(path, Map(function, &mut values));
            let worst = inputs
                .iter()
                .zip(&values)
                .map(|(&x, &value)| (ulp(value, exact(f64::from(x))), x, value))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap();
            assert!(worst.0 <= limit, "{path:?}: {worst:?} is off by more than {limit} ulp");
        }
    }

    #[test]
    fn exp_is_within_two_ulp() {
        assert_within(Exp, &sweep(2003), f64::exp, 2.0);
    }

    #[test]
    fn tanh_is_within_two_ulp() {
        assert_within(Tanh, &sweep(2003), f64::tanh, 2.0);
    }

    #[test]
    fn exp_m1_is_within_two_ulp() {
        assert_within(ExpM1, &sweep(2003), |x| if x > 0.0 { 0.0 } else { x.exp_m1() }, 2.0);
    }

    #[test]
    fn sigmoid_and_softplus_are_within_four_ulp() {
        // Below −87 the exponential in the denominator is near the largest float: what should be
        // 1e-39 may come out as 0.
        let inputs = sweep(5003);
        let ordinary: Vec<f32> = inputs.iter().copied().filter(|&x| x.is_nan() || x > -87.0).collect();
        assert_within(Sigmoid, &ordinary, |x| 1.0 / (1.0 + (-x).exp()), 4.0);
        assert_within(Softplus, &inputs, |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), 4.0);
    }

    #[test]
    fn the_normal_distribution_keeps_its_tail() {
        let inputs: Vec<f32> = (-800..800).map(|i| i as f32 * 0.0125).collect();
        for path in paths() {
            let mut values = inputs.clone();
            run_on(path, Map(NormalCdf, &mut values));
            for (&x, &value) in inputs.iter().zip(&values) {
                let exact = 0.5 * libm::erfc(-f64::from(x) * core::f64::consts::FRAC_1_SQRT_2);
                let error = (f64::from(value) - exact).abs() / exact;
                assert!(error <= 4e-7 + 1e-7 * f64::from(x * x), "{path:?}: Φ({x}) = {value}, not {exact}");
            }
        }
    }
}
