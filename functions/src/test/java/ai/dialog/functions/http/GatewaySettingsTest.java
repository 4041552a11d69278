package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewaySettingsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://chat.example.org",
                "http://localhost:3000",
                "https://[2001:db8::1]:8443",
                "http://127.0.0.1"
            })
    void anOriginIsWhatABrowserSends(String origin) {
        assertThat(new GatewaySettings("chat", 1, Set.of(origin), null).corsOrigins())
                .containsExactly(origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "",
                "null",
                "chat.example.org",
                "https://chat.example.org/",
                "https://chat.example.org/page",
                "https://Chat.example.org",
                "HTTPS://chat.example.org",
                "https://chat.example.org:443",
                "http://chat.example.org:80",
                "https://chat.example.org:99999",
                "https://user@chat.example.org",
                "https://*.example.org",
                "https://chat.example.org?x",
                "ftp://chat.example.org",
                "https://chat.example.org, https://other.example.org",
                "https://chat.example.org\r\nX-Injected: 1"
            })
    void whatNoBrowserSendsIsRefused(String origin) {
        assertThatThrownBy(() -> new GatewaySettings("chat", 1, Set.of(origin), null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
