package ai.dialog.model.source;

import ai.dialog.model.Progress;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress for people: on a terminal one line that is written over, elsewhere a plain line every few seconds. Amounts are
 * taken as bytes. Thread-safe.
 */
public final class TerminalProgress implements Progress, AutoCloseable {

    private static final Duration TERMINAL_PAUSE = Duration.ofMillis(100);
    private static final Duration PLAIN_PAUSE = Duration.ofSeconds(5);
    private static final int BAR = 24;

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final long pause;

    private String current = "";
    private long started;
    private long startedAt;
    private long shownAt;
    private boolean lineOpen;
    private boolean finished;

    /**
     * Writes to a stream.
     *
     * @param terminal whether lines can be written over
     * @param nanoTime as {@link System#nanoTime}
     */
    TerminalProgress(PrintStream out, boolean terminal, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.pause = (terminal ? TERMINAL_PAUSE : PLAIN_PAUSE).toNanos();
    }

    /** To standard error, as what it is connected to allows. */
    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where neither end is a terminal
    public static TerminalProgress standardError() {
        Console console = System.console();
        boolean terminal = console != null
                && console.isTerminal()
                && !"dumb".equals(System.getenv().getOrDefault("TERM", "dumb"));
        return new TerminalProgress(System.err, terminal, System::nanoTime);
    }

    @Override
    public synchronized void update(String what, long done, long total) {
        long now = nanoTime.getAsLong();
        boolean end = total >= 0 && done >= total;
        boolean begin = !what.equals(current);
        if (begin) {
            endLine();
            current = what;
            started = now;
            startedAt = done;
            finished = false;
        }
        if (finished || (!begin && !end && now - shownAt < pause)) {
            return;
        }
        shownAt = now;
        finished = end;
        String line = line(now, done, total);
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            lineOpen = true;
            if (end) {
                endLine();
            }
        } else {
            out.println(line);
        }
        out.flush();
    }

    private String line(long now, long done, long total) {
        double seconds = (now - started) / 1e9;
        double rate = seconds > 0 ? (done - startedAt) / seconds : 0;
        StringBuilder line = new StringBuilder(current);
        if (total > 0) {
            double share = Math.min(1, (double) done / total);
            if (terminal) {
                int full = (int) (share * BAR);
                line.append("  [")
                        .append("#".repeat(full))
                        .append("-".repeat(BAR - full))
                        .append(']');
            }
            line.append(String.format(Locale.ROOT, "  %3.0f %%", Math.floor(share * 100)));
            line.append("  ").append(ByteCount.of(done)).append(" of ").append(ByteCount.of(total));
        } else if (done > 0) {
            line.append("  ").append(ByteCount.of(done));
        }
        if (rate > 0) {
            line.append("  ").append(ByteCount.of(Math.round(rate))).append("/s");
        }
        if (rate > 0 && total > done) {
            line.append("  ").append(clock((total - done) / rate)).append(" left");
        }
        return line.toString();
    }

    private static String clock(double seconds) {
        Duration left = Duration.ofSeconds((long) Math.ceil(Math.min(seconds, 359_999)));
        return left.toHours() > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", left.toMinutesPart(), left.toSecondsPart());
    }

    private void endLine() {
        if (lineOpen) {
            out.println();
            lineOpen = false;
        }
    }

    /** Ends the line that is being written over, where one is. */
    @Override
    public synchronized void close() {
        endLine();
        out.flush();
    }
}
