package ai.dialog.model.checkpoint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code tokenizer.ggml.*} part of a GGUF file.
 *
 * @param model {@code gpt2} (byte-level BPE) or {@code llama} (SentencePiece)
 * @param pre name of the pre-tokenizer, such as {@code smollm} or {@code qwen2}
 * @param tokens the vocabulary
 * @param types one for each token: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte
 * @param scores SentencePiece's scores, empty for BPE
 * @param merges BPE's merges, each two pieces with a space between
 */
public record GgufVocabulary(
        String model,
        String pre,
        List<String> tokens,
        List<Integer> types,
        List<Float> scores,
        List<String> merges,
        @Nullable Integer bos,
        @Nullable Integer eos,
        @Nullable Integer eot,
        @Nullable Integer unknown,
        @Nullable Boolean addBos,
        @Nullable Boolean addEos,
        @Nullable Boolean addSpacePrefix) {}
