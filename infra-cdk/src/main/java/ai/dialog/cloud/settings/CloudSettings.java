package ai.dialog.cloud.settings;

import java.net.URI;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, read from CDK's context ({@code cdk.json} or {@code -c name=value}) and checked at synth.
 * {@code docs/deploy.md} has the same list as a table.
 *
 * @param stage names the deployment, {@code dev} unless set; a stack for each. {@code prod} has other defaults: GPUs, the
 *     firewall, a task that always runs, endpoints in every zone
 * @param allowedCidrs who may call, comma-separated; must be given, everybody else is denied
 * @param inferenceUrl a model server elsewhere, reachable for the functions; null (not set) to build the container tier
 * @param limits whether what callers use is counted in a table; {@code true} unless set
 * @param logRetentionDays how long logs are kept, a value that CloudWatch knows; 30 unless set
 * @param gateway the REST API
 * @param functions the functions
 * @param secrets keys and who may read them
 * @param network the private network
 * @param tier the containers with the model; null where {@code inferenceUrl} is given
 * @param operations alarms, mail and spend
 */
public record CloudSettings(
        String stage,
        List<Cidr> allowedCidrs,
        @Nullable URI inferenceUrl,
        boolean limits,
        int logRetentionDays,
        GatewaySettings gateway,
        FunctionSettings functions,
        SecretSettings secrets,
        NetworkSettings network,
        @Nullable TierSettings tier,
        OperationsSettings operations) {

    private static final List<Integer> RETENTIONS = List.of(1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731, 1827, 3653);

    /** The stage whose defaults are for callers who count on it. */
    static final String PROD = "prod";

    /** Refuses what would deploy something useless or open. */
    public CloudSettings {
        allowedCidrs = List.copyOf(allowedCidrs);
        if (!stage.matches("[a-z][a-z0-9-]{0,15}")) {
            throw Context.refused("stage", "'" + stage + "' must be a letter and up to 15 of a-z, 0-9 and -");
        }
        if (allowedCidrs.isEmpty()) {
            throw Context.refused(
                    "allowedCidrs",
                    "at least one range must be given, for example -c allowedCidrs=192.168.1.0/24,203.0.113.45/32");
        }
        if (!RETENTIONS.contains(logRetentionDays)) {
            throw Context.refused("logRetentionDays", logRetentionDays + " is none of " + RETENTIONS);
        }
        if ((inferenceUrl == null) == (tier == null)) {
            throw new IllegalArgumentException("inferenceUrl: either it or the container tier answers");
        }
    }

    /**
     * The settings in a context.
     *
     * @param context the value of a name, null where there is none
     * @throws IllegalArgumentException whose one line names the setting that is wrong
     */
    public static CloudSettings from(Function<String, @Nullable Object> context) {
        Context values = new Context(context);
        String stage = values.text("stage", "dev");
        boolean prod = stage.equals(PROD);
        List<Cidr> allowed =
                values.parts("allowedCidrs", "").stream().map(Cidr::new).toList();
        if (allowed.isEmpty()) {
            // before what else is missing: it is the one thing that every deployment must say
            throw Context.refused(
                    "allowedCidrs",
                    "at least one range must be given, for example -c allowedCidrs=192.168.1.0/24,203.0.113.45/32");
        }
        URI elsewhere = values.server("inferenceUrl");
        return new CloudSettings(
                stage,
                allowed,
                elsewhere,
                values.flag("limits", true),
                values.number("logRetentionDays", 30, 1, 3653),
                GatewaySettings.from(values, prod),
                FunctionSettings.from(values),
                SecretSettings.from(values),
                NetworkSettings.from(values, prod),
                elsewhere == null ? TierSettings.from(values, prod) : null,
                OperationsSettings.from(values, prod));
    }
}
