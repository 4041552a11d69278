package ai.dialog.runner.grammar;

import ai.dialog.model.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/** A tokenizer for grammars, which ask for its vocabulary and encode text: it decodes nothing and holds nothing. */
interface VocabularyOnly extends Tokenizer {

    @Override
    default String decode(int[] ids) {
        throw new UnsupportedOperationException();
    }

    @Override
    default StreamDecoder streamDecoder() {
        throw new UnsupportedOperationException();
    }

    @Override
    default @Nullable Integer beginningOfSequence() {
        return null;
    }

    @Override
    default void close() {}
}
