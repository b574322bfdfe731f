//! Convolutions: `conv1d` and `conv2d`, with every kind of padding.

use super::lowering::{Lowering, weights};
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::Node;
use crate::graph::shapes::{self, Window};
use crate::spec::call::extent;
use crate::spec::{Call, StepId};

/// How many times as large a kernel may become by zeros.
const MOST_ZEROS: usize = 64;

/// What a window slides over.
pub struct Sliding {
    /// The value, `[channels, height, width]` or `[channels, length]`.
    pub step: StepId,
    /// Which axes of the file it slides over, counted from the first after the channels.
    pub axes: Vec<usize>,
    /// The padding that a `Pad` before it adds to each of them.
    pub padding: Vec<(usize, usize)>,
}

impl Lowering<'_> {
    /// The value that a window slides over. An axis of length 1 goes if the spec has a sequence.
    pub(super) fn sliding(&mut self, view: &View, kernel: &[usize]) -> Result<Sliding, Reason> {
        let spec = self.spec.dims(view.step).to_vec();
        if !view.is_in_order() || !view.is_apart() {
            return Err(Reason::new(
                "its input has another order of axes in the spec, which would have to be transposed",
                "export the model with channels first",
            ));
        }
        let atom = |axis: &Axis| axis.atoms().first().copied();
        let length = |axis: &Axis| atom(axis).map_or(1, |atom| spec[atom]);
        let row: Vec<usize> = view.axes.iter().skip(1).map(length).collect();
        let pads: Vec<(usize, usize)> = view
            .axes
            .iter()
            .skip(2)
            .map(|axis| atom(axis).and_then(|atom| view.padding.get(atom).copied()).unwrap_or_default())
            .collect();
        let [_, lengths @ ..] = &row[..] else { return Err(Reason::new("its input has no channels", "")) };
        let channel_pad = view.axes.get(1).and_then(atom).and_then(|atom| view.padding.get(atom).copied());
        if channel_pad.unwrap_or_default() != (0, 0) {
            return Err(Reason::new("its channels are padded", ""));
        }
        let flat = |at: &usize| lengths[*at] == 1 && kernel[*at] == 1 && pads[*at] == (0, 0);
        let axes: Vec<usize> = match lengths.len() {
            1 => vec![0],
            2 => match (0..2).find(flat).filter(|_| spec.len() < 3) {
                Some(gone) => vec![1 - gone],
                None => vec![0, 1],
            },
            rank => return Err(Reason::new(format!("it slides over {rank} axes; the language has 1 and 2"), "")),
        };
        let dims: Vec<usize> = std::iter::once(row[0]).chain(axes.iter().map(|axis| lengths[*axis])).collect();
        let step = self.shaped(view.step, &dims);
        let padding = axes.iter().map(|axis| pads[*axis]).collect();
        Ok(Sliding { step, axes, padding })
    }

    /// The view of the result of a window, in as many axes as the file has.
    pub(super) fn slid(&self, step: StepId, sliding: &Sliding, rank: usize) -> View {
        let natural = View::natural(step, self.spec.dims(step));
        let mut own = natural.axes[2..].iter().cloned();
        let mut axes = natural.axes[..2].to_vec();
        axes.extend((0..rank - 2).map(|axis| match sliding.axes.contains(&axis) {
            true => own.next().unwrap_or(Axis::Of(Vec::new())),
            false => Axis::Of(Vec::new()),
        }));
        View { step, axes, padding: Vec::new() }
    }

    pub(super) fn conv(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.view(node, 0)?;
        let weight = self.numbers(node, 1, "weight")?.clone();
        let [channels, inputs, kernel @ ..] = &weight.dims[..] else {
            return Err(Reason::new(format!("its weight has the shape {:?}", weight.dims), ""));
        };
        let sliding = self.sliding(&view, kernel)?;
        let dims = self.dims(node, 0)?;
        let window = self.window(node, kernel, &dims, &sliding)?;
        let groups = usize::try_from(node.attributes.int("group", 1)?).unwrap_or_default();
        let found = self.spec.dims(sliding.step)[0];
        if groups == 0 || inputs.checked_mul(groups) != Some(found) {
            return Err(Reason::attribute("group", format!("{groups} groups of {inputs} on {found} channels"), ""));
        }
        let (numbers, window, comment) = self.padded(weight.floats().unwrap_or_default(), window)?;
        let one_dimensional = window.kernel.len() == 1;
        let call = Call::new(if one_dimensional { "conv1d" } else { "conv2d" })
            .with(channels)
            .named("kernel", extent(&window.kernel))
            .unless("stride", extent(&window.strides), "1".to_owned())
            .unless("padding", window.shown(), "0".to_owned())
            .unless("dilation", extent(&window.dilations), "1".to_owned())
            .unless("groups", groups, 1)
            .unless("bias", node.input(2).is_some(), true);
        let mut tensors = vec![weights("weight", &[&[*channels, *inputs], &window.kernel[..]].concat(), numbers)];
        if node.input(2).is_some() {
            tensors.push(weights("bias", &[*channels], self.vector(node, 2, "bias", *channels)?));
        }
        let output = [&[*channels], &window.output[..]].concat();
        let step = self.layer(node, call, sliding.step, output, tensors);
        self.spec.step_mut(step).comment = comment;
        Ok(self.slid(step, &sliding, view.axes.len()))
    }

    /// The window of a node over the axes that the spec keeps, with the padding of a `Pad` before it.
    pub(super) fn window(
        &self,
        node: &Node,
        kernel: &[usize],
        dims: &[usize],
        sliding: &Sliding,
    ) -> Result<Window, Reason> {
        let all = shapes::window_over(node, kernel, dims.get(2..).unwrap_or_default())?;
        let is_padded = |axis: usize| all.padding[axis] != (0, 0) || all.strides[axis] == 0;
        if (0..kernel.len()).any(|axis| !sliding.axes.contains(&axis) && is_padded(axis)) {
            return Err(Reason::attribute("pads", "it pads an axis of length 1", ""));
        }
        let kept = |list: &[usize]| sliding.axes.iter().map(|axis| list[*axis]).collect();
        let pads = sliding.axes.iter().zip(&sliding.padding).map(|(axis, (before, after))| {
            let own = all.padding[*axis];
            (own.0 + before, own.1 + after)
        });
        Ok(Window {
            kernel: kept(&all.kernel),
            strides: kept(&all.strides),
            dilations: kept(&all.dilations),
            padding: pads.collect(),
            input: self.spec.dims(sliding.step)[1..].to_vec(),
            output: kept(&all.output),
        })
    }

    /// Weights and a window whose padding can be written. Where it is uneven, zeros at the end (or the start) of each
    /// kernel make up for it.
    fn padded(&self, numbers: &[f32], window: Window) -> Result<(Vec<f32>, Window, Option<String>), Reason> {
        if window.is_even() || window.is_same() {
            return Ok((numbers.to_vec(), window, None));
        }
        let mut wide = window.clone();
        let mut fronts = Vec::new();
        for (axis, (before, after)) in window.padding.iter().copied().enumerate() {
            let (pad, dilation) = (before.max(after), window.dilations[axis]);
            if !before.abs_diff(after).is_multiple_of(dilation) {
                let reason = format!("a padding of {before} before and {after} after, with a dilation of {dilation}");
                return Err(Reason::attribute("pads", reason, "make the padding even"));
            }
            wide.kernel[axis] += before.abs_diff(after) / dilation;
            wide.padding[axis] = (pad, pad);
            fronts.push((pad - before) / dilation);
        }
        let size = |kernel: &[usize]| kernel.iter().try_fold(1usize, |size, length| size.checked_mul(*length));
        let most = size(&window.kernel).unwrap_or_default().saturating_mul(MOST_ZEROS);
        if size(&wide.kernel).is_none_or(|size| size > most) {
            let reason = format!("the padding {:?} is uneven and much larger than the kernel", window.padding);
            return Err(Reason::attribute("pads", reason, "make the padding even"));
        }
        let comment = "The padding is uneven in the model: zeros in the kernel make up for it.".to_owned();
        Ok((extended(numbers, &window.kernel, &wide.kernel, &fronts), wide, Some(comment)))
    }
}

