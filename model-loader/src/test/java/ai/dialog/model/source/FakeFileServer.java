package ai.dialog.model.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;

/** A web server with one file that understands ranges and can break off in the middle. */
final class FakeFileServer implements AutoCloseable {

    private final HttpServer server;

    /** One entry for each request: its Range header, or {@code all}. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** After how many bytes each of the next answers breaks off. */
    final Queue<Integer> breaks = new ConcurrentLinkedQueue<>();

    volatile byte[] content;
    volatile String etag = "\"one\"";
    volatile int millisPerChunk;
    volatile boolean hangAtBreak;

    /**
     * Waits until the reader has so many bytes of the file: Java's client throws away what it has received and not yet handed
     * on when a connection breaks.
     */
    volatile IntConsumer untilReaderHas = bytes -> {};

    FakeFileServer(byte[] content) throws IOException {
        this.content = content;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        requests.add(range == null ? "all" : range);
        int from = range == null || !etag.equals(condition)
                ? 0
                : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        exchange.getResponseHeaders().set("ETag", etag);
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
        Integer breakAfter = breaks.poll();
        int until = breakAfter == null ? content.length : Math.min(content.length, from + breakAfter);
        OutputStream body = exchange.getResponseBody();
        for (int at = from; at < until; at += 1000) {
            body.write(content, at, Math.min(1000, until - at));
            body.flush();
            pause(millisPerChunk);
        }
        if (until < content.length && until > from) {
            untilReaderHas.accept(until);
        }
        if (until < content.length && hangAtBreak) {
            pause(5000);
        }
        exchange.close();
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
