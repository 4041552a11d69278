package ai.dialog.runner.scheduler;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Conversations that are over and whose keys and values are kept, so that a prompt that begins as one of them is copied
 * instead of computed. Each tenant sees its own alone. Those not used for longest go when there are too many, and whenever a
 * request needs their memory: nobody waits for what is kept here. Used by the model's thread alone.
 */
final class PrefixCache {

    private static final Logger LOG = LoggerFactory.getLogger(PrefixCache.class);

    /** A shorter beginning is not worth the call that copies it. */
    static final int LEAST_TOKENS = 16;

    private final LanguageModel model;
    private final int mostKept;
    private final long mostBytes;
    private final Counters counters;

    /** Least recently used first. */
    private final List<KeptPrefix> kept = new ArrayList<>();

    private long bytes;

    /**
     * Starts empty.
     *
     * @param mostKept how many sequences may stay open here; 0 for none
     * @param mostBytes what they may take together
     */
    PrefixCache(LanguageModel model, int mostKept, long mostBytes, Counters counters) {
        this.model = model;
        this.mostKept = mostKept;
        this.mostBytes = mostBytes;
        this.counters = counters;
    }

    /** What a sequence that begins as a prompt has of it. */
    record Match(Sequence sequence, int length) {}

    /** How many first tokens two texts share. */
    static int common(int[] a, int aLength, int[] b, int bLength) {
        int mismatch = Arrays.mismatch(a, 0, aLength, b, 0, bLength);
        return mismatch < 0 ? aLength : mismatch;
    }

    /** The longest of a tenant's beginnings of a prompt; null where there is none that is worth copying. */
    @Nullable
    Match longest(String tenant, int[] prompt) {
        Match best = null;
        for (KeptPrefix each : kept) {
            if (each.isOf(tenant)) {
                int length = each.common(prompt, prompt.length - 1);
                if (length >= (best == null ? LEAST_TOKENS : best.length + 1)) {
                    best = new Match(each.sequence(), length);
                }
            }
        }
        return best;
    }

    /** One of these has been copied from. */
    void used(Sequence sequence) {
        for (int i = 0; i < kept.size(); i++) {
            if (kept.get(i).sequence().equals(sequence)) {
                kept.add(kept.remove(i));
                return;
            }
        }
    }

    /** Takes over the sequence of a row that has ended, and closes it where it is not worth keeping. */
    void keep(Row row) {
        Sequence sequence = row.sequence();
        long size = sequence.bytes();
        if (mostKept == 0 || size > mostBytes || sequence.length() < LEAST_TOKENS) {
            sequence.close();
            return;
        }
        String tenant = row.generation().request().tenant();
        int[] tokens = row.tokens(sequence.length());
        for (KeptPrefix each : List.copyOf(kept)) {
            if (each.isOf(tenant)) {
                int common = each.common(tokens, tokens.length);
                if (common == tokens.length) {
                    used(each.sequence());
                    sequence.close();
                    return;
                }
                if (common == each.length()) {
                    drop(each);
                }
            }
        }
        while (kept.size() == mostKept || bytes + size > mostBytes) {
            drop(kept.getFirst());
        }
        kept.add(new KeptPrefix(tenant, tokens, sequence));
        count(size);
    }

    /**
     * Lets go of what is needed so that a request can start; of what it can start from, last.
     *
     * @param reserved what running requests may take at their longest
     * @param needed what the request may take
     * @return false, with nothing changed, if it has to wait for a running one to end
     */
    boolean makeRoom(Generation request, long reserved, long needed) {
        long limit = model.cacheLimit();
        if (reserved + needed > limit) {
            return false;
        }
        if (reserved + needed + bytes > limit) {
            Match start = longest(request.request().tenant(), request.promptTokens());
            if (start != null) {
                used(start.sequence());
            }
        }
        while (reserved + needed + bytes > limit) {
            drop(kept.getFirst());
        }
        return true;
    }

    private void drop(KeptPrefix which) {
        kept.remove(which);
        count(-which.bytes());
        try {
            which.sequence().close();
        } catch (RuntimeException e) {
            LOG.error("the model could not free what was kept of a conversation", e);
        }
    }

    private void count(long more) {
        bytes += more;
        counters.prefixBytes = bytes;
    }

    /** Lets go of all. */
    void clear() {
        while (!kept.isEmpty()) {
            drop(kept.getFirst());
        }
    }
}
