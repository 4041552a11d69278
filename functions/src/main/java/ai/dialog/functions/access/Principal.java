package ai.dialog.functions.access;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import reactor.util.context.ContextView;

/**
 * Who calls. Whichever adapter checked the credential puts it into the Reactor context, under its class.
 *
 * @param keyId the API key that it goes back to
 * @param owner whom the key was made for
 * @param tenant what shares caches: never two tenants
 * @param scopes what the caller may do, of {@link Scope}'s names
 * @param credential what was presented
 * @param expires when the credential ends
 * @param keyExpires when the API key ends that it goes back to
 * @param restrictions what the caller may not do although the scopes allow it
 * @param quotas limits that each request must stay within, all of them
 */
public record Principal(
        String keyId,
        String owner,
        String tenant,
        Set<String> scopes,
        Credential credential,
        Instant expires,
        Instant keyExpires,
        Restrictions restrictions,
        List<Quota> quotas) {

    /** What a caller presents. */
    public enum Credential {
        API_KEY,
        TOKEN
    }

    public Principal {
        scopes = Set.copyOf(scopes);
        quotas = List.copyOf(quotas);
    }

    /**
     * The caller, who must be known and have the scope.
     *
     * @throws AccessException where nobody is known, or the scope is missing
     */
    public static Principal require(ContextView context, String scope) {
        Principal principal = context.getOrDefault(Principal.class, null);
        if (principal == null) {
            throw AccessException.unauthenticated(AccessException.MISSING);
        }
        return principal.require(scope);
    }

    /**
     * This caller, who must have the scope.
     *
     * @throws AccessException where it is missing
     */
    public Principal require(String scope) {
        if (!scopes.contains(scope)) {
            throw AccessException.forbidden(
                    "The key '%s' does not have the scope '%s'. Use a key that has it.".formatted(keyId, scope));
        }
        return this;
    }
}
