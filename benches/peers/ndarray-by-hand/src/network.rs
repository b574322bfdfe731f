//! Networks: dense layers with batch norm and dropout, behind convolutions or not, forward and backward.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use nn_bench_protocol::{Arrays, Workload};

use crate::convolution::Convolution;
use crate::optimizer::Rule;
use crate::parameter::{Parameter, flat};

/// What follows a hidden layer.
#[derive(Clone, Copy, PartialEq)]
pub enum Activation {
    Tanh,
    Relu,
}

/// What turns the last layer's sums into outputs; each belongs to one loss.
#[derive(Clone, Copy, PartialEq)]
pub enum Head {
    /// Nothing, and the mean squared error.
    Linear,
    /// Binary cross-entropy.
    Sigmoid,
    /// Cross-entropy.
    Softmax,
}

/// How a workload's network is trained.
#[derive(Clone, Copy)]
pub struct Recipe {
    pub activation: Activation,
    pub head: Head,
    pub rule: Rule,
    pub l2: f32,
    pub dropout: f32,
}

struct BatchNorm {
    gamma: Parameter,
    beta: Parameter,
    mean: Array1<f32>,
    variance: Array1<f32>,
    /// 1 / √(variance of the batch + ε).
    inverse: Vec<f32>,
    /// Inputs, normalised.
    normal: Array2<f32>,
}

struct Layer {
    weight: Parameter,
    bias: Option<Parameter>,
    norm: Option<BatchNorm>,
    /// Outputs, after everything that follows the product.
    output: Array2<f32>,
    /// Their gradient, and then that of the product.
    gradient: Array2<f32>,
    /// 0, or 1 / (1 - rate).
    mask: Vec<f32>,
}

/// A network and the memory that it is trained in.
pub struct Network {
    recipe: Recipe,
    convolutions: Vec<Convolution>,
    layers: Vec<Layer>,
    step: i32,
    random: u32,
}

impl Network {
    /// With the first weights, for up to this many rows.
    pub fn new(workload: &Workload, arrays: &Arrays, recipe: Recipe, rows: usize) -> Self {
        let hidden = workload.widths.len() - 2;
        let sizes = workload.convolutions.iter().enumerate();
        let convolutions: Vec<_> = sizes.map(|(number, size)| Convolution::new(*size, arrays, number, rows)).collect();
        let mut number = convolutions.len();
        let mut layers = Vec::new();
        for (index, &units) in workload.widths[1..].iter().enumerate() {
            let weight = Parameter::read(arrays, &format!("{number}.weight"));
            let normalised = workload.batch_norm && index < hidden;
            let bias = (!normalised).then(|| Parameter::read(arrays, &format!("{number}.bias")));
            number += usize::from(normalised);
            let norm = normalised.then(|| BatchNorm::read(arrays, number, rows, units));
            number += 1;
            let (output, gradient) = (Array2::zeros((rows, units)), Array2::zeros((rows, units)));
            layers.push(Layer { weight, bias, norm, output, gradient, mask: vec![0.0; rows * units] });
        }
        Self { recipe, convolutions, layers, step: 0, random: 0x9e37_79b9 }
    }

    /// Goes back to the first weights.
    pub fn restart(&mut self, first: &Self) {
        for (convolution, first) in self.convolutions.iter_mut().zip(&first.convolutions) {
            convolution.restart(first);
        }
        for (layer, first) in self.layers.iter_mut().zip(&first.layers) {
            layer.restart(first);
        }
        self.step = 0;
    }

