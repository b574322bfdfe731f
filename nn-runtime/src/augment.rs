//! What becomes of images that are trained on: small changes that leave their meaning alone.
//!
//! An image lies channel after channel, each row after row: `[channels, height, width]`.

use crate::init::Generator;

/// Moves an image by up to `most` pixels down or up, and right or left, each distance as likely as
/// any other. All channels move alike, and what comes into sight is 0.
///
/// # Panics
///
/// Where `image` is shorter than its shape says.
pub fn shift(image: &mut [f32], [channels, height, width]: [usize; 3], most: usize, generator: &mut Generator) {
    let [down, right] = [(); 2].map(|()| generator.below(2 * most as u64 + 1) as usize);
    for channel in 0..channels {
        let plane = &mut image[channel * height * width..][..height * width];
        if down >= most {
            move_on(plane, (down - most) * width);
        } else {
            move_back(plane, (most - down) * width);
        }
        for row in plane.chunks_exact_mut(width) {
            if right >= most {
                move_on(row, right - most);
            } else {
                move_back(row, most - right);
            }
        }
    }
}

/// Moves all values to higher indices; zeros follow from below.
fn move_on(values: &mut [f32], by: usize) {
    let by = by.min(values.len());
    values.copy_within(..values.len() - by, by);
    values[..by].fill(0.0);
}

/// Moves all values to lower indices; zeros follow from above.
fn move_back(values: &mut [f32], by: usize) {
    let by = by.min(values.len());
    values.copy_within(by.., 0);
    let kept = values.len() - by;
    values[kept..].fill(0.0);
}

/// Exchanges left and right, every second time on average.
///
/// # Panics
///
/// Where `image` is shorter than its shape says.
pub fn flip(image: &mut [f32], [channels, height, width]: [usize; 3], generator: &mut Generator) {
    if generator.below(2) == 1 {
        image[..channels * height * width].chunks_exact_mut(width).for_each(<[f32]>::reverse);
    }
}

/// Adds a number of its own to every value: normally distributed, with mean 0 and this standard
/// deviation.
pub fn noise(image: &mut [f32], deviation: f32, generator: &mut Generator) {
    for pair in image.chunks_mut(2) {
        for (value, number) in pair.iter_mut().zip(generator.normal_pair()) {
            *value += (f64::from(deviation) * number) as f32;
        }
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    /// Two channels of two rows of three.
    const IMAGE: [f32; 12] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0];
    const SHAPE: [usize; 3] = [2, 2, 3];

    /// What becomes of the image for many seeds, and how often.
    fn outcomes(change: impl Fn(&mut [f32], &mut Generator)) -> BTreeMap<Vec<u32>, usize> {
        let mut outcomes = BTreeMap::new();
        for seed in 0..900 {
            let mut image = IMAGE;
            change(&mut image, &mut Generator::new(seed));
            *outcomes.entry(image.map(|value| value as u32).to_vec()).or_insert(0) += 1;
        }
        outcomes
    }

    /// The image moved, by the definition.
    fn moved(down: isize, right: isize) -> Vec<u32> {
        let mut image = Vec::new();
        for channel in 0..2 {
            for y in 0..2 {
                for x in 0..3 {
                    let (from_y, from_x) = (y - down, x - right);
                    let seen = (0..2).contains(&from_y) && (0..3).contains(&from_x);
                    let at = channel * 6 + from_y * 3 + from_x;
                    image.push(if seen { IMAGE[at as usize] as u32 } else { 0 });
                }
            }
        }
        image
    }

    #[test]
    fn a_shift_reaches_every_place_and_no_other() {
        let seen = outcomes(|image, generator| shift(image, SHAPE, 1, generator));
        let places: Vec<Vec<u32>> = (-1..=1).flat_map(|down| (-1..=1).map(move |right| moved(down, right))).collect();
        assert_eq!(seen.len(), 9);
        for place in places {
            // 100 on average, with a standard deviation of 9.4.
            assert!((50..150).contains(&seen[&place]), "{place:?}: {}", seen[&place]);
        }
    }

    #[test]
    fn a_flip_mirrors_every_row_of_every_channel() {
        let seen = outcomes(|image, generator| flip(image, SHAPE, generator));
        let mirrored = [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10].to_vec();
        assert_eq!(seen.len(), 2);
        // 450 on average, with a standard deviation of 15.
        assert!((375..525).contains(&seen[&mirrored]), "{}", seen[&mirrored]);
        assert!(seen.contains_key(IMAGE.map(|value| value as u32).as_slice()));
    }

    #[test]
    fn noise_has_its_deviation() {
        let mut values = [5.0; 40_001];
        noise(&mut values, 0.5, &mut Generator::new(3));
        let count = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
        // Five standard errors.
        assert!((mean - 5.0).abs() < 5.0 * 0.5 / 200.0, "{mean}");
        assert!((variance.sqrt() / 0.5 - 1.0).abs() < 5.0 / 282.0, "{variance}");
    }
}
