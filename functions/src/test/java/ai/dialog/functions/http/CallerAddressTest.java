package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Cidr;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallerAddressTest {

    private static final InetAddress PROXY = InetAddress.ofLiteral("10.0.0.7");

    private final CallerAddress address = new CallerAddress(List.of(Cidr.of("10.0.0.0/8"), Cidr.of("2001:db8:1::/48")));

    private String caller(String... forwardedFor) {
        return address.of(PROXY, List.of(forwardedFor)).getHostAddress();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "junk", "127.0.0.1, 10.0.0.7"})
    void whatAStrangerSaysOfItselfCountsForNothing(String forwardedFor) {
        var peer = InetAddress.ofLiteral("203.0.113.9");

        assertThat(address.of(peer, List.of(forwardedFor))).isEqualTo(peer);
        assertThat(new CallerAddress(List.of()).of(peer, List.of(forwardedFor))).isEqualTo(peer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.9                                  | 203.0.113.9",
                "  203.0.113.9	                              | 203.0.113.9",
                "192.0.2.1, 203.0.113.9                       | 203.0.113.9",
                "192.0.2.1, 203.0.113.9, 10.1.2.3             | 203.0.113.9",
                "10.9.9.9, 203.0.113.9, 2001:db8:1::5, 10.1.2.3 | 203.0.113.9",
                "2001:db8:2::1                                | 2001:db8:2:0:0:0:0:1",
                "::ffff:203.0.113.9                           | 203.0.113.9",
                "203.0.113.9, ::ffff:10.1.2.3                 | 203.0.113.9",
                "10.1.2.3, 10.1.2.4                           | 10.1.2.3"
            })
    void theRightmostAddressThatIsNoProxyIsTheCaller(String forwardedFor, String caller) {
        assertThat(caller(forwardedFor)).isEqualTo(caller);
    }

    @Test
    void withoutTheHeaderAProxyIsTheCaller() {
        assertThat(caller()).isEqualTo("10.0.0.7");
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(caller("192.0.2.1", "203.0.113.9", "10.1.2.3, 10.1.2.4")).isEqualTo("203.0.113.9");
    }

    @Test
    void whatTheCallerWroteBeforeItsAddressIsNotLookedAt() {
        assertThat(caller("junk, <script>, 10.0.0.1:80, 203.0.113.9")).isEqualTo("203.0.113.9");
        assertThat(caller("127.0.0.1, 203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "203.0.113.9,",
                "203.0.113.9, , 10.1.2.3",
                "unknown",
                "_hidden",
                "203.0.113.9:4711",
                "[2001:db8::1]",
                "[2001:db8::1]:4711",
                "fe80::1%eth0",
                "203.0.113",
                "203.0.113.256",
                "203.0.113.09",
                "0x7f.0.0.1",
                "2130706433",
                "localhost",
                "203.0.113.9;10.0.0.1",
                "\"203.0.113.9\"",
                "for=203.0.113.9",
                "203.0.113.9\u0000",
                "1::2::3",
                ":::::::::"
            })
    void whatATrustedProxySaysThatIsNoAddressIsRefusedAndNotGuessed(String forwardedFor) {
        assertThatThrownBy(() -> caller(forwardedFor))
                .isInstanceOf(AccessException.class)
                .extracting(error -> ((AccessException) error).kind())
                .isEqualTo(AccessException.Kind.ADDRESS_NOT_ALLOWED);
    }

    @Test
    void aListLongerThanAnyRowOfProxiesIsRefused() {
        var list = String.join(",", Collections.nCopies(10_000, "10.1.2.3"));

        assertThatThrownBy(() -> caller(list)).isInstanceOf(AccessException.class);
        assertThat(caller(String.join(",", Collections.nCopies(64, "10.1.2.3"))))
                .isEqualTo("10.1.2.3");
    }
}
