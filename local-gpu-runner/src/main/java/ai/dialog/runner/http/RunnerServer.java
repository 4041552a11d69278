package ai.dialog.runner.http;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.inference.Inference;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;

/**
 * The HTTP server: OpenAI's routes, the functions and the page. It listens as soon as it has started, whether or not a
 * model is loaded by then; until one is, {@code /health} says "loading".
 */
public final class RunnerServer implements AutoCloseable {

    private final AnnotationConfigReactiveWebServerApplicationContext context;

    private final @Nullable NewKey newKey;

    private RunnerServer(AnnotationConfigReactiveWebServerApplicationContext context, @Nullable NewKey newKey) {
        this.context = context;
        this.newKey = newKey;
    }

    /**
     * Starts the server and returns when it listens.
     *
     * @param inference what answers; it is not closed with the server
     * @throws PortInUse where another process listens on the address
     * @throws IllegalArgumentException where the API key cannot be one, or the host has no address
     * @throws IllegalStateException where the key files cannot be used, or the address cannot be listened on
     * @throws java.io.UncheckedIOException where the state folder cannot be read or written
     */
    public static RunnerServer start(ServerSettings settings, Inference inference) {
        settings.address();
        var opened = Access.open(AccessSettings.of(settings.stateFolder(), settings.apiKey()), InstantSource.system());
        var context = new AnnotationConfigReactiveWebServerApplicationContext();
        context.setEnvironment(environment());
        context.getBeanFactory().registerSingleton("serverSettings", settings);
        context.getBeanFactory().registerSingleton("inference", inference);
        context.getBeanFactory().registerSingleton("access", opened.access());
        context.register(RunnerConfiguration.class);
        try {
            context.refresh();
        } catch (RuntimeException e) {
            context.close();
            throw explained(e, settings);
        }
        return new RunnerServer(context, opened.newKey());
    }

    /** The port it listens on. */
    public int port() {
        var server = context.getWebServer();
        if (server == null) {
            throw new IllegalStateException("The server is closed.");
        }
        return server.getPort();
    }

    /** The API key that was made at this start because there was none, to be shown once; null where there was one. */
    public @Nullable NewKey newKey() {
        return newKey;
    }

    /** Accepts no more requests, lets running responses go on for the settings' grace, then ends them. */
    @Override
    public void close() {
        context.close();
    }

    /** Only these: neither a file in the working folder nor a variable of the environment reaches Spring. */
    private static ConfigurableEnvironment environment() {
        var environment = new StandardEnvironment() {
            @Override
            protected void customizePropertySources(MutablePropertySources sources) {
                sources.addLast(new MapPropertySource(
                        "server",
                        Map.of(
                                // otherwise a folder "functions" on the class path is searched for functions
                                "spring.cloud.function.scan.enabled",
                                "false",
                                "spring.cloud.function.web.path",
                                FunctionsFilter.PREFIX,
                                "spring.cloud.function.http.ignored-headers",
                                "uri,accept,content-type")));
            }
        };
        return environment;
    }

    /** The reason why it cannot listen, where that is what went wrong. */
    private static RuntimeException explained(RuntimeException error, ServerSettings settings) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException taken) {
                return new PortInUse(settings.host(), settings.port(), taken);
            }
            if (cause instanceof IOException refused) {
                return new IllegalStateException(
                        "Cannot listen on %s:%d: %s. Choose an address of this machine with --host, or a port with --port."
                                .formatted(settings.host(), settings.port(), reason(refused)),
                        refused);
            }
        }
        return error;
    }

    /** The system's own words, without the name of its call that Netty puts before them. */
    private static String reason(IOException refused) {
        var message = refused.getMessage();
        return message == null
                ? "the system refuses it"
                : message.substring(message.lastIndexOf(": ") + 1).strip();
    }
}
