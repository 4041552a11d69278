package ai.dialog.model.torch;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The part of the key/value cache for sequences of up to {@link #capacity} positions: a rectangle of slots and positions
 * in native memory, and who holds which slot. Grows by half, a large one by a quarter, where there is room, and shrinks when a quarter is in
 * use.
 */
final class CacheTier {
    /** What an empty tier may keep, so that one request after another does not allocate anew. */
    private static final long KEPT_BYTES = 64L << 20;

    /** Slots of a tier that grows by less. */
    private static final int LARGE = 32;

    private final DecoderModule module;
    private final int index;
    private final int capacity;
    private final int mostSlots;
    private final long slotBytes;
    private @Nullable TorchSequence[] holders = new @Nullable TorchSequence[0];
    private int used;

    CacheTier(DecoderModule module, int index, int capacity, int mostSlots, long slotBytes) {
        this.module = module;
        this.index = index;
        this.capacity = capacity;
        this.mostSlots = mostSlots;
        this.slotBytes = slotBytes;
    }

    int index() {
        return index;
    }

    int capacity() {
        return capacity;
    }

    long bytes() {
        return holders.length * slotBytes;
    }

    long slotBytes() {
        return slotBytes;
    }

    boolean isFull() {
        return used == holders.length;
    }

    /** Gives slots that nobody holds back to the system. */
    void trim() {
        if (!isFull()) {
            compact();
            resize(used);
        }
    }

    /** Who holds a slot that is known to be held. */
    TorchSequence heldBy(int slot) {
        return Objects.requireNonNull(holders[slot]);
    }

    /**
     * Makes a slot where there is none that is free.
     *
     * @param room bytes that it may grow by, at least one slot's
     */
    void grow(long room) {
        if (isFull()) {
            long most = Math.min(mostSlots, used + room / slotBytes);
            resize((int) Math.min(most, used + Math.max(1, used < LARGE ? used / 2 : used / 4)));
        }
    }

    /** Gives a sequence the lowest free slot, of which there is one. */
    int take(TorchSequence sequence) {
        int slot = 0;
        while (holders[slot] != null) {
            slot++;
        }
        holders[slot] = sequence;
        used++;
        return slot;
    }

    /** Takes a slot back. */
    void free(int slot) {
        holders[slot] = null;
        used--;
        int wanted = used > 0 ? 2 * used : slotBytes <= KEPT_BYTES ? 1 : 0;
        if (used <= holders.length / 4 && wanted < holders.length) {
            compact();
            resize(wanted);
        }
    }

    /**
     * Moves sequences until the first slots are held by exactly those that take part in a step.
     *
     * @param step the number that those have in {@link TorchSequence#step}
     */
    void bringForward(long step, int count) {
        int other = count;
        for (int slot = 0; slot < count; slot++) {
            TorchSequence holder = holders[slot];
            if (holder != null && holder.step == step) {
                continue;
            }
            TorchSequence next = holders[other];
            while (next == null || next.step != step) {
                next = holders[++other];
            }
            exchange(slot, other);
        }
    }

    private void exchange(int slot, int other) {
        TorchSequence here = holders[slot];
        TorchSequence there = holders[other];
        if (there == null) {
            return;
        }
        if (here == null) {
            module.move(index, other, index, slot, there.length());
        } else {
            module.swap(index, slot, other, Math.max(here.length(), there.length()));
            here.place(this, other);
        }
        there.place(this, slot);
        holders[slot] = there;
        holders[other] = here;
    }

    private void compact() {
        int free = 0;
        for (int slot = 0; slot < holders.length; slot++) {
            if (holders[slot] != null) {
                if (slot > free) {
                    exchange(free, slot);
                }
                free++;
            }
        }
    }

    private void resize(int slots) {
        module.resize(index, slots, capacity);
        if (holders.length > 0) {
            // glibc keeps what a layer left, below 32 MiB each, and the next one may not fit into it
            CLibrary.trimHeap();
        }
        holders = Arrays.copyOf(holders, slots);
    }
}
