package ai.dialog.runner.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;

/** The server's TLS: versions 1.2 and 1.3, HTTP/1.1 above them, and a certificate that is renewed while it runs. */
public final class Tls {

    private final RenewedKeyManager keys;
    private final SslContext context;
    private final boolean selfMade;

    private Tls(RenewedKeyManager keys, boolean selfMade) {
        this.keys = keys;
        this.selfMade = selfMade;
        try {
            this.context = SslContextBuilder.forServer(keys)
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("Cannot set up TLS", e);
        }
    }

    /**
     * Reads the certificate that is given, or opens the self-made one.
     *
     * @param stateFolder where the self-made one is kept
     * @throws IllegalArgumentException where a name is none
     * @throws IllegalStateException where a file cannot be used; the message says which and why
     * @throws java.io.UncheckedIOException where the state folder cannot be written
     */
    public static Tls open(TlsSettings settings, Path stateFolder, InstantSource clock) {
        return open(settings, stateFolder, clock, RenewedKeyManager.INTERVAL);
    }

    static Tls open(TlsSettings settings, Path stateFolder, InstantSource clock, Duration interval) {
        var given = settings.given();
        if (given == null) {
            var own = new SelfMadeCertificate(stateFolder, settings.names());
            UnaryOperator<Identity> renewal =
                    used -> own.isDue(used, clock.instant()) ? own.open(clock.instant()) : used;
            return new Tls(new RenewedKeyManager(own.open(clock.instant()), renewal, interval), true);
        }
        var files = new GivenFiles(given.certificate(), given.key(), clock);
        return new Tls(new RenewedKeyManager(files.read(), files::newest, interval), false);
    }

    /** For the server's connections. */
    public SslContext context() {
        return context;
    }

    /** Whether nobody but this machine vouches for the certificate. */
    public boolean selfMade() {
        return selfMade;
    }

    /** SHA-256 of the certificate in use. */
    public String fingerprint() {
        return keys.current().fingerprint();
    }

    /** Two files, read again when one of them changed. */
    private static final class GivenFiles {

        private final Path certificate;
        private final Path key;
        private final InstantSource clock;
        private List<FileTime> seen = List.of();

        GivenFiles(Path certificate, Path key, InstantSource clock) {
            this.certificate = certificate;
            this.key = key;
            this.clock = clock;
        }

        Identity read() {
            var times = times();
            var identity = Identity.read(certificate, key, clock.instant());
            seen = times;
            return identity;
        }

        Identity newest(Identity used) {
            return times().equals(seen) ? used : read();
        }

        private List<FileTime> times() {
            try {
                return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
            } catch (IOException e) {
                // reading tells which
                return List.of(FileTime.from(Instant.EPOCH));
            }
        }
    }
}
