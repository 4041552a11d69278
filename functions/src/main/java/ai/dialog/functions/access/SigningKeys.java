package ai.dialog.functions.access;

import java.time.InstantSource;
import java.util.function.UnaryOperator;

/** The key pairs that tokens are signed with, and can be rotated: a file on one machine, a secret in the cloud. */
public interface SigningKeys extends VerificationKeys {

    /**
     * Changes the keys in one step, even where others change them too: the function may be called again with newer ones.
     * What it returns is kept; the same set leaves everything as it was.
     *
     * @throws RuntimeException where the keys cannot be read or kept; nothing has changed then
     */
    void change(UnaryOperator<JwkSet> change);

    /** One key pair that lives as long as the process, for tests and for a service that makes no tokens. */
    static VerificationKeys inMemory(InstantSource clock) {
        var set = JwkSet.generate(clock.instant());
        return () -> set;
    }
}
