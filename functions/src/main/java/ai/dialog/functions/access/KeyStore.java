package ai.dialog.functions.access;

import org.jspecify.annotations.Nullable;

/** Where API keys are kept. Both look-ups are called for every request: they answer from memory. */
public interface KeyStore extends AutoCloseable {

    /** The key whose text this is, whether or not it is still good; null where there is none. */
    @Nullable
    ApiKey byText(String presented);

    /** The key with this id, for the tokens that were made with it; null where there is none. */
    @Nullable
    ApiKey byId(String id);

    /** Ends what reads them in the background, where something does. */
    @Override
    default void close() {}
}
