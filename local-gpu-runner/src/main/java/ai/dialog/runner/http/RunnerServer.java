package ai.dialog.runner.http;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.limits.MeterSettings;
import ai.dialog.runner.metrics.ServiceMetrics;
import ai.dialog.runner.tls.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
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

    private final @Nullable Tls tls;
    private final @Nullable NewKey newKey;
    private @Nullable Redirection redirection;

    private RunnerServer(
            AnnotationConfigReactiveWebServerApplicationContext context, @Nullable Tls tls, @Nullable NewKey newKey) {
        this.context = context;
        this.tls = tls;
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
        return start(
                settings,
                AccessSettings.of(settings.stateFolder(), settings.apiKey()),
                inference,
                MeterSettings.DEFAULTS,
                new ServiceMetrics());
    }

    /**
     * The same with a choice of where credentials are, instead of the settings' folder and key.
     *
     * @param metering what the models cost, for callers that have a budget
     * @param metrics what requests and first tokens are counted by, and {@code /metrics} shows
     */
    public static RunnerServer start(
            ServerSettings settings,
            AccessSettings access,
            Inference inference,
            MeterSettings metering,
            ServiceMetrics metrics) {
        // before any key is made: one that was made at a start that fails would never be shown
        checkAddress(settings);
        var tls = openTls(settings);
        // beside the context, of whose time to start it would take a third
        var opening = new FutureTask<>(() -> Access.open(access, InstantSource.system()));
        Thread.ofPlatform().daemon().name("access").start(opening);
        var context = new AnnotationConfigReactiveWebServerApplicationContext();
        context.setEnvironment(environment());
        context.getBeanFactory().registerSingleton("serverSettings", settings);
        context.getBeanFactory().registerSingleton("inference", metrics.timing(inference));
        context.getBeanFactory().registerSingleton("serviceMetrics", metrics);
        context.getBeanFactory().registerSingleton("meterSettings", metering);
        if (tls != null) {
            context.getBeanFactory().registerSingleton("tls", tls);
        }
        context.registerBean(Access.class, () -> result(opening).access());
        context.register(RunnerConfiguration.class);
        try {
            context.refresh();
        } catch (RuntimeException e) {
            context.close();
            // where the keys cannot be used, that is the reason, and its own words say more than the context's
            result(opening);
            throw e;
        }
        var server = new RunnerServer(context, tls, result(opening).newKey());
        try {
            server.redirect(settings);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static @Nullable Tls openTls(ServerSettings settings) {
        var wanted = settings.tls();
        return wanted == null ? null : Tls.open(wanted, settings.stateFolder(), InstantSource.system());
    }

    private void redirect(ServerSettings settings) {
        var wanted = settings.tls();
        if (wanted == null || wanted.redirectPort() == null) {
            return;
        }
        int from = wanted.redirectPort();
        String name = wanted.names().getFirst();
        String base = "https://" + (name.contains(":") ? "[" + name + "]" : name) + (port() == 443 ? "" : ":" + port());
        try {
            redirection = Redirection.listen(settings, from, base);
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    "Cannot listen on %s:%d to redirect from there. Choose another port with --redirect-port."
                            .formatted(settings.host(), from),
                    e);
        }
    }

    /**
     * Binds the address for a moment.
     *
     * @throws PortInUse where another process listens on it
     * @throws IllegalStateException where it cannot be listened on
     */
    public static void checkAddress(ServerSettings settings) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(settings.address(), settings.port()));
        } catch (IOException e) {
            var reason = String.valueOf(e.getMessage());
            if (reason.contains("in use")) {
                throw new PortInUse(settings.host(), settings.port(), e);
            }
            throw new IllegalStateException(
                    "Cannot listen on %s:%d: %s. Choose an address of this machine with --host, or a port with --port."
                            .formatted(settings.host(), settings.port(), reason),
                    e);
        }
    }

    private static Access.Opened result(FutureTask<Access.Opened> opening) {
        try {
            return opening.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The start was interrupted.", e);
        }
    }

    /** The port it listens on. */
    public int port() {
        var server = context.getWebServer();
        if (server == null) {
            throw new IllegalStateException("The server is closed.");
        }
        return server.getPort();
    }

    /** SHA-256 of the self-made certificate, for callers to compare; null where there is none. */
    public @Nullable String fingerprint() {
        return tls != null && tls.selfMade() ? tls.fingerprint() : null;
    }

    /** The port that sends callers to TLS; null where there is none. */
    public @Nullable Integer redirectPort() {
        return redirection == null ? null : (Integer) redirection.port();
    }

    /** The API key that was made at this start because there was none, to be shown once; null where there was one. */
    public @Nullable NewKey newKey() {
        return newKey;
    }

    /** Accepts no more requests, lets running responses go on for the settings' grace, then ends them; harmless the second time. */
    @Override
    public void close() {
        if (redirection != null) {
            redirection.close();
        }
        context.close();
    }

    /** The same with another grace than the settings'. */
    public void close(Duration grace) {
        if (context.isActive()) {
            context.getBean(DefaultLifecycleProcessor.class).setTimeoutPerShutdownPhase(grace.toMillis());
        }
        close();
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
}
