package ai.dialog.model.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A stream that fails when nothing has come for a while; the JDK's client has no time limit for a body. */
final class StallingStream extends FilterInputStream {

    private final Duration limit;
    private final Thread watcher;
    private volatile long waitingSince = System.nanoTime();
    private volatile boolean waiting;
    private volatile boolean stalled;

    StallingStream(InputStream in, Duration limit) {
        super(in);
        this.limit = limit;
        this.watcher = Thread.ofVirtual().name("stall-watch").start(this::watch);
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(limit.dividedBy(4));
                if (waiting && System.nanoTime() - waitingSince > limit.toNanos()) {
                    stalled = true;
                    in.close();
                    return;
                }
            }
        } catch (InterruptedException | IOException e) {
            // Interrupted: the stream was closed. A failing close: the reader sees it.
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        waitingSince = System.nanoTime();
        waiting = true;
        try {
            int count = super.read(buffer, offset, length);
            if (count < 0 && stalled) {
                throw new IOException("nothing came for " + limit.toSeconds() + " seconds");
            }
            return count;
        } catch (IOException e) {
            throw stalled ? new IOException("nothing came for " + limit.toSeconds() + " seconds", e) : e;
        } finally {
            waiting = false;
        }
    }

    @Override
    public void close() throws IOException {
        watcher.interrupt();
        super.close();
    }
}
