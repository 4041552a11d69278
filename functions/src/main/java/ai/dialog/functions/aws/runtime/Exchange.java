package ai.dialog.functions.aws.runtime;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One request to the Runtime API and its answer, in HTTP/1.1 on a connection of its own.
 *
 * <p>A plain socket, because the JDK's client sends no trailers, and a streamed answer tells its failure in them. Apache's client
 * can, for a megabyte of jars and a tenth of the start-up time; what is needed of HTTP here, to a server on the same machine,
 * is this class. Custom runtimes are to close the connection of a streamed answer in any case, and connecting to the loopback
 * costs some 50 microseconds, so no connection is used twice.
 */
final class Exchange implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** All of an answer's head. Lambda's own headers are a few hundred bytes; a client context may have 3,583. */
    private static final int MAX_HEAD_BYTES = 64 << 10;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] [1-5]\\d\\d( .*)?");
    private static final Pattern LENGTH = Pattern.compile("\\d{1,10}");
    private static final Pattern CHUNK = Pattern.compile("[0-9A-Fa-f]{1,7}");

    private final Socket socket = new Socket();
    private final String host;
    private final OutputStream out;
    private final InputStream in;
    private int headBytes;

    /** What the Runtime API answered; names of headers in lower case. */
    record Reply(int status, Map<String, String> headers, ByteBuffer body) {}

    Exchange(InetSocketAddress api) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.connect(api, (int) CONNECT.toMillis());
            out = socket.getOutputStream();
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        host = api.getHostString() + ":" + api.getPort();
    }

    /** For how long a read may wait; without this call, for ever: the next event may come in hours. */
    void answerWithin(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
    }

    /** Sends a request with a body of a known length. */
    void send(String method, String path, Map<String, String> headers, byte[] body) throws IOException {
        var all = new HashMap<>(headers);
        if (!method.equals("GET")) {
            all.put("Content-Length", Integer.toString(body.length));
        }
        var request = new ByteArrayOutputStream();
        request.writeBytes(head(method, path, all));
        request.writeBytes(body);
        write(request.toByteArray());
    }

    /** Sends the head of a request whose body follows in {@link #write}. */
    void sendHead(String method, String path, Map<String, String> headers) throws IOException {
        write(head(method, path, headers));
    }

    private byte[] head(String method, String path, Map<String, String> headers) {
        var text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n");
        headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends bytes now. */
    void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /**
     * Reads the answer.
     *
     * @param most how much of the body is kept; the rest is not read
     * @throws IOException where it is no HTTP, ends early or goes beyond a bound
     */
    Reply read(int most) throws IOException {
        headBytes = 0;
        String status = line();
        if (!STATUS.matcher(status).matches()) {
            throw new IOException("the Runtime API answered something other than HTTP");
        }
        var headers = headers();
        return new Reply(Integer.parseInt(status.substring(9, 12)), headers, ByteBuffer.wrap(body(headers, most)));
    }

    private Map<String, String> headers() throws IOException {
        var headers = new HashMap<String, String>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("the Runtime API answered with a header that is none");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            if (headers.put(name, line.substring(colon + 1).strip()) != null && name.equals("content-length")) {
                throw new IOException("the Runtime API answered with two lengths");
            }
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers, int most) throws IOException {
        String coding = headers.get("transfer-encoding");
        if (coding != null) {
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new IOException("the Runtime API answered in an unknown transfer coding");
            }
            return chunks(most);
        }
        String length = headers.get("content-length");
        if (length == null) {
            return in.readNBytes(most);
        }
        if (!LENGTH.matcher(length).matches()) {
            throw new IOException("the Runtime API answered with a length that is none");
        }
        return whole((int) Math.min(most, Long.parseLong(length)));
    }

    private byte[] chunks(int most) throws IOException {
        var body = new ByteArrayOutputStream();
        while (body.size() < most) {
            // each line of a length counts anew: what bounds them is the body that they make
            headBytes = 0;
            String size = line().split(";", 2)[0].strip();
            if (!CHUNK.matcher(size).matches()) {
                throw new IOException("the Runtime API answered with a chunk that has no length");
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                break;
            }
            int wanted = Math.min(length, most - body.size());
            body.writeBytes(whole(wanted));
            if (wanted == length && !line().isEmpty()) {
                throw new IOException("the Runtime API answered with a chunk that has no end");
            }
        }
        return body.toByteArray();
    }

    private byte[] whole(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("the Runtime API broke off its answer");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the Runtime API closed the connection");
            }
            if (++headBytes > MAX_HEAD_BYTES) {
                throw new IOException("the Runtime API answered with a head of more than " + MAX_HEAD_BYTES + " bytes");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Ends the connection, also while another thread reads or writes, which then fails. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException closedAlready) {
            // there is nothing more to end
        }
    }
}
