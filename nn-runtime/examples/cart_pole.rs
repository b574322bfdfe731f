//! Reinforcement learning: a policy that balances a pole on a cart, by PPO.
//!
//! ```sh
//! cargo run --release -p nn-runtime --example cart_pole
//! ```
//!
//! The loss is not one of the language, since what an action was worth is known only after the
//! episode. So the policy has no `loss`: this program computes the gradient of PPO's objective by the
//! outputs, and `backward` and `update` do the rest. Proximal policy optimization (Schulman et al.
//! 2017) maximises, with r = p(action) / p_before(action) and the advantage A of the action,
//!
//! ```text
//! mean of min(r·A, clip(r, 1 − ε, 1 + ε)·A) + β·entropy(p)
//! ```
//!
//! A second network learns the value of a state with the loss `mse` of its spec, by `step`.
//!
//! The score: 100 new episodes take 475 of 500 steps on average, which is what Gymnasium calls solved
//! for CartPole-v1.

use std::process::ExitCode;

use nn_runtime::init::Generator;
use nn_runtime::prelude::*;

network! {
    /// How likely each action is: a push to the left, a push to the right.
    network Policy {
        input state: [4];
        output action = state -> dense(32) -> tanh -> dense(2) -> softmax;
        train { optimizer: adam(lr: 3e-3); batch: 256; clip_norm: 0.5; }
    }
}

network! {
    /// The rewards that are to come, discounted.
    network Value {
        input state: [4];
        output value = state -> dense(32) -> tanh -> dense(1);
        train { loss: mse; optimizer: adam(lr: 3e-3); batch: 256; epochs: 1; }
    }
}

/// The score that is wanted.
const WANTED: f32 = 475.0;
/// Rounds of training at most; the slowest of 20 seeds took 114.
const ROUNDS: usize = 200;
/// Carts that are driven at the same time, and the steps of each in a round.
const CARTS: usize = 8;
const HORIZON: usize = 128;
/// How often a round learns from its steps, and how many at a time.
const PASSES: usize = 4;
const BATCH: usize = 256;
/// γ: what a reward counts one step later.
const DISCOUNT: f32 = 0.99;
/// λ of the advantages (Schulman et al. 2016): 0 trusts the value network, 1 the rewards.
const TRACE: f32 = 0.95;
/// ε: how far the policy may move away from the one that drove.
const CLIP: f32 = 0.2;
/// β: what keeps the policy from being certain too early.
const ENTROPY: f32 = 0.01;
/// The reward of a step. With 1 − γ, values are from 0 to 1.
const REWARD: f32 = 1.0 - DISCOUNT;

/// A pole on a cart (Barto, Sutton & Anderson 1983), with the constants of Gymnasium's CartPole-v1.
struct CartPole {
    /// Position (m), velocity (m/s), angle (rad), angular velocity (rad/s).
    state: [f32; 4],
    steps: usize,
}

/// What follows a step.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Goes,
    /// The pole or the cart is where it must not be.
    Failed,
    /// 500 steps are done.
    Finished,
}

impl CartPole {
    const MOST_STEPS: usize = 500;

    fn new(random: &mut Generator) -> Self {
        Self { state: std::array::from_fn(|_| 0.1 * random.unit() as f32 - 0.05), steps: 0 }
    }

    /// Pushes the cart to the left (0) or to the right (1) for 0.02 s.
    fn push(&mut self, action: usize) -> Outcome {
        const GRAVITY: f32 = 9.8;
        const POLE: f32 = 0.1; // kg
        const MASS: f32 = 1.0 + POLE; // of cart and pole
        const HALF_LENGTH: f32 = 0.5; // of the pole, m
        const SECONDS: f32 = 0.02;
        let [x, velocity, angle, spin] = self.state;
        let force = if action == 1 { 10.0 } else { -10.0 };
        let (sin, cos) = angle.sin_cos();
        let pushed = (force + POLE * HALF_LENGTH * spin * spin * sin) / MASS;
        let spun = (GRAVITY * sin - cos * pushed) / (HALF_LENGTH * (4.0 / 3.0 - POLE * cos * cos / MASS));
        let moved = pushed - POLE * HALF_LENGTH * spun * cos / MASS;
        self.state =
            [x + SECONDS * velocity, velocity + SECONDS * moved, angle + SECONDS * spin, spin + SECONDS * spun];
        self.steps += 1;
        let [x, _, angle, _] = self.state;
        if x.abs() > 2.4 || angle.abs() > 12.0_f32.to_radians() {
            Outcome::Failed
        } else if self.steps == Self::MOST_STEPS {
            Outcome::Finished
        } else {
            Outcome::Goes
        }
    }
}

/// A step to learn from.
struct Step {
    state: [f32; 4],
    action: usize,
    /// Of the action, when it was taken.
    probability: f32,
    value: f32,
    /// The reward, and the value of what followed.
    outlook: f32,
    outcome: Outcome,
    advantage: f32,
}

