package ai.dialog.functions.aws.tier;

import java.time.Duration;

/** What the containers with the model are doing. */
sealed interface TierState {

    /**
     * None is wanted.
     *
     * @param start how long a start is thought to take
     */
    record Asleep(Duration start) implements TierState {}

    /**
     * At least one is wanted, and none serves yet.
     *
     * @param remaining how long that is thought to last, never less than {@link Tier#LEAST_WAIT}
     * @param usual how long a start was thought to take in all
     * @param late whether it takes longer than that already
     */
    record Starting(Duration remaining, Duration usual, boolean late) implements TierState {}

    /** They serve, as far as ECS knows. */
    record Running() implements TierState {}

    /** ECS has given up starting them. */
    record Failed() implements TierState {}
}
