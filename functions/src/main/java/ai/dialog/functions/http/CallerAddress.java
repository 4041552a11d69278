package ai.dialog.functions.http;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whose address a request comes from. A proxy that is trusted says it in {@code X-Forwarded-For}, to the end of which each
 * proxy adds whom it was called by: the rightmost address there that is no trusted proxy is the caller. What stands left of it
 * was written by the caller, and is not looked at. Where the peer is no trusted proxy, the whole header is the caller's and
 * counts for nothing.
 */
public final class CallerAddress {

    /** The header, in lower case. {@code Forwarded} (RFC 7239) is not read: a second source could only contradict the first. */
    public static final String HEADER = "x-forwarded-for";

    /** More proxies than stand in any row. */
    private static final int MAX_ADDRESSES = 64;

    /** Four decimal numbers: {@link InetAddress#ofLiteral} also takes 127.1 and 010.0.0.1, which others read differently. */
    private static final Pattern IPV4 = Pattern.compile("(?:(?:0|[1-9]\\d{0,2})\\.){3}(?:0|[1-9]\\d{0,2})");

    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private final List<Cidr> trustedProxies;

    /** The address as these proxies tell it; none to believe nobody. */
    public CallerAddress(List<Cidr> trustedProxies) {
        this.trustedProxies = List.copyOf(trustedProxies);
    }

    /** Whether an address is one of the proxies. */
    public boolean isProxy(InetAddress address) {
        return Cidr.anyContains(trustedProxies, address);
    }

    /**
     * The caller.
     *
     * @param peer the other end of the connection
     * @param forwardedFor the values of {@code X-Forwarded-For}, one for each line, in their order
     * @throws AccessException where a trusted proxy says something else than addresses: nothing is guessed
     */
    public InetAddress of(InetAddress peer, List<String> forwardedFor) {
        if (!isProxy(peer) || forwardedFor.isEmpty()) {
            return withoutZone(peer);
        }
        // several lines are one list (RFC 9110, section 5.3)
        String[] row = String.join(",", forwardedFor).split(",", MAX_ADDRESSES + 1);
        if (row.length > MAX_ADDRESSES) {
            throw refused();
        }
        var caller = peer;
        for (int i = row.length - 1; i >= 0 && isProxy(caller); i--) {
            caller = literal(row[i].strip());
        }
        return caller;
    }

    /** The zone of a link's address is this machine's word, and no part of the address. */
    private static InetAddress withoutZone(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address has 4 or 16 bytes", e);
        }
    }

    /**
     * An address without port, brackets or zone.
     *
     * @throws AccessException where it is none
     */
    static InetAddress literal(String text) {
        boolean plain = text.indexOf(':') < 0
                ? IPV4.matcher(text).matches()
                : IPV6.matcher(text).matches();
        if (!plain) {
            throw refused();
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw refused();
        }
    }

    private static AccessException refused() {
        return AccessException.addressNotAllowed(
                "The caller's address is not known: what was said of it is no IP address.");
    }
}
