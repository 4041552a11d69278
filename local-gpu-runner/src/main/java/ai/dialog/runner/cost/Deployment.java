package ai.dialog.runner.cost;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What stands there, whether it is used or not.
 *
 * @param stage its name
 * @param declared what its stack declares
 * @param hours in a month that one container runs
 * @param containers how many run in these hours
 * @param callers how many keys are kept for callers
 */
public record Deployment(String stage, Declared declared, double hours, int containers, int callers) {

    /** Hours of a month on average, as AWS counts. */
    public static final double MONTH = 730;

    /** Hashes, public keys and the model server's key, read once a minute by two functions that are always warm. */
    static final double SECRET_CALLS = 3 * 2 * 60 * MONTH;

    /** A model of 7 billion weights in bfloat16 and the one before it. */
    static final double MODELS_GB = 30;

    /** The CUDA image, and the one before it. */
    static final double IMAGES_GB = 12;

    private static final Map<String, Deployment> STAGES = stages();

    private static Map<String, Deployment> stages() {
        Map<String, Declared> declared = Declared.stages();
        return new TreeMap<>(Map.of(
                // ten hours of each of 22 working days
                "dev", new Deployment("dev", Objects.requireNonNull(declared.get("dev")), 220, 1, 1),
                "prod", new Deployment("prod", Objects.requireNonNull(declared.get("prod")), MONTH, 1, 1)));
    }

    /**
     * The usual deployment of a stage.
     *
     * @throws IllegalArgumentException where there is no such stage
     */
    public static Deployment of(String stage) {
        Deployment usual = STAGES.get(stage);
        if (usual == null) {
            throw new IllegalArgumentException("the stage must be dev or prod, and is " + stage);
        }
        return usual;
    }

    /**
     * The same with other instances.
     *
     * @throws IllegalArgumentException where it is on Fargate
     */
    public Deployment on(String instance) {
        if (declared.instance() == null) {
            throw new IllegalArgumentException("the stage " + stage + " is on Fargate, without instances");
        }
        return new Deployment(stage, declared.on(instance), hours, containers, callers);
    }

    /** The same with what is given in the place of the usual. */
    public Deployment with(
            @Nullable Integer otherHours, @Nullable Integer otherContainers, @Nullable Integer otherCallers) {
        return new Deployment(
                stage,
                declared,
                otherHours == null ? hours : otherHours,
                otherContainers == null ? containers : otherContainers,
                otherCallers == null ? callers : otherCallers);
    }

    /** Metrics by the month, of which an instance's are for its hours. */
    double metrics() {
        return declared.metrics() + declared.instanceMetrics() * containers * hours / MONTH;
    }
}
