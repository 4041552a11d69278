# What is asked of a step's scores, in the dialect of decoder.py, so that what leaves the device is small.
#
# Names of sizes: R rows, V vocabulary, N blocks of B tokens each (the last one may be shorter).
class Scores(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # The largest of each block: [R, V] to [R, N]. PyTorch's amax is vectorised, its argmax and max with indices are not.
  def largest(self: __torch__.Scores, x: Tensor, B: int) -> Tensor:
    R = torch.size(x, 0)
    V = torch.size(x, 1)
    N = torch.floordiv(V, B)
    y = torch.amax(torch.view(torch.narrow(x, 1, 0, N * B), [R, N, B]), [2])
    if torch.lt(N * B, V):
      y = torch.cat([y, torch.amax(torch.narrow(x, 1, N * B, V - N * B), [1], True)], 1)
    return y

  def sums(self: __torch__.Scores, x: Tensor, B: int) -> Tensor:
    R = torch.size(x, 0)
    V = torch.size(x, 1)
    N = torch.floordiv(V, B)
    y = torch.sum(torch.view(torch.narrow(x, 1, 0, N * B), [R, N, B]), [2])
    if torch.lt(N * B, V):
      y = torch.cat([y, torch.sum(torch.narrow(x, 1, N * B, V - N * B), [1], True)], 1)
    return y

  # The best token of each row, the lowest of equal ones: [R, V] to [R, 1]. Behind the end the last token stands again.
  def best(self: __torch__.Scores, scores: Tensor) -> Tensor:
    last = torch.size(scores, 1) - 1
    first = torch.mul(torch.argmax(self.largest(scores, 256), 1, True), 256)
    within = torch.arange(256, dtype=None, layout=None, device=ops.prim.device(scores))
    ids = torch.clamp_max(torch.add(first, within), last)
    return torch.clamp_max(torch.add(first, torch.argmax(torch.gather(scores, 1, ids), 1, True)), last)

  # Probabilities [R, V] of rows (all where none is named), their scores multiplied first (where there are factors), and of
  # each block their sum and the largest, [R, 2 N].
  def weigh(self: __torch__.Scores, scores: Tensor, B: int, rows: List[int], factors: List[float]) -> List[Tensor]:
    x = scores
    if torch.gt(torch.len(rows), 0):
      x = torch.index_select(x, 0, torch.tensor(rows, dtype=4, device=ops.prim.device(x)))
    if torch.gt(torch.len(factors), 0):
      x = torch.mul(x, torch.unsqueeze(torch.tensor(factors, dtype=6, device=ops.prim.device(x)), 1))
    p = torch.softmax(x, 1)
    return [p, torch.cat([self.sums(p, B), self.largest(p, B)], 1)]

  def forward(self: __torch__.Scores, x: Tensor) -> Tensor:
    return x
