package ai.dialog.cloud.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"192.168.1.0/24", "203.0.113.45/32", "0.0.0.0/0", "2001:db8::/32", "::1/128", "10.128.0.0/9"})
    void rangesOfBothFamiliesAreTaken(String text) {
        assertThat(new Cidr(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.45,              has no length",
        "example.com/24,            does not begin with",
        "300.1.1.1/8,               does not begin with",
        "/24,                       does not begin with",
        "10.0.0.0/33,               length from 0 to 32",
        "2001:db8::/129,            length from 0 to 128",
        "10.0.0.0/-1,               length from 0 to 32",
        "10.0.0.0/,                 length from 0 to 32",
        "10.0.0.0/8/8,              length from 0 to 32",
        "10.0.0.5/8,                beyond its first 8",
        "192.168.1.128/24,          beyond its first 24",
        "2001:db8::1/64,            beyond its first 64"
    })
    void whatIsNoRangeIsRefusedWithTheReason(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Cidr(text))
                .withMessageContaining("allowedCidrs: '" + text + "'")
                .withMessageContaining(reason);
    }
}
