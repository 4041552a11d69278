package ai.dialog.functions.audit;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import java.util.List;
import reactor.core.publisher.Flux;

/** An inference whose requests are noted in the {@link AuditEntry} of the Reactor context. */
public final class AuditedInference implements Inference {

    private final Inference inference;

    /** The same inference, noted. */
    public AuditedInference(Inference inference) {
        this.inference = inference;
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.deferContextual(context -> {
            var entry = AuditEntry.of(context);
            var conversation = new Conversation(request, entry.withPrompts());
            entry.conversation(conversation);
            return inference.complete(request).doOnNext(conversation::add);
        });
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
