package ai.dialog.functions.access;

import ai.dialog.functions.access.Diagnosis.Notes;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says of a key or a token why it is good or refused: for the operator, who has the records. {@link Access}, which callers
 * meet, tells a forger nothing of this.
 */
public final class AccessDoctor {

    private final KeyStore keys;
    private final TokenDoctor tokens;
    private final InstantSource clock;

    /**
     * Over the records of a service.
     *
     * @param signing its keys for tokens, public ones are enough; null where they are not at hand
     */
    public AccessDoctor(
            KeyStore keys, @Nullable VerificationKeys signing, String issuer, String audience, InstantSource clock) {
        this.keys = keys;
        this.tokens = new TokenDoctor(signing, issuer, audience, clock);
        this.clock = clock;
    }

    /**
     * Looks at a credential as the service would.
     *
     * @param address where it is used from; null to leave that out
     */
    public Diagnosis examine(String credential, @Nullable InetAddress address) {
        var notes = new Notes();
        String text = trimmed(credential, notes);
        var key = keys.byText(text);
        if (key != null) {
            notes.ok("form", "an API key, and its text is that of the record");
            key(key, notes);
            allowed(key.principal(), address, notes);
            return notes.as("API key");
        }
        String id = NewKey.idOf(text);
        if (id != null) {
            unknown(id, notes);
            return notes.as("API key");
        }
        if (text.startsWith("ey") && text.indexOf('.') > 0) {
            var claims = tokens.examine(text, notes);
            if (claims != null) {
                origin(claims, address, notes);
            }
            return notes.as("token");
        }
        notes.failed(
                "form",
                "neither an API key (sk-dialog-…, %d characters) nor a token (ey….….…); it has %d characters. Where the"
                                .formatted(NewKey.LENGTH, text.length())
                        + " service was started with API_KEY, that key is the only one, and no record has it.");
        return notes.as("neither");
    }

    private static String trimmed(String credential, Notes notes) {
        String text = credential.strip();
        if (text.length() != credential.length()) {
            notes.note("form", "there are spaces or line breaks around it; they are no part of it");
        }
        if (text.regionMatches(true, 0, "bearer ", 0, 7)) {
            notes.note("form", "it begins with 'Bearer', which belongs into the header before it");
            text = text.substring(7).strip();
        }
        if (text.matches("\"[^\"]+\"|'[^']+'")) {
            notes.note("form", "it is in quotation marks, which are no part of it");
            text = text.substring(1, text.length() - 1);
        }
        return text;
    }

    private void unknown(String id, Notes notes) {
        if (keys.byId(id) == null) {
            notes.failed(
                    "known",
                    "it has the form of an API key, but there is no key '%s' here: of another service, or forgotten since it ended"
                            .formatted(Diagnosis.shown(id)));
        } else {
            notes.failed(
                    "known",
                    "there is a key '%s', but the rest of the text is not its text: a slip in copying, or a forgery"
                            .formatted(id));
        }
    }

    private void origin(TokenClaims claims, @Nullable InetAddress address, Notes notes) {
        var key = keys.byId(claims.keyId());
        if (key == null) {
            notes.failed(
                    "key",
                    "the key '%s', which it was made with, is not known here"
                            .formatted(Diagnosis.shown(claims.keyId())));
            return;
        }
        key(key, notes);
        allowed(Access.caller(key, claims), address, notes);
    }

    private void key(ApiKey key, Notes notes) {
        var now = clock.instant();
        notes.ok("key", "'%s' of %s, tenant %s, made %s".formatted(key.id(), key.owner(), key.tenant(), key.created()));
        var revoked = key.revoked();
        if (revoked != null) {
            notes.failed("revoked", "the key was taken back at " + revoked + ". Make another: keys create");
        }
        var successor = key.successor();
        boolean good = now.isBefore(key.expires());
        if (successor != null) {
            notes.note(
                    "rotated",
                    "the key '%s' has replaced it; its grace %s %s"
                            .formatted(successor, good ? "ends at" : "ended at", key.expires()));
        }
        if (good) {
            notes.ok("expiry", "good until %s, %s from now".formatted(key.expires(), span(now, key.expires())));
        } else {
            notes.failed(
                    "expiry",
                    "the key ended at %s, %s ago. %s"
                            .formatted(
                                    key.expires(),
                                    span(key.expires(), now),
                                    successor == null ? "Make another: keys create" : "Use its successor."));
        }
        if (now.isBefore(key.created())) {
            notes.note("clock", "the key was made %s ahead of this clock".formatted(span(now, key.created())));
        }
    }

    private static void allowed(Principal caller, @Nullable InetAddress address, Notes notes) {
        notes.note("scopes", caller.scopes().isEmpty() ? "none: it can do nothing" : joined(caller.scopes()));
        var restrictions = caller.restrictions();
        var cidrs = restrictions.cidrs();
        if (cidrs != null) {
            String ranges = cidrs.stream().map(Cidr::toString).collect(Collectors.joining(", "));
            if (address == null) {
                notes.note("address", "only from " + ranges + "; name one to have it checked");
            } else {
                notes.check(
                        "address",
                        restrictions.allowsFrom(address),
                        address.getHostAddress() + " is in " + ranges,
                        address.getHostAddress() + " is not in " + ranges);
            }
        }
        var models = restrictions.models();
        if (models != null) {
            notes.note("models", models.isEmpty() ? "none: it can ask for nothing" : "only " + joined(models));
        }
        if (restrictions.maxTokens() != null) {
            notes.note("tokens", "at most %d for each choice".formatted(restrictions.maxTokens()));
        }
        for (Quota quota : caller.quotas()) {
            var limits = described(quota.limits());
            if (!limits.isEmpty()) {
                notes.note("limits", "%s, counted under %s".formatted(String.join(", ", limits), quota.account()));
            }
        }
    }

    /** Limits for a person to read, one each; empty where there are none. */
    public static List<String> described(Limits limits) {
        var texts = new ArrayList<String>();
        add(texts, limits.requestsPerMinute(), " requests per minute");
        add(texts, limits.tokensPerMinute(), " tokens per minute");
        add(texts, limits.concurrentRequests(), " requests at once");
        add(texts, limits.dailyBudget(), " a day");
        add(texts, limits.monthlyBudget(), " a month");
        return texts;
    }

    private static void add(List<String> texts, @Nullable Object value, String unit) {
        if (value != null) {
            texts.add(value + unit);
        }
    }

    private static String joined(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }

    /** Days, hours, minutes or seconds, whichever says enough. */
    static String span(Instant from, Instant to) {
        var span = Duration.between(from, to).abs();
        if (span.toDays() >= 2) {
            return span.toDays() + " days";
        }
        if (span.toHours() >= 2) {
            return span.toHours() + " hours";
        }
        return span.toMinutes() >= 2 ? span.toMinutes() + " minutes" : span.toSeconds() + " seconds";
    }
}
