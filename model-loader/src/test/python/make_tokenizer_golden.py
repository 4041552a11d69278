"""Makes the tokenizer fixtures and their golden values, with Hugging Face's own library as the reference.

    pip install -r requirements.txt
    python make_tokenizer_golden.py [--gguf SmolLM2-135M-Instruct.Q4_1.gguf]

writes src/test/resources/tokenizer/: two small vocabularies trained on the lines below (byte-level BPE and SentencePiece
style), each as tokenizer.json and as the GGUF vocabulary (vocabulary.json), with golden.json; and with --gguf the golden
values of the default model, whose vocabulary stays in the model's file.
"""

import argparse
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = pathlib.Path(__file__).resolve().parent.parent / "resources" / "tokenizer"

LINES = """\
The harbour wakes before the town does; the first boats leave while the street lamps are still burning.
She counted the stones twice, 12 of them in the north wall and 30 in the south wall, and wrote both numbers down.
It isn't the rain that they're afraid of, it's the wind: we'll wait, I've said, until he's ready and she'd like to go.
    def total(values):
        return sum(value * 2 for value in values)
if (left < right && values[left] != 0) { left += 1; }   // go on
{"name": "harbour", "boats": [1, 2, 3], "open": true, "note": null}
Die Fischer fuhren früh hinaus, und über den Dächern lag noch Nebel. Größe, Straße, Käse.
La côte est haute, l'été est bref; à midi le café ferme déjà.
El niño pequeño corrió mañana y tarde por la orilla.
Рыбаки вышли в море до рассвета, и город ещё спал.
漁師は朝早く海に出た。町はまだ眠っていた。
渔夫清晨出海，城市还在睡觉。
어부는 이른 아침 바다로 나갔다.
خرج الصيادون إلى البحر قبل الفجر.
The boats, the boats, the boats; the wall, the wall; the wind and the rain and the wind.
""".splitlines()

CORPUS = [
    "",
    " ",
    "a",
    "Hello world",
    " leading and trailing ",
    "The harbour wakes before the town does.",
    "It isn't, they're, we'll, I've, I'm, he'd: IT ISN'T, THEY'RE, WE'LL",
    "x = 1\n\ty = 22\r\n\t\tz = 333\n\n\n",
    "    four spaces,        eight,                                          and many",
    " \n \n\n  \t\t \r\n\r\n ",
    "tabs\tand\u00a0no-break\u2003em\u3000ideographic\u200bzero-width\ufeffmark",
    "0 12 345 6789 12345678901234567890 3.14159 1,000,000 ½ ² ⅷ ٣٤٥ १२३",
    "emoji 😀 👍🏽 👩‍👩‍👧‍👦 🇫🇷 🏳️‍🌈 ❤️ 🤦🏾‍♂️",
    "combining: e\u0301 a\u0308 o\u0323\u0302 n\u0303 — é ä ộ ñ; Z\u0351\u036b\u0343\u036a\u0302a\u0302\u036bl\u034c\u0351g",
    "漁師は朝早く海に出た。ｶﾀｶﾅ カタカナ 漢字かな交じり文",
    "渔夫清晨出海，城市还在睡觉。𠀀𠜎𪚥",
    "어부는 이른 아침 바다로 나갔다. \u1112\u1161\u11ab\u1100\u1173\u11af",
    "خرج الصيادون إلى البحر قبل الفجر. مَرْحَبًا ١٢٣",
    "עברית עם נִקּוּד, हिन्दी क्षत्रिय, ไทยไม่มีวรรค, Ελληνικά, Рыбаки",
    "\u202eright to left override\u202c and \u200emarks\u200f",
    "ﬁ ﬂ Å Ω ℌ ① ㎏ ™ ǅ İ ı ß ẞ",
    "def total(values):\n    return sum(value * 2 for value in values)  # 2×\n",
    "if (left<right&&values[left]!=0){left+=1;}//go on",
    "<html lang=\"en\"><p class='x'>&nbsp;&amp;</p></html>",
    "https://example.org/a/b?c=d&e=%20f#g user@example.org C:\\dir\\file.txt",
    "{\"a\": [1, 2.5e-3, null, true], \"b\": \"\\u00e9\\n\"}",
    "!!!???...;;;:::---___***###@@@$$$%%%^^^&&&~~~```",
    "$1,234.56 -7 +8 1e9 0xFF 0b1010 50% #42 @7",
    "control \u0000 \u0001 \u0007 \u0008 \u000b \u000c \u001b[0m \u007f \u0085 \u009f end",
    "replacement \ufffd private \ue000 \U000f0000 noncharacter \uffff \U0010ffff",
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
    "<|endoftext|><|endoftext|> <|im_end|>x<|im_start|> <|im_start |> <|im_start|",
    "<s>[INST] hi [/INST]</s> <unk> <0x0A> <think>\nwell\n</think> text",
    "▁already marked▁ ▁▁ text Ġ Ċ ĠĠ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Straße Größe Käse über — “quotes” ‘single’ … – •",
    "camelCaseWord snake_case_word SCREAMING_CASE kebab-case HTTPServer2Go",
    "line one\nline two\n\nline four\r\nline five\rline six\u2028line seven\u2029end",
]


