package ai.dialog.functions.inference;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * What the front knows of a call beside what it asks for. It travels in the Reactor context, under its class.
 *
 * @param endBy when the platform ends the call, whatever it has reached; null where it does not
 * @param trace AWS X-Ray's tracing header, for the model server; null for none
 */
public record CallContext(@Nullable Instant endBy, @Nullable String trace) {

    /** A call that nothing more is known of. */
    public static final CallContext NONE = new CallContext(null, null);

    /** That of the call that is being served; {@link #NONE} where the front put none there. */
    public static CallContext of(ContextView context) {
        return context.<CallContext>getOrEmpty(CallContext.class).orElse(NONE);
    }

    /** The earlier of a deadline of one's own and the platform's. */
    public Instant deadline(Instant own) {
        return endBy != null && endBy.isBefore(own) ? endBy : own;
    }
}
