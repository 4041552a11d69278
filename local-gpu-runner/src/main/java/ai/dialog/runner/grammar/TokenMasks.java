package ai.dialog.runner.grammar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which tokens of one vocabulary may follow, for the states of one grammar that were met lately: a state holds its grammar, so the
 * masks go with it. Thread-safe.
 *
 * <p>A mask has a bit for each token: 6 KiB for 50,000.
 */
final class TokenMasks {

    /** Bytes of the masks that are kept. */
    private static final long MAX_BYTES = 2L << 20;

    private final Vocabulary vocabulary;
    private final Map<Grammar.State, long[]> masks;

    TokenMasks(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        long most = Math.max(16, MAX_BYTES * Byte.SIZE / Math.max(1, vocabulary.size()));
        this.masks = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Grammar.State, long[]> eldest) {
                return size() > most;
            }
        };
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** A bit for each token that may follow; not to be changed. */
    synchronized long[] of(Grammar.State state) {
        return masks.computeIfAbsent(state, vocabulary::allowed);
    }
}