def random_texts(count=40):
    """Runs of characters from scripts that seldom meet."""
    rng = random.Random(20260101)
    pool = "abcXYZ 019\n\t  .,'\"-_/\\<>|é ü漢字かな한글عربрус😀👍\u0301\u200d\u00a0½٣ς"
    return ["".join(rng.choice(pool) for _ in range(rng.randint(1, 60))) for _ in range(count)]


TEXTS = CORPUS + random_texts()
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(pattern):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


def words(pre):
    """Normalizer, pre-tokenizer and ignore_merges as the tokenizer.json of each family's models has them."""
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return {
        "gpt-2": (None, whole, False),
        "smollm": (None, pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), whole]), False),
        "llama-bpe": (None, split(LLAMA3), True),
        "qwen2": (normalizers.NFC(), split(QWEN2), False),
        "tekken": (None, split(TEKKEN), True),
    }[pre]


def byte_level(vocab, merges, pre, special, plain):
    normalizer, pre_tokenizer, ignore_merges = words(pre)
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=ignore_merges))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in special])
    tokenizer.add_tokens([AddedToken(name, normalized=False, special=False) for name in plain])
    return tokenizer


def golden(tokenizer):
    rows = []
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    return rows


def write(path, value, indent=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True, indent=indent) + "\n")


def rows_of(values):
    """One line for each text, so that a difference can be read."""
    return "[\n" + ",\n".join(json.dumps(value, ensure_ascii=True) for value in values) + "\n]\n"


