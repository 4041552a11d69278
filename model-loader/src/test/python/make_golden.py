"""Makes the tiny checkpoints of src/test/resources/checkpoints and the golden values beside them.

    pip install -r requirements.txt
    python make_golden.py ../resources/checkpoints

Everything is random but seeded: the same versions write the same files. The weights are dequantised by the gguf package
and scored by Hugging Face transformers in float32 on exactly those dequantised weights, so that a reader and a model that
are right agree with the golden values to rounding. ../resources/checkpoints/README.md states the format.
"""

import base64
import hashlib
import json
import math
import shutil
import sys
from pathlib import Path

import gguf
import numpy as np
import safetensors.numpy
import safetensors.torch
import tokenizers
import torch
import transformers
from gguf import GGMLQuantizationType as T
from gguf import quants

SEED = 20260101
VOCABULARY = 288
TOKENS = [0, 75, 104, 111, 111, 114, 259, 12, 287, 90, 3, 3, 200, 131, 260, 77, 1, 45, 33, 271, 5, 150, 88, 2]
POSITIONS = [0, 5, 11, 17, 23]

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = (
    "t h|th e|Ġ the|Ġ a|i n|e r|o n|a n|Ġ t|Ġ s|r e|an d|Ġ and|Ġ o|Ġo f|in g|o u|e n|i s|Ġ is|Ġ in|e s|a t|o r|Ġ w|"
    "a r|l l|Ġ c|Ġ p"
).split("|")


# ---------------------------------------------------------------------------------------------------------- tokenizer


def byte_alphabet() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, in the order of the bytes."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = iter(range(256, 512))
    return [chr(b) if b in visible else chr(next(extra)) for b in range(256)]


def vocabulary() -> list[str]:
    tokens = SPECIAL + byte_alphabet() + [m.replace(" ", "") for m in MERGES]
    assert len(tokens) == VOCABULARY == len(set(tokens)), len(tokens)
    return tokens


def write_tokenizer(folder: Path) -> None:
    tokens = vocabulary()
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.BPE(
            vocab={t: i for i, t in enumerate(tokens)}, merges=[tuple(m.split(" ")) for m in MERGES]
        )
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Digits(individual_digits=True),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens([tokenizers.AddedToken(t, normalized=False, special=True) for t in SPECIAL])
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False), encoding="utf-8")


# -------------------------------------------------------------------------------------------------------------- models


CLASSES = {
    "llama": transformers.LlamaForCausalLM, "mistral": transformers.MistralForCausalLM,
    "qwen2": transformers.Qwen2ForCausalLM, "qwen3": transformers.Qwen3ForCausalLM,
    "gemma3_text": transformers.Gemma3ForCausalLM,
}  # fmt: skip


PLAIN = ("llama", "qwen2")


def config(architecture: str, **changes):
    values = dict(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, rope_theta=10000.0,
        tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, pad_token_id=None, attn_implementation="eager",
    )  # fmt: skip
    if architecture != "qwen2":
        values["head_dim"] = 16
    values.update(changes)
    return CLASSES[architecture].config_class(**values)


def model_of(cfg):
    return CLASSES[cfg.model_type](cfg).to(torch.float32).eval()


def is_gemma(cfg) -> bool:
    return cfg.model_type == "gemma3_text"


def random_weights(cfg, seed: int) -> dict[str, np.ndarray]:
    """Weights that make attention and logits sharp enough for a mistake to show."""
    rng = np.random.default_rng([SEED, seed])
    weights = {}
    for name, tensor in model_of(cfg).state_dict().items():
        if name == "lm_head.weight" and cfg.tie_word_embeddings:
            continue
        shape = tuple(tensor.shape)
        if name.endswith("norm.weight"):
            value = (0 if is_gemma(cfg) else 1) + 0.2 * rng.standard_normal(shape)  # Gemma adds the 1 itself
        elif name.endswith(".bias"):
            value = 0.3 * rng.standard_normal(shape)
        elif name.endswith("embed_tokens.weight"):
            value = 16 / shape[-1] * rng.standard_normal(shape)  # not so large that it drowns what the blocks add
        else:
            gain = 2.0 if "q_proj" in name or "k_proj" in name else 1.0
            value = gain * rng.standard_normal(shape) / math.sqrt(shape[-1])
        weights[name] = value.astype(np.float32)
    return weights


def score(cfg, weights: dict[str, np.ndarray]) -> np.ndarray:
    model = model_of(cfg)
    state = {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in weights.items()}
    if cfg.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state, strict=True)
    with torch.no_grad():
        return model(torch.tensor([TOKENS])).logits[0].numpy()


