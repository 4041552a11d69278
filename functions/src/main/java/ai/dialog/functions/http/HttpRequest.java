package ai.dialog.functions.http;

import ai.dialog.functions.access.AccessException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * One HTTP request, whichever server took it.
 *
 * @param method in capitals
 * @param path as it was sent, percent-encoded, without the query
 * @param headers names in lower case
 * @param sourceAddress the caller's IP address
 * @param body whole, and within {@link GatewaySettings#maxBodyBytes}
 */
public record HttpRequest(
        String method, String path, Map<String, List<String>> headers, String sourceAddress, ByteBuffer body) {

    /**
     * The caller's address.
     *
     * @throws AccessException where the server gave none that is one
     */
    InetAddress address() {
        return CallerAddress.literal(sourceAddress);
    }

    /** Without headers and body, so that a log line cannot leak a key or a prompt. */
    @Override
    public String toString() {
        return "HttpRequest[" + method + " " + path + "]";
    }
}