def make_byte_level():
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    plain = ["<think>", "</think>"]
    trainer = trainers.BpeTrainer(
        vocab_size=560, special_tokens=special + plain, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = words("smollm")[1]
    trained.train_from_iterator(LINES, trainer)
    model = json.loads(trained.to_str())["model"]
    vocab, merges = model["vocab"], [tuple(m) for m in model["merges"]]
    folder = OUT / "bytelevel"
    reference = byte_level(vocab, merges, "smollm", special, plain)
    reference.enable_truncation(8)  # a published file may have one; it must not cut a prompt
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(reference.to_str() + "\n")
    reference.no_truncation()
    write(folder / "tokenizer_config.json", {
        "tokenizer_class": "GPT2Tokenizer", "bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "add_prefix_space": False,
    })
    write(folder / "generation_config.json", {"bos_token_id": 1, "eos_token_id": [2]})
    names = sorted(vocab, key=vocab.get)
    types = [3 if name in special else 4 if name in plain else 1 for name in names]
    write(folder / "vocabulary.json", {
        "model": "gpt2", "pre": "smollm", "tokens": names, "types": types, "scores": [],
        "merges": [" ".join(merge) for merge in merges], "bos": 1, "eos": 2, "eot": None, "unknown": 0,
        "addBos": False, "addEos": None, "addSpacePrefix": False,
    })
    for pre in ["gpt-2", "smollm", "llama-bpe", "qwen2", "tekken"]:
        (folder / f"golden-{pre}.json").write_text(rows_of(golden(byte_level(vocab, merges, pre, special, plain))))


def generate_merges(vocab, scores):
    """transformers.convert_slow_tokenizer.generate_merges."""
    merges = []
    for piece, score in scores.items():
        local = []
        for index in range(1, len(piece)):
            left, right = piece[:index], piece[index:]
            if left in vocab and right in vocab:
                local.append((left, right, score))
        merges.extend(sorted(local, key=lambda m: (vocab[m[0]], vocab[m[1]])))
    merges = sorted(merges, key=lambda m: (m[2], len(m[0]), len(m[1])), reverse=True)
    return [(left, right) for left, right, _ in merges]


def make_sentence_piece():
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=[], show_progress=False)
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    # Only some scripts, so that the others must fall back to bytes.
    trained.train_from_iterator([line for line in LINES if all(ord(c) < 0x250 for c in line)], trainer)
    model = json.loads(trained.to_str())["model"]
    merged = ["".join(m) for m in model["merges"]]
    merged = list(dict.fromkeys(merged))
    singles = sorted(set(model["vocab"]) - set(merged), key=model["vocab"].get)
    control = ["<unk>", "<s>", "</s>"]
    names = control + [f"<0x{b:02X}>" for b in range(256)] + merged + singles + ["<think>", "</think>"]
    types = [2, 3, 3] + [6] * 256 + [1] * (len(merged) + len(singles)) + [4, 4]
    scores = [0.0] * 259 + [-float(rank) for rank in range(len(merged) + len(singles))] + [0.0, 0.0]
    vocab = {name: i for i, name in enumerate(names)}
    normal = {name: scores[i] for i, name in enumerate(names) if types[i] == 1}
    merges = generate_merges({name: vocab[name] for name in normal}, normal)
    folder = OUT / "sentencepiece"
    for prefix in [True, False]:
        tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        mark = [normalizers.Prepend("▁")] if prefix else []
        tokenizer.normalizer = normalizers.Sequence(mark + [normalizers.Replace(" ", "▁")])
        strip = [decoders.Strip(" ", 1, 0)] if prefix else []
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()] + strip)
        tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in control])
        tokenizer.add_tokens([AddedToken(name, normalized=False, special=False) for name in ["<think>", "</think>"]])
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
        )
        folder.mkdir(parents=True, exist_ok=True)
        name = "golden.json" if prefix else "golden-no-prefix.json"
        (folder / name).write_text(rows_of(golden(tokenizer)))
        if prefix:
            (folder / "tokenizer.json").write_text(tokenizer.to_str() + "\n")
    write(folder / "tokenizer_config.json", {
        "tokenizer_class": "LlamaTokenizerFast", "bos_token": {"content": "<s>", "special": True}, "eos_token": "</s>",
        "add_bos_token": True, "add_eos_token": False,
    })
    write(folder / "config.json", {"bos_token_id": 1, "eos_token_id": 2})
    write(folder / "vocabulary.json", {
        "model": "llama", "pre": "default", "tokens": names, "types": types, "scores": scores, "merges": [], "bos": 1, "eos": 2,
        "eot": None, "unknown": 0, "addBos": None, "addEos": None, "addSpacePrefix": None,
    })


def make_default_model(path):
    from gguf import GGUFReader

    fields = GGUFReader(path).fields
    names = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    special = [name for name, kind in zip(names, types) if kind == 3]
    tokenizer = byte_level({name: i for i, name in enumerate(names)}, merges, "smollm", special, [])
    (OUT / "golden-default-model.json").write_text(rows_of(golden(tokenizer)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf")
    arguments = parser.parse_args()
    make_byte_level()
    make_sentence_piece()
    if arguments.gguf:
        make_default_model(arguments.gguf)
