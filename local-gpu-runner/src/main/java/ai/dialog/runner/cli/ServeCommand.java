package ai.dialog.runner.cli;

import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.inference.Inference;
import ai.dialog.model.LanguageModel;
import ai.dialog.runner.http.RunnerServer;
import ai.dialog.runner.http.ServerSettings;
import ai.dialog.runner.metrics.CloudWatchMetrics;
import ai.dialog.runner.metrics.ServiceMetrics;
import ai.dialog.runner.scheduler.BatchingInference;
import ai.dialog.runner.scheduler.LoadingInference;
import ai.dialog.runner.upstream.UpstreamInference;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code serve}: the service. */
@Command(
        name = "serve",
        description = {
            "Serves the model: an OpenAI-compatible API and a chat page, on http://127.0.0.1:18789 unless told otherwise.",
            "The API key is API_KEY; where it is not set, one is made at the first start and shown once."
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

    @Mixin
    private NetworkOptions network = new NetworkOptions();

    @Mixin
    private TlsOptions tls = new TlsOptions();

    @Mixin
    private AuditOptions audit = new AuditOptions();

    @Mixin
    private ModelOptions options = new ModelOptions();

    @Mixin
    private UpstreamOptions upstream = new UpstreamOptions();

    @Mixin
    private PriceOptions prices = new PriceOptions();

    @Mixin
    private SchedulerOptions scheduling = new SchedulerOptions();

    @Mixin
    private CacheOptions cache = new CacheOptions();

    @Mixin
    private ApiKeyOptions keys = new ApiKeyOptions();

    @Mixin
    private CloudWatchOptions cloudWatch = new CloudWatchOptions();

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "How long running answers may go on after a signal to stop. Default: 20.")
    private int grace;

    @Option(
            names = "--state-dir",
            paramLabel = "FOLDER",
            description = "Where keys are kept (hashes only). Default: ~/.config/ai-dialog.")
    private @Nullable Path stateDir;

    @Option(
            names = "--verification-keys",
            paramLabel = "FILE|URL",
            description = "Verify tokens with the public keys of another service, a JWKS file or its"
                    + " https://…/.well-known/jwks.json, and make none here. The keys' records must be in the state folder, or the"
                    + " API key given.")
    private @Nullable String verificationKeys;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    private final ServiceMetrics metrics = new ServiceMetrics();
    private @Nullable String apiKey;

    @Override
    public Integer call() {
        checkBounds();
        upstream.check(spec.commandLine().getParseResult());
        apiKey = keys.value();
        return upstream.given() ? serveUpstream() : serveModel();
    }

    private int serveModel() {
        CacheOptions.CacheSize size = cache.size();
        LoadingInference inference = new LoadingInference(scheduling.queueCapacity());
        ServerSettings settings = settings();
        try (ModelStart start = ModelStart.begin(
                        inference,
                        progress -> options.load(size.slots(scheduling.maxBatchSize()), size.bytes(), progress),
                        model -> new BatchingInference(
                                model, scheduling.settings(size.prefixBytes()), Clock.systemUTC()));
                RunnerServer server = listen(settings, inference)) {
            announce(server);
            CloudWatchMetrics lines = cloudWatch.start(metrics);
            BatchingInference batching = loaded(start, size, lines);
            Shutdown.await(ending(batching::drain, batching::close, server, lines));
        }
        return ExitCodes.OK;
    }

    private int serveUpstream() {
        try (UpstreamInference inference = upstream.open(scheduling.requestTimeout());
                RunnerServer server = listen(settings(), inference)) {
            announce(server);
            say("Ready: no model is loaded; the server that --upstream names answers.");
            CloudWatchMetrics lines = cloudWatch.start(metrics);
            Shutdown.await(ending(inference::drain, inference::close, server, lines));
        }
        return ExitCodes.OK;
    }

    /** How to serve; the address is free now. */
    private ServerSettings settings() {
        return started(() -> {
            ServerSettings settings = ServerSettings.defaults(stateFolder())
                    .withAddress(network.host(), network.port())
                    .withApiKey(apiKey)
                    .withShutdownGrace(Ending.LAST_BYTES)
                    .withBounds(network.bounds())
                    .withCallers(network.callers())
                    .withTls(tls.settings(network))
                    .withAudit(audit.settings(stateFolder()));
            RunnerServer.checkAddress(settings);
            return settings;
        });
    }

    private RunnerServer listen(ServerSettings settings, Inference inference) {
        return started(() -> RunnerServer.start(
                settings,
                AccessSettings.of(stateFolder(), apiKey).withVerificationKeys(verificationKeys),
                inference,
                prices.metering(),
                metrics));
    }

    private static <T> T started(Supplier<T> part) {
        try {
            return part.get();
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            throw new CliException(ExitCodes.FAILED, ErrorText.reason(e));
        }
    }

    private BatchingInference loaded(ModelStart start, CacheOptions.CacheSize size, @Nullable CloudWatchMetrics lines) {
        ModelStart.Loaded loaded;
        try {
            loaded = start.await();
        } catch (RuntimeException e) {
            metrics.modelFailed();
            if (lines != null) {
                lines.close();
            }
            throw e;
        }
        LanguageModel model = loaded.model();
        metrics.modelLoaded(loaded.took(), loaded.inference()::metrics);
        say(String.format(
                Locale.ROOT,
                "Ready: %s, %s on %s, %d tokens of context (loaded in %.1f s).",
                model.info().id(),
                model.info().precision().wire(),
                model.info().device(),
                model.contextLength(),
                loaded.took().toNanos() / 1e9));
        say(size.line(model));
        return loaded.inference();
    }

    private Ending ending(
            Ending.Drain drain, Runnable inference, RunnerServer server, @Nullable CloudWatchMetrics lines) {
        Runnable rest = lines == null ? () -> {} : lines::close;
        return new Ending(drain, inference, server::close, rest, Duration.ofSeconds(grace));
    }

    private void announce(RunnerServer server) {
        String host = network.host();
        String shown = host.contains(":") ? "[" + host + "]" : host;
        String base = (tls.given() ? "https://" : "http://") + shown + ":" + server.port();
        NewKey made = server.newKey();
        say("AI dialog service on " + base + "  (API: " + base + "/v1, page: " + base + "/)");
        if (made != null) {
            say("API key, shown this once and kept as a hash in " + stateFolder() + ":");
            say("  " + made.secret());
            say("Open the page with it: " + base + "/#key=" + made.secret());
        } else {
            say(apiKey == null ? "API keys: those of " + stateFolder() : "API key: the one that was given.");
        }
        if (server.fingerprint() != null) {
            say("Self-made certificate in " + stateFolder().resolve("tls.pem") + ", SHA-256 fingerprint:");
            say("  " + server.fingerprint());
        }
        if (audit.withPrompts()) {
            say("The audit log has what callers write and what they are answered (--audit-prompts).");
        }
        if (!network.onlyThisMachine() && !tls.given()) {
            say(
                    "Listening beyond this machine, without TLS: add --tls, put it behind a proxy that has TLS, or use --host 127.0.0.1.");
        }
    }

    private Path stateFolder() {
        return StateFolder.of(stateDir);
    }

    private void checkBounds() {
        network.check();
        scheduling.check();
        cloudWatch.check();
        Bounds.check("--grace", grace, 0, 3600);
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
