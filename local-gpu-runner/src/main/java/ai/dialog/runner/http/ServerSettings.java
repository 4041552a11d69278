package ai.dialog.runner.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP server is set up.
 *
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param apiKey the key that callers must present; null for the one kept in {@code stateFolder}
 * @param stateFolder where keys are kept between starts
 * @param bodyLimit the most bytes of a request's body
 * @param bodyTimeout how long a request's body may take to arrive
 * @param idleTimeout how long a connection may stay open without a request
 * @param shutdownGrace how long running responses may go on after {@link RunnerServer#close}
 * @param maxConnections the most connections open at once
 * @param serverName what {@code /health} and the page call this server
 */
public record ServerSettings(
        String host,
        int port,
        @Nullable String apiKey,
        Path stateFolder,
        int bodyLimit,
        Duration bodyTimeout,
        Duration idleTimeout,
        Duration shutdownGrace,
        int maxConnections,
        String serverName) {

    /** The port that clients look for when none is named. */
    public static final int DEFAULT_PORT = 18789;

    public ServerSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("The host to listen on is empty. Give an address, such as 127.0.0.1.");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "The port must be between 0 and 65535 (0 takes a free one), but is " + port + ".");
        }
        if (bodyLimit < 1) {
            throw new IllegalArgumentException("The body limit must be at least 1 byte, but is " + bodyLimit + ".");
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException(
                    "The connection limit must be at least 1, but is " + maxConnections + ".");
        }
        if (!bodyTimeout.isPositive() || !idleTimeout.isPositive() || shutdownGrace.isNegative()) {
            throw new IllegalArgumentException("The timeouts must be longer than zero.");
        }
    }

    /**
     * The settings of a server on loopback. A body of 4 MiB holds a million tokens of text, more than any context; 1,024
     * connections are 32 times the slots of a batch.
     */
    public static ServerSettings defaults(Path stateFolder) {
        return new ServerSettings(
                "127.0.0.1",
                DEFAULT_PORT,
                null,
                stateFolder,
                4 * 1024 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(75),
                Duration.ofSeconds(10),
                1024,
                "AI dialog service");
    }

    /** The same on another address. */
    public ServerSettings withAddress(String newHost, int newPort) {
        return new ServerSettings(
                newHost,
                newPort,
                apiKey,
                stateFolder,
                bodyLimit,
                bodyTimeout,
                idleTimeout,
                shutdownGrace,
                maxConnections,
                serverName);
    }

    /** The same with another key; null for the one kept in the state folder. */
    public ServerSettings withApiKey(@Nullable String key) {
        return new ServerSettings(
                host,
                port,
                key,
                stateFolder,
                bodyLimit,
                bodyTimeout,
                idleTimeout,
                shutdownGrace,
                maxConnections,
                serverName);
    }

    /** The same with other bounds on requests. */
    public ServerSettings withBounds(int newBodyLimit, Duration newBodyTimeout, Duration newIdle, int newConnections) {
        return new ServerSettings(
                host,
                port,
                apiKey,
                stateFolder,
                newBodyLimit,
                newBodyTimeout,
                newIdle,
                shutdownGrace,
                newConnections,
                serverName);
    }

    /**
     * The address to listen on.
     *
     * @throws IllegalArgumentException where the host has none
     */
    InetAddress address() {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "Cannot listen on " + host + ": this name has no address. Choose another with --host.", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ServerSettings[" + host + ":" + port + ", body " + bodyLimit + " bytes in " + bodyTimeout + "]";
    }
}
