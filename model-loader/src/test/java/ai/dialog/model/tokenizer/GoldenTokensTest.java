package ai.dialog.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.checkpoint.GgufVocabulary;
import java.nio.file.Path;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and text equal those of Hugging Face's library in Python, text by text. */
class GoldenTokensTest {

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "smollm", "llama-bpe", "qwen2", "tekken"})
    void byteLevelVocabularyOfGgufEqualsHuggingFace(String pre) {
        GgufVocabulary vocabulary = Fixtures.withPre(Fixtures.vocabulary(Fixtures.BYTE_LEVEL), pre);
        try (Tokenizer tokenizer = Fixtures.ofGguf(vocabulary)) {
            assertEqual(tokenizer, Fixtures.BYTE_LEVEL.resolve("golden-" + pre + ".json"));
        }
    }

    @Test
    void byteLevelTokenizerJsonEqualsHuggingFace() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.BYTE_LEVEL)) {
            assertEqual(tokenizer, Fixtures.BYTE_LEVEL.resolve("golden-smollm.json"));
        }
    }

    @Test
    void sentencePieceVocabularyOfGgufEqualsHuggingFace() {
        try (Tokenizer tokenizer = Fixtures.ofGguf(Fixtures.vocabulary(Fixtures.SENTENCE_PIECE))) {
            assertEqual(tokenizer, Fixtures.SENTENCE_PIECE.resolve("golden.json"));
        }
    }

    @Test
    void sentencePieceVocabularyWithoutSpacePrefixEqualsHuggingFace() {
        GgufVocabulary vocabulary = Fixtures.withFlags(Fixtures.vocabulary(Fixtures.SENTENCE_PIECE), null, null, false);
        try (Tokenizer tokenizer = Fixtures.ofGguf(vocabulary)) {
            assertEqual(tokenizer, Fixtures.SENTENCE_PIECE.resolve("golden-no-prefix.json"));
        }
    }

    @Test
    void sentencePieceTokenizerJsonEqualsHuggingFace() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(Fixtures.SENTENCE_PIECE)) {
            assertEqual(tokenizer, Fixtures.SENTENCE_PIECE.resolve("golden.json"));
        }
    }

    static void assertEqual(Tokenizer tokenizer, Path golden) {
        var texts = Fixtures.golden(golden);
        assertThat(texts).hasSizeGreaterThan(70);
        SoftAssertions softly = new SoftAssertions();
        for (Fixtures.Golden text : texts) {
            softly.assertThat(tokenizer.encode(text.text(), false))
                    .as("ids of %s", text)
                    .isEqualTo(text.array());
            softly.assertThat(tokenizer.decode(text.array()))
                    .as("decoded %s", text)
                    .isEqualTo(text.decoded());
        }
        softly.assertAll();
    }
}
