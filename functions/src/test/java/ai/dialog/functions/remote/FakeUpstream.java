package ai.dialog.functions.remote;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A model server on a raw socket, so that a test decides on every byte, its time, and how the connection ends, and sees when
 * the caller leaves. Each connection serves one request.
 */
public final class FakeUpstream implements AutoCloseable {

    /** What the server does with one request. */
    @FunctionalInterface
    public interface Script {
        void answer(Request request, Reply reply) throws IOException, InterruptedException;
    }

    /** What came. */
    public record Request(String method, String path, Map<String, String> headers, String body) {}

    private final ServerSocket socket;
    private final Script script;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch left = new CountDownLatch(1);

    public FakeUpstream(Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), script);
    }

    /** At another of this machine's addresses, for callers in containers. */
    public FakeUpstream(InetAddress address, Script script) throws IOException {
        this.script = script;
        this.socket = new ServerSocket(0, 50, address);
        Thread.ofVirtual().start(this::accept);
    }

    public URI uri() {
        return URI.create("http://" + socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort());
    }

    public List<Request> requests() {
        return requests;
    }

    /** Whether a caller closed its connection within the time, as {@link Reply#awaitLeave} saw it. */
    public boolean callerLeft(long millis) throws InterruptedException {
        return left.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            String[] start = line(in).split(" ", 3);
            Map<String, String> headers = new HashMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            Request request = new Request(start[0], start[1], headers, body);
            requests.add(request);
            script.answer(request, new Reply(connection, in, left));
        } catch (IOException | UncheckedIOException broken) {
            // The caller left, which the scripts that care for it look at themselves.
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** The answer to one request. */
    public static final class Reply {
        private final Socket connection;
        private final InputStream in;
        private final OutputStream out;
        private final CountDownLatch left;

        Reply(Socket connection, InputStream in, CountDownLatch left) throws IOException {
            this.connection = connection;
            this.in = in;
            this.out = connection.getOutputStream();
            this.left = left;
        }

        /** A whole answer with its length. */
        public void whole(int status, String type, String body, String... headers) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            StringBuilder head = new StringBuilder();
            head.append("HTTP/1.1 ").append(status).append(" X\r\n");
            head.append("Connection: close\r\nContent-Type: ").append(type).append("\r\n");
            head.append("Content-Length: ").append(bytes.length).append("\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            raw(head + "\r\n");
            out.write(bytes);
            out.flush();
        }

        /** The head of an event stream in chunked transfer. */
        public Reply stream() throws IOException {
            return raw("HTTP/1.1 200 OK\r\n")
                    .raw("Connection: close\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
                    .raw("Transfer-Encoding: chunked\r\n\r\n");
        }

        /** One chunk, as it is. */
        public Reply chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            raw(Integer.toHexString(bytes.length) + "\r\n");
            out.write(bytes);
            return raw("\r\n");
        }

        /** One event, in one line. */
        public Reply event(String json) throws IOException {
            return chunk("data: " + json.replace("\n", "") + "\n\n");
        }

        /** The end of a chunked body. */
        public void end() throws IOException {
            raw("0\r\n\r\n");
        }

        public Reply raw(String bytes) throws IOException {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return this;
        }

        /** Ends the connection with a reset instead of a close. */
        public void reset() throws IOException {
            connection.setSoLinger(true, 0);
            connection.close();
        }

        /** Waits for the caller to close the connection, and notes it. */
        public void awaitLeave() {
            try {
                in.skipNBytes(Long.MAX_VALUE);
            } catch (IOException gone) {
                // A close and a reset are both ways of leaving.
            }
            left.countDown();
        }
    }
}
