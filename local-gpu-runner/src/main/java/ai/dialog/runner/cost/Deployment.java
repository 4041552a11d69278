package ai.dialog.runner.cost;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What stands there, whether it is used or not.
 *
 * @param stage its name
 * @param instance the EC2 instance of a container; null for Fargate
 * @param hours in a month that one container runs
 * @param containers how many run in these hours
 * @param endpoints interface endpoints of the network, each in each zone
 * @param firewall whether there is a web application firewall
 * @param callers how many keys are kept for callers
 */
public record Deployment(
        String stage,
        @Nullable String instance,
        double hours,
        int containers,
        int endpoints,
        boolean firewall,
        int callers) {

    /** Hours of a month on average, as AWS counts. */
    public static final double MONTH = 730;

    // As infra-cdk declares them. A Fargate task has four processors for a small model's batch; the endpoints are
    // Secrets
    // Manager, ECR's two, logs, SSM and ECS, and with instances ECS's two for agents and monitoring, in two zones.
    static final double FARGATE_CPUS = 4;
    static final double FARGATE_GB = 16;
    private static final int FARGATE_ENDPOINTS = 6;
    private static final int INSTANCE_ENDPOINTS = 9 * 2;

    /** The system, libtorch with CUDA, an image beside its successor, and a model. */
    static final double DISK_GB = 100;

    /** Hashes of API keys, signing keys, public keys, the model server's key. */
    static final int OWN_SECRETS = 4;

    /** Two secrets read once a minute by two functions that are always warm. */
    static final double SECRET_CALLS = 2 * 2 * 60 * MONTH;

    static final int METRICS = 5;
    static final int ALARMS = 10;

    /** A model of 7 billion weights in bfloat16 and the one before it. */
    static final double MODELS_GB = 30;

    /** The CUDA image, and the one before it. */
    static final double IMAGES_GB = 12;

    /** On Fargate, for ten hours of each of 22 working days. */
    static Deployment dev() {
        return new Deployment("dev", null, 220, 1, FARGATE_ENDPOINTS, false, 1);
    }

    /** One instance with a GPU, all the time. */
    static Deployment prod() {
        return new Deployment("prod", "g6.xlarge", MONTH, 1, INSTANCE_ENDPOINTS, true, 1);
    }

    private static final Map<String, Deployment> STAGES = new TreeMap<>(Map.of("dev", dev(), "prod", prod()));

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
}
