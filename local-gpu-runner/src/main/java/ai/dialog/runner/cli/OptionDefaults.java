package ai.dialog.runner.cli;

import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when the command line does not give it: the environment ({@code AI_DIALOG_PORT} for
 * {@code --port}; {@code API_KEY} and {@code API_KEY_FILE} for the two options of that name, {@code INFERENCE_API_KEY} for {@code --upstream-key}), then the file
 * of settings ({@code port = 18789}), then the built-in default. The file is the one that {@code AI_DIALOG_CONFIG} names, else
 * {@code ai-dialog.properties} in the working folder, else {@code ~/.config/ai-dialog/ai-dialog.properties}.
 */
final class OptionDefaults implements IDefaultValueProvider {

    private static final String FILE = "ai-dialog.properties";

    private final Map<String, String> environment;
    private final Path home;
    private @Nullable Properties settings;

    OptionDefaults(Map<String, String> environment, Path home) {
        this.environment = environment;
        this.home = home;
    }

    @Override
    @SuppressWarnings("NullAway") // picocli's contract: null means that this provider has no default
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        if (option.userObject() instanceof Field field && field.getDeclaringClass() == Narrowing.class) {
            return null; // says something about one key, and not about the service
        }
        String name = option.longestName().replaceFirst("^-+", "");
        String fromEnvironment = environment.get(variable(name));
        if (given(fromEnvironment)) {
            return fromEnvironment;
        }
        if (name.equals("secret") && given(environment.get("API_KEYS_SECRET_ARN"))) {
            return environment.get("API_KEYS_SECRET_ARN"); // what the cloud's functions are told
        }
        return settings().getProperty(name);
    }

    private static boolean given(@Nullable String value) {
        return value != null && !value.isEmpty();
    }

    /** The environment variable of an option. */
    static String variable(String option) {
        return switch (option) {
            case "api-key" -> "API_KEY";
            case "api-key-file" -> "API_KEY_FILE";
            case "upstream-key" -> "INFERENCE_API_KEY";
            default -> "AI_DIALOG_" + option.toUpperCase(Locale.ROOT).replace('-', '_');
        };
    }

    private Properties settings() {
        Properties known = settings;
        if (known == null) {
            known = read();
            settings = known;
        }
        return known;
    }

    private Properties read() {
        Properties read = new Properties();
        String named = environment.get("AI_DIALOG_CONFIG");
        Path file = named != null && !named.isEmpty() ? Path.of(named) : firstExisting();
        if (file == null) {
            return read;
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            read.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new CliException(
                    ExitCodes.USAGE, "cannot read the settings file " + file + ": " + ErrorText.reason(e));
        }
        return read;
    }

    private @Nullable Path firstExisting() {
        Path here = Path.of(FILE);
        if (Files.isRegularFile(here)) {
            return here;
        }
        Path configured = home.resolve(".config/ai-dialog").resolve(FILE);
        return Files.isRegularFile(configured) ? configured : null;
    }
}
