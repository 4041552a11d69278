package ai.dialog.runner.scheduler;

import java.util.Arrays;

/**
 * Keeps the heaviest tokens, by number or until they weigh enough together, without sorting them, and in the order they had: what
 * a random number draws then changes with rounding no more than the weights do. Of equal ones those at lower places are kept.
 *
 * <p>For the mass, weights are added up in buckets, eight for each power of two: the bits of floats above 0 have the order of
 * the floats. From the heaviest down, whole buckets are taken while they are too light together; only of the next one the
 * heaviest tokens come off a heap, one by one, until the lightest that is needed is known. Not thread-safe.
 */
final class Heaviest {

    /** Leaves sign, exponent and the first three bits of the fraction. */
    private static final int SHIFT = 20;

    private final float[] weights;
    private final int[] kept;
    private final int[] heap;
    private final double[] sums = new double[1 << (Integer.SIZE - 1 - SHIFT)];

    /** Works on the tokens whose places in {@code weights} are in {@code kept}. */
    Heaviest(float[] weights, int[] kept) {
        this.weights = weights;
        this.kept = kept;
        this.heap = new int[kept.length];
    }

    /**
     * Moves so many to the front.
     *
     * @param number less than {@code count}
     * @param count how many there are
     * @return how many are kept
     */
    int number(int number, int count) {
        System.arraycopy(kept, 0, heap, 0, count);
        var worstFirst = new TokenHeap(weights, heap, number, false);
        for (int i = number; i < count; i++) {
            worstFirst.replaceFirstIfBetter(heap[i]);
        }
        return downTo(heap[0], count);
    }

    /**
     * Moves the fewest, at least one, that weigh so much together to the front; all where they do not.
     *
     * @param count how many there are, with weights above 0
     * @return how many are kept
     */
    int mass(double mass, int count) {
        Arrays.fill(sums, 0);
        int heaviest = 0;
        int lightest = sums.length - 1;
        for (int i = 0; i < count; i++) {
            int bucket = bucket(kept[i]);
            sums[bucket] += weights[kept[i]];
            heaviest = Math.max(heaviest, bucket);
            lightest = Math.min(lightest, bucket);
        }
        double reached = 0;
        int last = heaviest;
        while (last > lightest && reached + sums[last] < mass) {
            reached += sums[last--];
        }
        return downTo(lightest(mass - reached, last, count), count);
    }

    /** The last that is needed of a bucket. */
    private int lightest(double mass, int bucket, int count) {
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (bucket(kept[i]) == bucket) {
                heap[size++] = kept[i];
            }
        }
        var bestFirst = new TokenHeap(weights, heap, size, true);
        double sum = 0;
        int place;
        do {
            place = bestFirst.removeFirst();
            sum += weights[place];
        } while (sum < mass && bestFirst.size() > 0);
        return place;
    }

    private int downTo(int last, int count) {
        int size = 0;
        for (int i = 0; i < count; i++) {
            int place = kept[i];
            if (weights[place] > weights[last] || (weights[place] == weights[last] && place <= last)) {
                kept[size++] = place;
            }
        }
        return size;
    }

    private int bucket(int place) {
        return Float.floatToRawIntBits(weights[place]) >>> SHIFT;
    }
}
