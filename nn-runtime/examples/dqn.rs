//! Reinforcement learning: catching a ball, by deep Q-learning with a target network.
//!
//! ```sh
//! cargo run --release -p nn-runtime --example dqn
//! ```
//!
//! The network predicts Q(state, action): the rewards to come after an action. Deep Q-learning (Mnih
//! et al. 2015) moves the prediction for an action that was taken towards
//!
//! ```text
//! y = reward + γ·max over actions of Q_target(next state, action)
//! ```
//!
//! where the target network is a copy of some hundred steps ago, by `copy_from`. The loss is that of
//! Huber, of this action alone. So it is computed here, and `backward` takes its gradient by the
//! outputs.
//!
//! The score: the ball is caught in 95 of the 100 games that there are.

use std::process::ExitCode;

use nn_runtime::init::Generator;
use nn_runtime::prelude::*;
use nn_runtime::schedule::Length;

network! {
    /// What going left, staying and going right are worth.
    network Q {
        input state: [30];
        output value = state -> dense(64) -> leaky_relu -> dense(3);
        train { optimizer: adam(lr: 3e-3); batch: 32; schedule: cosine; }
    }
}

/// The score that is wanted.
const WANTED: f32 = 0.95;
/// Steps of all games that are played to learn.
const STEPS: u64 = 30_000;
/// γ: what a reward counts one step later.
const DISCOUNT: f32 = 0.9;
/// Transitions that are remembered, and those that a step learns from.
const MEMORY: usize = 10_000;
const BATCH: usize = 32;
/// Steps between two copies to the target network.
const COPY: u64 = 200;

/// A ball falls straight down 10 rows, and a paddle at the bottom should be where it lands (Catch,
/// Mnih et al. 2014). Both start in any of 10 columns.
#[derive(Clone, Copy)]
struct Catch {
    ball: usize,
    row: usize,
    paddle: usize,
}

impl Catch {
    /// The games that there are.
    const GAMES: usize = 100;

    fn new(game: usize) -> Self {
        Self { ball: game % 10, row: 0, paddle: game / 10 }
    }

    fn random(random: &mut Generator) -> Self {
        Self::new(random.below(Self::GAMES as u64) as usize)
    }

    /// The ball's column and row and the paddle's column: of ten numbers each, one is 1.
    fn state(&self) -> [f32; 30] {
        let mut state = [0.0; 30];
        for place in [self.ball, 10 + self.row, 20 + self.paddle] {
            state[place] = 1.0;
        }
        state
    }

    /// Moves the paddle to the left (0), not at all (1), or to the right (2); the reward, once the
    /// ball is at the bottom.
    fn play(&mut self, action: usize) -> Option<f32> {
        self.paddle = (self.paddle + action).saturating_sub(1).min(9);
        self.row += 1;
        let reward = if self.ball == self.paddle { 1.0 } else { -1.0 };
        (self.row == 9).then_some(reward)
    }
}

/// What is learned from.
struct Transition {
    state: [f32; 30],
    action: usize,
    /// The reward at the end of the game, or the state that follows.
    next: Result<f32, [f32; 30]>,
}

/// The best action.
fn best(values: &[f32; 3]) -> usize {
    (1..3).fold(0, |best, action| if values[action] > values[best] { action } else { best })
}

/// One step of Q-learning, on random transitions.
fn learn(trainer: &mut Trainer<Q>, target: &Q, memory: &[Transition], random: &mut Generator) -> Result<(), Error> {
    let batch: Vec<&Transition> = (0..BATCH).map(|_| &memory[random.below(memory.len() as u64) as usize]).collect();
    let states: Vec<[f32; 30]> = batch.iter().map(|transition| transition.state).collect();
    let values = trainer.forward(&states)?;
    let gradients: Vec<[f32; 3]> = values
        .iter()
        .zip(&batch)
        .map(|(values, transition)| {
            let wanted = match &transition.next {
                Ok(reward) => *reward,
                Err(next) => DISCOUNT * target.predict(next).into_iter().fold(f32::NEG_INFINITY, f32::max),
            };
            // Huber's loss: the derivative is the error, limited to ±1.
            let mut gradient = [0.0; 3];
            gradient[transition.action] = (values[transition.action] - wanted).clamp(-1.0, 1.0) / BATCH as f32;
            gradient
        })
        .collect();
    trainer.backward(&gradients, None)?;
    trainer.update()
}

/// The share of all games in which the ball is caught.
fn score(network: &Q) -> f32 {
    let is_caught = |game: &usize| {
        let mut game = Catch::new(*game);
        loop {
            if let Some(reward) = game.play(best(&network.predict(&game.state()))) {
                return reward > 0.0;
            }
        }
    };
    (0..Catch::GAMES).filter(is_caught).count() as f32 / Catch::GAMES as f32
}

/// Learns by playing.
fn train(seed: u64, mut report: impl FnMut(u64, f32)) -> Result<Box<Q>, Error> {
    let mut random = Generator::new(seed);
    let mut trainer = Trainer::<Q>::new(seed);
    trainer.set_length(Length { epochs: 1, epoch_steps: STEPS })?; // of its schedule
    let mut target = Q::init(seed);
    let mut memory: Vec<Transition> = Vec::with_capacity(MEMORY);
    let mut game = Catch::random(&mut random);
    for step in 1..=STEPS {
        // All actions are random at first, and one in ten from the middle of the training on.
        let random_share = (1.0 - 2.0 * step as f64 / STEPS as f64).max(0.1);
        let state = game.state();
        let action = if random.unit() < random_share {
            random.below(3) as usize
        } else {
            best(&trainer.network().predict(&state))
        };
        let reward = game.play(action);
        let transition = Transition { state, action, next: reward.ok_or_else(|| game.state()) };
        if reward.is_some() {
            game = Catch::random(&mut random);
        }
        if memory.len() < MEMORY {
            memory.push(transition);
        } else {
            memory[step as usize % MEMORY] = transition;
        }
        if memory.len() >= 10 * BATCH {
            learn(&mut trainer, &target, &memory, &mut random)?;
        }
        if step % COPY == 0 {
            target.copy_from(trainer.network())?;
        }
        if step % (STEPS / 10) == 0 {
            report(step, score(trainer.network()));
        }
    }
    Ok(trainer.into_network())
}

fn main() -> Result<ExitCode, Error> {
    println!(" step  caught");
    let network = train(1, |step, caught| println!("{step:5}  {:5.1} %", 100.0 * caught))?;
    let score = score(&network);
    println!("caught in {:.0} % of all games (wanted: {} %)", 100.0 * score, 100.0 * WANTED);
    Ok(if score >= WANTED { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[test]
fn the_ball_is_caught() {
    let network = train(1, |_, _| ()).expect("rows and gradients are finite");
    let score = score(&network);
    assert!(score >= WANTED, "{score}");
}
