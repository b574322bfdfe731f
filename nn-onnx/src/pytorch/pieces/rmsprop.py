class RMSprop(torch.optim.Optimizer):
    """RMSprop with eps under the root: s = rho * s + (1 - rho) * g², w -= lr * g / sqrt(s + eps).

    torch.optim.RMSprop adds eps to the root.
    """

    def __init__(self, params, lr: float, rho: float, eps: float) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["square"] = torch.zeros_like(weight)
                square, rho = state["square"], group["rho"]
                square.mul_(rho).addcmul_(weight.grad, weight.grad, value=1 - rho)
                weight.addcdiv_(weight.grad, (square + group["eps"]).sqrt(), value=-group["lr"])
