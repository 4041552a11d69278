package ai.dialog.functions.aws.tier;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which ECS service holds the model, and how long it is thought to take to start.
 *
 * @param cluster {@code TIER_CLUSTER}: the cluster's name or ARN
 * @param service {@code TIER_SERVICE}: the service's name or ARN
 * @param start {@code TIER_START_SECONDS}: from a desired count of one to a model that answers, 10 to 3600; used until the
 *     service's own events tell of a start
 */
public record TierSettings(String cluster, String service, Duration start) {

    private static final String CLUSTER = "TIER_CLUSTER";
    private static final String SERVICE = "TIER_SERVICE";
    private static final String START = "TIER_START_SECONDS";

    /** Letters, digits, hyphens and underscores, 255 of them (API reference of CreateService); an ARN has colons and slashes. */
    private static final String NAME = "[A-Za-z0-9_:/-]{1,512}";

    /**
     * Reads the three variables.
     *
     * @param variables gives a variable's value; null where it is not set
     * @return null where none is set: the model server is not ours to start
     * @throws IllegalStateException where some are missing or one is wrong; the message names it
     */
    public static @Nullable TierSettings from(UnaryOperator<@Nullable String> variables) {
        String cluster = given(variables, CLUSTER);
        String service = given(variables, SERVICE);
        String start = given(variables, START);
        if (cluster == null && service == null && start == null) {
            return null;
        }
        if (cluster == null || service == null || start == null) {
            throw new IllegalStateException(
                    "%s, %s and %s must all be set, or none of them".formatted(CLUSTER, SERVICE, START));
        }
        return new TierSettings(name(CLUSTER, cluster), name(SERVICE, service), seconds(start));
    }

    private static String name(String variable, String value) {
        if (!value.matches(NAME)) {
            throw new IllegalStateException(variable + " must be a name or ARN of Amazon ECS");
        }
        return value;
    }

    private static Duration seconds(String value) {
        int seconds = value.matches("\\d{1,4}") ? Integer.parseInt(value) : 0;
        if (seconds < 10 || seconds > 3600) {
            throw new IllegalStateException(START + " must be from 10 to 3600");
        }
        return Duration.ofSeconds(seconds);
    }

    private static @Nullable String given(UnaryOperator<@Nullable String> variables, String name) {
        String value = variables.apply(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
