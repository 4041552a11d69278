package ai.dialog.runner.scheduler;

/**
 * A binary heap of token ids ordered by a key each, in place in an array of the caller's. Of equal keys the lower id is the
 * better one, so that the order is total and never depends on how the heap was filled.
 */
final class TokenHeap {

    private final float[] keys;
    private final int[] ids;
    private final boolean bestFirst;
    private int size;

    /** Orders the first {@code size} of {@code ids} in linear time. */
    TokenHeap(float[] keys, int[] ids, int size, boolean bestFirst) {
        this.keys = keys;
        this.ids = ids;
        this.size = size;
        this.bestFirst = bestFirst;
        for (int i = size / 2 - 1; i >= 0; i--) {
            siftDown(i);
        }
    }

    int size() {
        return size;
    }

    /** Removes the first id; it is left behind the heap's new end. */
    int removeFirst() {
        int first = ids[0];
        ids[0] = ids[--size];
        ids[size] = first;
        siftDown(0);
        return first;
    }

    /** With the worst id first: puts this one in its place if it is better. */
    void replaceFirstIfBetter(int id) {
        if (better(id, ids[0])) {
            ids[0] = id;
            siftDown(0);
        }
    }

    private void siftDown(int at) {
        int id = ids[at];
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && before(ids[child + 1], ids[child])) {
                child++;
            }
            if (!before(ids[child], id)) {
                break;
            }
            ids[at] = ids[child];
            at = child;
        }
        ids[at] = id;
    }

    private boolean before(int a, int b) {
        return bestFirst ? better(a, b) : better(b, a);
    }

    private boolean better(int a, int b) {
        return keys[a] > keys[b] || (keys[a] == keys[b] && a < b);
    }
}
