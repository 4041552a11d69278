package ai.dialog.runner.cli;

import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.inference.Inference;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.source.TerminalProgress;
import ai.dialog.runner.http.RunnerServer;
import ai.dialog.runner.http.ServerSettings;
import ai.dialog.runner.scheduler.BatchingInference;
import ai.dialog.runner.scheduler.LoadingInference;
import ai.dialog.runner.scheduler.SchedulerSettings;
import ai.dialog.runner.upstream.UpstreamInference;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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

    @Option(
            names = "--max-batch-size",
            paramLabel = "N",
            defaultValue = "32",
            description = "How many answers are generated at once. Default: 32.")
    private int maxBatchSize;

    @Option(
            names = "--queue-capacity",
            paramLabel = "N",
            defaultValue = "256",
            description = "How many requests may wait; beyond, the answer is 429. Default: 256.")
    private int queueCapacity;

    @Option(
            names = "--prefill-chunk",
            paramLabel = "TOKENS",
            defaultValue = "256",
            description = "How much of a prompt is computed between two steps of the running answers. Default: 256.")
    private int prefillChunk;

    @Option(
            names = "--request-timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "When an answer ends whatever it has reached. Default: 600.")
    private int requestTimeout;

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

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "The API key, at least 8 characters. Better given as API_KEY: other users can see a command line.")
    private @Nullable String apiKey;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        checkBounds();
        upstream.check(spec.commandLine().getParseResult());
        return upstream.given() ? serveUpstream() : serveModel();
    }

    private int serveModel() throws InterruptedException {
        LoadingInference inference = new LoadingInference();
        CountDownLatch stopped = new CountDownLatch(1);
        try (RunnerServer server = listen(inference)) {
            announce(server);
            BatchingInference batching = load(inference);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, batching), "shutdown"));
            stopped.await(); // until a signal ends the process
        }
        return ExitCodes.OK;
    }

    private int serveUpstream() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        try (UpstreamInference inference = upstream.open(Duration.ofSeconds(requestTimeout));
                RunnerServer server = listen(inference)) {
            announce(server);
            say("Ready: no model is loaded; the server that --upstream names answers.");
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
            stopped.await(); // until a signal ends the process
        }
        return ExitCodes.OK;
    }

    private RunnerServer listen(Inference inference) {
        try {
            ServerSettings settings = ServerSettings.defaults(stateFolder())
                    .withAddress(network.host(), network.port())
                    .withApiKey(apiKey)
                    .withShutdownGrace(Duration.ofSeconds(grace))
                    .withBounds(network.bounds())
                    .withCallers(network.callers())
                    .withTls(tls.settings(network))
                    .withAudit(audit.settings(stateFolder()));
            return RunnerServer.start(
                    settings,
                    AccessSettings.of(stateFolder(), apiKey).withVerificationKeys(verificationKeys),
                    inference,
                    prices.metering());
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            throw new CliException(ExitCodes.FAILED, ErrorText.reason(e));
        }
    }

    private BatchingInference load(LoadingInference inference) {
        long start = System.nanoTime();
        LanguageModel model;
        try (TerminalProgress progress = ModelOptions.progress()) {
            model = options.load(maxBatchSize, (what, done, total) -> {
                inference.progress(what);
                progress.update(what, done, total);
            });
        }
        SchedulerSettings settings =
                new SchedulerSettings(maxBatchSize, queueCapacity, prefillChunk, Duration.ofSeconds(requestTimeout), 0);
        BatchingInference batching = new BatchingInference(model, settings, Clock.systemUTC());
        inference.ready(batching);
        say(String.format(
                Locale.ROOT,
                "Ready: %s, %s on %s, %d tokens of context (loaded in %.1f s).",
                model.info().id(),
                model.info().precision().wire(),
                model.info().device(),
                model.contextLength(),
                (System.nanoTime() - start) / 1e9));
        return batching;
    }

    /** New requests are refused at once, running answers end within the grace, then the model goes. */
    private void stop(RunnerServer server, BatchingInference batching) {
        try {
            batching.drain(Duration.ofSeconds(grace));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        batching.close();
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
            say(apiKey == null ? "API keys: those of " + stateFolder() : "API key: the one that was given (API_KEY).");
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
        Bounds.check("--max-batch-size", maxBatchSize, 1, 1024);
        Bounds.check("--queue-capacity", queueCapacity, 1, 100_000);
        Bounds.check("--prefill-chunk", prefillChunk, 1, 8192);
        Bounds.check("--request-timeout", requestTimeout, 1, 86_400);
        Bounds.check("--grace", grace, 0, 3600);
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