    /// The outputs of some rows.
    pub fn predict(&mut self, x: ArrayView2<'_, f32>) -> ArrayView2<'_, f32> {
        let rows = x.nrows();
        self.forward(x, false);
        let last = &mut self.layers[..].last_mut().expect("a network has layers").output;
        let outputs = &mut last.slice_mut(s![..rows, ..]);
        for mut row in outputs.rows_mut() {
            self.recipe.head.apply(row.as_slice_mut().unwrap_or_default());
        }
        last.slice(s![..rows, ..])
    }

    /// One step on some rows; the loss before it.
    pub fn step(&mut self, x: ArrayView2<'_, f32>, targets: &[f32]) -> f32 {
        self.forward(x, true);
        let mut loss = self.loss(x.nrows(), targets);
        self.backward(x);
        if self.recipe.l2 > 0.0 {
            loss += self.penalty();
        }
        self.step += 1;
        let (rule, step) = (self.recipe.rule, self.step);
        for Convolution { weight, bias, .. } in &mut self.convolutions {
            weight.update(rule, step);
            bias.update(rule, step);
        }
        for layer in &mut self.layers {
            let norm = layer.norm.iter_mut().flat_map(|norm| [&mut norm.gamma, &mut norm.beta]);
            let parameters = [&mut layer.weight].into_iter().chain(&mut layer.bias).chain(norm);
            parameters.for_each(|parameter| parameter.update(rule, step));
        }
        loss
    }

    fn forward(&mut self, x: ArrayView2<'_, f32>, training: bool) {
        for index in 0..self.convolutions.len() {
            let (before, after) = self.convolutions.split_at_mut(index);
            let input = before.last().map_or(x, |below| below.output.slice(s![..x.nrows(), ..]));
            after[0].forward(input, training);
        }
        let x = self.convolutions.last().map_or(x, |last| last.output.slice(s![..x.nrows(), ..]));
        let hidden = self.layers.len() - 1;
        for index in 0..self.layers.len() {
            let (before, after) = self.layers.split_at_mut(index);
            let input = before.last().map_or(x, |layer| layer.output.slice(s![..x.nrows(), ..]));
            let layer = &mut after[0];
            layer.product(input);
            if let Some(norm) = &mut layer.norm {
                norm.forward(&mut layer.output, training);
            }
            if index < hidden {
                layer.activate(self.recipe, x.nrows(), training.then_some(&mut self.random));
            }
        }
    }

    /// The loss of the last forward pass; the last layer's gradient becomes that of its sums.
    fn loss(&mut self, rows: usize, targets: &[f32]) -> f32 {
        let head = self.recipe.head;
        let Some(Layer { output, gradient, .. }) = self.layers.last_mut() else { return 0.0 };
        let columns = output.ncols();
        let width = if head == Head::Softmax { 1 } else { columns };
        let mut loss = 0.0;
        let pairs = flat(output).chunks_exact_mut(columns).zip(flat(gradient).chunks_exact_mut(columns));
        for ((z, dz), target) in pairs.zip(targets.chunks_exact(width)).take(rows) {
            loss += head.loss(z, dz, target);
        }
        let scale = match head {
            Head::Softmax => 1.0 / rows as f32,
            Head::Linear | Head::Sigmoid => 1.0 / (rows * columns) as f32,
        };
        flat(gradient)[..rows * columns].iter_mut().for_each(|dz| *dz *= scale);
        loss * scale
    }

    fn backward(&mut self, x: ArrayView2<'_, f32>) {
        let rows = x.nrows();
        let mut convolved = self.convolutions.last_mut();
        for index in (0..self.layers.len()).rev() {
            let (before, after) = self.layers.split_at_mut(index);
            let layer = &mut after[0];
            if let Some(norm) = &mut layer.norm {
                norm.backward(&mut layer.gradient);
            }
            let dy = layer.gradient.slice(s![..rows, ..]);
            let first = convolved.as_ref().map_or(x, |last| last.output.slice(s![..rows, ..]));
            let input = before.last().map_or(first, |layer| layer.output.slice(s![..rows, ..]));
            general_mat_mul(1.0, &input.t(), &dy, 0.0, &mut layer.weight.gradient);
            if let Some(bias) = &mut layer.bias {
                sum_rows(dy, flat(&mut bias.gradient));
            }
            if let Some(below) = before.last_mut() {
                let mut dx = below.gradient.slice_mut(s![..rows, ..]);
                general_mat_mul(1.0, &dy, &layer.weight.value.t(), 0.0, &mut dx);
                below.deactivate(self.recipe, rows);
            } else if let Some(below) = &mut convolved {
                let mut dx = below.gradient.slice_mut(s![..rows, ..]);
                general_mat_mul(1.0, &dy, &layer.weight.value.t(), 0.0, &mut dx);
            }
        }
        for index in (0..self.convolutions.len()).rev() {
            let (before, after) = self.convolutions.split_at_mut(index);
            after[0].backward(rows, before.last_mut().map(|below| &mut below.gradient));
        }
    }

    /// λ·Σw² over the weights; its gradient is added.
    fn penalty(&mut self) -> f32 {
        let l2 = self.recipe.l2;
        let mut sum = 0.0;
        for Layer { weight: Parameter { value, gradient, .. }, .. } in &mut self.layers {
            for (w, g) in flat(value).iter().zip(flat(gradient)) {
                sum += w * w;
                *g += 2.0 * l2 * w;
            }
        }
        l2 * sum
    }
}

impl Layer {
    fn restart(&mut self, first: &Self) {
        self.weight.restart(&first.weight);
        if let (Some(bias), Some(first)) = (&mut self.bias, &first.bias) {
            bias.restart(first);
        }
        if let (Some(norm), Some(first)) = (&mut self.norm, &first.norm) {
            norm.gamma.restart(&first.gamma);
            norm.beta.restart(&first.beta);
            norm.mean.assign(&first.mean);
            norm.variance.assign(&first.variance);
        }
    }

