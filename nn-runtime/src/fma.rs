//! `a·b + c`.

/// The multiply-add of what every machine of the target has.
#[inline(always)]
pub(crate) fn portable(a: f32, b: f32, c: f32) -> f32 {
    // On x86-64 `mul_add` would be a library call here, twenty times slower.
    if cfg!(target_arch = "aarch64") { fused(a, b, c) } else { a * b + c }
}

/// `a·b + c` with one rounding, where the instruction set of the caller and `std` have it.
#[inline(always)]
pub(crate) fn fused(a: f32, b: f32, c: f32) -> f32 {
    #[cfg(feature = "std")]
    return a.mul_add(b, c);
    #[cfg(not(feature = "std"))]
    return a * b + c;
}
