package ai.dialog.model.source;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file to be fetched.
 *
 * @param name under which it is kept; safe
 * @param source where its bytes are
 * @param sha256 what it must have, or null
 * @param size what it must have, or -1
 */
record RemoteFile(String name, ByteSource source, @Nullable String sha256, long size) {

    private static final int LONGEST_NAME = 120;

    RemoteFile {
        name = safeName(name);
        sha256 = sha256 == null ? null : sha256.toLowerCase(Locale.ROOT);
    }

    /**
     * The last part of a path or URL as a name for a file here: no folder, no hidden file, no character that a file system
     * or a terminal could take for something else.
     */
    static String safeName(String path) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        String safe = last.replaceAll("[^A-Za-z0-9._+-]", "_").replaceFirst("^[.-]+", "");
        String shortened = safe.length() > LONGEST_NAME ? safe.substring(safe.length() - LONGEST_NAME) : safe;
        return shortened.isEmpty() ? "model" : Objects.requireNonNull(shortened.replaceFirst("^[.-]+", "_"));
    }
}
