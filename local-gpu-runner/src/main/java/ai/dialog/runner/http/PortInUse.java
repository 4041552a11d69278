package ai.dialog.runner.http;

import java.io.Serial;

/** The address to listen on is taken; the message says by whom, as far as that can be seen, and what to do. */
public final class PortInUse extends IllegalStateException {

    @Serial
    private static final long serialVersionUID = 1L;

    PortInUse(String host, int port, Exception cause) {
        super(message(host, port), cause);
    }

    private static String message(String host, int port) {
        var owner = PortOwner.of(port)
                .map(found -> found.name() + " (pid " + found.pid() + ")")
                .orElse("a process that this user is not permitted to see");
        return "Address already in use: " + host + ":" + port + " is taken by " + owner
                + ". Choose another with --port.";
    }
}
