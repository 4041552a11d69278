package ai.dialog.runner.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code health}: for container engines and supervisors, which look every few seconds. */
@Command(
        name = "health",
        description = "Whether the service on this machine can answer: says what its /health says; exit code 0 or 4.",
        mixinStandardHelpOptions = true)
final class HealthCommand implements Callable<Integer> {

    private static final int TIMEOUT_MILLIS = 3_000;
    private static final int LONGEST_ANSWER_BYTES = 4096;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "18789", description = "As serve has it.")
    private int port;

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1", description = "As serve has it.")
    private String host = "127.0.0.1";

    @Option(names = "--tls", description = "As serve has it.")
    private boolean tls;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Bounds.check("--port", port, 1, 65_535);
        URI asked = URI.create((tls ? "https://" : "http://") + target() + ":" + port + "/health");
        HttpURLConnection connection = null;
        try {
            connection = open(asked);
            int status = connection.getResponseCode();
            var body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            String said = body == null
                    ? ""
                    : new String(body.readNBytes(LONGEST_ANSWER_BYTES), StandardCharsets.UTF_8)
                            .replaceAll("\\p{C}", " ");
            spec.commandLine().getOut().println(status + " " + said.strip());
            return status == 200 ? ExitCodes.OK : ExitCodes.SERVICE;
        } catch (IOException | GeneralSecurityException e) {
            throw new CliException(ExitCodes.SERVICE, "cannot reach " + asked + ": " + ErrorText.reason(e));
        } finally {
            if (connection != null) {
                connection.disconnect();
            }
        }
    }

    /** A service that listens everywhere listens here. */
    private String target() {
        try {
            var address = InetAddress.getByName(host);
            var there = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
            String literal = there.getHostAddress();
            return literal.contains(":") ? "[" + literal + "]" : literal;
        } catch (UnknownHostException e) {
            throw new CliException(ExitCodes.USAGE, "--host " + host + " has no address");
        }
    }

    private static HttpURLConnection open(URI asked) throws IOException, GeneralSecurityException {
        var connection = (HttpURLConnection) asked.toURL().openConnection(java.net.Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        if (connection instanceof HttpsURLConnection secure) {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyCertificate()}, null);
            secure.setSSLSocketFactory(context.getSocketFactory());
            secure.setHostnameVerifier((name, session) -> true);
        }
        return connection;
    }

    /**
     * Takes any certificate: the service's is often self-made, and names the host that others know it by. Nothing secret is sent, and
     * who could stand between this process and its own machine's port could as well stop the service.
     */
    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
