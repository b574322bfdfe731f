//! Derivatives against central differences, in f64.

/// Half of the distance between the two points of a difference: errors of order h² = 1e-10 and
/// ε/h = 1e-11.
const H: f64 = 1e-5;

/// What a comparison has seen.
#[derive(Default)]
pub struct Seen {
    /// Derivatives that were compared.
    pub compared: usize,
    /// Points that have none.
    pub kinks: usize,
}

impl Seen {
    /// Compares one derivative with the differences of a function around 0. Where one-sided differences disagree there is a kink, which has
    /// none.
    pub fn compare(&mut self, what: &str, analytic: f64, loss: impl Fn(f64) -> f64) {
        let (below, here, above) = (loss(-H), loss(0.0), loss(H));
        let (left, right) = ((here - below) / H, (above - here) / H);
        if (left - right).abs() > 1e-3 * (1.0 + left.abs().max(right.abs())) {
            self.kinks += 1;
            return;
        }
        let central = |h: f64| (loss(h) - loss(-h)) / (2.0 * h);
        let is_close = |numeric: &f64| (numeric - analytic).abs() <= 1e-6 * numeric.abs().max(analytic.abs()) + 1e-8;
        // Where the third derivative is large, the error of order h² is taken out by a difference
        // of twice the width. Where the loss is large, so is its rounding, ε·loss/h: a wider
        // difference has less of it.
        let extrapolated = |h: f64| (4.0 * central(h) - central(2.0 * h)) / 3.0;
        let numeric = (above - below) / (2.0 * H);
        let numeric = match is_close(&numeric) {
            true => numeric,
            false => [H, 100.0 * H].map(extrapolated).into_iter().find(is_close).unwrap_or(numeric),
        };
        assert!(is_close(&numeric), "{what}: {analytic} by the plan, {numeric} by differences");
        self.compared += 1;
    }
}