# --------------------------------------------------------------------------------------------------------------- names

LAYER_NAMES = {
    "input_layernorm.weight": "attn_norm.weight", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm.weight": "ffn_norm.weight",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
}  # fmt: skip
GEMMA_NAMES = LAYER_NAMES | {
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}  # fmt: skip
del GEMMA_NAMES["post_attention_layernorm.weight"]


def gguf_name(name: str, gemma: bool = False) -> str:
    whole = {
        "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }  # fmt: skip
    if name in whole:
        return whole[name]
    _, _, layer, rest = name.split(".", 3)
    for theirs, ours in (GEMMA_NAMES if gemma else LAYER_NAMES).items():
        if rest.startswith(theirs):
            return f"blk.{layer}." + ours + rest[len(theirs) :]
    raise KeyError(name)


def read_as(cfg, name: str, weight: np.ndarray) -> np.ndarray:
    """What a reader gives: the weights that are multiplied by, so Gemma's norms with their 1."""
    return weight + np.float32(1) if is_gemma(cfg) and name.endswith("norm.weight") else weight


def pairs(w: np.ndarray, heads: int) -> np.ndarray:
    """Hugging Face's rotary halves to GGUF's adjacent pairs, along the first axis (llama only)."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def halves(w: np.ndarray, heads: int) -> np.ndarray:
    """Undoes pairs()."""
    return w.reshape(heads, w.shape[0] // heads // 2, 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


# ------------------------------------------------------------------------------------------------------- quantisation


def f16(values) -> np.ndarray:
    return np.asarray(values, np.float16).reshape(-1, 1).view(np.uint8)


def random_k_blocks(kind: T, blocks: int, rng) -> np.ndarray:
    """Valid random blocks of a K-quant, which the gguf package can read and not write; weights of about 0.07."""
    size, wobble = gguf.GGML_QUANT_SIZES[kind][1], 0.5 + rng.random(blocks)
    raw = rng.integers(0, 256, (blocks, size), dtype=np.uint8)
    if kind == T.Q6_K:
        raw[:, -2:] = f16(5e-5 * wobble * rng.choice([-1, 1], blocks))
    else:
        middle = 7.5 if kind == T.Q4_K else 15.5
        raw[:, 0:2] = f16(2.5e-3 / middle * wobble)
        raw[:, 2:4] = f16(2.5e-3 * wobble)
    return raw


def quantise(w: np.ndarray, kind: T, rng) -> tuple[np.ndarray, np.ndarray]:
    """Raw bytes and the float32 that they stand for."""
    if kind in (T.Q4_K, T.Q5_K, T.Q6_K):
        width = gguf.GGML_QUANT_SIZES[kind][1]
        raw = random_k_blocks(kind, w.size // 256, rng).reshape(w.shape[0], w.shape[1] // 256 * width)
    else:
        raw = quants.quantize(w, kind)
    return raw, quants.dequantize(raw, kind).reshape(w.shape)


def block_cases(kind: T, rng) -> np.ndarray:
    """Four blocks of random bits whose float16 scales are normal, negative, subnormal and zero."""
    raw = rng.integers(0, 256, (4, gguf.GGML_QUANT_SIZES[kind][1]), dtype=np.uint8)
    first, second = [0.0173, -0.25, 3.1e-6, 0.0], [-0.5, 1.75e-3, -2.4e-5, 0.125]
    if kind == T.Q6_K:
        raw[:, -2:] = f16(first)
    else:
        raw[:, 0:2] = f16(first)
        if kind in (T.Q4_1, T.Q5_1, T.Q4_K, T.Q5_K):
            raw[:, 2:4] = f16(second)
    return raw


# ------------------------------------------------------------------------------------------------------------- writing


def text64(array: np.ndarray, dtype="<f4") -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array, "<f4").tobytes()).hexdigest()


def traits(cfg, model) -> dict:
    """What sets an architecture apart, in the words of ModelTraits."""
    layers = getattr(cfg, "layer_types", None) or ["full_attention"] * cfg.num_hidden_layers
    everywhere = cfg.model_type == "mistral" and cfg.sliding_window is not None
    local = [everywhere or kind == "sliding_attention" for kind in layers]
    rotary = model.rotary_emb_local if is_gemma(cfg) else model.rotary_emb
    head = getattr(cfg, "head_dim", None) or cfg.hidden_size // cfg.num_attention_heads
    return {
        "activation": "GELU_TANH" if is_gemma(cfg) else "SILU",
        "embeddingScale": math.sqrt(cfg.hidden_size) if is_gemma(cfg) else 1.0,
        "queryScale": (cfg.query_pre_attn_scalar if is_gemma(cfg) else head) ** -0.5,
        "window": cfg.sliding_window if any(local) else 0,
        "local": local,
        "localInverseFrequencies": [float(f) for f in rotary.inv_freq],
    }


def golden(cfg, weights: dict[str, np.ndarray], path: str, form: str) -> dict:
    logits = score(cfg, weights)
    model = model_of(cfg).model
    rotary = model.rotary_emb
    architecture = {"gemma3_text": "gemma3", "mistral": "llama" if form == "gguf" else "mistral"}
    return {
        "path": path,
        "format": form,
        "config": {
            "architecture": architecture.get(cfg.model_type, cfg.model_type),
            "layers": cfg.num_hidden_layers,
            "hidden": cfg.hidden_size,
            "heads": cfg.num_attention_heads,
            "kvHeads": cfg.num_key_value_heads,
            "headSize": getattr(cfg, "head_dim", None) or cfg.hidden_size // cfg.num_attention_heads,
            "feedForward": cfg.intermediate_size,
            "vocabularySize": cfg.vocab_size,
            "contextLength": cfg.max_position_embeddings,
            "normEpsilon": cfg.rms_norm_eps,
            "inverseFrequencies": [float(f) for f in rotary.inv_freq],
            "attentionFactor": float(rotary.attention_scaling),
            "tiedHead": cfg.tie_word_embeddings,
        }
        | ({} if cfg.model_type in PLAIN else {"traits": traits(cfg, model)}),
        "argmax": [int(i) for i in logits.argmax(-1)],
        "logits": text64(logits[POSITIONS]),
        "tensors": {
            gguf_name(n, is_gemma(cfg)): {"shape": list(w.shape), "sha256": digest(read_as(cfg, n, w))}
            for n, w in sorted(weights.items())
        },
    }


def write_safetensors(root: Path, name: str, cfg, seed: int, dtype, shards: int = 1, rope_parameters=False, **extra):
    folder = root / name
    folder.mkdir()
    weights = random_weights(cfg, seed)
    stored = {k: torch.from_numpy(v).to(dtype) for k, v in weights.items()}
    if shards == 1:
        safetensors.torch.save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        names, index = sorted(stored), {}
        for i in range(shards):
            file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
            part = {k: stored[k] for k in names[i::shards]}
            safetensors.torch.save_file(part, folder / file, metadata={"format": "pt"})
            index.update({k: file for k in part})
        total = sum(t.numel() * t.element_size() for t in stored.values())
        (folder / "model.safetensors.index.json").write_text(
            json.dumps({"metadata": {"total_size": total}, "weight_map": index}), encoding="utf-8"
        )
    written = json.loads(cfg.to_json_string(use_diff=False))
    keep = (
        "model_type vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads "
        "head_dim max_position_embeddings rms_norm_eps rope_theta rope_scaling tie_word_embeddings attention_bias "
        "mlp_bias hidden_act bos_token_id eos_token_id"
    ).split()
    if cfg.model_type not in PLAIN:
        keep += (
            "sliding_window layer_types use_sliding_window hidden_activation query_pre_attn_scalar rope_local_base_freq "
            "attn_logit_softcapping final_logit_softcapping use_bidirectional_attention"
        ).split()
    written = {k: written[k] for k in keep if k in written}
    written["architectures"] = [CLASSES[cfg.model_type].__name__]
    if rope_parameters:  # the form that transformers 5 writes
        scaling = written.pop("rope_scaling") or {"rope_type": "default"}
        written["rope_parameters"] = {"rope_theta": written.pop("rope_theta"), **scaling}
        if is_gemma(cfg):
            local = {"rope_theta": written.pop("rope_local_base_freq"), "rope_type": "default"}
            written["rope_parameters"] = {"full_attention": written["rope_parameters"], "sliding_attention": local}
    (folder / "config.json").write_text(json.dumps(written, indent=1), encoding="utf-8")
    for file, content in extra.items():
        if file == "tokenizer":
            write_tokenizer(folder)
        elif file == "jinja":
            (folder / "chat_template.jinja").write_text(content, encoding="utf-8")
        else:
            (folder / f"{file}.json").write_text(json.dumps(content), encoding="utf-8")
    exact = {k: v.to(torch.float32).numpy() for k, v in stored.items()}
    return golden(cfg, exact, name, "safetensors")


def write_gguf(root: Path, name: str, cfg, seed: int, kind: T, others: dict[str, T] | None = None):
    others = others or {}
    rng = np.random.default_rng([SEED, seed, 1])
    llama = cfg.model_type in ("llama", "mistral")  # llama.cpp's converter makes one of both
    architecture = {"mistral": "llama", "gemma3_text": "gemma3"}.get(cfg.model_type, cfg.model_type)
    writer = gguf.GGUFWriter(root / f"{name}.gguf", architecture)
    writer.add_name(name)
    writer.add_context_length(cfg.max_position_embeddings)
    writer.add_embedding_length(cfg.hidden_size)
    writer.add_block_count(cfg.num_hidden_layers)
    writer.add_feed_forward_length(cfg.intermediate_size)
    writer.add_head_count(cfg.num_attention_heads)
    writer.add_head_count_kv(cfg.num_key_value_heads)
    writer.add_layer_norm_rms_eps(cfg.rms_norm_eps)
    writer.add_rope_freq_base(cfg.rope_theta)
    head = getattr(cfg, "head_dim", None) or cfg.hidden_size // cfg.num_attention_heads
    if llama:
        writer.add_vocab_size(cfg.vocab_size)
        writer.add_rope_dimension_count(head)
        if head * cfg.num_attention_heads != cfg.hidden_size:
            writer.add_key_length(head)
            writer.add_value_length(head)
    if cfg.model_type in ("qwen3", "gemma3_text"):
        writer.add_key_length(head)
        writer.add_value_length(head)
    if is_gemma(cfg):  # how many layers share a global one is not written: 6 is llama.cpp's default
        writer.add_sliding_window(cfg.sliding_window)
    scaling = getattr(cfg, "rope_scaling", None) or {}
    if scaling.get("rope_type") in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(scaling["rope_type"]))
        writer.add_rope_scaling_factor(scaling["factor"])
    if scaling.get("rope_type") == "yarn":
        writer.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])
        if "beta_fast" in scaling:
            writer.add_rope_scaling_yarn_beta_fast(scaling["beta_fast"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm" if llama else "qwen2")
    writer.add_token_list(vocabulary())
    writer.add_token_types([3] * len(SPECIAL) + [1] * (VOCABULARY - len(SPECIAL)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    if scaling.get("rope_type") == "llama3":
        plain = cfg.rope_theta ** -(np.arange(0, head, 2) / head)
        factors = plain / model_of(cfg).model.rotary_emb.inv_freq.numpy()
        writer.add_tensor("rope_freqs.weight", factors.astype(np.float32))
    exact = {}
    for theirs, w in random_weights(cfg, seed).items():
        ours = gguf_name(theirs, is_gemma(cfg))
        heads = 0
        if llama and ("q_proj" in theirs or "k_proj" in theirs):
            heads = cfg.num_attention_heads if "q_proj" in theirs else cfg.num_key_value_heads
            w = pairs(w, heads)
        stored = T.F32 if w.ndim == 1 else next((k for part, k in others.items() if part in ours), kind)
        raw, w = quantise(w, stored, rng)
        writer.add_tensor(ours, read_as(cfg, theirs, w) if stored == T.F32 else raw, raw_dtype=stored)
        exact[theirs] = halves(w, heads) if heads else w
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return golden(cfg, exact, f"{name}.gguf", "gguf")


def main(root: Path) -> None:
    for old in root.glob("*"):
        if old.is_dir():
            shutil.rmtree(old)
        elif old.name != "README.md":
            old.unlink()
    root.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    linear = {"rope_type": "linear", "factor": 4.0}
    llama3 = {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32,
    }  # fmt: skip
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}
    bf16, half, full = torch.bfloat16, torch.float16, torch.float32
    all_of = {}

    def safetensors_file(name, *args, **more):
        all_of[name] = write_safetensors(root, name, *args, **more)

    def gguf_file(name, *args, **more):
        all_of[name + ".gguf"] = write_gguf(root, name, *args, **more)

    two = dict(num_hidden_layers=2)
    safetensors_file(
        "llama-tied-f32", config("llama", **two), 1, full, tokenizer=True,
        tokenizer_config={"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "chat_template": CHAT_TEMPLATE},
    )  # fmt: skip
    safetensors_file("llama-untied-bf16", config("llama", tie_word_embeddings=False, **two), 2, bf16)
    safetensors_file(
        "llama-llama3-f16-sharded", config("llama", rope_scaling=llama3, **two), 3, half, shards=3, jinja=CHAT_TEMPLATE
    )
    safetensors_file("llama-linear-bf16", config("llama", rope_scaling=linear), 4, bf16)
    safetensors_file("llama-yarn-bf16", config("llama", rope_scaling=yarn), 5, bf16, rope_parameters=True)
    safetensors_file("llama-bias-bf16", config("llama", attention_bias=True), 6, bf16)
    qwen2 = dict(tie_word_embeddings=False, num_attention_heads=2, num_key_value_heads=1, rope_theta=1000000.0)
    templates = [{"name": "tool_use", "template": "no"}, {"name": "default", "template": CHAT_TEMPLATE}]
    safetensors_file(
        "qwen2-bf16", config("qwen2", **qwen2, **two), 7, bf16, tokenizer=True,
        tokenizer_config={"eos_token": "<|im_end|>", "chat_template": templates},
    )  # fmt: skip

    gguf_file("llama-f32", config("llama"), 11, T.F32)
    gguf_file("llama-f16", config("llama", tie_word_embeddings=False), 12, T.F16)
    gguf_file("llama-bf16", config("llama"), 13, T.BF16)
    wide = dict(hidden_size=64, intermediate_size=96)
    for seed, kind in enumerate((T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0), 14):
        gguf_file(f"llama-{kind.name.lower()}", config("llama", **wide), seed, kind)
    wider = dict(hidden_size=256, intermediate_size=64, num_attention_heads=2, num_key_value_heads=1)
    short = {"attn_output": T.Q8_0, "ffn_down": T.Q5_1}
    gguf_file("llama-q4_k", config("llama", **wider), 20, T.Q4_K, others=short)
    for seed, kind in ((21, T.Q5_K), (22, T.Q6_K)):
        gguf_file(f"llama-{kind.name.lower()}", config("llama", **wider), seed, kind, others=short | {"token_embd": T.Q4_0})
    gguf_file("llama-llama3-q8_0", config("llama", rope_scaling=llama3), 23, T.Q8_0)
    gguf_file("llama-linear-q8_0", config("llama", rope_scaling=linear), 24, T.Q8_0)
    gguf_file("llama-yarn-q8_0", config("llama", rope_scaling=yarn), 25, T.Q8_0)
    gguf_file("llama-bias-q8_0", config("llama", attention_bias=True), 26, T.Q8_0)
    gguf_file("qwen2-q8_0", config("qwen2", **qwen2), 27, T.Q8_0)

    safetensors_file("mistral-window-bf16", config("mistral", sliding_window=6, **two), 31, bf16)
    gguf_file("mistral-q8_0", config("mistral", sliding_window=None), 32, T.Q8_0)
    safetensors_file("qwen3-bf16", config("qwen3", rope_theta=1000000.0, **two), 33, bf16)
    gguf_file("qwen3-q8_0", config("qwen3", rope_theta=1000000.0), 34, T.Q8_0)
    gemma3 = dict(
        hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=24, sliding_window=5, rope_theta=1000000.0,
        num_hidden_layers=3, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    )  # fmt: skip
    safetensors_file("gemma3-bf16", config("gemma3_text", **gemma3), 35, bf16)
    safetensors_file("gemma3-linear-f16", config("gemma3_text", **gemma3, rope_scaling=linear), 36, half, rope_parameters=True)
    gemma3 |= dict(query_pre_attn_scalar=16, num_hidden_layers=7, layer_types=None, intermediate_size=32)
    gguf_file("gemma3-linear-q8_0", config("gemma3_text", **gemma3, rope_scaling=linear), 37, T.Q8_0)

    versions = {m.__name__: m.__version__ for m in (torch, transformers, np, safetensors, tokenizers)}
    versions["gguf"] = __import__("importlib.metadata", fromlist=["version"]).version("gguf")
    lines = [f"  {json.dumps(n)}: {json.dumps(c)}" for n, c in all_of.items()]
    (root / "golden.json").write_text(
        f'{{"versions": {json.dumps(versions)},\n"tokens": {TOKENS},\n"positions": {POSITIONS},\n"checkpoints": {{\n'
        + ",\n".join(lines)
        + "\n}}\n",
        encoding="utf-8",
    )
    rng = np.random.default_rng([SEED, 99])
    cases = {}
    for kind in (T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q4_K, T.Q5_K, T.Q6_K):
        raw = block_cases(kind, rng)
        cases[kind.name] = {"blocks": text64(raw, np.uint8), "values": text64(quants.dequantize(raw, kind))}
    (root / "dequant.json").write_text(json.dumps(cases, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
