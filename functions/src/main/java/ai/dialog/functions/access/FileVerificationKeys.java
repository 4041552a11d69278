package ai.dialog.functions.access;

import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Public keys in a file, which others may read: a JWK set as {@code /.well-known/jwks.json} has it. */
final class FileVerificationKeys {

    private FileVerificationKeys() {}

    /**
     * Opens the file. A change of it is seen within a second.
     *
     * @throws IllegalStateException where it is missing or cannot be used
     */
    static VerificationKeys open(Path path, InstantSource clock) {
        var format = new WatchedFile.Format<JwkSet>() {
            @Override
            public JwkSet parse(byte @Nullable [] content) {
                if (content == null) {
                    throw new IllegalStateException("There is no file %s with verification keys".formatted(path));
                }
                return JwkSet.parsePublic(content, path.toString());
            }

            @Override
            public byte[] bytes(JwkSet set) {
                throw new UnsupportedOperationException("The file is its writer's");
            }
        };
        return new WatchedFile<>(PrivateFile.open(path), format, clock)::current;
    }
}
