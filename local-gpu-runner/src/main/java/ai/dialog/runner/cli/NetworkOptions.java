package ai.dialog.runner.cli;

import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.http.Origin;
import ai.dialog.runner.http.ServerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the service listens, and to whom. */
final class NetworkOptions {

    /** Of one address, where others can reach the service; a browser opens 6, a busy client library some dozens. */
    private static final int PER_ADDRESS = 256;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "18789", description = "Default: 18789.")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on; 0.0.0.0 for all. Default: 127.0.0.1, this machine only.")
    private String host = "127.0.0.1";

    @Option(
            names = "--allow",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrConverter.class,
            description =
                    "Who may call, such as 192.168.1.0/24 or 2001:db8::/32; anybody else gets 403. Can be repeated."
                            + " Default: everybody.")
    private @Nullable List<Cidr> allowed;

    @Option(
            names = "--trusted-proxy",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrConverter.class,
            description = "The proxies whose X-Forwarded-For is believed. Can be repeated. Default: none.")
    private @Nullable List<Cidr> trustedProxies;

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            split = ",",
            converter = OriginConverter.class,
            description =
                    "Whose pages may call the API from a browser, such as https://chat.example.org. Can be repeated."
                            + " Default: none but its own.")
    private @Nullable List<Origin> corsOrigins;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "1024",
            description = "How many connections may be open at once. Default: 1024.")
    private int connections;

    @Option(
            names = "--max-connections-per-address",
            paramLabel = "N",
            description =
                    "Of these, how many from one address that is no trusted proxy. Default: 256; on loopback, all.")
    private @Nullable Integer connectionsPerAddress;

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    void check() {
        Bounds.check("--port", port, 0, 65_535);
        Bounds.check("--max-connections", connections, 1, 1_000_000);
        if (connectionsPerAddress != null) {
            Bounds.check("--max-connections-per-address", connectionsPerAddress, 1, 1_000_000);
        }
        atMost("--allow", allowed);
        atMost("--trusted-proxy", trustedProxies);
        atMost("--cors-origin", corsOrigins);
    }

    private static void atMost(String option, @Nullable List<?> values) {
        if (values != null && values.size() > Cidr.MAX_RANGES) {
            throw new CliException(ExitCodes.USAGE, "%s takes at most %d values".formatted(option, Cidr.MAX_RANGES));
        }
    }

    ServerSettings.Callers callers() {
        return new ServerSettings.Callers(
                allowed,
                trustedProxies == null ? List.of() : trustedProxies,
                corsOrigins == null
                        ? Set.of()
                        : corsOrigins.stream().map(Origin::text).collect(Collectors.toUnmodifiableSet()));
    }

    ServerSettings.Bounds bounds() {
        int each =
                connectionsPerAddress != null ? connectionsPerAddress : onlyThisMachine() ? connections : PER_ADDRESS;
        return ServerSettings.Bounds.DEFAULTS.withConnections(connections, Math.min(each, connections));
    }

    boolean everyAddress() {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    boolean onlyThisMachine() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** {@link Cidr#of}, in its own words. */
    static final class CidrConverter implements ITypeConverter<Cidr> {
        @Override
        public Cidr convert(String value) {
            try {
                return Cidr.of(value.strip());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(ErrorText.reason(e));
            }
        }
    }

    /** {@link Origin}, in its own words. */
    static final class OriginConverter implements ITypeConverter<Origin> {
        @Override
        public Origin convert(String value) {
            try {
                return new Origin(value.strip());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(ErrorText.reason(e));
            }
        }
    }
}
