package ai.dialog.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that comes token by token is the same as the whole, and never breaks a character. */
class StreamDecoderTest {

    private static final Path FOLDER = Fixtures.FOLDER;

    @ParameterizedTest
    @ValueSource(strings = {"bytelevel", "sentencepiece"})
    void everySequenceOfIdsStreamsAsItDecodes(String folder) {
        try (Tokenizer tokenizer = Fixtures.ofFolder(FOLDER.resolve(folder))) {
            Random random = new Random(7);
            for (int round = 0; round < 3000; round++) {
                int[] ids = random.ints(random.nextInt(40), 0, tokenizer.vocabularySize() + 3)
                        .toArray();
                String streamed = stream(tokenizer, ids);
                assertThat(streamed).isEqualTo(tokenizer.decode(ids));
                if (!streamed.contains("\uFFFD")) {
                    assertThat(streamed).isEqualTo(fromBytes(tokenizer, ids, folder.equals("sentencepiece")));
                }
            }
        }
    }

    @Test
    void everySequenceOfByteLevelIdsDecodesAsInHuggingFace() {
        var json = Fixtures.vocabulary(Fixtures.BYTE_LEVEL);
        var definition = TokenizerDefinition.read(GgufTokenizerJson.write(json, "fixture"), 1 << 20, "fixture");
        try (Tokenizer tokenizer = Fixtures.ofGguf(json);
                NativeTokenizer library = new NativeTokenizer(definition.json(), "fixture")) {
            Random random = new Random(11);
            for (int round = 0; round < 3000; round++) {
                int[] ids = random.ints(random.nextInt(40), 0, tokenizer.vocabularySize())
                        .toArray();
                assertThat(stream(tokenizer, ids)).isEqualTo(library.decode(ids));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytelevel", "sentencepiece"})
    void aCharacterOfSeveralTokensComesWhole(String folder) {
        try (Tokenizer tokenizer = Fixtures.ofFolder(FOLDER.resolve(folder))) {
            String text = "😀漢é🇫🇷👩‍👧";
            int[] ids = tokenizer.encode(text, false);
            assertThat(ids).hasSizeGreaterThan(text.codePointCount(0, text.length()));
            Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
            StringBuilder all = new StringBuilder();
            for (int id : ids) {
                String piece = decoder.add(id);
                assertThat(piece).doesNotContain("\uFFFD");
                if (!piece.isEmpty()) {
                    assertThat(Character.isLowSurrogate(piece.charAt(0))).isFalse();
                    assertThat(Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
                            .isFalse();
                }
                all.append(piece);
            }
            assertThat(all.append(decoder.finish())).hasToString(text);
        }
    }

    @Test
    void anUnfinishedCharacterIsReplacedAtTheEnd() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.BYTE_LEVEL)) {
            int[] ids = tokenizer.encode("a😀", false);
            Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
            assertThat(decoder.add(ids[0])).isEqualTo("a");
            assertThat(decoder.add(ids[1])).isEmpty();
            assertThat(decoder.finish()).isEqualTo("\uFFFD");
            assertThat(decoder.finish()).isEmpty();
        }
    }

    @Test
    void aSpaceAtTheBeginningBelongsToTheTokenizerAndLaterOnesToTheText() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.SENTENCE_PIECE)) {
            int[] ids = tokenizer.encode("the wind and the rain", true);
            Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
            assertThat(decoder.add(ids[0])).as("beginning of sequence").isEmpty();
            assertThat(decoder.add(ids[1])).startsWith("t");
            assertThat(stream(tokenizer, ids)).isEqualTo("the wind and the rain");
        }
    }

    @Test
    void theCostOfATokenDoesNotGrowWithTheText() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.BYTE_LEVEL)) {
            int[] ids = tokenizer.encode("the wind 😀 ", false);
            Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
            long chars = 0;
            long start = System.nanoTime();
            for (int i = 0; i < 2_000_000; i++) {
                chars += decoder.add(ids[i % ids.length]).length();
            }
            // Quadratic work would take hours here.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
            assertThat(chars).isGreaterThan(1_000_000);
        }
    }

    @Test
    @Timeout(60)
    void bytesOfAllTokensTogetherAreTheBytesOfTheText() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.BYTE_LEVEL)) {
            String text = "漁師 <|im_start|>é\u0000😀 <think>";
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int id : tokenizer.encode(text, false)) {
                bytes.writeBytes(tokenizer.bytes(id));
            }
            assertThat(bytes.toByteArray()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String stream(Tokenizer tokenizer, int[] ids) {
        Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.add(id));
        }
        return text.append(decoder.finish()).toString();
    }

    private static String fromBytes(Tokenizer tokenizer, int[] ids, boolean strip) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (!tokenizer.isSpecial(id)) {
                bytes.writeBytes(tokenizer.bytes(id));
            }
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        return strip && text.startsWith(" ") ? text.substring(1) : text;
    }
}