/// Drives a cart for a round, and computes the advantages.
fn drive(cart: &mut CartPole, policy: &Policy, value: &Value, random: &mut Generator) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..HORIZON)
        .map(|_| {
            let state = cart.state;
            let probabilities = policy.predict(&state);
            let action = usize::from(random.unit() as f32 >= probabilities[0]);
            let outcome = cart.push(action);
            // An episode that is finished could have gone on, so what would follow counts.
            let next = if outcome == Outcome::Failed { 0.0 } else { value.predict(&cart.state)[0] };
            if outcome != Outcome::Goes {
                *cart = CartPole::new(random);
            }
            let (probability, outlook) = (probabilities[action], REWARD + DISCOUNT * next);
            Step { state, action, probability, value: value.predict(&state)[0], outlook, outcome, advantage: 0.0 }
        })
        .collect();
    // A = δ + γ·λ·A', where A' is that of the next step and δ = reward + γ·V' − V.
    let mut following = 0.0;
    for step in steps.iter_mut().rev() {
        if step.outcome != Outcome::Goes {
            following = 0.0;
        }
        step.advantage = step.outlook - step.value + DISCOUNT * TRACE * following;
        following = step.advantage;
    }
    steps
}

/// The gradient of PPO's loss, the negative objective, by the probabilities of a step's actions.
fn gradient(probabilities: &[f32; 2], step: &Step, rows: usize) -> [f32; 2] {
    // The entropy is −Σ p·ln p; its derivative, −(ln p + 1).
    let mut gradient = probabilities.map(|p| ENTROPY * (p.max(1e-6).ln() + 1.0));
    let ratio = probabilities[step.action] / step.probability;
    // Where the clipped ratio is the smaller one, the objective does not depend on it.
    let is_clipped = if step.advantage > 0.0 { ratio > 1.0 + CLIP } else { ratio < 1.0 - CLIP };
    if !is_clipped {
        gradient[step.action] -= step.advantage / step.probability;
    }
    gradient.map(|number| number / rows as f32)
}

/// Learns from the steps of a round.
fn learn(
    policy: &mut Trainer<Policy>,
    value: &mut Trainer<Value>,
    steps: &mut [Step],
    random: &mut Generator,
) -> Result<(), Error> {
    // Advantages with mean 0 and deviation 1 need no other learning rate when rewards grow.
    let rows = steps.len() as f32;
    let returns = |step: &Step| [step.value + step.advantage];
    let targets: Vec<[f32; 1]> = steps.iter().map(returns).collect();
    let mean = steps.iter().map(|step| step.advantage).sum::<f32>() / rows;
    let variance = steps.iter().map(|step| (step.advantage - mean).powi(2)).sum::<f32>() / rows;
    for step in &mut *steps {
        step.advantage = (step.advantage - mean) / (variance.sqrt() + 1e-6);
    }
    let mut order: Vec<usize> = (0..steps.len()).collect();
    for _ in 0..PASSES {
        random.shuffle(&mut order);
        for batch in order.chunks(BATCH) {
            let states: Vec<[f32; 4]> = batch.iter().map(|at| steps[*at].state).collect();
            let probabilities = policy.forward(&states)?;
            let gradients: Vec<[f32; 2]> =
                probabilities.iter().zip(batch).map(|(p, at)| gradient(p, &steps[*at], batch.len())).collect();
            policy.backward(&gradients, None)?;
            policy.update()?;
            let targets: Vec<[f32; 1]> = batch.iter().map(|at| targets[*at]).collect();
            value.step(&states, &targets)?;
        }
    }
    Ok(())
}

/// The average length of some episodes in which the likelier action is taken.
fn average_length(policy: &Policy, episodes: u64, seed: u64) -> f32 {
    let lengths = (0..episodes).map(|episode| {
        let mut cart = CartPole::new(&mut Generator::stream(seed, episode, 0));
        loop {
            let [left, right] = policy.predict(&cart.state);
            if cart.push(usize::from(right > left)) != Outcome::Goes {
                return cart.steps as f32;
            }
        }
    });
    lengths.sum::<f32>() / episodes as f32
}

/// Trains a policy, and gives the best one seen.
fn train(seed: u64, mut report: impl FnMut(usize, f32)) -> Result<Box<Policy>, Error> {
    let mut random = Generator::new(seed);
    let mut policy = Trainer::<Policy>::new(seed);
    let mut value = Trainer::<Value>::new(seed + 1);
    let mut carts: [CartPole; CARTS] = std::array::from_fn(|_| CartPole::new(&mut random));
    let (mut best, mut best_length) = (Policy::init(seed), 0.0);
    for round in 1..=ROUNDS {
        let (driver, judge) = (policy.network(), value.network());
        let mut steps: Vec<Step> = carts.iter_mut().flat_map(|cart| drive(cart, driver, judge, &mut random)).collect();
        learn(&mut policy, &mut value, &mut steps, &mut random)?;
        // Other episodes than those that are measured in the end.
        let length = average_length(policy.network(), 20, seed.wrapping_add(1 << 32));
        if length > best_length {
            best_length = length;
            best.copy_from(policy.network())?;
        }
        report(round, length);
        if length == CartPole::MOST_STEPS as f32 {
            break;
        }
    }
    Ok(best)
}

/// The average length of 100 new episodes.
fn score(policy: &Policy) -> f32 {
    average_length(policy, 100, 12345)
}

fn main() -> Result<ExitCode, Error> {
    println!("round  average length of 20 episodes");
    let policy = train(1, |round, length| println!("{round:5}  {length:.1}"))?;
    let score = score(&policy);
    println!("average length of 100 new episodes: {score:.1} of 500 (wanted: {WANTED})");
    Ok(if score >= WANTED { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[test]
fn the_pole_stays_up() {
    let policy = train(1, |_, _| ()).expect("rows and gradients are finite");
    let score = score(&policy);
    assert!(score >= WANTED, "{score}");
}
