package ai.dialog.cloud.settings;

import java.net.InetAddress;

/**
 * A range of addresses in the notation of RFC 4632 and RFC 4291, checked before it reaches a policy: the gateway takes a
 * range with a typing error without complaint and then lets nobody in, or too many.
 *
 * @param text the range, such as 192.168.1.0/24 or 2001:db8::/32
 */
public record Cidr(String text) {

    /** Refuses what is no range, and a range whose address has bits beyond its length. */
    public Cidr {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw refused(text, "has no length; write " + text + "/32 (IPv4) or /128 (IPv6) for one address");
        }
        byte[] address = address(text, slash);
        int length = length(text, slash, address.length * 8);
        for (int bit = length; bit < address.length * 8; bit++) {
            if ((address[bit / 8] >> (7 - bit % 8) & 1) != 0) {
                throw refused(text, "has address bits beyond its first " + length);
            }
        }
    }

    private static byte[] address(String text, int slash) {
        try {
            // Takes literals only: no name is ever looked up.
            return InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
        } catch (IllegalArgumentException notALiteral) {
            throw refused(text, "does not begin with an IPv4 or IPv6 address");
        }
    }

    private static int length(String text, int slash, int most) {
        String digits = text.substring(slash + 1);
        int length = digits.matches("\\d{1,3}") ? Integer.parseInt(digits) : -1;
        if (length < 0 || length > most) {
            throw refused(text, "must end in a length from 0 to " + most);
        }
        return length;
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException("allowedCidrs: '" + text + "' " + why);
    }
}
