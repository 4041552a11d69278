package ai.dialog.functions.access;

/**
 * Where the keys are that tokens are verified with: a file, a secret, or another service's
 * {@code /.well-known/jwks.json}. Public keys are enough.
 */
@FunctionalInterface
public interface VerificationKeys extends AutoCloseable {

    /**
     * The keys as they are now. Asked for every request, so it answers from memory.
     *
     * @throws AccessException of the kind {@code UNAVAILABLE} where they cannot be had
     */
    JwkSet current();

    /** Ends what reads them in the background, where something does. */
    @Override
    default void close() {}
}
