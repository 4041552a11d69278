package ai.dialog.model.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's {@code strftime} of a local time without a zone, in the C locale and with the GNU C library's extensions. */
final class Strftime {

    private Strftime() {}

    static String format(LocalDateTime time, String format) {
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            boolean unpadded = directive == '-' && i + 1 < format.length();
            if (unpadded) {
                directive = format.charAt(++i);
            }
            String text = directive(time, directive);
            out.append(unpadded ? text.replaceFirst("^[0 ]+(?=.)", "") : text);
        }
        return out.toString();
    }

    private static String directive(LocalDateTime time, char directive) {
        return switch (directive) {
            case 'Y' -> String.valueOf(time.getYear());
            case 'y' -> padded("%02d", time.getYear() % 100);
            case 'C' -> padded("%02d", time.getYear() / 100);
            case 'm' -> padded("%02d", time.getMonthValue());
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'd' -> padded("%02d", time.getDayOfMonth());
            case 'e' -> padded("%2d", time.getDayOfMonth());
            case 'j' -> padded("%03d", time.getDayOfYear());
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
            case 'U' ->
                padded("%02d", (time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7);
            case 'W' ->
                padded("%02d", (time.getDayOfYear() + 6 - (time.getDayOfWeek().getValue() - 1)) / 7);
            case 'V' -> padded("%02d", time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> String.valueOf(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> padded("%02d", time.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'H' -> padded("%02d", time.getHour());
            case 'k' -> padded("%2d", time.getHour());
            case 'I' -> padded("%02d", (time.getHour() + 11) % 12 + 1);
            case 'l' -> padded("%2d", (time.getHour() + 11) % 12 + 1);
            case 'M' -> padded("%02d", time.getMinute());
            case 'S' -> padded("%02d", time.getSecond());
            case 'f' ->
                padded(
                        "%06d",
                        (int) (time.getNano() / ChronoUnit.MICROS.getDuration().toNanos()));
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'P' -> time.getHour() < 12 ? "am" : "pm";
            case 'Z', 'z' -> "";
            case 'D', 'x' -> format(time, "%m/%d/%y");
            case 'F' -> time.format(DateTimeFormatter.ISO_LOCAL_DATE);
            case 'T', 'X' -> format(time, "%H:%M:%S");
            case 'R' -> format(time, "%H:%M");
            case 'r' -> format(time, "%I:%M:%S %p");
            case 'c' -> format(time, "%a %b %e %H:%M:%S %Y");
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "%" + directive;
        };
    }

    private static String padded(String form, int number) {
        return String.format(Locale.ROOT, form, number);
    }
}
