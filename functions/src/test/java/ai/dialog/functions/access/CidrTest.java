package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest
    @CsvSource({
        "192.168.1.0/24, 192.168.1.255, true",
        "192.168.1.0/24, 192.168.2.0, false",
        "203.0.113.45/32, 203.0.113.45, true",
        "203.0.113.45, 203.0.113.46, false",
        "10.128.0.0/9, 10.255.255.255, true",
        "10.128.0.0/9, 10.127.255.255, false",
        "0.0.0.0/0, 8.8.8.8, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "192.168.1.0/24, ::ffff:192.168.1.7, true",
        "::/0, 192.168.1.7, false"
    })
    void aRangeContains(String range, String address, boolean expected) {
        assertThat(Cidr.of(range).contains(InetAddress.ofLiteral(address))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "localhost/8",
                "example.org",
                "192.168",
                "7",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/08888",
                "10.0.0.1/8",
                "::1/64",
                "::/129",
                "fe80::1%eth0",
                "10.0.0.0/8/8",
                "999.0.0.0/8",
                " 10.0.0.0/8",
                "10.0.0.0/8 "
            })
    void whatIsNoRangeIsRefusedAndNoNameIsLookedUp(String text) {
        assertThatThrownBy(() -> Cidr.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("192.168.1.0/24");
    }

    @Test
    void anIntersectionIsTheSmallerRanges() {
        var some = List.of(Cidr.of("10.0.0.0/8"), Cidr.of("2001:db8::/32"));
        var others = List.of(Cidr.of("10.1.0.0/16"), Cidr.of("192.168.0.0/16"), Cidr.of("::/0"));
        assertThat(Cidr.intersection(some, others)).containsExactly(Cidr.of("10.1.0.0/16"), Cidr.of("2001:db8::/32"));
        assertThat(Cidr.intersection(some, List.of(Cidr.of("172.16.0.0/12")))).isEmpty();
    }

    @Test
    void whatIsNarrowedAllowsWhatBothAllow() {
        var key = new Restrictions(Set.of("a", "b"), 100, List.of(Cidr.of("10.0.0.0/8")));
        var token = new Restrictions(Set.of("b", "c"), 200, List.of(Cidr.of("192.168.0.0/16")));
        var both = key.narrowedBy(token);
        assertThat(both.models()).containsExactly("b");
        assertThat(both.maxTokens()).isEqualTo(100);
        // an empty list is nobody, not everybody
        assertThat(both.allowsFrom(InetAddress.ofLiteral("10.0.0.1"))).isFalse();
        assertThat(both.allowsFrom(InetAddress.ofLiteral("192.168.0.1"))).isFalse();
        assertThat(key.narrowedBy(Restrictions.NONE)).isEqualTo(key);
        assertThat(Restrictions.NONE.narrowedBy(key)).isEqualTo(key);
    }

    @Test
    void limitsAreWithinOthersWhereNoneIsWider() {
        var wide = new Limits(60, null, 4, Usd.of(new BigDecimal("5")), null);
        assertThat(new Limits(60, 1, 1, Usd.of(new BigDecimal("4.99")), Usd.ZERO).within(wide))
                .isTrue();
        assertThat(new Limits(61, 1, 1, Usd.ZERO, null).within(wide)).isFalse();
        assertThat(Limits.NONE.within(wide)).isFalse();
        assertThat(wide.within(Limits.NONE)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.01", "1000000000.1", "1e30", "1e999999999", "1e-10", "1e-999999999", "0.0000000001"})
    void anAmountOutOfBoundsIsRefused(String dollars) {
        var amount = new BigDecimal(dollars);
        assertThatThrownBy(() -> Usd.of(amount)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"12.50, $12.5", "0, $0", "0.000000001, $0.000000001", "1000000000, $1000000000", "1e3, $1000"})
    void anAmountIsExact(String dollars, String shown) {
        assertThat(Usd.of(new BigDecimal(dollars))).hasToString(shown);
    }
}
