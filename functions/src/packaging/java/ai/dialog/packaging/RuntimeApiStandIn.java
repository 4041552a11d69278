package ai.dialog.packaging;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Lambda's Runtime API on a raw socket: hands out the events it is given, one at a time, and keeps what is answered, piece by piece
 * as it comes. Strict: a request that is not what the Runtime API asks for is refused and noted.
 */
public final class RuntimeApiStandIn implements AutoCloseable {

    private static final String ROOT = "/2018-06-01/runtime/";

    private final ServerSocket server;
    private final BlockingQueue<StandInInvocation> waiting = new LinkedBlockingQueue<>();
    private final Map<String, StandInInvocation> handedOut = new ConcurrentHashMap<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final List<String> polls = new CopyOnWriteArrayList<>();
    private final List<String> initErrors = new CopyOnWriteArrayList<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();

    public RuntimeApiStandIn() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** Host and port, as {@code AWS_LAMBDA_RUNTIME_API} has them. */
    public String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Hands an event to the runtime when it next asks. */
    public StandInInvocation invoke(StandInInvocation invocation) {
        waiting.add(invocation);
        return invocation;
    }

    /** How often the runtime asked for an event. */
    public int polls() {
        return polls.size();
    }

    /** Bodies of what was posted to {@code init/error}. */
    public List<String> initErrors() {
        return initErrors;
    }

    /** Requests that the Runtime API would not have understood. */
    public List<String> faults() {
        return faults;
    }

    /** Connections that are open now. */
    public int connections() {
        return connections.size();
    }

    @Override
    public void close() throws IOException {
        noMoreEvents();
    }

    /** The runtime is told nothing any more: what it waits for breaks off, and it ends. */
    public void noMoreEvents() throws IOException {
        server.close();
        for (var connection : connections) {
            connection.close();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var connection = server.accept();
                connections.add(connection);
                if (server.isClosed()) {
                    connection.close();
                }
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = new BufferedInputStream(connection.getInputStream());
            String[] start = line(in).split(" ", 3);
            var headers = headers(in);
            answer(new Call(connection, in, start[0], start.length < 2 ? "" : start[1], headers));
        } catch (SocketException | InterruptedException closed) {
            // the runtime or the test ended it
        } catch (IOException | RuntimeException fault) {
            faults.add(fault.toString());
        } finally {
            connections.remove(connection);
        }
    }

    private record Call(Socket connection, InputStream in, String method, String path, Map<String, String> headers) {

        void reply(int status, Map<String, String> more, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            var head = new StringBuilder("HTTP/1.1 " + status + " X\r\nContent-Length: " + bytes.length + "\r\n");
            more.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            var all = new ByteArrayOutputStream();
            all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            all.writeBytes(bytes);
            connection.getOutputStream().write(all.toByteArray());
        }

        String body() throws IOException {
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            return new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }
    }

    private void answer(Call call) throws IOException, InterruptedException {
        if (call.method().equals("GET") && call.path().equals(ROOT + "invocation/next")) {
            polls.add(call.path());
            var next = waiting.take();
            handedOut.put(next.requestId(), next);
            call.reply(200, next.headers(), next.event());
            return;
        }
        if (call.method().equals("POST") && call.path().equals(ROOT + "init/error")) {
            initErrors.add(call.body());
            call.reply(202, Map.of(), "{\"status\":\"OK\"}");
            return;
        }
        String[] parts = call.path()
                .substring(Math.min(call.path().length(), ROOT.length()))
                .split("/", -1);
        var invocation = parts.length == 3 && parts[0].equals("invocation") ? handedOut.get(parts[1]) : null;
        if (invocation == null || !call.method().equals("POST")) {
            throw new IOException("unknown request " + call.method() + " " + call.path());
        }
        switch (parts[2]) {
            case "error" -> {
                invocation.failedWith(call.body());
                call.reply(202, Map.of(), "{\"status\":\"OK\"}");
            }
            case "response" -> response(call, invocation);
            default -> throw new IOException("unknown request " + call.path());
        }
    }

    private static void response(Call call, StandInInvocation invocation) throws IOException {
        invocation.begun(call.headers());
        try {
            for (byte[] chunk = chunk(call.in()); chunk.length > 0; chunk = chunk(call.in())) {
                if (invocation.wantsNoMoreAfter(chunk)) {
                    invocation.cut();
                    return;
                }
            }
            invocation.ended(headers(call.in()));
        } catch (IOException broken) {
            invocation.broken();
            throw new SocketException(broken.getMessage());
        }
        call.reply(202, Map.of(), "{\"status\":\"OK\"}");
    }

    private static byte[] chunk(InputStream in) throws IOException {
        int length = Integer.parseInt(line(in), 16);
        if (length == 0) {
            return new byte[0];
        }
        byte[] chunk = in.readNBytes(length);
        if (chunk.length < length || !line(in).isEmpty()) {
            throw new IOException("a chunk has no end");
        }
        return chunk;
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        var headers = new LinkedHashMap<String, String>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new SocketException("closed");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
}
