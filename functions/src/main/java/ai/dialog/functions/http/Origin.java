package ai.dialog.functions.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A web origin as browsers write it (RFC 6454, section 6.2): scheme, host, and the port where it is not the scheme's own. */
public record Origin(String text) {

    /**
     * Only what a browser would send in {@code Origin}: anything else would never match.
     *
     * @throws IllegalArgumentException where it is none
     */
    public Origin {
        if (text.equals("*")) {
            throw new IllegalArgumentException(
                    "'*' would let every page of the web call with a key that it got hold of. Name each origin.");
        }
        if (!text.equals(written(text))) {
            throw new IllegalArgumentException(
                    "'%s' is no origin. One looks like https://chat.example.org or http://localhost:3000: no path, no slash"
                                    .formatted(text.length() <= 64 ? text : text.substring(0, 64) + "…")
                            + " at its end, small letters.");
        }
    }

    private static @Nullable String written(String text) {
        try {
            var uri = new URI(text);
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
