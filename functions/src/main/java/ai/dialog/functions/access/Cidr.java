package ai.dialog.functions.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A range of IP addresses in CIDR notation (RFC 4632 for IPv4, RFC 4291 for IPv6): 192.168.1.0/24, 2001:db8::/32. An address
 * without a length is that address alone. An IPv6 address that carries an IPv4 one (::ffff:192.0.2.1) is that IPv4 one.
 */
public final class Cidr {

    /** More ranges than a person would write for one key or service. */
    public static final int MAX_RANGES = 1_000;

    private final byte[] network;
    private final int length;

    private Cidr(byte[] network, int length) {
        this.network = network;
        this.length = length;
    }

    /**
     * Reads a range; no name is ever looked up.
     *
     * @throws IllegalArgumentException where it is no range, or its address has bits beyond its length: 10.0.0.1/8 is a typing
     *     error and not the range 10.0.0.0/8
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Cidr of(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        byte[] address;
        try {
            // Java reads 192.168 as 192.0.0.168, which nobody means
            boolean whole = literal.indexOf(':') >= 0
                    || literal.chars().filter(c -> c == '.').count() == 3;
            // a zone (fe80::1%eth0) names an interface of one machine, so it is no range
            if (!whole || literal.length() > 45 || literal.indexOf('%') >= 0) {
                throw refused(text, "does not begin with an IPv4 or IPv6 address");
            }
            address = InetAddress.ofLiteral(literal).getAddress();
        } catch (IllegalArgumentException e) {
            throw refused(text, "does not begin with an IPv4 or IPv6 address");
        }
        int bits = address.length * Byte.SIZE;
        String digits = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
        int length = digits.matches("\\d{1,3}") ? Integer.parseInt(digits) : -1;
        if (length < 0 || length > bits) {
            throw refused(text, "must end in a length from 0 to " + bits);
        }
        for (int bit = length; bit < bits; bit++) {
            if ((address[bit / Byte.SIZE] >> (7 - bit % Byte.SIZE) & 1) != 0) {
                throw refused(text, "has address bits beyond its first " + length);
            }
        }
        return new Cidr(address, length);
    }

    private static IllegalArgumentException refused(String text, String why) {
        String shown = text.length() <= 64 ? text : text.substring(0, 64) + "…";
        return new IllegalArgumentException(
                "'%s' %s. A range looks like 192.168.1.0/24 or 2001:db8::/32.".formatted(shown, why));
    }

    /** Whether an address is in one of the ranges. */
    public static boolean anyContains(Collection<Cidr> ranges, InetAddress address) {
        for (var range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** The addresses that are in a range of both lists, as ranges; empty where there are none. */
    public static List<Cidr> intersection(List<Cidr> some, List<Cidr> others) {
        // two ranges are one within the other, or have nothing in common
        return some.stream()
                .flatMap(one -> others.stream()
                        .filter(other -> one.covers(other) || other.covers(one))
                        .map(other -> one.covers(other) ? other : one))
                .distinct()
                .toList();
    }

    /** Whether the address is in this range. */
    public boolean contains(InetAddress address) {
        // Java makes an IPv4 address of a mapped one by itself
        return startsWithNetwork(address.getAddress());
    }

    /** Whether all of the other range is in this one. */
    public boolean covers(Cidr other) {
        return other.length >= length && startsWithNetwork(other.network);
    }

    private boolean startsWithNetwork(byte[] address) {
        if (address.length != network.length) {
            return false;
        }
        int whole = length / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (address[i] != network[i]) {
                return false;
            }
        }
        int rest = length % Byte.SIZE;
        return rest == 0 || ((address[whole] ^ network[whole]) & 0xff) >> (Byte.SIZE - rest) == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr cidr && cidr.length == length && Arrays.equals(cidr.network, network);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(network) + length;
    }

    /** In CIDR notation, with the length. */
    @JsonValue
    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(network).getHostAddress() + "/" + length;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("A network has 4 or 16 bytes", e);
        }
    }
}
