package ai.dialog.runner.audit;

import ai.dialog.functions.audit.AuditEvent;
import ai.dialog.functions.audit.AuditLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An audit log that a thread of its own writes. What it cannot write in time, because the disk is full or slow, is dropped and
 * counted; the count stands in the log once that takes lines again. The service goes on either way.
 */
public final class QueuedAuditLog implements AuditLog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueuedAuditLog.class);

    /** Lines waiting, in bytes: some ten thousand without prompts, some hundred with long ones. */
    static final long MAX_WAITING_BYTES = 8_000_000;

    /** A full disk is told of once in this while. */
    private static final Duration COMPLAINT_INTERVAL = Duration.ofMinutes(1);

    private static final int BATCH_BYTES = 64 * 1024;
    private static final Duration LAST_WRITE = Duration.ofSeconds(2);

    private final LinkedBlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final boolean prompts;
    private final @Nullable RotatedFile file;
    private final Thread writer;
    private volatile boolean closing;
    private long complained = System.nanoTime() - COMPLAINT_INTERVAL.toNanos();

    private QueuedAuditLog(AuditSettings settings) {
        this.prompts = settings.prompts();
        var path = settings.file();
        this.file = path == null
                ? null
                : new RotatedFile(
                        path, settings.maxBytes(), settings.maxAge(), settings.kept(), InstantSource.system());
        this.writer = Thread.ofPlatform().daemon().name("audit").unstarted(this::run);
    }

    /**
     * Opens a log.
     *
     * @throws UncheckedIOException where its file cannot be written
     */
    public static QueuedAuditLog open(AuditSettings settings) {
        var log = new QueuedAuditLog(settings);
        try {
            if (log.file != null) {
                log.file.open();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the audit log " + settings.file(), e);
        }
        log.writer.start();
        return log;
    }

    @Override
    public boolean withPrompts() {
        return prompts;
    }

    @Override
    public void write(AuditEvent event) {
        byte[] line = event.line();
        if (waitingBytes.addAndGet(line.length) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-line.length);
            dropped.incrementAndGet();
        } else {
            waiting.add(line);
        }
    }

    long waitingBytes() {
        return waitingBytes.get();
    }

    long dropped() {
        return dropped.get();
    }

    private void run() {
        try {
            while (!closing || !waiting.isEmpty()) {
                byte[] first = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (first != null) {
                    writeBatch(first);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeBatch(byte[] first) {
        var lines = new ByteArrayOutputStream();
        int count = 0;
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
            lines.writeBytes("{\"time\":\"%s\",\"dropped\":%d}%n"
                    .formatted(Instant.now(), lost)
                    .getBytes(StandardCharsets.US_ASCII));
        }
        for (byte[] line = first; line != null; line = lines.size() < BATCH_BYTES ? waiting.poll() : null) {
            lines.writeBytes(line);
            lines.write('\n');
            waitingBytes.addAndGet(-line.length);
            count++;
        }
        try {
            emit(lines.toByteArray());
        } catch (IOException | RuntimeException e) {
            dropped.addAndGet(lost + count);
            complain(e);
        }
    }

    private void emit(byte[] lines) throws IOException {
        if (file == null) {
            System.out.write(lines);
            System.out.flush();
        } else {
            file.append(lines);
        }
    }

    private void complain(Exception e) {
        if (System.nanoTime() - complained >= COMPLAINT_INTERVAL.toNanos()) {
            complained = System.nanoTime();
            LOG.warn("The audit log cannot be written; lines are dropped and counted: {}", e.toString());
        }
    }

    /** Writes what is waiting, within a moment. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join(LAST_WRITE);
            if (file != null && !writer.isAlive()) {
                file.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            complain(e);
        }
    }
}
