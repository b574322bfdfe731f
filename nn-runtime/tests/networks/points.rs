//! Rows to train on.

/// Points of three overlapping groups, far from the origin, with their group.
pub fn points(rows: usize, seed: u64) -> (Vec<[f32; 2]>, Vec<usize>) {
    let mut generator = nn_runtime::init::Generator::new(seed);
    (0..rows)
        .map(|row| {
            let class = row % 3;
            let [u, v] = generator.normal_pair();
            let center = [[-1.0, 0.0], [1.0, 0.0], [0.0, 1.5]][class];
            let point = [100.0 + center[0] + 0.6 * u, 5.0 * (center[1] + 0.6 * v)];
            (point.map(|coordinate| coordinate as f32), class)
        })
        .unzip()
}
