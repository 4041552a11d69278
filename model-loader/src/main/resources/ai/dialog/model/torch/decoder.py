# A decoder-only transformer (llama, mistral, qwen2, qwen3, gemma3) with its key/value cache, in the dialect of TorchScript's
# own archives: element types are numbers there, 4 = int64, 6 = float32, 9 = complex64, 15 = bfloat16.
#
# Names of sizes: P tokens of one row, B rows, H query heads, KV key/value heads, G = H / KV, D head size, V vocabulary,
# C positions that a tier of the cache holds, T positions that are looked at.
#
# Cache. A tier holds sequences of up to C tokens: for each layer keys and values [slots, KV, C, D]. One step reads the
# first rows of each tier it is given, so nothing is gathered. Whatever is new is zero: a masked score is minus infinity,
# but 0 * NaN of memory never written would be NaN.
#
# Norms, rotary embedding and the residual stream are float32 whatever the weights are, softmax too but with int8 weights. Rotary embedding is one
# complex product, so queries and keys come with each pair (i, i + D/2) of Hugging Face's layout side by side.
#
# Local layers see a window of the last positions only, and may have a rotary embedding of their own.
class Decoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  layers : int
  heads : int
  kv_heads : int
  head_size : int
  kernel : int
  compute : int
  reduced : bool
  tiled : int
  raw : int
  unlaid : int
  attention_factor : float
  gelu : bool
  embedding_scale : float
  window : int
  local : List[int]
  embedding : Tensor
  inverse_frequencies : Tensor
  epsilon : Tensor
  local_frequencies : Tensor
  rotation : Tensor
  local_rotation : Tensor
  norms : List[Tensor]
  head_epsilon : Tensor
  head_norms : List[Tensor]
  post_norms : List[Tensor]
  biases : List[Tensor]
  output_biases : List[Tensor]
  weights : List[Tensor]
  scales : List[Tensor]
  zeros : List[Tensor]
  hadamard : Tensor
  int4 : List[Tensor]
  groups : List[Tensor]
  turn_of_residual : Tensor
  packed : List[__torch__.torch.classes.quantized.LinearPackedParamsBase]
  plain : List[Tensor]
  keys : List[Tensor]
  values : List[Tensor]

  # Chooses what multiplies matrices and in which element type, and lays the weights out for it. kernel 0: as they are,
  # 1: oneDNN's own layout, 2: FBGEMM, float16 weights under float32 activations, 3: FBGEMM, int8 weights with a scale for each
  # row under activations of 8 bits (7 where reduced: without VNNI, sums of two products of 8 bits overflow int16). False, with
  # nothing changed, where a weight does not fit into float16. A bfloat16 weight is exact in float16 from 2^-14 on; below, it is
  # off by at most 2^-25. tiled is above 0 where the processor has tiles: int8 products of so many rows and more are oneDNN's then. A start does not wait for
  # what lay makes later: FBGEMM's layouts beside oneDNN's, and all of the layers' where 4 bits can do their work.
  def prepare(self: __torch__.Decoder, kernel: int, compute: int, tiers: int, reduced: bool, tiled: int) -> bool:
    if torch.eq(kernel, 2):
      for w in self.weights:
        if torch.gt(float(torch.max(torch.abs(w))), 65504.):
          return False
    self.tiled = tiled
    if torch.eq(kernel, 3):
      self.raw = torch.len(self.int4)
    for i in range(torch.len(self.weights)):
      w = self.weights[i]
      if torch.eq(kernel, 3):
        # something has to stand there
        self.packed = torch.add(self.packed, [self.pack(w[:1], self.scales[i][:1])])
        if torch.gt(tiled, 0):
          self.plain = torch.add(self.plain, [w])
          self.zeros = torch.add(self.zeros, [torch.zeros([torch.size(w, 0)], dtype=3)])
        if torch.ge(i, self.raw):
          self.lay_out(i)
        w = self.weights[i]
      else:
        w = torch.to(w, compute)
      if torch.eq(kernel, 1):
        w = ops.mkldnn._reorder_linear_weight(w, None)
      if torch.eq(kernel, 2):
        self.packed = torch.add(self.packed, [ops.quantized.linear_prepack_fp16(w, None)])
        w = torch.empty([0])
      self.weights[i] = w
    for i in range(torch.len(self.int4)):
      # two numbers in each byte, the first in its low half
      pairs = self.int4[i]
      numbers = torch.stack([torch.bitwise_and(pairs, 15), torch.bitwise_and(torch.__rshift__(pairs, 4), 15)], -1)
      self.int4[i] = ops.aten._convert_weight_to_int4pack_for_cpu(torch.to(torch.flatten(numbers, 1), 3), 1)
    self.kernel = kernel
    self.compute = compute
    self.reduced = reduced
    self.unlaid = torch.len(self.plain)
    for i in range(tiers * self.layers):
      self.keys = torch.add(self.keys, [torch.empty([0, 0, 0, 0])])
      self.values = torch.add(self.values, [torch.empty([0, 0, 0, 0])])
    return True

  # A matrix of int8 in FBGEMM's layout.
  def pack(self: __torch__.Decoder, w: Tensor, scales: Tensor) -> __torch__.torch.classes.quantized.LinearPackedParamsBase:
    zeros = torch.zeros([torch.size(scales, 0)], dtype=4)
    return ops.quantized.linear_prepack(torch._make_per_channel_quantized_tensor(w, torch.to(scales, 7), zeros, 0), None)

  # The layout that any number of rows can be multiplied by.
  def lay_out(self: __torch__.Decoder, i: int) -> NoneType:
    w = self.weights[i]
    if torch.gt(self.tiled, 0):
      self.weights[i] = ops.onednn.qlinear_prepack(w, None)
    else:
      self.packed[i] = self.pack(w, self.scales[i])
      self.weights[i] = torch.empty([0])
      self.scales[i] = torch.empty([0])

  # Makes one more layout that prepare has put off. Of the first raw matrices there is none yet, and the 4 bits do their work. Of the first unlaid
  # there is only oneDNN's, the slower one for few rows. True if there are more.
  def lay(self: __torch__.Decoder) -> bool:
    if torch.gt(self.raw, 0):
      self.raw = self.raw - 1
      self.lay_out(self.raw)
    elif torch.gt(self.unlaid, 0):
      i = self.unlaid - 1
      self.packed[i] = self.pack(self.plain[i], self.scales[i])
      self.plain[i] = torch.empty([0])
      self.unlaid = i
    return torch.gt(self.raw + self.unlaid, 0)

  # Whether so many rows are multiplied by matrices of 4 bits because there are no others yet. For more than it would take longer than making the
  # others, which is done here then.
  def only4(self: __torch__.Decoder, rows: int) -> bool:
    if torch.gt(rows, 64):
      while torch.gt(self.raw, 0):
        self.lay()
    return torch.gt(self.raw, 0)

  # Fills the tables of rotations for positions below n.
  def reach(self: __torch__.Decoder, n: int) -> NoneType:
    self.rotation = self.rotations(n, self.inverse_frequencies)
    self.local_rotation = self.rotation
    if torch.__not__(torch.equal(self.local_frequencies, self.inverse_frequencies)):
      self.local_rotation = self.rotations(n, self.local_frequencies)
    return None

  def rotations(self: __torch__.Decoder, n: int, frequencies: Tensor) -> Tensor:
    positions = torch.arange(n, dtype=6, device=ops.prim.device(self.embedding))
    angles = torch.outer(positions, frequencies)
    cos = torch.mul(torch.cos(angles), self.attention_factor)
    sin = torch.mul(torch.sin(angles), self.attention_factor)
    return torch.complex(cos, sin)

  # Gives a tier room for so many slots of so many positions; what the first slots held stays.
  def resize(self: __torch__.Decoder, tier: int, slots: int, capacity: int) -> NoneType:
    shape = [slots, self.kv_heads, capacity, self.head_size]
    device = ops.prim.device(self.embedding)
    for i in range(self.layers):
      j = tier * self.layers + i
      kept = ops.prim.min(slots, torch.size(self.keys[j], 0))
      keys = torch.zeros(shape, dtype=self.compute, device=device)
      values = torch.zeros(shape, dtype=self.compute, device=device)
      if torch.gt(kept, 0):
        torch.copy_(keys[:kept], self.keys[j][:kept])
        torch.copy_(values[:kept], self.values[j][:kept])
      self.keys[j] = keys
      self.values[j] = values
    return None

  # Copies the first positions of one slot to another.
  def move(self: __torch__.Decoder, tier: int, slot: int, to_tier: int, to_slot: int, length: int) -> NoneType:
    for i in range(self.layers):
      j = tier * self.layers + i
      k = to_tier * self.layers + i
      torch.copy_(self.keys[k][to_slot, :, :length], self.keys[j][slot, :, :length])
      torch.copy_(self.values[k][to_slot, :, :length], self.values[j][slot, :, :length])
    return None

  # Exchanges two slots of a tier.
  def swap(self: __torch__.Decoder, tier: int, a: int, b: int, length: int) -> NoneType:
    for i in range(self.layers):
      j = tier * self.layers + i
      for cache in [self.keys[j], self.values[j]]:
        kept = torch.clone(cache[a, :, :length])
        torch.copy_(cache[a, :, :length], cache[b, :, :length])
        torch.copy_(cache[b, :, :length], kept)
    return None

  # The i-th matrix times x.
  def linear(self: __torch__.Decoder, x: Tensor, i: int) -> Tensor:
    if torch.eq(self.kernel, 2):
      return ops.quantized.linear_dynamic_fp16(x, self.packed[i])
    if torch.eq(self.kernel, 3):
      z = torch.to(x, 6)
      if torch.__and__(torch.eq(torch.size(z, 0), 1), torch.ge(i, self.unlaid)):
        return ops.quantized.linear_dynamic(z, self.packed[i], self.reduced)
      most = self.most(z)
      return torch.mul_(self.product(z, most, i), most)
    y = torch.to(x, self.compute)
    if torch.eq(self.kernel, 1):
      return ops.mkldnn._linear_pointwise(y, self.weights[i], None, "none", annotate(List[Optional[number]], []), "")
    return torch.linear(y, self.weights[i])

  # The i-th matrix of int8 times x / most.
  def product(self: __torch__.Decoder, x: Tensor, most: Tensor, i: int) -> Tensor:
    tiles = torch.__and__(torch.gt(self.tiled, 0), torch.ge(torch.size(x, 0), self.tiled))
    if torch.__not__(torch.__or__(tiles, torch.lt(i, self.unlaid))):
      return ops.quantized.linear_dynamic(torch.div(x, most), self.packed[i], self.reduced)
    q = torch.to(torch.round_(torch.mul(x, torch.mul(torch.reciprocal(most), 127.))), 1)
    return ops.onednn.qlinear_pointwise(q, 0.007874015748031496, 0, self.weights[i], self.scales[i], self.zeros[i], None, 1., 0, 6, "none",
        annotate(List[Optional[number]], []), "")

  # The largest magnitude of each row, [P, 1]. FBGEMM quantises all rows by one scale; rows that are divided by it first have
  # each their own. Never 0: the embedding of a token that nobody trained may be.
  def most(self: __torch__.Decoder, x: Tensor) -> Tensor:
    return torch.clamp_min_(torch.amax(torch.abs(x), [-1], True), 1e-20)

  # The i-th matrix times the n-th norm of x. With int8 weights, which hold the norm's weights, only the division is left of
  # the norm, and it can follow the product.
  def normed(self: __torch__.Decoder, x: Tensor, n: int, i: int) -> Tensor:
    if torch.ne(self.kernel, 3):
      return self.linear(self.norm(x, n), i)
    length = torch.hypot(torch.linalg_vector_norm(x, 2., [-1], True), self.epsilon)
    if torch.__and__(torch.eq(torch.size(x, 0), 1), torch.ge(i, self.unlaid)):
      return torch.div_(ops.quantized.linear_dynamic(x, self.packed[i], self.reduced), length)
    most = self.most(x)
    return torch.mul_(self.product(x, most, i), torch.div(most, length))

  # RMSNorm: x / sqrt(|x|^2 / n + eps) * w, with sqrt(n) kept in w, and sqrt(n eps) in epsilon.
  def norm(self: __torch__.Decoder, x: Tensor, i: int) -> Tensor:
    length = torch.linalg_vector_norm(x, 2., [-1], True)
    return torch.mul_(torch.div(x, torch.hypot(length, self.epsilon)), self.norms[i])

  # Queries [P, H, D], keys and values [P, KV, D] of a layer.
  def attention_inputs(self: __torch__.Decoder, x: Tensor, rotation: Tensor, i: int) -> Tuple[Tensor, Tensor, Tensor]:
    y = torch.to(self.normed(x, 2 * i, 4 * i), 6)
    if torch.gt(torch.len(self.biases), 0):
      y = torch.add_(y, self.biases[i])
    turned = self.heads + self.kv_heads
    if torch.gt(torch.len(self.head_norms), 0):
      heads = torch.view(y, [torch.size(x, 0), -1, self.head_size])[:, :turned]
      length = torch.hypot(torch.linalg_vector_norm(heads, 2., [-1], True), self.head_epsilon)
      heads = torch.mul_(torch.div_(heads, length), self.head_norms[i])
    pairs = torch.view(y, [torch.size(x, 0), -1, self.head_size // 2, 2])
    z = torch.flatten(torch.view_as_real(torch.mul(torch.view_as_complex(pairs[:, :turned]), rotation)), 2)
    z = torch.to(z, self.compute)
    v = torch.to(torch.flatten(pairs[:, turned:], 2), self.compute)
    return (z[:, :self.heads], z[:, self.heads:], v)

  # What follows attention in a layer: its output projection and the feed-forward part.
  def finish(self: __torch__.Decoder, x: Tensor, attended: Tensor, i: int) -> Tensor:
    y = torch.add(x, self.added(self.linear(attended, 4 * i + 1), 2 * i))
    if torch.gt(torch.len(self.output_biases), 0):
      y = torch.add_(y, self.output_biases[i])
    z = self.gated(self.normed(y, 2 * i + 1, 4 * i + 2))
    if torch.eq(self.kernel, 3):
      # a block-Hadamard turn, which the weights have too, spreads the outliers that the product leaves
      z = self.turn(z)
    return torch.add_(y, self.added(self.linear(z, 4 * i + 3), 2 * i + 1))

  # Gate and up projections, side by side in y, as what the down projection reads.
  def gated(self: __torch__.Decoder, y: Tensor) -> Tensor:
    gate, up = torch.chunk(y, 2, -1)
    if self.gelu:
      return torch.mul_(torch.gelu(gate, approximate="tanh"), up)
    return torch.mul_(torch.silu(gate), up)

  # What goes into the residual stream: y, or the n-th norm of it where each part of a layer has one behind it.
  def added(self: __torch__.Decoder, y: Tensor, n: int) -> Tensor:
    if torch.eq(torch.len(self.post_norms), 0):
      return y
    z = torch.to(y, 6)
    length = torch.hypot(torch.linalg_vector_norm(z, 2., [-1], True), self.epsilon)
    return torch.mul_(torch.div(z, length), self.post_norms[n])

  # The block-Hadamard turn of z. In bfloat16, which rounds less than what comes next, it is twice as fast for many rows.
  def turn(self: __torch__.Decoder, z: Tensor) -> Tensor:
    h = self.hadamard
    if torch.ge(torch.size(z, 0), 8):
      h = torch.to(h, self.compute)
    y = torch.mm(torch.view(torch.to(z, ops.prim.dtype(h)), [-1, torch.size(h, 0)]), h)
    return torch.to(torch.view(y, torch.size(z)), 6)

  # Logits [P, V], float32.
  def head(self: __torch__.Decoder, x: Tensor) -> Tensor:
    return torch.to(self.normed(x, 2 * self.layers, 4 * self.layers), 6)

  def embed(self: __torch__.Decoder, tokens: List[int]) -> Tensor:
    ids = torch.tensor(tokens, dtype=4, device=ops.prim.device(self.embedding))
    x = torch.to(torch.embedding(self.embedding, ids), 6)
    if torch.ne(self.embedding_scale, 1.):
      x = torch.mul(x, self.embedding_scale)
    return x

  # Appends tokens to slots, each row's behind what its slot holds; segments has tier, slot, start and number of tokens for each
  # row. Scores [B, V] after the last token of each row, or after every token. Where there are matrices of 4 bits the last tokens, whose
  # scores choose the first words of answers, are a step of them: the exactest there is.
  def prefill(self: __torch__.Decoder, tokens: List[int], segments: List[int], every: bool) -> Tensor:
    rows = torch.len(segments) // 4
    only4 = self.only4(torch.len(tokens))
    if torch.__or__(torch.__or__(only4, every), torch.eq(torch.len(self.int4), 0)):
      if only4:
        x = self.exact(tokens, segments)
      else:
        x = self.append(tokens, segments, True)
      if torch.__not__(every):
        lasts = annotate(List[Tensor], [])
        end = 0
        for s in range(rows):
          end = end + segments[4 * s + 3]
          lasts = torch.add(lasts, [x[end - 1:end]])
        x = torch.cat(lasts)
      return self.head(x)
    before = annotate(List[int], [])
    parts = annotate(List[int], [])
    last = annotate(List[int], [])
    places = annotate(List[int], [])
    first = 0
    for s in range(rows):
      tier, slot, start, count = segments[4 * s], segments[4 * s + 1], segments[4 * s + 2], segments[4 * s + 3] - 1
      if torch.gt(count, 0):
        before = torch.add(before, tokens[first:first + count])
        parts = torch.add(parts, [tier, slot, start, count])
      last = torch.add(last, [tokens[first + count]])
      places = torch.add(places, [tier, slot, start + count, 1])
      first = first + count + 1
    if torch.gt(torch.len(before), 0):
      x = self.append(before, parts, False)
    return self.head(self.exact(last, places))

  # Computes tokens of several rows together, see prefill. What the head reads [P, hidden], P tokens in all; nothing of use where
  # only keys and values are wanted, which the last layer need not be finished for. Rows that P and attention are filled up with are read by nobody.
  def append(self: __torch__.Decoder, tokens: List[int], segments: List[int], finished: bool) -> Tensor:
    P = torch.len(tokens)
    more = 0
    if torch.ge(P, self.tiled):
      more = self.filled(P) - P
    x = self.embed(torch.add(tokens, torch.mul([0], more)))
    device = ops.prim.device(x)
    none = torch.zeros([more, self.heads * self.head_size], dtype=self.compute, device=device)
    rows = torch.len(segments) // 4
    at = annotate(List[Tensor], [])
    masks = annotate(List[Optional[Tensor]], [])
    local_masks = annotate(List[Optional[Tensor]], [])
    for s in range(rows):
      start = segments[4 * s + 2]
      T = start + segments[4 * s + 3]
      at = torch.add(at, [torch.arange(start, T, device=device)])
      mask = self.prompt_mask(segments[4 * s], start, T)
      masks = torch.add(masks, [mask])
      if torch.__and__(torch.gt(self.window, 0), torch.gt(T, self.window)):
        back = self.back(segments[4 * s], start, T)
        mask = self.mask(torch.logical_or(torch.lt(back, 0), torch.ge(back, self.window)))
      local_masks = torch.add(local_masks, [mask])
    positions = torch.cat(torch.add(at, [torch.zeros([more], dtype=4, device=device)]))
    rotation = torch.unsqueeze(self.rotation[positions], 1)
    rotations = [rotation, rotation]
    if torch.gt(self.window, 0):
      rotations = [rotation, torch.unsqueeze(self.local_rotation[positions], 1)]
    for i in range(self.layers):
      kind = self.local[i]
      layer_masks = masks
      if torch.eq(kind, 1):
        layer_masks = local_masks
      q, k, v = self.attention_inputs(x, rotations[kind], i)
      wanted = torch.__or__(finished, torch.lt(i, self.layers - 1))
      first = 0
      parts = annotate(List[Tensor], [])
      for s in range(rows):
        j = segments[4 * s] * self.layers + i
        slot = segments[4 * s + 1]
        start = segments[4 * s + 2]
        last = first + segments[4 * s + 3]
        T = start + segments[4 * s + 3]
        keys = self.keys[j][slot]
        values = self.values[j][slot]
        torch.copy_(keys[:, start:T], torch.transpose(k[first:last], 0, 1))
        torch.copy_(values[:, start:T], torch.transpose(v[first:last], 0, 1))
        if wanted:
          parts = torch.add(parts, [self.attend_prompt(q[first:last], keys, values, layer_masks[s], start)])
        first = last
      if torch.gt(more, 0):
        parts = torch.add(parts, [none])
      if wanted:
        x = self.finish(x, self.joined(parts), i)
    return x[:P]

  # How far before each of a slot's positions from start to T, filled up, each that attend_prompt looks at is.
  def back(self: __torch__.Decoder, tier: int, start: int, T: int) -> Tensor:
    keys = self.keys[tier * self.layers]
    device = ops.prim.device(keys)
    query = torch.arange(start, start + self.filled(T - start), device=device)
    key = torch.arange(ops.prim.min(self.filled(T), torch.size(keys, 2)), device=device)
    return torch.sub(torch.unsqueeze(query, 1), torch.unsqueeze(key, 0))

  # What attend_prompt needs to look at nothing behind; nothing from start 0 on, but for products.
  def prompt_mask(self: __torch__.Decoder, tier: int, start: int, T: int) -> Optional[Tensor]:
    mask = annotate(Optional[Tensor], None)
    if torch.__or__(torch.gt(start, 0), self.products()):
      mask = self.mask(torch.lt(self.back(tier, start, T), 0))
    return mask

  # A number of rows or positions; where there are tiles, rounded up to a multiple of their 16. oneDNN makes, and keeps, a kernel of 200 KB for
  # each product of another number of rows, and the fused attention kernels of up to 1 MB for each other number of queries and keys.
  def filled(self: __torch__.Decoder, n: int) -> int:
    if torch.gt(self.tiled, 0):
      return n + (16 - n % 16) % 16
    return n

  # 0 where hidden is false, minus infinity where it is true.
  def mask(self: __torch__.Decoder, hidden: Tensor) -> Tensor:
    zeros = torch.zeros(torch.size(hidden), dtype=self.compute, device=ops.prim.device(hidden))
    return torch.masked_fill_(zeros, hidden, -inf)

  def joined(self: __torch__.Decoder, parts: List[Tensor]) -> Tensor:
    if torch.eq(torch.len(parts), 1):
      return parts[0]
    return torch.cat(parts)

  # Whether attention is made of batched products, which in bfloat16 are oneDNN's: without tiles two to four times as fast as the
  # fused kernel, whose products are MKL's then. They round scores to bfloat16, which is below what int8 weights cost.
  def products(self: __torch__.Decoder) -> bool:
    return torch.__and__(torch.__and__(torch.eq(self.kernel, 3), torch.eq(self.compute, 15)), torch.eq(self.tiled, 0))

  # Attention of a prompt's positions from start on, q [P, H, D], to one slot; [P, H * D]. Without a mask start is 0. Queries are filled up with
  # zeros, keys with what the slot holds behind, which the mask or the causal order hides from all that are read.
  def attend_prompt(self: __torch__.Decoder, q: Tensor, keys: Tensor, values: Tensor, mask: Optional[Tensor], start: int) -> Tensor:
    P, H, D = torch.size(q)
    if self.products():
      return self.attend_in_blocks(q, keys, values, torch._unwrap_optional(mask), start)
    KV = self.kv_heads
    T = ops.prim.min(self.filled(P), torch.size(keys, 1))
    rows = T
    if torch.__isnot__(mask, None):
      rows, T = torch.size(torch._unwrap_optional(mask))
    # [KV, G, P, D]: the query heads of a group see the same keys through a stride of zero.
    shape = [KV, H // KV, T, D]
    if torch.gt(rows, P):
      q = torch.constant_pad_nd(q, [0, 0, 0, 0, 0, rows - P])
    q = torch.transpose(torch.view(q, [rows, KV, -1, D]), 0, 1)
    a = torch.scaled_dot_product_attention(torch.transpose(q, 1, 2),
        torch.expand(torch.unsqueeze(keys[:, :T], 1), shape),
        torch.expand(torch.unsqueeze(values[:, :T], 1), shape),
        mask, 0., torch.__is__(mask, None))
    return torch.reshape(torch.permute(a, [2, 0, 1, 3])[:P], [P, -1])

  # The same by products, some positions at a time, so that of a long prompt what is masked is mostly left out. The query heads of a group
  # stand where several positions of one head would.
  def attend_in_blocks(self: __torch__.Decoder, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor, start: int) -> Tensor:
    P, H, D = torch.size(q)
    KV = self.kv_heads
    q = torch.permute(torch.view(torch.mul(q, torch.pow(D, -0.5)), [P, KV, -1, D]), [1, 2, 0, 3])
    parts = annotate(List[Tensor], [])
    block = 64
    if torch.le(P, 128):
      block = P
    first = 0
    while torch.lt(first, P):
      last = ops.prim.min(P, first + block)
      T = start + last
      n = last - first
      query = torch.reshape(q[:, :, first:last], [KV, -1, D])
      scores = torch.bmm(query, torch.transpose(keys[:, :T], 1, 2))
      scores = torch.add_(torch.view(scores, [H, n, T]), mask[first:last, :T])
      a = torch.bmm(torch.view(torch.softmax(scores, -1), [KV, -1, T]), values[:, :T])
      parts = torch.add(parts, [torch.reshape(torch.permute(torch.view(a, [KV, -1, n, D]), [2, 0, 1, 3]), [n, -1])])
      first = last
    return self.joined(parts)

  # Appends one token to each row; scores [B, V]. The rows are the first ones of several tiers in turn: segments has tier,
  # rows and longest for each, longest being one more than the largest of its positions.
  def decode(self: __torch__.Decoder, tokens: List[int], positions: List[int], segments: List[int]) -> Tensor:
    B = torch.len(tokens)
    if torch.__or__(self.only4(B), torch.__and__(torch.eq(B, 1), torch.gt(torch.len(self.int4), 0))):
      each = annotate(List[int], [])
      for s in range(torch.len(segments) // 3):
        for b in range(segments[3 * s + 1]):
          each = torch.add(each, [segments[3 * s], b, positions[torch.len(each) // 4], 1])
      return self.head(self.exact(tokens, each))
    KV = self.kv_heads
    D = self.head_size
    x = self.embed(tokens)
    device = ops.prim.device(x)
    at = torch.tensor(positions, dtype=4, device=device)
    rotation = torch.unsqueeze(self.rotation[at], 1)
    rotations = [rotation, rotation]
    if torch.gt(self.window, 0):
      rotations = [rotation, torch.unsqueeze(self.local_rotation[at], 1)]
    seen = torch.arange(torch.size(self.rotation, 0), device=device)
    masks = annotate(List[Tensor], [])
    local_masks = annotate(List[Tensor], [])
    places = annotate(List[Tensor], [])
    first = 0
    for s in range(torch.len(segments) // 3):
      rows = segments[3 * s + 1]
      T = segments[3 * s + 2]
      capacity = torch.size(self.keys[segments[3 * s] * self.layers], 2)
      if self.products():
        # The whole of each slot: oneDNN would copy a part of it first, and make a kernel for each new length.
        T = capacity
      position = torch.unsqueeze(at[first:first + rows], 1)
      mask = self.mask(torch.gt(torch.unsqueeze(seen[:T], 0), position))
      masks = torch.add(masks, [torch.view(mask, [rows, 1, 1, T])])
      if torch.__and__(torch.gt(self.window, 0), torch.gt(T, self.window)):
        behind = torch.le(torch.unsqueeze(seen[:T], 0), torch.sub(position, self.window))
        mask = torch.masked_fill(mask, behind, -inf)
      local_masks = torch.add(local_masks, [torch.view(mask, [rows, 1, 1, T])])
      # Where each head's new key goes, in the tier seen as [slots * KV * C, D].
      head = torch.view(torch.arange(rows * KV, device=device), [rows, KV])
      places = torch.add(places, [torch.flatten(torch.add(torch.mul(head, capacity), position))])
      first = first + rows
    for i in range(self.layers):
      kind = self.local[i]
      layer_masks = masks
      if torch.eq(kind, 1):
        layer_masks = local_masks
      q, k, v = self.attention_inputs(x, rotations[kind], i)
      parts = annotate(List[Tensor], [])
      first = 0
      for s in range(torch.len(segments) // 3):
        j = segments[3 * s] * self.layers + i
        rows = segments[3 * s + 1]
        last = first + rows
        T = torch.size(masks[s], -1)
        torch.index_copy_(torch.view(self.keys[j], [-1, D]), 0, places[s], torch.reshape(k[first:last], [-1, D]))
        torch.index_copy_(torch.view(self.values[j], [-1, D]), 0, places[s], torch.reshape(v[first:last], [-1, D]))
        keys = self.keys[j][:rows]
        values = self.values[j][:rows]
        query = torch.reshape(q[first:last], [rows, KV, -1, D])
        parts = torch.add(parts, [self.attend(query, keys, values, layer_masks[s], T)])
        first = last
      x = self.finish(x, self.joined(parts), i)
    return self.head(x)

  # The i-th matrix of 4 bits times x: bfloat16 in and out.
  def linear4(self: __torch__.Decoder, x: Tensor, i: int) -> Tensor:
    return ops.aten._weight_int4pack_mm_for_cpu(torch.to(x, 15), self.int4[i], 32, self.groups[i])

  # What the head reads, by the layers' matrices of 4 bits that are beside the int8 ones; segments as in prefill. For one row it is the faster step:
  # PyTorch's product of 4 bits uses all threads then, FBGEMM's of int8 does not. Keys and values are the same. The residual stream is not
  # turned in it; only the embedding and the head are.
  def exact(self: __torch__.Decoder, tokens: List[int], segments: List[int]) -> Tensor:
    B = torch.len(tokens)
    H = self.heads
    KV = self.kv_heads
    D = self.head_size
    x = torch.mm(self.embed(tokens), torch.t(self.turn_of_residual))
    device = ops.prim.device(x)
    rows = torch.len(segments) // 4
    at = annotate(List[Tensor], [])
    masks = annotate(List[Optional[Tensor]], [])
    targets = annotate(List[Tensor], [])
    for s in range(rows):
      tier = segments[4 * s]
      start = segments[4 * s + 2]
      T = start + segments[4 * s + 3]
      at = torch.add(at, [torch.arange(start, T, device=device)])
      capacity = torch.size(self.keys[tier * self.layers], 2)
      # where each head's new key goes, in the tier seen as [slots * KV * C, D]
      head = torch.mul(torch.arange(KV, device=device), capacity)
      targets = torch.add(targets, [torch.add(head, segments[4 * s + 1] * KV * capacity + start)])
      mask = annotate(Optional[Tensor], None)
      if torch.gt(T - start, 1):
        mask = self.prompt_mask(tier, start, T)
      masks = torch.add(masks, [mask])
    # Of queries and keys, and of values, which are not turned.
    angles = torch.unsqueeze(self.rotation[self.joined(at)], 1)
    rotation = torch.flatten(torch.cat([torch.expand(angles, [B, H + KV, -1]),
        torch.ones([B, KV, D // 2], dtype=9, device=device)], 1), 0, 1)
    for i in range(self.layers):
      y = torch.to(self.linear4(self.norm(x, 2 * i), 4 * i), 6)
      z = torch.view_as_real(torch.mul(torch.view_as_complex(torch.view(y, [-1, D // 2, 2])), rotation))
      z = torch.view(torch.to(z, self.compute), [B, -1, D])
      parts = annotate(List[Tensor], [])
      first = 0
      for s in range(rows):
        j = segments[4 * s] * self.layers + i
        slot = segments[4 * s + 1]
        start = segments[4 * s + 2]
        T = start + segments[4 * s + 3]
        last = first + T - start
        keys = self.keys[j]
        values = self.values[j]
        if torch.eq(T - start, 1):
          q, k, v = torch.split_with_sizes(z[first], [H, KV, KV])
          torch.index_copy_(torch.view(keys, [-1, D]), 0, targets[s], k)
          torch.index_copy_(torch.view(values, [-1, D]), 0, targets[s], v)
          # for one row the fused kernel's one call is as fast as products, or faster
          a = torch.scaled_dot_product_attention(torch.view(q, [1, KV, -1, D]), keys[slot:slot + 1, :, :T], values[slot:slot + 1, :, :T])
          parts = torch.add(parts, [torch.view(a, [1, -1])])
        else:
          q, k, v = torch.split_with_sizes(z[first:last], [H, KV, KV], 1)
          torch.copy_(keys[slot, :, start:T], torch.transpose(k, 0, 1))
          torch.copy_(values[slot, :, start:T], torch.transpose(v, 0, 1))
          parts = torch.add(parts, [self.attend_prompt(q, keys[slot], values[slot], masks[s], start)])
        first = last
      x = torch.add_(x, torch.to(self.linear4(self.joined(parts), 4 * i + 1), 6))
      z = self.gated(self.linear4(self.norm(x, 2 * i + 1), 4 * i + 2))
      x = torch.add_(x, torch.to(self.linear4(z, 4 * i + 3), 6))
    return torch.mm(x, self.turn_of_residual)

  # The G query heads of a group stand where several positions of one head would, so that keys need not be repeated.
  # Two batched products are the faster way in float32 too.
  def attend(self: __torch__.Decoder, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, T: int) -> Tensor:
    rows, KV, G, D = torch.size(query)
    if torch.__or__(torch.eq(self.compute, 6), self.products()):
      b = rows * KV
      k = torch.transpose(torch.view(keys, [b, -1, D])[:, :T], 1, 2)
      scores = torch.bmm(torch.view(torch.mul(query, torch.pow(D, -0.5)), [b, G, D]), k)
      scores = torch.add_(torch.view(scores, [rows, KV, G, T]), mask)
      a = torch.bmm(torch.view(torch.softmax(scores, -1), [b, G, T]), torch.view(values, [b, -1, D])[:, :T])
    else:
      a = torch.scaled_dot_product_attention(query, keys[:, :, :T], values[:, :, :T], mask)
    return torch.reshape(a, [rows, -1])

  def forward(self: __torch__.Decoder, x: Tensor) -> Tensor:
    return x
