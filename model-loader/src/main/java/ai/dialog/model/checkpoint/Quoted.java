package ai.dialog.model.checkpoint;

/** A piece of a file as an error message may show it: short, without control characters. */
final class Quoted {

    private static final int LONGEST = 80;

    private Quoted() {}

    /** The text in quotes, 80 characters at most. */
    static String of(String text) {
        return "'" + clean(text, LONGEST) + "'";
    }

    /** The text without quotes, cut to a length. */
    static String clean(String text, int longest) {
        String cut = text.length() > longest ? text.substring(0, longest) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
