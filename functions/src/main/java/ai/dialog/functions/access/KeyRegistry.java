package ai.dialog.functions.access;

import java.util.List;
import java.util.function.UnaryOperator;

/** API keys that can be changed: a file on one machine, a secret in the cloud. */
public interface KeyRegistry extends KeyStore {

    /** Every key, good or not, oldest first. */
    List<ApiKey> all();

    /**
     * Changes the keys in one step, even where others change them too: the function may be called again with newer ones. What
     * it returns is kept; the same keys leave everything as it was.
     *
     * @throws RuntimeException where the keys cannot be read or kept; nothing has changed then
     */
    void change(UnaryOperator<List<ApiKey>> change);
}
