package ai.dialog.cloud.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A web origin as browsers write it (RFC 6454, section 6.2). The functions check the same when they start; here it is checked
 * before anything is deployed.
 *
 * @param text scheme, host, and the port where it is not the scheme's own, such as https://chat.example.org
 */
public record Origin(String text) {

    /** Refuses what no browser would send, because it would never match. */
    public Origin {
        if (text.equals("*")) {
            throw Context.refused(
                    "corsOrigins", "'*' would let every page of the web call with a key that it got hold of");
        }
        if (!text.equals(written(text))) {
            throw Context.refused(
                    "corsOrigins",
                    "'" + text + "' is no origin such as https://chat.example.org: no path, no slash at its end, small"
                            + " letters");
        }
    }

    private static @Nullable String written(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme();
            if (uri.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
                return null;
            }
            int own = scheme.equals("http") ? 80 : 443;
            boolean told = uri.getPort() > 0 && uri.getPort() < 65_536 && uri.getPort() != own;
            return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (told ? ":" + uri.getPort() : "");
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
