use super::*;

/// Three steps from zero state, beside a formula in f64 that gets (t, w, g, state).
fn assert_steps<const S: usize>(optimizer: impl Optimizer<S>, formula: impl Fn(i32, &mut f64, f64, &mut [f64; S])) {
    const COUNT: usize = 37;
    let mut weights: [f32; COUNT] = core::array::from_fn(|i| (i as f32 - 18.0) / 16.0);
    let mut state = [[0.0f32; COUNT]; S];
    let mut exact = weights.map(f64::from);
    let mut exact_state = [[0.0f64; S]; COUNT];
    for step in 1..=3 {
        let gradients: [f32; COUNT] = core::array::from_fn(|i| ((i * 7 + step * 5) % 11) as f32 / 8.0 - 0.5);
        let mut slices = state.each_mut().map(|slice| &mut slice[..]);
        optimizer.update(0.125, step as u64, &mut weights, &gradients, &mut slices);
        for i in 0..COUNT {
            formula(step as i32, &mut exact[i], f64::from(gradients[i]), &mut exact_state[i]);
            assert!(
                (f64::from(weights[i]) - exact[i]).abs() <= 2e-6,
                "step {step}: {} is not {}",
                weights[i],
                exact[i]
            );
            for (state, exact) in state.iter().zip(exact_state[i]) {
                assert!((f64::from(state[i]) - exact).abs() <= 2e-6, "state at step {step}");
            }
        }
    }
}

const LR: f64 = 0.125;

#[test]
fn sgd() {
    assert_steps(Sgd { weight_decay: 0.0 }, |_, w, g, _| *w -= LR * g);
    assert_steps(Sgd { weight_decay: 0.25 }, |_, w, g, _| *w -= LR * (g + 0.25 * *w));
}

#[test]
fn sgd_with_momentum() {
    let rule = SgdMomentum { momentum: 0.75, nesterov: false, weight_decay: 0.25 };
    assert_steps(rule, |_, w, g, [v]| {
        *v = 0.75 * *v - LR * (g + 0.25 * *w);
        *w += *v;
    });
    let rule = SgdMomentum { momentum: 0.75, nesterov: true, weight_decay: 0.0 };
    assert_steps(rule, |_, w, g, [v]| {
        *v = 0.75 * *v - LR * g;
        *w += 0.75 * *v - LR * g;
    });
}

#[test]
fn rmsprop() {
    assert_steps(RmsProp { rho: 0.75, eps: 0.001 }, |_, w, g, [s]| {
        *s = 0.75 * *s + 0.25 * g * g;
        *w -= LR * g / (*s + f64::from(0.001f32)).sqrt();
    });
}

#[test]
fn adagrad() {
    assert_steps(Adagrad { eps: 0.001 }, |_, w, g, [s]| {
        *s += g * g;
        *w -= LR * g / (s.sqrt() + f64::from(0.001f32));
    });
}

fn adam_step(t: i32, w: &mut f64, g: f64, [m, v]: &mut [f64; 2]) {
    *m = 0.875 * *m + 0.125 * g;
    *v = 0.9375 * *v + 0.0625 * g * g;
    let mean = *m / (1.0 - 0.875f64.powi(t));
    let variance = *v / (1.0 - 0.9375f64.powi(t));
    *w -= LR * mean / (variance.sqrt() + f64::from(0.001f32));
}

#[test]
fn adam() {
    assert_steps(Adam { beta1: 0.875, beta2: 0.9375, eps: 0.001 }, adam_step);
}

#[test]
fn adamw() {
    let rule = AdamW { beta1: 0.875, beta2: 0.9375, eps: 0.001, weight_decay: 0.5 };
    assert_steps(rule, |t, w, g, state| {
        *w -= LR * 0.5 * *w;
        adam_step(t, w, g, state);
    });
}

#[test]
fn tiny_gradients_leave_no_subnormal_numbers() {
    let (mut weights, mut mean, mut variance) = ([1.0; 3], [1e-30, 0.0, -1e-37], [1e-36, 1e-37, 0.0]);
    let rule = Adam { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    rule.update(1e-3, 9, &mut weights, &[0.0, -1e-33, 0.0], &mut [&mut mean, &mut variance]);
    assert_eq!((mean, weights), ([f32::from_bits((127 - 100) << 23), 0.0, 0.0], [1.0; 3]));
    assert!((variance[0] - 0.999e-36).abs() < 1e-42, "{variance:?}");
    assert_eq!(variance[1..], [LEAST_SQUARE; 2]);
}

#[test]
fn the_first_step_of_adam_is_the_learning_rate() {
    let (mut weights, mut mean, mut variance) = ([1.0], [0.0], [0.0]);
    let rule = Adam { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    rule.update(1e-3, 1, &mut weights, &[0.3], &mut [&mut mean, &mut variance]);
    assert!((weights[0] - 0.999).abs() < 1e-7);
}
