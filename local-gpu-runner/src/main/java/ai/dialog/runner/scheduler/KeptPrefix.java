package ai.dialog.runner.scheduler;

import ai.dialog.model.LanguageModel.Sequence;

/** A conversation that is over, whose sequence is still open. */
final class KeptPrefix {

    private final String tenant;
    private final int[] tokens;
    private final Sequence sequence;
    private final long bytes;

    /**
     * A conversation.
     *
     * @param tokens those that the sequence holds
     */
    KeptPrefix(String tenant, int[] tokens, Sequence sequence) {
        this.tenant = tenant;
        this.tokens = tokens;
        this.sequence = sequence;
        this.bytes = sequence.bytes();
    }

    boolean isOf(String who) {
        return tenant.equals(who);
    }

    Sequence sequence() {
        return sequence;
    }

    int length() {
        return tokens.length;
    }

    /** What it takes of the cache. */
    long bytes() {
        return bytes;
    }

    /** How many of its first tokens are the first of a text, of which so many count. */
    int common(int[] text, int count) {
        return PrefixCache.common(tokens, tokens.length, text, count);
    }
}
