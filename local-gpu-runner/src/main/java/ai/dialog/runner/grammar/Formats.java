package ai.dialog.runner.grammar;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of {@code format} that are kept, as patterns; each takes a part of what the format allows, and no more. */
final class Formats {

    private static final String DAY =
            "[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)";
    private static final String TIME =
            "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";
    private static final String LABEL = "[a-z0-9]{1,30}(?:-[a-z0-9]{1,30})?";

    /** Validators know which top-level domains there are: the common ones, and those of countries. */
    private static final String TOP = "(?:com|org|net|edu|gov|int|info|app|dev|eu|uk|"
            + Stream.of(Locale.getISOCountries())
                    .map(country -> country.toLowerCase(Locale.ROOT))
                    // without a domain of their own
                    .filter(country -> !Set.of("bl", "bq", "eh", "mf", "um").contains(country))
                    .collect(Collectors.joining("|"))
            + ")";

    private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,3}\\." + TOP;
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

    private static final Map<String, String> KNOWN = Map.of(
            "date-time",
            DAY + "T" + TIME,
            "date",
            DAY,
            "time",
            TIME,
            "duration",
            "P(?:[0-9]{1,4}W|[0-9]{1,4}D(?:T[0-9]{1,3}H)?|T[0-9]{1,4}H(?:[0-9]{1,3}M)?|T[0-9]{1,4}[MS])",
            "uuid",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "email",
            "[a-z0-9]{1,20}(?:[._+-][a-z0-9]{1,20}){0,2}@" + HOST,
            "hostname",
            HOST,
            "ipv4",
            BYTE + "(?:\\." + BYTE + "){3}",
            "ipv6",
            "[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}",
            "uri",
            "https?://" + HOST + "(?:/[A-Za-z0-9._~-]{1,60}){0,8}/?");

    private Formats() {}

    /** The pattern of a format; null where it is not known. */
    static @Nullable Pattern pattern(String format) {
        String known = KNOWN.get(format);
        return known == null ? null : PatternReader.trusted("^" + known + "$");
    }

    static List<String> names() {
        return List.copyOf(new TreeSet<>(KNOWN.keySet()));
    }
}
