class TokenEmbedding(nn.Embedding):
    """A row for each token, as the channels of a sequence: [tokens] to [width, tokens]."""

    def forward(self, tokens: Tensor) -> Tensor:
        return super().forward(tokens.long()).transpose(1, 2)
