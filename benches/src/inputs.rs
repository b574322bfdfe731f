//! The numbers that all implementations start from: one documented generator, the same on every
//! machine.
//!
//! SplitMix64 (Steele, Lea & Flood 2014), seeded by the workload's name, gives uniform floats of 24
//! bits. Inputs are uniform in [-1, 1], weights in ±√(6 / (inputs + units)) (Glorot & Bengio 2010;
//! of a convolution: channels times the kernel's places), biases in ±0.1; batch norm has gamma in
//! [0.5, 1.5], beta and running means in ±0.1, running variances in [0.5, 1.5]. Classes are
//! uniform, so are values in ±1. The four rows of `train_xor` are those of exclusive or, and the
//! digits are the digits.

use std::path::Path;

use nn_bench_protocol::arrays::Array;
use nn_bench_protocol::workload::Targets;
use nn_bench_protocol::{Arrays, Convolution, Workload};

/// 8×8 digits, their pixels from 0 to 16.
const DIGITS: &str = include_str!("../../data/digits.csv");

/// Writes the arrays of workloads.
pub fn write(folder: &Path, workloads: &[&Workload]) -> Result<(), String> {
    workloads.iter().try_for_each(|workload| {
        arrays(workload)?.write(folder, workload.name).map_err(|error| format!("{}: {error}", folder.display()))
    })
}

/// The arrays of a workload.
pub fn arrays(workload: &Workload) -> Result<Arrays, String> {
    let mut draw = Draw::new(workload.name);
    let mut arrays = examples(workload, &mut draw)?;
    let last = workload.widths.len() - 2;
    for (layer, convolution) in workload.convolutions.iter().enumerate() {
        let Convolution { input: [inputs, ..], channels, kernel, .. } = *convolution;
        let bound = glorot(inputs * kernel * kernel, channels * kernel * kernel);
        arrays.push(draw.array(format!("{layer}.weight"), &[channels, inputs, kernel, kernel], -bound..bound));
        arrays.push(draw.array(format!("{layer}.bias"), &[channels], -0.1..0.1));
    }
    let mut layer = workload.convolutions.len();
    for (dense, pair) in workload.widths.windows(2).enumerate() {
        let [inputs, units] = [pair[0], pair[1]];
        let bound = glorot(inputs, units);
        arrays.push(draw.array(format!("{layer}.weight"), &[inputs, units], -bound..bound));
        if workload.batch_norm && dense != last {
            layer += 1;
            arrays.push(draw.array(format!("{layer}.gamma"), &[units], 0.5..1.5));
            arrays.push(draw.array(format!("{layer}.beta"), &[units], -0.1..0.1));
            arrays.push(draw.array(format!("{layer}.running_mean"), &[units], -0.1..0.1));
            arrays.push(draw.array(format!("{layer}.running_variance"), &[units], 0.5..1.5));
        } else {
            arrays.push(draw.array(format!("{layer}.bias"), &[units], -0.1..0.1));
        }
        layer += 1;
    }
    Ok(Arrays(arrays))
}

fn glorot(inputs: usize, outputs: usize) -> f32 {
    (6.0 / (inputs + outputs) as f32).sqrt()
}

/// Inputs and targets.
fn examples(workload: &Workload, draw: &mut Draw) -> Result<Vec<Array>, String> {
    let (features, outputs) = (workload.widths[0], workload.widths[workload.widths.len() - 1]);
    let rows = workload.rows;
    let array =
        |name: &str, shape: &[usize], values: Vec<f32>| Array { name: name.into(), shape: shape.into(), values };
    match workload.name {
        "train_xor" => Ok(vec![
            array("x", &[4, 2], vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]),
            array("y", &[4, 1], vec![0.0, 1.0, 1.0, 0.0]),
        ]),
        "digits_epochs" => {
            let (pixels, classes) = digits(rows)?;
            Ok(vec![array("x", &[rows, features], pixels), array("y", &[rows], classes)])
        }
        _ => {
            let shape: Vec<usize> = [rows].into_iter().chain(workload.input()).collect();
            let inputs = draw.array("x".into(), &shape, -1.0..1.0);
            Ok(match workload.targets {
                Targets::None => vec![inputs],
                Targets::Values => vec![inputs, draw.array("y".into(), &[rows, outputs], -1.0..1.0)],
                Targets::Classes => vec![inputs, array("y", &[rows], draw.classes(rows, outputs))],
            })
        }
    }
}

/// The first digits: their pixels from 0 to 1, and what they show.
fn digits(rows: usize) -> Result<(Vec<f32>, Vec<f32>), String> {
    let mut pixels = Vec::new();
    let mut classes = Vec::new();
    for record in csv::Reader::from_reader(DIGITS.as_bytes()).records().take(rows) {
        let record = record.map_err(|error| format!("digits.csv: {error}"))?;
        let numbers: Result<Vec<f32>, _> = record.iter().map(str::parse).collect();
        let mut numbers = numbers.map_err(|error| format!("digits.csv: {error}"))?;
        classes.extend(numbers.pop());
        pixels.extend(numbers.iter().map(|pixel| pixel / 16.0));
    }
    Ok((pixels, classes))
}

/// SplitMix64.
struct Draw(u64);

impl Draw {
    /// A stream for each workload: its name as a number to the base 256, modulo 2⁶⁴.
    fn new(name: &str) -> Self {
        Self(name.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(256).wrapping_add(u64::from(byte))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn uniform(&mut self, range: &std::ops::Range<f32>) -> f32 {
        let unit = (self.next() >> 40) as f32 / (1 << 24) as f32;
        range.start + unit * (range.end - range.start)
    }

    fn array(&mut self, name: String, shape: &[usize], range: std::ops::Range<f32>) -> Array {
        let values = (0..shape.iter().product()).map(|_| self.uniform(&range)).collect();
        Array { name, shape: shape.into(), values }
    }

    fn classes(&mut self, rows: usize, classes: usize) -> Vec<f32> {
        (0..rows).map(|_| (self.next() % classes as u64) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first numbers of SplitMix64 from seed 1234567.
        let mut draw = Draw(1_234_567);
        assert_eq!([draw.next(), draw.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn digits_are_scaled_and_have_classes() -> Result<(), String> {
        let (pixels, classes) = digits(1437)?;
        assert_eq!((pixels.len(), classes.len()), (1437 * 64, 1437));
        assert_eq!(&pixels[..4], &[0.0, 0.0, 0.3125, 0.8125]);
        assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        assert!(classes.iter().all(|class| (0.0..10.0).contains(class)));
        Ok(())
    }
}
