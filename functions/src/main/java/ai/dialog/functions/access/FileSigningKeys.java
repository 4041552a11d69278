package ai.dialog.functions.access;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Signing keys in a file that only its owner can read: a JWK set. A change of the file is seen within a second. */
public final class FileSigningKeys implements SigningKeys {

    private final WatchedFile<JwkSet> file;

    /**
     * Opens the file; it is made, with one key pair, where there is none.
     *
     * @throws IllegalStateException where it is there and cannot be used
     * @throws java.io.UncheckedIOException where it cannot be read or written
     */
    public FileSigningKeys(Path path, InstantSource clock) {
        var kept = new PrivateFile(path);
        kept.change(
                content -> content == null ? JwkSet.generate(clock.instant()).bytes() : null);
        var format = new WatchedFile.Format<JwkSet>() {
            @Override
            public JwkSet parse(byte @Nullable [] content) {
                if (content == null) {
                    throw new IllegalStateException(kept.path() + " was there and is gone");
                }
                return JwkSet.parse(content, kept.path().toString());
            }

            @Override
            public byte[] bytes(JwkSet set) {
                return set.bytes();
            }
        };
        file = new WatchedFile<>(kept, format, clock);
    }

    @Override
    public JwkSet current() {
        return file.current();
    }

    @Override
    public void change(UnaryOperator<JwkSet> change) {
        file.change(change);
    }
}
