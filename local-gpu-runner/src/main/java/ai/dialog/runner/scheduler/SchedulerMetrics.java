package ai.dialog.runner.scheduler;

import java.time.Duration;

/**
 * What a {@link BatchingInference} has done since it started, and what it does now. Counts only ever grow.
 *
 * @param activeSlots rows being prefilled or decoded now
 * @param slots the most there can be
 * @param queued requests that wait for a slot now
 * @param accepted requests taken in
 * @param refused requests turned away because the queue was full or the server was closing
 * @param completed requests answered to their end
 * @param cancelled requests whose caller left
 * @param failed requests that ended with an error after they were accepted
 * @param prefilledTokens prompt tokens computed
 * @param decodedTokens tokens generated
 * @param decodeSteps steps that generated; {@code decodedTokens / decodeSteps} is the mean batch, and more where guesses came true
 * @param guessedTokens tokens guessed by prompt lookup and scored
 * @param rightGuesses those that the model chose too
 * @param firstTokens requests that got a first token
 * @param firstTokenTime time from arrival to first token, summed over {@code firstTokens}
 * @param cache keys and values, and what of them was used again
 */
public record SchedulerMetrics(
        int activeSlots,
        int slots,
        int queued,
        long accepted,
        long refused,
        long completed,
        long cancelled,
        long failed,
        long prefilledTokens,
        long decodedTokens,
        long decodeSteps,
        long guessedTokens,
        long rightGuesses,
        long firstTokens,
        Duration firstTokenTime,
        Cache cache) {

    /**
     * Memory for keys and values.
     *
     * @param lookups prompts that were looked up before they were computed
     * @param hits those whose beginning was copied
     * @param reusedTokens prompt tokens that were copied; {@link SchedulerMetrics#prefilledTokens} has the others
     * @param prefixBytes what is kept of conversations that are over
     * @param reservedBytes what running requests may take at their longest
     * @param heldBytes what is allocated
     * @param limitBytes the most that running requests and kept prefixes may take together
     */
    public record Cache(
            long lookups,
            long hits,
            long reusedTokens,
            long prefixBytes,
            long reservedBytes,
            long heldBytes,
            long limitBytes) {}
}
