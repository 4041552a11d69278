package ai.dialog.model.torch;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the sequences' keys and values are. A rectangle of all slots by the longest sequence would be mostly empty, so the
 * cache has tiers of 128, 192, 256, 384, 512, 1024, 2048, … positions; a sequence that outgrows its tier is copied to another, which
 * costs each of its positions one copy on average. A step attends to each tier by itself: short sequences do not pay for long
 * ones, in memory or in time. Short tiers are close to each other because most conversations are there, and a step on a CPU attends to
 * whole slots.
 *
 * <p>A bound holds at every moment, so two things need room beside what sequences hold. A tier that grows is copied layer
 * by layer: one layer of it is there twice. A sequence that changes its tier is in both until it is copied: half of its new
 * place. What sequences may hold is the bound less the first for the whole cache and the second for the longest sequence.
 */
final class KeyValueCache {
    private static final int[] SHORT_TIERS = {128, 192, 256, 384, 512};

    private final DecoderModule module;
    private final List<CacheTier> tiers = new ArrayList<>();
    private final long usableBytes;
    private final long openBytes;
    private long step;

    /**
     * Starts empty.
     *
     * @param positionBytes bytes of keys and values of one position in all layers
     * @param mostBytes that it may take
     */
    KeyValueCache(DecoderModule module, int slots, int contextLength, int layers, long positionBytes, long mostBytes) {
        this.module = module;
        this.usableBytes = mostBytes - Math.ceilDiv(mostBytes, layers + 1);
        for (int i = 0; i < tiers(contextLength); i++) {
            int capacity = (int) Math.min(capacity(i), contextLength);
            tiers.add(new CacheTier(module, i, capacity, slots, capacity * positionBytes));
        }
        this.openBytes = openBytes(usableBytes);
    }

    /** Leaves room for the longest sequence that fits to change its tier; a longer one does not fit alone. */
    private long openBytes(long usable) {
        long before = 0;
        long largest = 0;
        for (CacheTier tier : tiers) {
            if (tier.slotBytes() + largest > usable) {
                return Math.min(usable - before, tier.slotBytes() - 1);
            }
            before = largest;
            largest = tier.slotBytes();
        }
        return usable - before;
    }

    /** What sequences may hold together, each at its longest. */
    long openBytes() {
        return openBytes;
    }

    /** What a sequence of so many positions holds. */
    long bytes(int positions) {
        return tierFor(positions).slotBytes();
    }

    private CacheTier tierFor(int positions) {
        CacheTier tier = tiers.getFirst();
        while (tier.capacity() < positions) {
            tier = tiers.get(tier.index() + 1);
        }
        return tier;
    }

    /** How many tiers there are for a context. */
    static int tiers(int contextLength) {
        int tiers = 1;
        while (capacity(tiers - 1) < contextLength) {
            tiers++;
        }
        return tiers;
    }

    private static long capacity(int tier) {
        int last = SHORT_TIERS.length - 1;
        return tier <= last ? SHORT_TIERS[tier] : (long) SHORT_TIERS[last] << (tier - last);
    }

    /**
     * Makes sure that a sequence has a place for so many positions. Among the short tiers, where it would soon need the next one, a new place
     * is for twice as many, or for as many as it may come to hold, if they are fewer.
     */
    void reserve(TorchSequence sequence, int length) {
        CacheTier now = sequence.tier();
        if (now != null && length <= now.capacity()) {
            return;
        }
        boolean isShort = length <= SHORT_TIERS[SHORT_TIERS.length - 1];
        CacheTier next = tierFor(isShort ? Math.max(length, Math.min(sequence.most(), 2 * length)) : length);
        makeRoom(next);
        int slot = next.take(sequence);
        if (now != null) {
            int old = sequence.slot();
            try {
                module.move(now.index(), old, next.index(), slot, sequence.length());
            } catch (RuntimeException e) {
                next.free(slot);
                throw e;
            }
            sequence.place(next, slot);
            now.free(old);
        }
        sequence.place(next, slot);
    }

    private void makeRoom(CacheTier tier) {
        if (!tier.isFull()) {
            return;
        }
        // before a tier cannot grow, others need not keep what they do not use
        if (usableBytes - bytes() < tier.slotBytes()) {
            tiers.forEach(CacheTier::trim);
        }
        long room = usableBytes - bytes();
        if (room < tier.slotBytes()) {
            throw new IllegalStateException("the key/value cache is full: a sequence of up to " + tier.capacity()
                    + " tokens takes " + tier.slotBytes() + " bytes, and " + room + " are left");
        }
        tier.grow(room);
    }

    /** Copies the first positions of a sequence to an empty one that has a place for them. */
    void copy(TorchSequence source, int length, TorchSequence target) {
        CacheTier from = source.placedTier();
        module.move(from.index(), source.slot(), target.placedTier().index(), target.slot(), length);
    }

    /** Gives a sequence's place back. */
    void release(TorchSequence sequence) {
        CacheTier tier = sequence.tier();
        if (tier != null) {
            tier.free(sequence.slot());
        }
    }

    /**
     * Brings sequences, each with room for one token more, into the order of a step.
     *
     * @return their indices in the list, tier by tier
     */
    Arrangement arrange(List<TorchSequence> sequences) {
        step++;
        int[] counts = new int[tiers.size()];
        for (TorchSequence sequence : sequences) {
            if (sequence.step == step) {
                throw new IllegalArgumentException("a sequence is given twice in one step");
            }
            sequence.step = step;
        }
        for (int i = 0; i < sequences.size(); i++) {
            TorchSequence sequence = sequences.get(i);
            reserve(sequence, sequence.length() + 1);
            sequence.row = i;
        }
        for (TorchSequence sequence : sequences) {
            counts[sequence.placedTier().index()]++;
        }
        List<Integer> order = new ArrayList<>(sequences.size());
        List<Long> segments = new ArrayList<>();
        for (CacheTier tier : tiers) {
            int count = counts[tier.index()];
            if (count > 0) {
                tier.bringForward(step, count);
                int longest = 0;
                for (int slot = 0; slot < count; slot++) {
                    TorchSequence sequence = tier.heldBy(slot);
                    order.add(sequence.row);
                    longest = Math.max(longest, sequence.length() + 1);
                }
                segments.addAll(List.of((long) tier.index(), (long) count, (long) longest));
            }
        }
        return new Arrangement(order, segments);
    }

    /** Bytes held now. */
    long bytes() {
        return tiers.stream().mapToLong(CacheTier::bytes).sum();
    }

    /**
     * The rows of a step.
     *
     * @param order the index of each row's sequence
     * @param segments tier, number of rows and longest length, for each tier in use
     */
    record Arrangement(List<Integer> order, List<Long> segments) {}
}
