package ai.dialog.model.tokenizer;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {

    /**
     * Text to ids.
     *
     * @param addSpecial whether the checkpoint's own beginning- or end-of-sequence tokens are put around it
     * @return ids; special tokens written out in the text (such as {@code <|im_start|>}) become their one id
     * @throws ai.dialog.model.ModelException if the text is longer than about a million characters
     */
    int[] encode(String text, boolean addSpecial);

    /** Ids to text; special tokens are left out. */
    String decode(int[] ids);

    /**
     * A streaming {@link #decode}: never emits half a character. As there, a SentencePiece tokenizer's own space at the
     * beginning is left out; to continue a given text, add that text's last token first and drop what it returns.
     */
    StreamDecoder streamDecoder();

    /** The exact bytes of one token, as they stand in the text; a special token's are those of its name. */
    byte[] bytes(int id);

    /** Whether the id is a special (control) token, which is no part of the text. */
    boolean isSpecial(int id);

    /** Ids that end a generation; the checkpoint's own end-of-sequence token comes first. */
    Set<Integer> endOfSequence();

    /** The beginning-of-sequence token, where there is one. */
    @Nullable
    Integer beginningOfSequence();

    /** How many ids there are. */
    int vocabularySize();

    @Override
    void close();

    /** Turns tokens to text one by one. Not thread-safe. */
    interface StreamDecoder {

        /** Adds a token; returns the text that is whole now, often empty. */
        String add(int id);

        /** The text that is left, its incomplete characters as U+FFFD. */
        String finish();
    }
}
