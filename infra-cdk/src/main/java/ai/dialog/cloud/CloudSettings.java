package ai.dialog.cloud;

import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.constructs.Node;

/**
 * Everything that can be set, read from CDK's context ({@code cdk.json} or {@code -c name=value}) and checked at synth.
 *
 * @param stage names the deployment, {@code dev} unless set; a stack for each, lower-case letters, digits and hyphens
 * @param allowedCidrs who may call, comma-separated; must be given, everybody else is denied
 * @param inferenceUrl the model server's address, reachable for the functions; must be given
 * @param callers whom the service makes and rotates an API key for, comma-separated, each with a secret of its own;
 *     {@code first} unless set
 * @param functionsArtefact the functions' Lambda package, {@code ../functions/target/functions-lambda.zip} unless set
 * @param requestsPerSecond sustained calls a second before the gateway answers 429, all callers together; 50 unless set
 * @param burst calls at once above that; 100 unless set
 * @param memoryMib memory of each function, and its share of a processor with it; 1024 unless set
 * @param logRetentionDays how long logs are kept, a value that CloudWatch knows; 30 unless set
 */
public record CloudSettings(
        String stage,
        List<Cidr> allowedCidrs,
        URI inferenceUrl,
        List<String> callers,
        Path functionsArtefact,
        int requestsPerSecond,
        int burst,
        int memoryMib,
        int logRetentionDays) {

    /** What one template and one secret of hashes hold; more keys are made with {@code keys create}. */
    private static final int MAX_CALLERS = 20;

    private static final List<Integer> RETENTIONS = List.of(1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731, 1827, 3653);

    /** Refuses what would deploy something useless or open. */
    public CloudSettings {
        allowedCidrs = List.copyOf(allowedCidrs);
        callers = List.copyOf(callers);
        if (!stage.matches("[a-z][a-z0-9-]{0,15}")) {
            throw new IllegalArgumentException(
                    "stage: '" + stage + "' must be a letter and up to 15 of a-z, 0-9 and -");
        }
        if (allowedCidrs.isEmpty()) {
            throw new IllegalArgumentException("allowedCidrs: at least one range must be given, for example"
                    + " -c allowedCidrs=192.168.1.0/24,203.0.113.45/32");
        }
        String scheme = String.valueOf(inferenceUrl.getScheme()).toLowerCase(Locale.ROOT);
        if (!List.of("http", "https").contains(scheme) || inferenceUrl.getHost() == null) {
            throw new IllegalArgumentException("inferenceUrl: must be http:// or https:// and a host");
        }
        if (inferenceUrl.getRawUserInfo() != null) {
            throw new IllegalArgumentException("inferenceUrl: must not hold a user name or password");
        }
        checkCallers(callers);
        inRange("requestsPerSecond", requestsPerSecond, 1, 10_000);
        inRange("burst", burst, 1, 5_000);
        inRange("memoryMib", memoryMib, 512, 10_240);
        if (!RETENTIONS.contains(logRetentionDays)) {
            throw new IllegalArgumentException("logRetentionDays: " + logRetentionDays + " is none of " + RETENTIONS);
        }
    }

    /** The settings in a construct's context. */
    public static CloudSettings from(Node node) {
        return new CloudSettings(
                text(node, "stage", "dev"),
                cidrs(text(node, "allowedCidrs", "")),
                uri(text(node, "inferenceUrl", "")),
                parts(text(node, "callers", "first")),
                Path.of(text(node, "functionsArtefact", "../functions/target/functions-lambda.zip")),
                number(node, "requestsPerSecond", 50),
                number(node, "burst", 100),
                number(node, "memoryMib", 1024),
                number(node, "logRetentionDays", 30));
    }

    private static String text(Node node, String name, String otherwise) {
        Object value = node.tryGetContext(name);
        return value == null ? otherwise : asText(value);
    }

    /** A list in cdk.json is as good as commas on the command line. */
    private static String asText(Object value) {
        return value instanceof List<?> list
                ? String.join(",", list.stream().map(Object::toString).toList())
                : value.toString().strip();
    }

    private static List<Cidr> cidrs(String text) {
        return parts(text).stream().map(Cidr::new).toList();
    }

    private static List<String> parts(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static void checkCallers(List<String> callers) {
        for (String caller : callers) {
            if (!caller.matches("[a-z][a-z0-9-]{0,31}")) {
                throw new IllegalArgumentException(
                        "callers: '" + caller + "' must be a letter and up to 31 of a-z, 0-9 and -");
            }
        }
        if (callers.size() > MAX_CALLERS || Set.copyOf(callers).size() != callers.size()) {
            throw new IllegalArgumentException("callers: at most " + MAX_CALLERS + ", each once");
        }
    }

    private static URI uri(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    "inferenceUrl: must be given, for example -c inferenceUrl=http://models.internal:18789");
        }
        try {
            return URI.create(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("inferenceUrl: is no address", malformed);
        }
    }

    private static int number(Node node, String name, int otherwise) {
        String text = text(node, name, Integer.toString(otherwise));
        @Nullable Integer value = text.matches("\\d{1,9}") ? Integer.valueOf(text) : null;
        if (value == null) {
            throw new IllegalArgumentException(name + ": '" + text + "' is no whole number");
        }
        return value;
    }

    private static void inRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " must be from " + least + " to " + most);
        }
    }
}
