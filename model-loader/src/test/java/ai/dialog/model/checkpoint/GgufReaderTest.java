package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufReaderTest {

    @TempDir
    Path folder;

    /** A llama of one layer: hidden 4, two heads of 2, one key/value head, three tokens; all weights zero. */
    private final Map<String, Object> metadata = new LinkedHashMap<>(Map.of(
            "general.architecture", "llama",
            "llama.block_count", 1,
            "llama.context_length", 16,
            "llama.embedding_length", 4,
            "llama.attention.head_count", 2,
            "llama.attention.head_count_kv", 1,
            "llama.feed_forward_length", 6,
            "llama.attention.layer_norm_rms_epsilon", 1e-5f));

    private final Map<String, long[]> tensors = new LinkedHashMap<>(Map.of(
            "token_embd.weight", new long[] {4, 3},
            "output_norm.weight", new long[] {4},
            "blk.0.attn_norm.weight", new long[] {4},
            "blk.0.attn_q.weight", new long[] {4, 4},
            "blk.0.attn_k.weight", new long[] {4, 2},
            "blk.0.attn_v.weight", new long[] {4, 2},
            "blk.0.attn_output.weight", new long[] {4, 4},
            "blk.0.ffn_norm.weight", new long[] {4}));

    GgufReaderTest() {
        tensors.put("blk.0.ffn_gate.weight", new long[] {4, 6});
        tensors.put("blk.0.ffn_up.weight", new long[] {4, 6});
        tensors.put("blk.0.ffn_down.weight", new long[] {6, 4});
    }

    private Path write() throws IOException {
        GgufBytes out = GgufBytes.header(3, tensors.size(), metadata.size());
        metadata.forEach((key, value) -> {
            switch (value) {
                case String text -> out.pair(key, text);
                case Float number -> out.string(key).int32(6).int32(Float.floatToIntBits(number));
                case List<?> items -> {
                    boolean flags = items.getFirst() instanceof Boolean;
                    out.string(key).int32(9).int32(flags ? 7 : 8).int64(items.size());
                    items.forEach(item -> {
                        if (flags) {
                            out.bytes((byte) (item.equals(true) ? 1 : 0));
                        } else {
                            out.string((String) item);
                        }
                    });
                }
                default -> out.pair(key, (Integer) value);
            }
        });
        long offset = 0;
        for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
            out.tensor(tensor.getKey(), 0, offset, tensor.getValue());
            offset += 128;
        }
        return Files.write(
                folder.resolve("tiny.gguf"), out.align().zeros((int) offset).array());
    }

    private AbstractThrowableAssert<?, ? extends Throwable> refused() throws IOException {
        Path file = write();
        return assertThatThrownBy(() -> Checkpoints.open(file).close()).isInstanceOf(ModelException.class);
    }

    private ModelConfig opened() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(write())) {
            return checkpoint.config();
        }
    }

    @Test
    void aModelWithoutVocabularyTemplateAndNameOpens() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(write())) {
            assertThat(checkpoint.name()).isEqualTo("tiny");
            assertThat(checkpoint.vocabulary()).isNull();
            assertThat(checkpoint.chatTemplate()).isNull();
            assertThat(checkpoint.config().tiedHead()).isTrue();
        }
    }

    @Test
    void theVocabularyAndTemplateOfATinyModelAreWhatWasWritten() {
        try (Checkpoint checkpoint = Checkpoints.open(Fixtures.FOLDER.resolve("llama-q8_0.gguf"))) {
            GgufVocabulary vocabulary = Objects.requireNonNull(checkpoint.vocabulary());
            assertThat(vocabulary.model()).isEqualTo("gpt2");
            assertThat(vocabulary.pre()).isEqualTo("smollm");
            assertThat(vocabulary.tokens())
                    .hasSize(288)
                    .startsWith("<|endoftext|>", "<|im_start|>")
                    .endsWith("Ġp");
            assertThat(vocabulary.types()).hasSize(288).startsWith(3, 3, 3, 1);
            assertThat(vocabulary.merges()).hasSize(29).startsWith("t h", "th e", "Ġ the");
            assertThat(vocabulary.scores()).isEmpty();
            assertThat(vocabulary.bos()).isEqualTo(1);
            assertThat(vocabulary.eos()).isEqualTo(2);
            assertThat(vocabulary.unknown()).isNull();
            assertThat(vocabulary.addBos()).isFalse();
            assertThat(vocabulary.addSpacePrefix()).isNull();
            assertThat(checkpoint.chatTemplate()).startsWith("{% for message in messages %}");
        }
    }

    @ParameterizedTest
    @CsvSource({"foo", "mistral3", "qwen3moe", "gemma3n", "''"})
    void anUnknownArchitectureIsRefusedByName(String name) throws IOException {
        metadata.put("general.architecture", name);
        refused().hasMessage("architecture '" + name + "' is not supported; supported: llama, qwen2, qwen3, gemma3");
    }

    @ParameterizedTest
    @CsvSource({
        "llama.block_count",
        "llama.context_length",
        "llama.embedding_length",
        "llama.attention.head_count",
        "llama.feed_forward_length",
        "general.architecture"
    })
    void anAbsentHyperparameterIsNamed(String key) throws IOException {
        metadata.remove(key);
        refused().hasMessageContaining("has no " + key);
    }

    @ParameterizedTest
    @CsvSource({
        "llama.block_count, 0",
        "llama.block_count, 3000",
        "llama.context_length, 0",
        "llama.context_length, -1",
        "llama.embedding_length, 2147483647",
        "llama.attention.head_count, 0",
        "llama.attention.head_count, 5000",
        "llama.attention.head_count_kv, 3",
        "llama.feed_forward_length, 1000000000"
    })
    void aHyperparameterOutOfBoundsIsRefused(String key, int value) throws IOException {
        metadata.put(key, value);
        refused().hasMessageContaining("tiny.gguf");
    }

    @Test
    void aHyperparameterOfAnotherTypeIsRefused() throws IOException {
        metadata.put("llama.block_count", "one");
        refused().hasMessageContaining("llama.block_count must be a whole number");
    }

    @ParameterizedTest
    @CsvSource({"-1", "NaN", "1", "Infinity"})
    void anImpossibleEpsilonIsRefused(float epsilon) throws IOException {
        metadata.put("llama.attention.layer_norm_rms_epsilon", epsilon);
        refused().hasMessageContaining("epsilon");
    }

    @Test
    void partialRotaryEmbeddingIsRefused() throws IOException {
        metadata.put("llama.rope.dimension_count", 1);
        refused().hasMessageContaining("llama.rope.dimension_count is 1 where heads have the size 2");
    }

    @Test
    void anUnknownRopeScalingIsRefusedByName() throws IOException {
        metadata.put("llama.rope.scaling.type", "longrope");
        refused().hasMessageContaining("rope scaling 'longrope' is not supported; supported: none, linear, yarn");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "-5", "NaN"})
    void anImpossibleRotaryBaseIsRefused(float base) throws IOException {
        metadata.put("llama.rope.freq_base", base);
        refused().hasMessageContaining("llama.rope.freq_base");
    }

    @Test
    void theOldKeyOfLinearScalingAndTheAbsentTypeMeanLinear() throws IOException {
        metadata.put("llama.rope.scale_linear", 4f);
        assertThat(opened().inverseFrequencies()).containsExactly(0.25);
        metadata.put("llama.rope.scaling.type", "none");
        assertThat(opened().inverseFrequencies()).containsExactly(1.0);
    }

    @Test
    void yarnsOwnAttentionFactorReplacesTheComputedOne() throws IOException {
        metadata.put("llama.rope.scaling.type", "yarn");
        metadata.put("llama.rope.scaling.factor", 4f);
        assertThat(opened().attentionFactor()).isCloseTo(0.1 * Math.log(4) + 1, within(1e-12));
        metadata.put("llama.rope.scaling.yarn_attn_factor", 1.5f);
        assertThat(opened().attentionFactor()).isEqualTo(1.5);
        metadata.put("llama.rope.scaling.yarn_ext_factor", 0.5f);
        refused().hasMessageContaining("extrapolation factor");
    }

    @Test
    void ropeFactorsOfAnotherLengthOrZeroAreRefused() throws IOException {
        tensors.put("rope_freqs.weight", new long[] {2});
        refused().hasMessageContaining("rope_freqs.weight has 2 values where 1 are needed");
        tensors.put("rope_freqs.weight", new long[] {1}); // its value is 0: the frequency would be infinite
        refused().hasMessageContaining("rotary frequencies");
    }

    @Test
    void partsOfASplitFileAndMixturesOfExpertsAreRefused() throws IOException {
        metadata.put("llama.expert_count", 8);
        refused().hasMessageContaining("mixture of 8 experts");
        metadata.put("split.count", 3);
        refused().hasMessageContaining("is one of 3 parts");
    }

    @Test
    void absentSurplusAndMisshapenTensorsAreNamed() throws IOException {
        tensors.put("blk.0.attn_q_norm.weight", new long[] {2});
        refused().hasMessageContaining("has a tensor 'blk.0.attn_q_norm.weight' that architecture llama does not know");
        tensors.put("blk.0.ffn_up.weight", new long[] {6, 4});
        refused().hasMessageContaining("tensor blk.0.ffn_up.weight has the shape [4, 6] where [6, 4] is needed");
        tensors.remove("blk.0.ffn_up.weight");
        refused().hasMessageContaining("lacks the tensor blk.0.ffn_up.weight");
        tensors.remove("token_embd.weight");
        refused().hasMessageContaining("lacks the tensor token_embd.weight");
    }

    /** Makes it another architecture, with the same numbers. */
    private void become(String architecture) {
        for (String key : List.copyOf(metadata.keySet())) {
            if (key.startsWith("llama.")) {
                metadata.put(key.replace("llama.", architecture + "."), metadata.get(key));
            }
        }
        metadata.put("general.architecture", architecture);
    }

    private void becomeGemma() {
        become("gemma3");
        for (String norm : List.of("attn_q_norm", "attn_k_norm")) {
            tensors.put("blk.0." + norm + ".weight", new long[] {2});
        }
        for (String norm : List.of("post_attention_norm", "post_ffw_norm")) {
            tensors.put("blk.0." + norm + ".weight", new long[] {4});
        }
    }

    @Test
    void aQwen2WithoutBiasesAQwen3WithoutNormsOfHeadsAndAGemma3WithoutPostNormsAreIncomplete() throws IOException {
        become("qwen2");
        refused().hasMessageContaining("lacks the tensor blk.0.attn_q.bias");
        become("qwen3");
        refused().hasMessageContaining("lacks the tensor blk.0.attn_q_norm.weight");
        becomeGemma();
        tensors.remove("blk.0.post_ffw_norm.weight");
        refused().hasMessageContaining("lacks the tensor blk.0.post_ffw_norm.weight");
    }

    @Test
    void everyLayerOfALlamaSeesOnlyTheWindowThatTheFileNames() throws IOException {
        assertThat(opened().traits().local()).isNull();
        metadata.put("llama.attention.sliding_window", 0);
        assertThat(opened().traits().local()).isNull();
        metadata.put("llama.attention.sliding_window", 5);
        assertThat(opened().traits().local()).isEqualTo(new ModelTraits.LocalAttention(5, List.of(true), List.of(1.0)));
    }

    @Test
    void whichLayersOfAGemmaSeeAWindowFollowsFromItsPattern() throws IOException {
        becomeGemma();
        assertThat(opened().traits().local()).as("no window").isNull();
        metadata.put("gemma3.attention.sliding_window", 5);
        assertThat(opened().traits().local()).isEqualTo(new ModelTraits.LocalAttention(5, List.of(true), List.of(1.0)));
        metadata.put("gemma3.attention.sliding_window_pattern", 1);
        assertThat(opened().traits().local()).as("every layer sees all").isNull();
        metadata.put("gemma3.attention.sliding_window_pattern", List.of(false));
        assertThat(opened().traits().local()).isNull();
        metadata.put("gemma3.attention.sliding_window_pattern", List.of(true, false));
        refused().hasMessageContaining("gemma3.attention.sliding_window_pattern has 2 values for 1 layers");
        metadata.put("gemma3.attention.sliding_window_pattern", List.of("yes"));
        refused().hasMessageContaining("must be an array of truth values");
    }

    @ParameterizedTest
    @CsvSource({
        "gemma3.attention.sliding_window, -1",
        "gemma3.attention.sliding_window, 134217729",
        "gemma3.attention.sliding_window, 2147483647",
        "gemma3.attention.sliding_window_pattern, -1",
        "gemma3.attention.key_length, 0",
        "gemma3.attention.key_length, 262144",
        "gemma3.block_count, 2049",
        "gemma3.block_count, 2147483647"
    })
    void aNumberOfGemmaOutOfBoundsIsRefused(String key, int value) throws IOException {
        becomeGemma();
        metadata.put("gemma3.attention.sliding_window", 4096);
        metadata.put(key, value);
        refused().hasMessageContaining("tiny.gguf");
    }

    @Test
    void cappedScoresAreRefused() throws IOException {
        becomeGemma();
        metadata.put("gemma3.final_logit_softcapping", 30f);
        refused().hasMessageContaining("gemma3.final_logit_softcapping is not supported");
    }

    @Test
    void aVocabularyThatDoesNotFitTheEmbeddingIsRefused() throws IOException {
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.tokens", List.of("a", "b", "c", "d"));
        refused().hasMessageContaining("the vocabulary has 4 tokens");
        metadata.put("tokenizer.ggml.tokens", List.of("a", "b", "c"));
        metadata.put("tokenizer.ggml.eos_token_id", 3);
        refused().hasMessageContaining("tokenizer.ggml.eos_token_id is 3; it must lie between 0 and 2");
        metadata.put("tokenizer.ggml.eos_token_id", -1); // llama.cpp's way of saying none
        try (Checkpoint checkpoint = Checkpoints.open(write())) {
            assertThat(checkpoint.vocabulary())
                    .isNotNull()
                    .extracting(GgufVocabulary::eos)
                    .isNull();
        }
    }
}
