"""What a peer implements, and the order in which it is called; as in `benches/protocol/src/serve.rs`."""


class Task:
    """A workload. `unit` iterations are done by one call at least."""

    unit = 1

    def check(self):
        """Groups of numbers by name: outputs, losses, about."""
        raise NotImplementedError

    def run(self, iterations):
        raise NotImplementedError


class Predict(Task):
    def predict(self):
        raise NotImplementedError

    def outputs(self):
        """All outputs of a prediction as one flat list."""
        raise NotImplementedError

    def check(self):
        return {"outputs": self.outputs()}

    def run(self, iterations):
        predict = self.predict
        for _ in range(iterations):
            predict()


class Steps(Task):
    """Training steps on one batch. Losses with dropout are compared as a mean only."""

    def __init__(self, workload):
        self.workload = workload
        self.done = 0

    def restart(self):
        raise NotImplementedError

    def step(self):
        raise NotImplementedError

    def loss(self):
        """Of the last step, before its update."""
        raise NotImplementedError

    def outputs(self):
        """In inference mode, with the weights as they are."""
        raise NotImplementedError

    def check(self):
        self.restart()
        noisy = self.workload.dropout > 0
        outputs = self.outputs() if noisy else None
        losses = []
        for _ in range(11):
            self.step()
            losses.append(self.loss())
        self.restart()
        self.done = 0
        if noisy:
            return {"outputs": outputs, "about": [sum(losses) / len(losses)]}
        return {"losses": [losses[0], losses[1], losses[10]]}

    def run(self, iterations):
        for _ in range(iterations):
            if self.done == self.workload.period:
                self.restart()
                self.done = 0
            self.step()
            self.done += 1


class Epochs(Task):
    """A whole training from the first weights."""

    def train(self):
        """Returns the mean loss of the last epoch's steps, by rows."""
        raise NotImplementedError

    def outputs(self):
        """With the first weights."""
        raise NotImplementedError

    def check(self):
        return {"outputs": self.outputs(), "about": [self.train()]}

    def run(self, iterations):
        for _ in range(iterations):
            self.train()
