package ai.dialog.model.source;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** One remote file that can be read from any place on. */
interface ByteSource {

    /**
     * Starts reading.
     *
     * @param offset bytes that are there already
     * @param tag what {@link Opened#tag} was when they were read; null where {@code offset} is 0
     * @return a stream from {@code offset} on, or from 0 where the file has changed since or the source cannot resume
     * @throws IOException if it is worth another try
     * @throws ai.dialog.model.ModelException if it is not: no such file, no permission
     */
    Opened open(long offset, @Nullable String tag) throws IOException;

    /** For messages; without secrets. */
    String shown();

    /**
     * What the source answers.
     *
     * @param stream the bytes from {@code offset} on
     * @param offset where they begin
     * @param total size of the whole file, -1 where it is not known
     * @param tag a strong validator (RFC 9110, 8.8.1) with which reading can be resumed, or null
     */
    record Opened(
            InputStream stream,
            long offset,
            long total,
            @Nullable String tag) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
