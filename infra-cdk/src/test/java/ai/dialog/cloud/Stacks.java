package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import io.github.cdklabs.cdknag.ServerlessChecks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Aspects;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Template;

/**
 * Stacks as a deployment would have them, from stand-ins for the artefacts; each is built once for all tests, because starting
 * CDK's JavaScript and building a stack cost more than everything that is asked of it.
 */
final class Stacks {

    /** An image in a registry, so that no test builds one; the account is the one that AWS's documents use. */
    static final String IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/ai-dialog:1.0";

    private static final Path FOLDER = Path.of("target/stacks");
    private static final Map<Map<String, Object>, Built> BUILT = new ConcurrentHashMap<>();

    private Stacks() {}

    /** A stack: the folder of its template, the template, and what the checks found. */
    record Built(Path folder, Template template, Annotations findings) {

        /** The properties of the only resource of a type whose logical id begins so. */
        Map<?, ?> only(String type, String idPrefix) {
            List<Map<String, Object>> found = template.findResources(type).entrySet().stream()
                    .filter(resource -> resource.getKey().startsWith(idPrefix))
                    .map(Map.Entry::getValue)
                    .toList();
            if (found.size() != 1) {
                throw new AssertionError(found.size() + " resources " + type + " " + idPrefix);
            }
            return (Map<?, ?>) at(found.getFirst(), "Properties");
        }
    }

    static Built dev() {
        return with(Map.of("image", IMAGE, "model", "s3://my-models/small.gguf"));
    }

    static Built prod() {
        return with(Map.of(
                "stage", "prod",
                "image", IMAGE,
                "model", "s3://my-models/small.gguf",
                "alarmEmail", "ops@example.org"));
    }

    static Built engine(String engine) {
        return with(Map.of("stage", "prod", "engine", engine, "model", "s3://my-models/llama", "gpus", 2));
    }

    /** What is left where a model server elsewhere answers, and nothing that LocalStack's free form does not know. */
    static Built external() {
        return with(Map.of(
                "stage", "test",
                "inferenceUrl", "https://models.example.test",
                "callers", "ann,bob",
                "limits", "false",
                "alarms", "false",
                "snapStart", "false",
                "chatMode", "buffered"));
    }

    /** The stack of a context, to which addresses and artefacts are added where it has none. */
    static Built with(Map<String, Object> context) {
        return BUILT.computeIfAbsent(context, Stacks::build);
    }

    private static Built build(Map<String, Object> context) {
        NodeJs.require();
        Map<String, Object> all = new HashMap<>(Map.of(
                "allowedCidrs", "192.168.1.0/24,2001:db8::/32",
                "functionsArtefact", zip("functions-lambda.zip").toString(),
                "chatArtefact", zip("chat-runtime.zip").toString()));
        all.putAll(context);
        Map<String, Object> flags = new HashMap<>(all);
        flags.putAll(flagsOfCdkJson());
        Path out = FOLDER.resolve("out-" + BUILT.size()).toAbsolutePath();
        App app =
                new App(AppProps.builder().outdir(out.toString()).context(flags).build());
        CloudSettings settings = CloudSettings.from(all::get);
        DialogStack stack = new DialogStack(app, "ai-dialog-" + settings.stage(), settings);
        Aspects.of(stack).add(new AwsSolutionsChecks());
        Aspects.of(stack).add(new ServerlessChecks());
        return new Built(out, Template.fromStack(stack), Annotations.fromStack(stack));
    }

    /** What the file switches on in CDK, so that tests see what is deployed. */
    private static Map<String, Object> flagsOfCdkJson() {
        Map<String, Object> flags = new HashMap<>();
        try {
            Matcher flag =
                    Pattern.compile("\"(@aws-cdk/[^\"]+)\": true").matcher(Files.readString(Path.of("cdk.json")));
            while (flag.find()) {
                flags.put(flag.group(1), true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return flags;
    }

    /** A stand-in for an artefact: a package with one empty entry. */
    static Path zip(String name) {
        Path file = FOLDER.resolve(name).toAbsolutePath();
        try {
            Files.createDirectories(FOLDER);
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                ZipEntry entry = new ZipEntry("bootstrap");
                // the same bytes each time: an asset's name is their hash
                entry.setTime(0);
                zip.putNextEntry(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    static Object at(Object object, String... path) {
        Object there = object;
        for (String name : path) {
            there = Objects.requireNonNull(((Map<?, ?>) there).get(name), name);
        }
        return there;
    }
}
