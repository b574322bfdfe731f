//! Two networks in a chain: an autoencoder that finds the two numbers behind an image.
//!
//! ```sh
//! cargo run --release -p nn-runtime --example autoencoder
//! ```
//!
//! An image of 8×8 pixels shows a spot somewhere. The encoder makes two numbers of it, the decoder an
//! image of these (Hinton & Salakhutdinov 2006). Both are networks of their own, so that each can be
//! saved and used alone. They are trained together:
//!
//! ```text
//! image ──▶ encoder ──▶ code ──▶ decoder ──▶ output      loss = mean of (output − image)²
//!             ◀── d loss/d code ──   ◀── d loss/d output
//! ```
//!
//! The decoder's `backward` gives the gradients of its inputs, the codes. They are the gradients of
//! the encoder's outputs, so they go into its `backward`.
//!
//! The score: of what distinguishes new images from the mean image (of their variance), the two
//! numbers keep at least 95 %. The first two principal components, the best that a linear code of two
//! numbers can be, keep 76 %.

use std::process::ExitCode;

use nn_runtime::init::Generator;
use nn_runtime::prelude::*;

network! {
    /// An image as two numbers.
    network Encoder {
        input image: [64];
        output code = image -> dense(32) -> tanh -> dense(2);
        train { optimizer: adam(lr: 3e-3); batch: 64; }
    }
}

network! {
    /// The image that two numbers mean.
    network Decoder {
        input code: [2];
        output image = code -> dense(32) -> tanh -> dense(64);
        train { optimizer: adam(lr: 3e-3); batch: 64; }
    }
}

/// The score that is wanted.
const WANTED: f64 = 0.95;
const STEPS: usize = 1_500;
const BATCH: usize = 64;

type Image = [f32; 64];

/// A spot at a random place: exp(−d²/(2·1.5²)) at a distance of d pixels.
fn spot(random: &mut Generator) -> Image {
    let [x, y] = [(); 2].map(|()| 1.5 + 4.0 * random.unit() as f32);
    std::array::from_fn(|pixel| {
        let (dx, dy) = ((pixel % 8) as f32 - x, (pixel / 8) as f32 - y);
        (-(dx * dx + dy * dy) / 4.5).exp()
    })
}

/// Both networks in training.
struct Autoencoder {
    encoder: Box<Trainer<Encoder>>,
    decoder: Box<Trainer<Decoder>>,
}

impl Autoencoder {
    fn new(seed: u64) -> Self {
        Self { encoder: Trainer::new(seed), decoder: Trainer::new(seed + 1) }
    }

    /// One step of both networks on a batch; its loss.
    fn step(&mut self, images: &[Image]) -> Result<f32, Error> {
        let Self { encoder, decoder } = self;
        let codes = encoder.forward(images)?;
        let outputs = decoder.forward(codes)?;

        // The loss, and its gradient by the outputs: 2·(output − image)/numbers.
        let numbers = images.as_flattened().len() as f32;
        let mut gradients = outputs.to_vec();
        let mut loss = 0.0;
        for (gradient, wanted) in gradients.as_flattened_mut().iter_mut().zip(images.as_flattened()) {
            let error = *gradient - wanted;
            loss += error * error / numbers;
            *gradient = 2.0 * error / numbers;
        }

        let mut code_gradients = vec![[0.0; 2]; images.len()];
        decoder.backward(&gradients, Some(&mut code_gradients))?;
        encoder.backward(&code_gradients, None)?;
        decoder.update()?;
        encoder.update()?;
        Ok(loss)
    }
}

/// The share of the variance of 1,000 new images that is kept: 1 − Σ(output − image)²/Σ(image − mean)².
fn score(encoder: &Encoder, decoder: &Decoder) -> f64 {
    let mut random = Generator::new(54321);
    let images: Vec<Image> = (0..1000).map(|_| spot(&mut random)).collect();
    let mut mean = [0.0; 64];
    for image in &images {
        mean.iter_mut().zip(image).for_each(|(mean, pixel)| *mean += pixel / images.len() as f32);
    }
    let distance = |a: &Image, b: &Image| a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    let variance: f64 = images.iter().map(|image| distance(image, &mean)).sum();
    let error: f64 = images.iter().map(|image| distance(image, &decoder.predict(&encoder.predict(image)))).sum();
    1.0 - error / variance
}

fn train(seed: u64, mut report: impl FnMut(usize, f32)) -> Result<Autoencoder, Error> {
    let mut random = Generator::new(seed);
    let mut networks = Autoencoder::new(seed);
    for step in 1..=STEPS {
        let images: [Image; BATCH] = std::array::from_fn(|_| spot(&mut random));
        let loss = networks.step(&images)?;
        if step % (STEPS / 10) == 0 {
            report(step, loss);
        }
    }
    Ok(networks)
}

/// An image in characters, five shades of grey.
fn drawn(image: &Image) -> Vec<String> {
    let shade = |pixel: &f32| [' ', '.', 'o', 'O', '@'][(pixel * 4.0).round().clamp(0.0, 4.0) as usize];
    image.chunks(8).map(|row| row.iter().map(shade).collect()).collect()
}

fn main() -> Result<ExitCode, Error> {
    println!("step  loss");
    let networks = train(1, |step, loss| println!("{step:4}  {loss:.5}"))?;
    let (encoder, decoder) = (networks.encoder.network(), networks.decoder.network());

    let image = spot(&mut Generator::new(7));
    let code = encoder.predict(&image);
    println!("an image, and what the code {code:.2?} says of it:");
    for (row, same) in drawn(&image).iter().zip(drawn(&decoder.predict(&code))) {
        println!("  |{row}|  |{same}|");
    }
    let score = score(encoder, decoder);
    println!("kept of the variance of new images: {:.1} % (wanted: {} %)", 100.0 * score, 100.0 * WANTED);
    Ok(if score >= WANTED { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[test]
fn two_numbers_say_where_the_spot_is() {
    let networks = train(1, |_, _| ()).expect("rows and gradients are finite");
    let score = score(networks.encoder.network(), networks.decoder.network());
    assert!(score >= WANTED, "{score}");
}
