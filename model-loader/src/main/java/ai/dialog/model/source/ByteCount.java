package ai.dialog.model.source;

import java.util.Locale;

/** Sizes for people, in powers of ten as download tools show them. */
final class ByteCount {

    private static final double THOUSAND = 1000;

    private ByteCount() {}

    /** Such as {@code 98.4 MB}. */
    static String of(long bytes) {
        if (bytes < THOUSAND) {
            return bytes + " bytes";
        }
        String[] units = {"kB", "MB", "GB", "TB"};
        double value = bytes / THOUSAND;
        int unit = 0;
        while (value >= THOUSAND && unit < units.length - 1) {
            value /= THOUSAND;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
