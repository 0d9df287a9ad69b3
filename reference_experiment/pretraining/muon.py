"""The optimiser of the tiny base's matrices."""

from __future__ import annotations

import torch


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised by Newton-Schulz in float32 (Jordan et al., 2024).

    Decoupled weight decay keeps the matrices from growing with every step (Liu et al., 2025).
    """

    def __init__(
        self, parameters: list[torch.nn.Parameter], lr: float, weight_decay: float
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": 0.95, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix by its orthogonalised, Nesterov-averaged gradient."""
        for group in self.param_groups:
            for matrix in group["params"]:
                state = self.state[matrix]
                buffer = state.setdefault("buffer", torch.zeros_like(matrix))
                buffer.lerp_(matrix.grad, 1 - group["momentum"])
                update = orthogonal(matrix.grad.lerp(buffer, group["momentum"]))
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                matrix.add_(update, alpha=-group["lr"] * scale)


def orthogonal(gradient: torch.Tensor) -> torch.Tensor:
    """Return the nearest matrix with singular values near one, by five Newton-Schulz steps."""
    matrix = gradient.T if gradient.shape[0] > gradient.shape[1] else gradient
    matrix = matrix / (matrix.norm() + 1e-7)
    for _ in range(5):
        square = matrix @ matrix.T
        matrix = 3.4445 * matrix + (-4.7750 * square + 2.0315 * square @ square) @ matrix
    result: torch.Tensor = matrix.T if gradient.shape[0] > gradient.shape[1] else matrix
    return result
