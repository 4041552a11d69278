package ai.dialog.runner.cli;

import ai.dialog.runner.metrics.CloudWatchMetrics;
import ai.dialog.runner.metrics.ServiceMetrics;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The figures for CloudWatch. */
final class CloudWatchOptions {

    @Option(
            names = "--cloudwatch-metrics",
            paramLabel = "NAMESPACE",
            description =
                    "Write the figures that the cloud scales by to standard output, once a minute, as CloudWatch's embedded"
                            + " metric format, into this namespace. Default: none.")
    private @Nullable String namespace;

    @Option(
            names = "--cloudwatch-stage",
            paramLabel = "STAGE",
            defaultValue = "dev",
            description = "The figures' dimension Stage. Default: dev.")
    private String stage = "dev";

    /** Refuses what CloudWatch would. */
    void check() {
        if (namespace != null) {
            settings(namespace);
        }
    }

    /** Starts to write; null where nobody asked for it. */
    @Nullable
    CloudWatchMetrics start(ServiceMetrics metrics) {
        return namespace == null ? null : CloudWatchMetrics.start(settings(namespace), metrics);
    }

    private CloudWatchMetrics.Settings settings(String given) {
        try {
            return new CloudWatchMetrics.Settings(given, stage);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, ErrorText.reason(e));
        }
    }
}