/// Kernels in larger ones of zeros, from these places on.
fn extended(numbers: &[f32], old: &[usize], new: &[usize], fronts: &[usize]) -> Vec<f32> {
    // A kernel of a sequence has height 1.
    let pair = |list: &[usize], other: usize| match list {
        [width] => [other, *width],
        list => [list[0], list[1]],
    };
    let ([old_height, old_width], [height, width], [top, left]) = (pair(old, 1), pair(new, 1), pair(fronts, 0));
    let mut wide = vec![0.0; numbers.len() / (old_height * old_width) * height * width];
    for (at, number) in numbers.iter().enumerate() {
        let (kernel, y, x) = (at / (old_height * old_width), at / old_width % old_height, at % old_width);
        wide[(kernel * height + y + top) * width + x + left] = *number;
    }
    wide
}

impl Window {
    /// Whether the padding is the same on both sides.
    pub fn is_even(&self) -> bool {
        self.padding.iter().all(|(before, after)| before == after)
    }

    /// Whether the padding is that of `same`.
    pub fn is_same(&self) -> bool {
        (0..self.kernel.len()).all(|axis| {
            let reach = (self.kernel[axis] - 1).saturating_mul(self.dilations[axis]).saturating_add(1);
            self.padding[axis] == shapes::same(self.input[axis], reach, self.strides[axis], true)
        })
    }

    /// The padding as it is written.
    pub fn shown(&self) -> String {
        let before: Vec<usize> = self.padding.iter().map(|(before, _)| *before).collect();
        if self.is_even() { extent(&before) } else { "same".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_extend_kernels() {
        assert_eq!(extended(&[1.0, 2.0, 3.0, 4.0], &[2], &[3], &[1]), [0.0, 1.0, 2.0, 0.0, 3.0, 4.0]);
        assert_eq!(extended(&[1.0, 2.0], &[1, 2], &[2, 3], &[0, 0]), [1.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
