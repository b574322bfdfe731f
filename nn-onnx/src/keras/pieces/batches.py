class Batches(keras.utils.PyDataset):
    """Rows in another order in each epoch."""

    def __init__(self, arrays, batch, seed, change=None, least=1):
        super().__init__()
        self.arrays, self.batch, self.change = arrays, batch, change
        self.random, self.rows = np.random.default_rng(seed), len(arrays[0][0])
        self.length = self.rows // batch + (self.rows % batch >= least)
        self.on_epoch_end()

    def __len__(self):
        return self.length

    def on_epoch_end(self):
        self.order = self.random.permutation(self.rows)

    def __getitem__(self, index):
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        inputs, *others = ([array[rows] for array in arrays] for arrays in self.arrays)
        if self.change:
            inputs = [self.change(a, self.random) if a.ndim == 4 else a for a in inputs]
        groups = (tuple(inputs), *map(tuple, others))
        return tuple(group[0] if len(group) == 1 else group for group in groups)
