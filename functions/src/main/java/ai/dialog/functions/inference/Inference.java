package ai.dialog.functions.inference;

import java.util.List;
import reactor.core.publisher.Flux;

/**
 * Turns a prompt into a stream of text: the boundary that every function stands on. Implementations are the in-process
 * scheduler of the runner and {@code RemoteInference}; a function never knows which one it has.
 */
public interface Inference {

    /**
     * Generates text. Cancelling the subscription stops the generation and frees what it held.
     *
     * @return perhaps a {@link CompletionChunk.Begun}; for each choice its {@link CompletionChunk.Delta}s and
     *     {@link CompletionChunk.ToolCallDelta}s and one {@link CompletionChunk.Finish}, choices
     *     interleaved in any order; one {@link CompletionChunk.Total} last. Fails with an {@link InferenceException}.
     */
    Flux<CompletionChunk> complete(CompletionRequest request);

    /** The models that {@link #complete} can be asked for, the default one first. */
    List<ModelCard> models();

    /** Whether requests can be served now. */
    Readiness readiness();
}
