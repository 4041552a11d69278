"""Golden scores of the default model, from Hugging Face transformers in float32 on the dequantised GGUF weights.

    pip install -r requirements.txt
    python make_default_model_golden.py SmolLM2-135M-Instruct.Q4_1.gguf

Writes ../resources/golden/default-model.golden.gz: a line of JSON (versions, sha256 of the model file, n positions,
k scores each), then little-endian: n int32 token ids of a conversation, n*k int32 ids of the k best next tokens after
each position, best first, and n*k float32 log-probabilities of these.
"""
import gzip
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import torch
import transformers

TOP = 32
POSITIONS = 500

CONVERSATION = [
    ("user", "What is the capital of France, and why did it become the capital?"),
    ("assistant", "The capital of France is Paris. It grew on an island in the Seine where two trade routes met, and the "
     "Capetian kings, whose own lands lay around it, made it their seat at the end of the tenth century. Later rulers "
     "added walls, markets, a university and courts of law, so that by the fourteenth century it was the largest city "
     "of western Europe."),
    ("user", "Nice. How would I write a function in Python that counts the words of a text? Please keep it short."),
    ("assistant", "Here is one that ignores case and punctuation:\n\n```python\nimport re\nfrom collections import Counter\n\n"
     "def count_words(text: str) -> Counter:\n    return Counter(re.findall(r\"[\\w']+\", text.lower()))\n```\n\n"
     "`count_words(\"The cat saw the dog.\")` gives `Counter({'the': 2, 'cat': 1, 'saw': 1, 'dog': 1})`."),
    ("user", "And if the file does not fit into memory?"),
    ("assistant", "Then read it line by line and add up the counts:\n\n```python\ndef count_file(path):\n    total = Counter()\n"
     "    with open(path, encoding=\"utf-8\") as file:\n        for line in file:\n            total.update(count_words(line))\n"
     "    return total\n```\n\nOnly one line and the table of words are in memory at any time. A word that is split by a "
     "line break is counted as two."),
    ("user", "My grandmother turns 80 next week. Could you write her a few friendly lines for a card? She likes gardening, "
     "strong coffee and crossword puzzles."),
    ("assistant", "Dear Grandma,\n\nEighty years, and your roses still stand straighter than any of us on a Monday morning! "
     "May this new year bring you good soil, strong coffee and a crossword that is just difficult enough. Thank you for "
     "every story told over the garden fence.\n\nWith all our love on your birthday"),
    ("user", "Lovely. Three facts about the planet Jupiter, as a list."),
    ("assistant", "1. Jupiter is the largest planet of the solar system: more than eleven Earths would fit side by side "
     "across it.\n2. Its Great Red Spot is a storm that has been seen for over 150 years.\n3. It turns once in less than "
     "ten hours, faster than any other planet."),
]


def main(path: pathlib.Path) -> None:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    tokenizer = transformers.AutoTokenizer.from_pretrained(**where)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        **where, dtype=torch.float32, attn_implementation="eager").eval()
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in CONVERSATION)
    tokens = tokenizer(text, add_special_tokens=False).input_ids[:POSITIONS]
    if len(tokens) < POSITIONS:
        raise SystemExit(f"the conversation has {len(tokens)} tokens only, not {POSITIONS}")
    logprobs = model(torch.tensor([tokens])).logits[0].double().log_softmax(-1)
    best = logprobs.topk(TOP)
    header = {
        "versions": {name: importlib.metadata.version(name) for name in ("torch", "transformers", "gguf", "numpy")},
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "positions": POSITIONS, "top": TOP}
    body = np.array(tokens, "<i4").tobytes() + best.indices.numpy().astype("<i4").tobytes()
    body += best.values.numpy().astype("<f4").tobytes()
    target = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "default-model.golden.gz"
    target.parent.mkdir(exist_ok=True)
    # No time stamp, so that the same values give the same file.
    target.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + body, 9, mtime=0))
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
