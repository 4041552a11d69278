package ai.dialog.model.torch;

import ai.dialog.model.LanguageModel;
import org.jspecify.annotations.Nullable;

/** A conversation's place in the cache; it has none before its first token. */
final class TorchSequence implements LanguageModel.Sequence {
    private final TorchLanguageModel model;
    private final int most;
    private @Nullable CacheTier tier;
    private int slot;
    private int length;
    private boolean closed;

    /** The last step that it took part in, and its row there; the cache's own. */
    long step;

    int row;

    /**
     * An empty one.
     *
     * @param most tokens that it may come to hold; 0 if that is not known
     */
    TorchSequence(TorchLanguageModel model, int most) {
        this.model = model;
        this.most = most;
    }

    /** Tokens that it may come to hold; 0 if that is not known. */
    int most() {
        return most;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public long bytes() {
        return tier == null ? 0 : tier.slotBytes();
    }

    @Nullable
    CacheTier tier() {
        return tier;
    }

    /** The tier of a sequence that has room in the cache. */
    CacheTier placedTier() {
        if (tier == null) {
            throw new IllegalStateException("the sequence has no place in the cache");
        }
        return tier;
    }

    int slot() {
        return slot;
    }

    void place(CacheTier newTier, int newSlot) {
        tier = newTier;
        slot = newSlot;
    }

    void append(int tokens) {
        length += tokens;
    }

    /** What the cache holds beyond is masked until it is written over. */
    @Override
    public void truncate(int newLength) {
        if (closed) {
            throw new IllegalStateException("the sequence is closed");
        }
        if (newLength < 1 || newLength > length) {
            throw new IllegalArgumentException("a sequence of " + length + " tokens cannot be cut to " + newLength);
        }
        length = newLength;
    }

    boolean isClosed() {
        return closed;
    }

    boolean belongsTo(TorchLanguageModel other) {
        return model == other;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            model.release(this);
            tier = null;
        }
    }
}
