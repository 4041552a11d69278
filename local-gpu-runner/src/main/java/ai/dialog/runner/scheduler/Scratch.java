package ai.dialog.runner.scheduler;

/**
 * Buffers as long as the vocabulary that the model's thread samples with: one set for all rows, because rows are sampled
 * one after the other. Not thread-safe.
 */
final class Scratch {

    /** Scores as the model gave them. */
    final float[] raw;

    /** Scores as bias and penalties left them. */
    final float[] edited;

    /** Probabilities, not normalised: the best token's is 1. */
    final float[] weights;

    /** Ids of the tokens that can still be chosen. */
    final int[] ids;

    Scratch(int vocabularySize) {
        raw = new float[vocabularySize];
        edited = new float[vocabularySize];
        weights = new float[vocabularySize];
        ids = new int[vocabularySize];
    }
}
