//! The functions that activations and losses need, as polynomials on vectors.
//!
//! Each is straight-line code on a vector; [`map`] applies one to a slice. NaN goes in, NaN comes
//! out.
//!
//! | function | error |
//! | --- | --- |
//! | [`exp`], [`exp_m1_of_negative`] | ≤ 2 ulp |
//! | [`sigmoid`], [`softplus`] | ≤ 4 ulp |
//! | [`tanh`] | ≤ 6 ulp, 0.7 on average |
//! | [`normal_cdf`] | relative error ≤ 4e-7 near 0, ≤ 4e-6 in the far tail |

use crate::each::each;
use crate::isa::{LANES, Vector};

/// A function of one number, on vectors of them.
pub(crate) trait Function: Copy {
    /// Its values. Implementations are `#[inline(always)]`.
    fn of<V: Vector>(self, x: V) -> V;
}

/// Replaces every value by the function's.
#[inline(always)]
pub(crate) fn map<V: Vector, F: Function>(function: F, values: &mut [f32]) {
    let (whole, rest) = values.as_chunks_mut::<LANES>();
    each!(whole.len(), |vector| {
        function.of(V::load(&whole[vector])).store(&mut whole[vector]);
    });
    if !rest.is_empty() {
        function.of(V::load_part(rest)).store_part(rest);
    }
}

/// The sum, in lanes that are then added in halves: an order that the length fixes.
#[inline(always)]
pub(crate) fn sum<V: Vector>(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = V::load_part(rest);
    for values in whole {
        lanes = lanes + V::load(values);
    }
    lanes.sum()
}

/// The largest number; NaN does not count.
#[inline(always)]
pub(crate) fn maximum<V: Vector>(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = V::splat(f32::NEG_INFINITY).max(V::load_part_or(rest, f32::NEG_INFINITY));
    for values in whole {
        lanes = lanes.max(V::load(values));
    }
    let mut lanes = lanes.to_array();
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        each!(count, |lane| {
            lanes[lane] = if lanes[lane + count] > lanes[lane] { lanes[lane + count] } else { lanes[lane] };
        });
    }
    lanes[0]
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

/// ln 2 in two parts; the first has few enough bits that its products with small integers are
/// exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// A polynomial by its coefficients, the highest first.
#[inline(always)]
fn polynomial<V: Vector, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut sum = V::splat(coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, V::splat(*coefficient));
    }
    sum
}

/// 1.5 · 2²³: a number below 2²² that is added to it is rounded to an integer.
const ROUND: f32 = 12_582_912.0;

/// `x = n·ln 2 + r` with |r| ≤ ln 2 / 2; gives n and eʳ − 1 (the polynomial of Cephes' `expf`, its
/// terms in pairs, which wait less for each other).
#[inline(always)]
fn reduce<V: Vector>(x: V) -> (V, V) {
    let n = x.mul_add(V::splat(core::f32::consts::LOG2_E), V::splat(ROUND)) - V::splat(ROUND);
    let r = n.mul_add(V::splat(-LN_2_LOW), n.mul_add(V::splat(-LN_2_HIGH), x));
    let square = r * r;
    let high = V::splat(1.987_569_2e-4).mul_add(r, V::splat(1.398_2e-3));
    let middle = V::splat(8.333_452e-3).mul_add(r, V::splat(4.166_579_6e-2));
    let low = V::splat(0.166_666_66).mul_add(r, V::splat(0.5));
    let p = high.mul_add(square, middle).mul_add(square, low);
    (n, p.mul_add(square, r))
}

/// eˣ.
#[inline(always)]
pub(crate) fn exp<V: Vector>(x: V) -> V {
    // Beyond these bounds the result is 0 or infinite.
    let (n, p) = reduce(x.max(V::splat(-104.0)).min(V::splat(89.0)));
    (V::splat(1.0) + p).times_power_of_two(n)
}

/// eˣ − 1 for x ≤ 0, accurate near 0 too; what is above 0 counts as 0.
#[inline(always)]
pub(crate) fn exp_m1_of_negative<V: Vector>(x: V) -> V {
    // Below −20 it is −1 in this precision.
    let (n, p) = reduce(x.max(V::splat(-20.0)).min(V::splat(0.0)));
    let one = V::splat(1.0);
    let scale = one.times_power_of_two(n);
    scale.mul_add(p, scale - one)
}