    /// x·W + b.
    fn product(&mut self, input: ArrayView2<'_, f32>) {
        let mut output = self.output.slice_mut(s![..input.nrows(), ..]);
        if let Some(bias) = &self.bias {
            output.assign(&bias.value);
            general_mat_mul(1.0, &input, &self.weight.value, 1.0, &mut output);
        } else {
            general_mat_mul(1.0, &input, &self.weight.value, 0.0, &mut output);
        }
    }

    /// The activation, and in training dropout.
    fn activate(&mut self, recipe: Recipe, rows: usize, random: Option<&mut u32>) {
        let values = rows * self.output.ncols();
        let output = &mut flat(&mut self.output)[..values];
        match recipe.activation {
            Activation::Tanh => output.iter_mut().for_each(|y| *y = y.tanh()),
            Activation::Relu => output.iter_mut().for_each(|y| *y = y.max(0.0)),
        }
        if let Some(random) = random.filter(|_| recipe.dropout > 0.0) {
            let (threshold, keep) = ((recipe.dropout * u32::MAX as f32) as u32, 1.0 / (1.0 - recipe.dropout));
            for (y, mask) in output.iter_mut().zip(&mut self.mask) {
                *mask = if xorshift(random) < threshold { 0.0 } else { keep };
                *y *= *mask;
            }
        }
    }

    /// The gradient of the outputs becomes that of the input of the activation.
    fn deactivate(&mut self, recipe: Recipe, rows: usize) {
        let values = rows * self.output.ncols();
        let pairs = self.output.as_slice().unwrap_or_default().iter().zip(flat(&mut self.gradient)).take(values);
        match recipe.activation {
            Activation::Tanh => pairs.for_each(|(y, dy)| *dy *= 1.0 - y * y),
            // What dropout has made zero has gradient zero too.
            Activation::Relu if recipe.dropout > 0.0 => {
                let keep = 1.0 / (1.0 - recipe.dropout);
                pairs.for_each(|(y, dy)| *dy = if *y > 0.0 { *dy * keep } else { 0.0 });
            }
            Activation::Relu => pairs.for_each(|(y, dy)| *dy = if *y > 0.0 { *dy } else { 0.0 }),
        }
    }
}

impl BatchNorm {
    const EPS: f32 = 1e-5;
    const MOMENTUM: f32 = 0.1;

    fn read(arrays: &Arrays, number: usize, rows: usize, units: usize) -> Self {
        let statistic = |name: &str| Array1::from(arrays.values(&format!("{number}.{name}")).to_vec());
        Self {
            gamma: Parameter::read(arrays, &format!("{number}.gamma")),
            beta: Parameter::read(arrays, &format!("{number}.beta")),
            mean: statistic("running_mean"),
            variance: statistic("running_variance"),
            inverse: vec![0.0; units],
            normal: Array2::zeros((rows, units)),
        }
    }

