class MomentumSGD(torch.optim.Optimizer):
    """SGD with the learning rate in the velocity: v = momentum * v - lr * g, w += v.

    torch.optim.SGD multiplies the velocity by the learning rate of each step instead. The two
    differ where a schedule changes the rate.
    """

    def __init__(self, params, lr: float, momentum: float, nesterov: bool, weight_decay: float) -> None:
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            momentum = group["momentum"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["velocity"] = torch.zeros_like(weight)
                move = -group["lr"] * (weight.grad + group["weight_decay"] * weight)
                velocity = state["velocity"].mul_(momentum).add_(move)
                weight.add_(momentum * velocity + move if group["nesterov"] else velocity)
