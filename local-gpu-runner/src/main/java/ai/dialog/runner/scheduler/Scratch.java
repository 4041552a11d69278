package ai.dialog.runner.scheduler;

import ai.dialog.model.TokenWeights;

/**
 * Buffers that the model's thread samples with: one set for all rows, because rows are sampled one after the other. Those as long as
 * the vocabulary are made once. Not thread-safe.
 */
final class Scratch {

    /** Scores as the model gave them. */
    final float[] raw;

    /** Scores as bias, penalties and form left them. */
    final float[] edited;

    /** What edited scores weigh. */
    final HeapWeights weighed;

    /** The sum of each block of {@link TokenWeights}. */
    final float[] sums;

    /** The largest of each block. */
    final float[] largest;

    /** One block. */
    final float[] block = new float[TokenWeights.BLOCK];

    /** Weights of the tokens that can still be chosen, in the order of their ids. */
    final float[] weights;

    /** Their ids. */
    final int[] ids;

    /** The places in these two of those that are kept. */
    final int[] kept;

    /** Keeps the heaviest of them. */
    final Heaviest heaviest;

    Scratch(int vocabularySize) {
        raw = new float[vocabularySize];
        edited = new float[vocabularySize];
        weighed = new HeapWeights(vocabularySize);
        sums = new float[Math.ceilDiv(vocabularySize, TokenWeights.BLOCK)];
        largest = new float[sums.length];
        weights = new float[vocabularySize];
        ids = new int[vocabularySize];
        kept = new int[vocabularySize];
        heaviest = new Heaviest(weights, kept);
    }
}
