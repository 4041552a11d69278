package ai.dialog.functions.access;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link PrivateFile} says, read once and kept. A change of the file, by this process or another, is seen within a
 * second; a file that turns unreadable leaves the last good copy in force.
 */
final class WatchedFile<T> {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final Duration RELOAD_INTERVAL = Duration.ofSeconds(1);

    private final PrivateFile file;
    private final Format<T> format;
    private final InstantSource clock;
    private volatile Loaded<T> loaded;

    /** From a file's content to what it says, and back. */
    interface Format<T> {
        /**
         * Reads the content.
         *
         * @param content null where there is no file
         * @throws IllegalStateException where it cannot be used
         */
        T parse(byte @Nullable [] content);

        byte[] bytes(T value);
    }

    private record Loaded<T>(T value, PrivateFile.@Nullable Version version, long checkedAtMillis) {}

    /**
     * Opens a file, which need not be there yet.
     *
     * @throws IllegalStateException where it is there and cannot be used
     */
    WatchedFile(PrivateFile file, Format<T> format, InstantSource clock) {
        this.file = file;
        this.format = format;
        this.clock = clock;
        this.loaded = load();
    }

    /** What it says, a second ago at most. */
    T current() {
        var last = loaded;
        return Math.abs(clock.millis() - last.checkedAtMillis()) < RELOAD_INTERVAL.toMillis()
                ? last.value()
                : checked().value();
    }

    /** What it says now: a look at the file, some microseconds, and a reading where it has changed. */
    T fresh() {
        return checked().value();
    }

    /** Replaces what it says; the same value leaves the file as it is. */
    void change(UnaryOperator<T> change) {
        file.change(content -> {
            var before = format.parse(content);
            var after = change.apply(before);
            return after.equals(before) ? null : format.bytes(after);
        });
        reload();
    }

    /** One at a time, so that what was read later is also what stays. */
    private synchronized Loaded<T> reload() {
        loaded = load();
        return loaded;
    }

    private synchronized Loaded<T> checked() {
        var last = loaded;
        try {
            var version = file.version();
            if (version == null || !version.equals(last.version())) {
                return reload();
            }
        } catch (RuntimeException e) {
            LOG.warn("{} cannot be read again; what was read before stays in force", file.path(), e);
        }
        loaded = new Loaded<>(last.value(), last.version(), clock.millis());
        return loaded;
    }

    private Loaded<T> load() {
        // the version first: a change in between is then seen at the next look
        var version = file.version();
        return new Loaded<>(format.parse(file.read()), version, clock.millis());
    }
}
