package ai.dialog.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.GgufVocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Tokenizers#of} makes of a checkpoint's files, and what it refuses. */
class TokenizersTest {

    private final GgufVocabulary byteLevel = Fixtures.vocabulary(Fixtures.BYTE_LEVEL);
    private final GgufVocabulary sentencePiece = Fixtures.vocabulary(Fixtures.SENTENCE_PIECE);

    @Test
    void specialTokensInTheTextBecomeTheirOneId() {
        try (Tokenizer tokenizer = Fixtures.ofGguf(byteLevel)) {
            int[] ids = tokenizer.encode("<|im_start|>user<|im_end|>", false);
            assertThat(ids).startsWith(1).endsWith(2);
            assertThat(tokenizer.isSpecial(1)).isTrue();
            assertThat(tokenizer.isSpecial(ids[1])).isFalse();
            assertThat(tokenizer.decode(ids)).isEqualTo("user");
            assertThat(new String(tokenizer.bytes(1), StandardCharsets.UTF_8)).isEqualTo("<|im_start|>");
        }
    }

    @Test
    void userDefinedTokensAreOneIdAndPartOfTheText() {
        for (GgufVocabulary vocabulary : List.of(byteLevel, sentencePiece)) {
            try (Tokenizer tokenizer = Fixtures.ofGguf(vocabulary)) {
                int id = vocabulary.tokens().indexOf("<think>");
                assertThat(tokenizer.encode("<think>", false)).containsExactly(id);
                assertThat(tokenizer.isSpecial(id)).isFalse();
                assertThat(tokenizer.decode(new int[] {id})).isEqualTo("<think>");
            }
        }
    }

    /** Gemma's files call it user-defined, as any text that is one token. */
    @Test
    void theEndOfATurnEndsAGenerationWhateverItsTypeInAGgufFile() {
        for (int type : new int[] {1, 3, 4}) {
            List<String> tokens = new ArrayList<>(sentencePiece.tokens());
            List<Integer> types = new ArrayList<>(sentencePiece.types());
            int id = tokens.indexOf("<think>");
            tokens.set(id, "<end_of_turn>");
            types.set(id, type);
            GgufVocabulary gemma = new GgufVocabulary(
                    "llama",
                    "default",
                    tokens,
                    types,
                    sentencePiece.scores(),
                    List.of(),
                    1,
                    2,
                    null,
                    0,
                    true,
                    false,
                    false);
            try (Tokenizer tokenizer = Fixtures.ofGguf(gemma)) {
                assertThat(tokenizer.endOfSequence()).containsExactlyInAnyOrder(2, id);
                assertThat(tokenizer.isSpecial(id)).isTrue();
                assertThat(tokenizer.encode("the wind<end_of_turn>", false)).endsWith(id);
                assertThat(tokenizer.decode(tokenizer.encode(" the wind<end_of_turn>", true)))
                        .isEqualTo(" the wind");
            }
        }
    }

    /** As Gemma has for runs of spaces and of line ends. */
    @Test
    void aUserDefinedRunOfSpacesIsOneToken() {
        List<String> tokens = new ArrayList<>(sentencePiece.tokens());
        int id = tokens.indexOf("<think>");
        tokens.set(id, "▁▁▁");
        GgufVocabulary gemma = new GgufVocabulary(
                "llama",
                "default",
                tokens,
                sentencePiece.types(),
                sentencePiece.scores(),
                List.of(),
                1,
                2,
                null,
                0,
                true,
                false,
                false);
        try (Tokenizer tokenizer = Fixtures.ofGguf(gemma)) {
            assertThat(tokenizer.encode("   ", false)).containsExactly(id);
            assertThat(tokenizer.encode("a   b", false)).contains(id);
            assertThat(tokenizer.decode(tokenizer.encode("a   b", false))).isEqualTo("a   b");
        }
    }

    @Test
    void marksGoAroundTheTextAsTheFileSays() {
        assertFramed(byteLevel, "", "");
        assertFramed(Fixtures.withPre(byteLevel, "llama-bpe"), "", "");
        assertFramed(Fixtures.withFlags(Fixtures.withPre(byteLevel, "llama-bpe"), null, null, null), "b", "");
        assertFramed(Fixtures.withFlags(byteLevel, true, true, null), "b", "e");
        assertFramed(sentencePiece, "b", "");
        assertFramed(Fixtures.withFlags(sentencePiece, false, true, null), "", "e");
    }

