//! The numbers that every program starts from, so that all compute the same.
//!
//! A workload `w` has two files: `w.f32`, all numbers in a row as little-endian floats, and
//! `w.txt`, a line for each array in that order: its name and its dimensions.
//!
//! | array | dimensions | what it is |
//! | --- | --- | --- |
//! | `x` | rows, features; or rows, channels, height, width | the inputs |
//! | `y` | rows, or rows, outputs | the targets: classes, or values |
//! | `0.weight`, `0.bias`, … | inputs, units; units | of dense layer 0; the output is x·W + b |
//! | `0.weight`, `0.bias`, … | outputs, inputs, height, width; outputs | of a convolution: channels and its kernel, which is not flipped |
//! | `1.gamma`, `1.beta`, `1.running_mean`, `1.running_variance` | units | of a batch norm layer |
//!
//! The number counts the layers that hold arrays: without batch norm the second dense layer is `1`,
//! with it `2`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// A named array of floats, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// See the table of the module.
    pub name: String,
    /// The dimensions.
    pub shape: Vec<usize>,
    /// As many as the product of the dimensions.
    pub values: Vec<f32>,
}

/// All arrays of a workload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrays(pub Vec<Array>);

impl Arrays {
    /// Reads the files of a workload.
    pub fn read(folder: &Path, workload: &str) -> io::Result<Self> {
        let bytes = fs::read(folder.join(workload).with_extension("f32"))?;
        let (floats, _) = bytes.as_chunks::<4>();
        let mut floats = floats.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let arrays = fs::read_to_string(folder.join(workload).with_extension("txt"))?;
        let arrays = arrays.lines().map(|line| {
            let (name, shape) = line.split_once(' ')?;
            let shape: Vec<usize> = shape.split(' ').map(|size| size.parse().ok()).collect::<Option<_>>()?;
            let values: Vec<f32> = floats.by_ref().take(shape.iter().product()).collect();
            (values.len() == shape.iter().product()).then(|| Array { name: name.to_owned(), shape, values })
        });
        let arrays: Option<_> = arrays.collect();
        arrays.map(Self).ok_or_else(|| io::Error::other(format!("the arrays of {workload} are corrupt")))
    }

    /// Writes the files of a workload.
    pub fn write(&self, folder: &Path, workload: &str) -> io::Result<()> {
        let mut names = String::new();
        let mut bytes = Vec::new();
        for Array { name, shape, values } in &self.0 {
            names.push_str(name);
            for size in shape {
                // Writing to a `String` cannot fail.
                let _ = write!(names, " {size}");
            }
            names.push('\n');
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        fs::write(folder.join(workload).with_extension("txt"), names)?;
        fs::write(folder.join(workload).with_extension("f32"), bytes)
    }

    /// The array of that name, if there is one.
    pub fn find(&self, name: &str) -> Option<&Array> {
        self.0.iter().find(|array| array.name == name)
    }

    /// The values of an array.
    ///
    /// # Panics
    ///
    /// If the workload has no array of that name: a mistake in the caller.
    pub fn values(&self, name: &str) -> &[f32] {
        match self.find(name) {
            Some(array) => &array.values,
            None => panic!("the workload has no array `{name}`"),
        }
    }

    /// The rows of an array, each as the values that it holds.
    ///
    /// # Panics
    ///
    /// If there is no array of that name with rows of `N` values.
    pub fn rows<const N: usize>(&self, name: &str) -> Vec<[f32; N]> {
        let (rows, rest) = self.values(name).as_chunks::<N>();
        assert!(rest.is_empty(), "`{name}` has rows of another width than {N}");
        rows.to_vec()
    }

    /// The targets as classes.
    ///
    /// # Panics
    ///
    /// If the workload has no targets.
    pub fn classes(&self) -> Vec<usize> {
        self.values("y").iter().map(|class| *class as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("nn-bench-arrays-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let arrays = Arrays(vec![
            Array { name: "x".into(), shape: vec![2, 2], values: vec![1.0, -2.5, 3.0, f32::MIN_POSITIVE] },
            Array { name: "y".into(), shape: vec![2], values: vec![0.0, 1.0] },
        ]);
        arrays.write(&folder, "some")?;
        assert_eq!(Arrays::read(&folder, "some")?, arrays);
        assert_eq!(arrays.rows::<2>("x"), [[1.0, -2.5], [3.0, f32::MIN_POSITIVE]]);
        assert_eq!(arrays.classes(), [0, 1]);
        fs::remove_dir_all(&folder)
    }
}
