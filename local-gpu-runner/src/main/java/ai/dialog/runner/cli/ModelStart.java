package ai.dialog.runner.cli;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.Progress;
import ai.dialog.model.source.TerminalProgress;
import ai.dialog.runner.scheduler.BatchingInference;
import ai.dialog.runner.scheduler.LoadingInference;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model that loads on a thread of its own while the server starts: each takes about a second, and there is a second core.
 * How far it is, is shown on the terminal only once somebody waits for it, so that what the server says comes first and whole.
 */
final class ModelStart implements AutoCloseable {

    /** What the loading said last. */
    private record Said(String what, long done, long total) {}

    /**
     * A model that answers.
     *
     * @param took how long it took to load
     */
    record Loaded(LanguageModel model, BatchingInference inference, Duration took) {}

    private final LoadingInference inference;
    private final CompletableFuture<Loaded> loading;

    private @Nullable TerminalProgress terminal;
    private @Nullable Said last;
    private boolean taken;
    private boolean abandoned;

    private ModelStart(
            LoadingInference inference,
            Function<Progress, LanguageModel> loader,
            Function<LanguageModel, BatchingInference> answering) {
        this.inference = inference;
        loading = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("loading").start(() -> load(loader, answering));
    }

    /**
     * Begins to load.
     *
     * @param inference told of what is done, and of the model when it answers
     */
    static ModelStart begin(
            LoadingInference inference,
            Function<Progress, LanguageModel> loader,
            Function<LanguageModel, BatchingInference> answering) {
        return new ModelStart(inference, loader, answering);
    }

    private void load(Function<Progress, LanguageModel> loader, Function<LanguageModel, BatchingInference> answering) {
        long start = System.nanoTime();
        try {
            LanguageModel model = loader.apply(this::said);
            BatchingInference batching = answering.apply(model);
            inference.ready(batching);
            finish(new Loaded(model, batching, Duration.ofNanos(System.nanoTime() - start)));
        } catch (Throwable e) { // whoever waits is told, whatever it is
            loading.completeExceptionally(e);
        }
    }

    private synchronized void finish(Loaded loaded) {
        loading.complete(loaded);
        if (abandoned) {
            loaded.inference().close();
        }
    }

    private void said(String what, long done, long total) {
        inference.progress(what);
        show(new Said(what, done, total));
    }

    private synchronized void show(Said said) {
        last = said;
        if (terminal != null) {
            terminal.update(said.what(), said.done(), said.total());
        }
    }

    /**
     * Waits for the model, which is the caller's to close then.
     *
     * @throws RuntimeException what the loader threw
     */
    Loaded await() {
        try (TerminalProgress progress = ModelOptions.progress()) {
            follow(progress);
            // an interrupt is kept for what comes next: a load cannot be broken off
            Loaded loaded = loading.join();
            taken = true;
            return loaded;
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        } finally {
            follow(null);
        }
    }

    private synchronized void follow(@Nullable TerminalProgress progress) {
        terminal = progress;
        if (progress != null && last != null && !loading.isDone()) {
            progress.update(last.what(), last.done(), last.total());
        }
    }

    /** Where nobody took the model, closes it as soon as it has loaded. */
    @Override
    public synchronized void close() {
        if (!taken) {
            abandoned = true;
            if (loading.isDone() && !loading.isCompletedExceptionally()) {
                loading.join().inference().close();
            }
        }
    }
}
