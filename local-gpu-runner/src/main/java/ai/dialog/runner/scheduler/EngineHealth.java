package ai.dialog.runner.scheduler;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether the model still computes. Written by the model's thread, read by any. */
final class EngineHealth {

    /** One failure may be the request's own; so many in a row are not. */
    static final int TOO_MANY_FAILURES = 3;

    /** Counted apart: that prompts can be computed says nothing about a decode step that always fails. */
    enum Step {
        PREFILL,
        DECODE
    }

    private final Map<Step, Integer> failuresInARow = new EnumMap<>(Step.class);
    private volatile @Nullable String fault;
    private volatile boolean dead;

    /** A step has succeeded. */
    void worked(Step step) {
        if (failuresInARow.remove(step) != null) {
            judge();
        }
    }

    /** A step has failed. */
    void failed(Step step) {
        failuresInARow.merge(step, 1, Integer::sum);
        judge();
    }

    private void judge() {
        int most = failuresInARow.values().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        fault = most < TOO_MANY_FAILURES ? null : "the model failed " + most + " times in a row";
    }

    /** The model's thread has ended by an error. */
    void died() {
        dead = true;
        fault = "the scheduler has stopped; the server must be started again";
    }

    boolean isDead() {
        return dead;
    }

    /** What is wrong, fit for a caller to read; null if nothing is. */
    @Nullable
    String fault() {
        return fault;
    }
}