    /// Normalises all rows in place.
    fn forward(&mut self, x: &mut Array2<f32>, training: bool) {
        let units = x.ncols();
        let mut center = self.mean.clone();
        if training {
            let rows = x.nrows() as f32;
            center = x.mean_axis(Axis(0)).unwrap_or(center);
            let mut variance = vec![0.0; units];
            for row in flat(x).chunks_exact(units) {
                for ((sum, x), mean) in variance.iter_mut().zip(row).zip(&center) {
                    *sum += (x - mean) * (x - mean);
                }
            }
            for (column, sum) in variance.iter().enumerate() {
                self.inverse[column] = 1.0 / (sum / rows + Self::EPS).sqrt();
                self.mean[column] += Self::MOMENTUM * (center[column] - self.mean[column]);
                self.variance[column] += Self::MOMENTUM * (sum / (rows - 1.0) - self.variance[column]);
            }
        } else {
            let pairs = self.inverse.iter_mut().zip(&self.variance);
            pairs.for_each(|(inverse, variance)| *inverse = 1.0 / (variance + Self::EPS).sqrt());
        }
        let (gamma, beta) = (flat(&mut self.gamma.value), flat(&mut self.beta.value));
        let center = center.as_slice().unwrap_or_default();
        for (x, normal) in flat(x).chunks_exact_mut(units).zip(flat(&mut self.normal).chunks_exact_mut(units)) {
            for column in 0..units {
                normal[column] = (x[column] - center[column]) * self.inverse[column];
                x[column] = normal[column] * gamma[column] + beta[column];
            }
        }
    }

    /// The gradient of the outputs becomes that of the inputs.
    fn backward(&mut self, dy: &mut Array2<f32>) {
        let (units, rows) = (dy.ncols(), dy.nrows() as f32);
        let (dgamma, dbeta) = (flat(&mut self.gamma.gradient), flat(&mut self.beta.gradient));
        dgamma.fill(0.0);
        dbeta.fill(0.0);
        for (dy, normal) in flat(dy).chunks_exact(units).zip(flat(&mut self.normal).chunks_exact(units)) {
            for column in 0..units {
                dgamma[column] += dy[column] * normal[column];
                dbeta[column] += dy[column];
            }
        }
        let gamma = flat(&mut self.gamma.value);
        for (dy, normal) in flat(dy).chunks_exact_mut(units).zip(flat(&mut self.normal).chunks_exact(units)) {
            for column in 0..units {
                let centered = dy[column] - (dbeta[column] + normal[column] * dgamma[column]) / rows;
                dy[column] = gamma[column] * self.inverse[column] * centered;
            }
        }
    }
}

impl Head {
    /// Sums become outputs.
    fn apply(self, z: &mut [f32]) {
        match self {
            Self::Linear => {}
            Self::Sigmoid => z.iter_mut().for_each(|z| *z = sigmoid(*z)),
            Self::Softmax => {
                let largest = z.iter().copied().fold(f32::MIN, f32::max);
                z.iter_mut().for_each(|z| *z = (*z - largest).exp());
                let scale = 1.0 / z.iter().sum::<f32>();
                z.iter_mut().for_each(|z| *z *= scale);
            }
        }
    }

    /// The loss of a row, with its gradient by the sums; neither is a mean yet.
    fn loss(self, z: &mut [f32], dz: &mut [f32], target: &[f32]) -> f32 {
        match self {
            Self::Linear => {
                dz.iter_mut().zip(z.iter().zip(target)).for_each(|(dz, (z, target))| *dz = 2.0 * (z - target));
                dz.iter().map(|dz| dz * dz / 4.0).sum()
            }
            Self::Sigmoid => {
                dz.iter_mut().zip(z.iter().zip(target)).for_each(|(dz, (z, target))| *dz = sigmoid(*z) - target);
                let loss = |(z, target): (&f32, &f32)| z.max(0.0) - z * target + (-z.abs()).exp().ln_1p();
                z.iter().zip(target).map(loss).sum()
            }
            Self::Softmax => {
                let class = target[0] as usize;
                dz.copy_from_slice(z);
                self.apply(dz);
                let loss = -dz[class].ln();
                dz[class] -= 1.0;
                loss
            }
        }
    }
}

fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

/// Σ over the rows.
fn sum_rows(rows: ArrayView2<'_, f32>, sum: &mut [f32]) {
    sum.fill(0.0);
    for row in rows.rows() {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

/// Marsaglia 2003.
fn xorshift(state: &mut u32) -> u32 {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    *state
}
