//! The numbers of a tensor as f32.

/// The numbers of a tensor, and what their conversion lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// As f32.
    pub values: Vec<f32>,
    /// How many are not the number in the file.
    pub changed: usize,
    /// The largest difference, relative to the number in the file.
    pub worst: f64,
}

impl Numbers {
    /// Reads bytes of this number type, little-endian; `None` if the type is not one of floats.
    pub fn read(dtype: &str, bytes: &[u8]) -> Option<Self> {
        Some(match dtype {
            "F32" => Self::exact(bytes.as_chunks().0, f32::from_le_bytes),
            "F16" => Self::exact(bytes.as_chunks().0, |bytes| from_half(u16::from_le_bytes(bytes))),
            "BF16" => {
                Self::exact(bytes.as_chunks().0, |bytes| f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16))
            }
            "F64" => Self::rounded(bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes))),
            _ => return None,
        })
    }

    fn exact<const N: usize>(bytes: &[[u8; N]], number: impl Fn([u8; N]) -> f32) -> Self {
        Self { values: bytes.iter().copied().map(number).collect(), changed: 0, worst: 0.0 }
    }

    fn rounded(numbers: impl Iterator<Item = f64>) -> Self {
        let mut rounded = Self::default();
        for number in numbers {
            let value = number as f32;
            rounded.values.push(value);
            if f64::from(value) != number {
                rounded.changed += 1;
                rounded.worst = rounded.worst.max(((f64::from(value) - number) / number).abs());
            }
        }
        rounded
    }
}

/// A number of 16 bits (1 sign, 5 exponent, 10 mantissa), all of which f32 has.
fn from_half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, mantissa) = (u32::from(bits >> 10 & 0x1f), u32::from(bits & 0x3ff));
    let size = match exponent {
        // Multiples of 2⁻²⁴.
        0 => (mantissa as f32 / 16_777_216.0).to_bits(),
        31 => 0x7f80_0000 | mantissa << 13,
        _ => (exponent + 112) << 23 | mantissa << 13,
    };
    f32::from_bits(sign | size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_of_16_bits_are_exact() {
        for bits in 0..=u16::MAX {
            let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
            let size = match (exponent, mantissa) {
                (31, 0.0) => f64::INFINITY,
                (31, _) => f64::NAN,
                (0, mantissa) => mantissa / 1024.0 * 2f64.powi(-14),
                (exponent, mantissa) => (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
            };
            let expected = if bits & 0x8000 == 0 { size } else { -size };
            let found = Numbers::read("F16", &bits.to_le_bytes()).unwrap().values[0];
            assert!(
                f64::from(found).to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(),
                "{bits:x}"
            );
        }
        assert_eq!(Numbers::read("BF16", &[0x49, 0x40]).unwrap().values, [3.140625]);
    }

    #[test]
    fn what_f64_loses_is_counted() {
        let bytes: Vec<u8> = [0.5, 0.1, -1e300].iter().flat_map(|number: &f64| number.to_le_bytes()).collect();
        let Numbers { values, changed, worst } = Numbers::read("F64", &bytes).unwrap();
        assert_eq!((values, changed, worst), (vec![0.5, 0.1, f32::NEG_INFINITY], 2, f64::INFINITY));
        assert_eq!(Numbers::read("I64", &bytes), None);
    }
}