/// e^−|x|: both [`sigmoid`] and [`softplus`] are made of it.
#[inline(always)]
pub(crate) fn decay<V: Vector>(x: V) -> V {
    // Below −104 it is 0.
    let (n, p) = reduce(x.with_sign_of(V::splat(-1.0)).max(V::splat(-104.0)));
    (V::splat(1.0) + p).times_power_of_two(n)
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn sigmoid<V: Vector>(x: V) -> V {
    sigmoid_by(x, decay(x))
}

/// The same, from [`decay`]: e^−|x| / (1 + e^−|x|) where x is negative.
#[inline(always)]
pub(crate) fn sigmoid_by<V: Vector>(x: V, decay: V) -> V {
    let one = V::splat(1.0);
    x.if_greater(V::splat(0.0), one, decay).quotient(one + decay)
}

/// tanh x = x·P(x²)/Q(x²) with polynomials of degree 4, fitted so that the largest relative error
/// on |x| ≤ 9.02 is the least: 2.5e-8, less than rounding takes (by linear programming over P/Q −
/// tanh at 502 points, P(0) = Q(0) = 1, one coefficient after another rounded and the rest fitted
/// again). All are positive, so nothing cancels. With an exponential it would wait twice as long.
#[inline(always)]
pub(crate) fn tanh<V: Vector>(x: V) -> V {
    // From 9.02 on it is 1 in this precision.
    let size = x.abs().min(V::splat(9.02));
    let square = size * size;
    let p = quartic(square, [1.0, 0.133_833_02, 3.498_150_3e-3, 2.064_558_8e-5, 1.339_454_2e-8]);
    let q = quartic(square, [1.0, 0.467_166_24, 2.588_709_4e-2, 3.289_581_2e-4, 7.795_148e-7]);
    (size * p).quotient(q).min(V::splat(1.0)).with_sign_of(x)
}

/// A polynomial of degree 3 by x and x².
#[inline(always)]
fn cubic<V: Vector>(x: V, square: V, coefficients: [f32; 4]) -> V {
    let [a, b, c, d] = coefficients;
    let [a, b, c, d] = [V::splat(a), V::splat(b), V::splat(c), V::splat(d)];
    d.mul_add(x, c).mul_add(square, b.mul_add(x, a))
}

/// A polynomial of degree 4, its terms in pairs, which wait less for each other.
#[inline(always)]
fn quartic<V: Vector>(x: V, coefficients: [f32; 5]) -> V {
    let [a, b, c, d, e] = coefficients;
    let [a, b, c, d, e] = [V::splat(a), V::splat(b), V::splat(c), V::splat(d), V::splat(e)];
    let square = x * x;
    e.mul_add(square, d.mul_add(x, c)).mul_add(square, b.mul_add(x, a))
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub(crate) fn softplus<V: Vector>(x: V) -> V {
    x.max(V::splat(0.0)) + ln_1p_of_unit(decay(x))
}

/// ln(1 + t) for 0 ≤ t ≤ 1: 2·artanh(s) with s = t/(2 + t) ≤ 1/3, whose series ends early. Its
/// terms in pairs and fours, which wait less for each other.
#[inline(always)]
pub(crate) fn ln_1p_of_unit<V: Vector>(t: V) -> V {
    let two = V::splat(2.0);
    // 2·s.
    let first = (t + t).quotient(two + t);
    let square = V::splat(0.25) * first * first;
    let fourth = square * square;
    let low = cubic(square, fourth, [1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 9.0]);
    let high = cubic(square, fourth, [1.0 / 11.0, 1.0 / 13.0, 1.0 / 15.0, 1.0 / 17.0]);
    first.mul_add(square * high.mul_add(fourth * fourth, low), first)
}

/// Φ(x) = (1 + erf(x/√2)) / 2, by the Chebyshev fit of erfc in Press et al., Numerical Recipes, 2nd
/// ed., §6.2: small values far to the left keep their relative precision, which 1 + erf would
/// cancel away.
#[inline(always)]
pub(crate) fn normal_cdf<V: Vector>(x: V) -> V {
    let one = V::splat(1.0);
    // From 15 on the tail is 0 in this precision.
    let z = x.abs().min(V::splat(15.0)) * V::splat(core::f32::consts::FRAC_1_SQRT_2);
    let t = one.quotient(V::splat(0.5).mul_add(z, one));
    let coefficients = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_9,
        -1.135_204,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_7,
        -1.265_512_2,
    ];
    let exponent = (V::splat(0.0) - z).mul_add(z, polynomial(t, coefficients));
    let tail = V::splat(0.5) * t * exp(exponent);
    V::splat(0.0).if_greater(x, tail, one - tail)
}

/// The density e^(−x²/2) / √(2π) of the normal distribution.
#[inline(always)]
pub(crate) fn normal_density<V: Vector>(x: V) -> V {
    V::splat(0.398_942_3) * exp(V::splat(-0.5) * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Isa, Kernel, run_on};
    use crate::layers::testing::paths;

    struct Map<'a, F>(F, &'a mut [f32]);

    impl<F: Function> Kernel for Map<'_, F> {
        type Output = ();

        #[inline(always)]
        fn run<I: Isa>(self) {
            map::<I::Vector, F>(self.0, self.1);
        }
    }

    macro_rules! functions {
        ($($name:ident = $function:ident;)*) => {
            $(
                #[derive(Clone, Copy)]
                struct $name;

                impl Function for $name {
                    #[inline(always)]
                    fn of<V: Vector>(self, x: V) -> V {
                        $function(x)
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
    fn tanh_is_within_six_ulp() {
        assert_within(Tanh, &sweep(2003), f64::tanh, 6.0);
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
