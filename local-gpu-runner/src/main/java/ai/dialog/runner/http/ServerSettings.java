package ai.dialog.runner.http;

import ai.dialog.functions.access.Cidr;
import ai.dialog.runner.audit.AuditSettings;
import ai.dialog.runner.tls.TlsSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP server is set up.
 *
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param apiKey the key that callers must present; null for the one kept in {@code stateFolder}
 * @param stateFolder where keys are kept between starts
 * @param shutdownGrace how long running responses may go on after {@link RunnerServer#close}
 * @param bounds what one caller may ask of the server
 * @param callers who may call
 * @param audit where each request is noted; null for nowhere
 * @param tls how the server proves who it is; null for plain HTTP
 */
public record ServerSettings(
        String host,
        int port,
        @Nullable String apiKey,
        Path stateFolder,
        Duration shutdownGrace,
        Bounds bounds,
        Callers callers,
        @Nullable AuditSettings audit,
        @Nullable TlsSettings tls) {

    /** The port that clients look for when none is named. */
    public static final int DEFAULT_PORT = 18789;

    /**
     * Bounds on requests and connections.
     *
     * @param bodyBytes the most bytes of a request's body
     * @param bodyTimeout how long a request's body may take to arrive
     * @param idleTimeout how long a connection may stay open without a request, or take nothing of its answer
     * @param connections the most connections open at once
     * @param connectionsPerAddress of these, the most from one address that is no trusted proxy
     */
    public record Bounds(
            int bodyBytes, Duration bodyTimeout, Duration idleTimeout, int connections, int connectionsPerAddress) {

        /**
         * A body of 4 MiB holds a million tokens of text, more than any context; 1,024 connections are 32 times the slots of
         * a batch. One address may have them all: on loopback there is but one.
         */
        public static final Bounds DEFAULTS =
                new Bounds(4 * 1024 * 1024, Duration.ofSeconds(30), Duration.ofSeconds(75), 1024, 1024);

        public Bounds {
            if (bodyBytes < 1) {
                throw new IllegalArgumentException("The body limit must be at least 1 byte, but is " + bodyBytes + ".");
            }
            if (connections < 1 || connectionsPerAddress < 1) {
                throw new IllegalArgumentException("The connection limits must be at least 1, but are %d and %d."
                        .formatted(connections, connectionsPerAddress));
            }
            if (!bodyTimeout.isPositive() || !idleTimeout.isPositive()) {
                throw new IllegalArgumentException("The timeouts must be longer than zero.");
            }
        }

        /** The same with other limits on connections. */
        public Bounds withConnections(int all, int perAddress) {
            return new Bounds(bodyBytes, bodyTimeout, idleTimeout, all, perAddress);
        }
    }

    /**
     * Who may call, and how the server knows.
     *
     * @param allowed the addresses that may call; null for every one
     * @param trustedProxies whose word on the caller's address is believed
     * @param corsOrigins whose pages may call
     */
    public record Callers(@Nullable List<Cidr> allowed, List<Cidr> trustedProxies, Set<String> corsOrigins) {

        /** Everybody; no proxy and no other page. */
        public static final Callers EVERYBODY = new Callers(null, List.of(), Set.of());

        public Callers {
            allowed = allowed == null ? null : List.copyOf(allowed);
            trustedProxies = List.copyOf(trustedProxies);
            corsOrigins = Set.copyOf(corsOrigins);
        }
    }

    public ServerSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("The host to listen on is empty. Give an address, such as 127.0.0.1.");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "The port must be between 0 and 65535 (0 takes a free one), but is " + port + ".");
        }
        if (shutdownGrace.isNegative()) {
            throw new IllegalArgumentException("The timeouts must be longer than zero.");
        }
    }

    /** The settings of a server on loopback. */
    public static ServerSettings defaults(Path stateFolder) {
        return new ServerSettings(
                "127.0.0.1",
                DEFAULT_PORT,
                null,
                stateFolder,
                Duration.ofSeconds(10),
                Bounds.DEFAULTS,
                Callers.EVERYBODY,
                null,
                null);
    }

    /** The same on another address. */
    public ServerSettings withAddress(String newHost, int newPort) {
        return new ServerSettings(newHost, newPort, apiKey, stateFolder, shutdownGrace, bounds, callers, audit, tls);
    }

    /** The same with another key; null for the one kept in the state folder. */
    public ServerSettings withApiKey(@Nullable String key) {
        return new ServerSettings(host, port, key, stateFolder, shutdownGrace, bounds, callers, audit, tls);
    }

    /** The same with other bounds. */
    public ServerSettings withBounds(Bounds newBounds) {
        return new ServerSettings(host, port, apiKey, stateFolder, shutdownGrace, newBounds, callers, audit, tls);
    }

    /** The same for other callers. */
    public ServerSettings withCallers(Callers newCallers) {
        return new ServerSettings(host, port, apiKey, stateFolder, shutdownGrace, bounds, newCallers, audit, tls);
    }

    /** The same, noted elsewhere. */
    public ServerSettings withAudit(@Nullable AuditSettings newAudit) {
        return new ServerSettings(host, port, apiKey, stateFolder, shutdownGrace, bounds, callers, newAudit, tls);
    }

    /** The same with TLS. */
    public ServerSettings withTls(@Nullable TlsSettings newTls) {
        return new ServerSettings(host, port, apiKey, stateFolder, shutdownGrace, bounds, callers, audit, newTls);
    }

    /** The same with another time for running responses at the end. */
    public ServerSettings withShutdownGrace(Duration grace) {
        return new ServerSettings(host, port, apiKey, stateFolder, grace, bounds, callers, audit, tls);
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
        return "ServerSettings[" + host + ":" + port + ", " + bounds + "]";
    }
}
