class ChannelRMSNorm(nn.RMSNorm):
    """nn.RMSNorm over the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
