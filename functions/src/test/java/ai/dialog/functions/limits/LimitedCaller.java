package ai.dialog.functions.limits;

import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A caller with quotas, and what it asks. */
public final class LimitedCaller {

    private LimitedCaller() {}

    public static Principal of(Quota... quotas) {
        return new Principal(
                "key",
                "owner",
                "tenant",
                Scope.ALL,
                Principal.Credential.API_KEY,
                Instant.MAX,
                Instant.MAX,
                Restrictions.NONE,
                List.of(quotas));
    }

    public static CompletionRequest request(Prompt prompt, @Nullable Integer maxTokens) {
        return CompletionRequest.of(prompt, "tenant").maxTokens(maxTokens).build();
    }
}