    private static void assertFramed(GgufVocabulary vocabulary, String begin, String end) {
        try (Tokenizer tokenizer = Fixtures.ofGguf(vocabulary)) {
            List<Integer> expected = new ArrayList<>();
            if (!begin.isEmpty()) {
                expected.add(1);
            }
            for (int id : tokenizer.encode("the wind", false)) {
                expected.add(id);
            }
            if (!end.isEmpty()) {
                expected.add(2);
            }
            assertThat(tokenizer.encode("the wind", true))
                    .containsExactly(expected.stream().mapToInt(id -> id).toArray());
            assertThat(tokenizer.beginningOfSequence()).isEqualTo(1);
        }
    }

    @Test
    void tokenizerConfigDecidesOnTheBeginningForLlama(@TempDir Path folder) throws IOException {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.SENTENCE_PIECE)) {
            assertThat(tokenizer.encode("", true)).containsExactly(1);
            assertThat(tokenizer.endOfSequence()).containsExactly(2);
        }
        Files.copy(Fixtures.SENTENCE_PIECE.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        try (Tokenizer tokenizer = Fixtures.ofFolder(folder)) {
            assertThat(tokenizer.encode("", true))
                    .as("the post-processor alone")
                    .containsExactly(1);
        }
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\":\"LlamaTokenizer\",\"add_bos_token\":false,\"add_eos_token\":true,"
                        + "\"eos_token\":\"</s>\"}");
        try (Tokenizer tokenizer = Fixtures.ofFolder(folder)) {
            assertThat(tokenizer.encode("", true)).containsExactly(2);
        }
    }

    @Test
    void everyEndThatTheCheckpointListsOrNamesEndsAGeneration(@TempDir Path folder) throws IOException {
        try (Tokenizer tokenizer = Fixtures.ofGguf(byteLevel)) {
            assertThat(tokenizer.endOfSequence()).containsExactlyInAnyOrder(0, 2);
        }
        Files.copy(Fixtures.BYTE_LEVEL.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\":[7,9,-1,99999999]}");
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\":11,\"bos_token_id\":1}");
        try (Tokenizer tokenizer = Fixtures.ofFolder(folder)) {
            assertThat(tokenizer.endOfSequence()).containsExactlyInAnyOrder(0, 2, 7, 9, 11);
            assertThat(tokenizer.beginningOfSequence()).isEqualTo(1);
        }
    }

    @Test
    void aTruncationInTheFileDoesNotCutThePrompt() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.BYTE_LEVEL)) {
            assertThat(tokenizer.encode("1 2 3 4 5 6 7 8 9 0 1 2 3", false)).hasSizeGreaterThan(20);
        }
    }

    @Test
    void unpairedSurrogatesBecomeReplacementCharacters() {
        try (Tokenizer tokenizer = Fixtures.ofGguf(byteLevel)) {
            String broken = "a\uD83D b\uDE00 😀 \uD83D";
            assertThat(tokenizer.decode(tokenizer.encode(broken, false))).isEqualTo("a\uFFFD b\uFFFD 😀 \uFFFD");
        }
    }

    @Test
    void idsBeyondTheVocabularyStandForNothing() {
        try (Tokenizer tokenizer = Fixtures.ofGguf(byteLevel)) {
            int[] ids = {-1, tokenizer.vocabularySize(), Integer.MAX_VALUE};
            assertThat(tokenizer.decode(ids)).isEmpty();
            assertThat(tokenizer.bytes(Integer.MAX_VALUE)).isEmpty();
            assertThat(tokenizer.isSpecial(-1)).isFalse();
            assertThat(tokenizer.vocabularySize()).isEqualTo(byteLevel.tokens().size());
        }
    }

    @Test
    void addedTokensWithoutARowInTheModelAreLeftOut() {
        int size = byteLevel.tokens().size();
        List<String> tokens = new ArrayList<>(byteLevel.tokens());
        List<Integer> types = new ArrayList<>(byteLevel.types());
        tokens.add("<|beyond|>");
        types.add(3);
        GgufVocabulary longer = new GgufVocabulary(
                "gpt2", "smollm", tokens, types, List.of(), byteLevel.merges(), 1, 2, null, null, null, null, null);
        try (Tokenizer tokenizer = Tokenizers.of(new Fixtures.VocabularyOnly(Path.of("longer.gguf"), longer, size))) {
            assertThat(tokenizer.encode("<|beyond|>", false)).doesNotContain(size);
        }
    }

    @Test
    void manyThreadsGetTheSameIds() throws Exception {
        try (Tokenizer tokenizer = Fixtures.ofGguf(byteLevel);
                var threads = Executors.newFixedThreadPool(8)) {
            String text = "The harbour wakes 😀 before the town does. ".repeat(20);
            int[] expected = tokenizer.encode(text, false);
            List<Callable<int[]>> tasks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                tasks.add(() -> tokenizer.encode(text, false));
            }
            for (var result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void aClosedTokenizerSaysSo() {
        Tokenizer tokenizer = Fixtures.ofGguf(byteLevel);
        tokenizer.close();
        tokenizer.close();
        assertThatThrownBy(() -> tokenizer.encode("a", false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void longTextsTakeBoundedTimeAndTooLongOnesAreRefused() {
        try (Tokenizer tokenizer = Fixtures.ofGguf(byteLevel)) {
            for (String unit : List.of("a", " ", "\n", "the wind ", "漢", "1", "!")) {
                String text = unit.repeat(BpeTokenizer.MAX_TEXT / unit.length() / 4);
                long start = System.nanoTime();
                assertThat(tokenizer.encode(text, false)).isNotEmpty();
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("a quarter of a million characters of '%s'", unit)
                        .isLessThan(Duration.ofSeconds(30));
            }
            assertThatThrownBy(() -> tokenizer.encode("a".repeat(10_000_000), false))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("10000000 characters")
                    .hasMessageContaining("at most " + BpeTokenizer.MAX_TEXT);
        }
    }

    @Test
    void anUnknownPreTokenizerIsRefusedByName() {
        assertThatThrownBy(() -> Fixtures.ofGguf(Fixtures.withPre(byteLevel, "novel-bpe")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'novel-bpe'")
                .hasMessageContaining("smollm");
    }

    @Test
    void partsThatDoNotFitTogetherAreRefused() {
        assertThatThrownBy(() -> Fixtures.ofGguf(gguf("bert", byteLevel.types(), byteLevel.merges())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'bert'");
        assertThatThrownBy(() -> Fixtures.ofGguf(gguf("gpt2", List.of(1, 2), byteLevel.merges())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("2 token types");
        assertThatThrownBy(() -> Fixtures.ofGguf(gguf("gpt2", byteLevel.types(), List.of("zzz qqq"))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'zzz qqq'");
        assertThatThrownBy(() -> Fixtures.ofGguf(gguf("gpt2", byteLevel.types(), List.of("ab"))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'ab'");
        assertThatThrownBy(() -> Fixtures.ofGguf(gguf("llama", byteLevel.types(), List.of())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("without scores");
    }

    private GgufVocabulary gguf(String model, List<Integer> types, List<String> merges) {
        return new GgufVocabulary(
                model, "smollm", byteLevel.tokens(), types, List.of(), merges, 1, 2, null, 0, null, null, null);
    }

    @Test
    void brokenFilesAreRefusedWithTheirName(@TempDir Path folder) throws IOException {
        assertRefused(folder, "tokenizer.json");
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, "{\"model\":");
        assertRefused(folder, "not valid JSON");
        Files.writeString(file, "[]");
        assertRefused(folder, "no JSON object");
        Files.writeString(file, "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":0}}}");
        assertRefused(folder, "'WordPiece'");
        Files.writeString(
                file, "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-5}},\"decoder\":{\"type\":\"ByteLevel\"}}");
        assertRefused(folder, "the id -5");
        Files.writeString(file, "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}},\"decoder\":{\"type\":\"CTC\"}}");
        assertRefused(folder, "CTC");
        Files.writeString(
                file,
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[[\"x\",\"y\"]]},"
                        + "\"decoder\":{\"type\":\"ByteLevel\"}}");
        assertRefused(folder, "cannot be used");
    }

    private static void assertRefused(Path folder, String why) {
        assertThatThrownBy(() -> Fixtures.ofFolder(folder))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("tokenizer");
    }
}
