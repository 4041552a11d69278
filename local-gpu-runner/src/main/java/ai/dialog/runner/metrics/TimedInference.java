package ai.dialog.runner.metrics;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import java.util.List;
import java.util.function.LongConsumer;
import reactor.core.publisher.Flux;

/** An inference whose first tokens are timed, from the request to the first generated text that its caller can see. */
final class TimedInference implements Inference {

    private final Inference inference;
    private final LongConsumer firstToken;

    /**
     * The same inference, timed.
     *
     * @param firstToken told the nanoseconds, once for each request that gets a token
     */
    TimedInference(Inference inference, LongConsumer firstToken) {
        this.inference = inference;
        this.firstToken = firstToken;
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.defer(() -> inference.complete(request).doOnNext(new Watch()::see));
    }

    /** Of one request; its chunks come one after the other. */
    private final class Watch {
        private final long start = System.nanoTime();
        private boolean seen;

        void see(CompletionChunk chunk) {
            // a prompt that is given back counts no token
            boolean token = chunk instanceof CompletionChunk.ToolCallDelta
                    || (chunk instanceof CompletionChunk.Delta delta && delta.tokens() > 0);
            if (!seen && token) {
                seen = true;
                firstToken.accept(System.nanoTime() - start);
            }
        }
    }

    @Override
    public List<ModelCard> models() {
        return inference.models();
    }

    @Override
    public Readiness readiness() {
        return inference.readiness();
    }
}
