package ai.dialog.model.template;

/** Methods of {@code str} that fill a text up to a width, which is bounded. */
final class StringPadding {

    private static final Signature ZFILL = Signature.positional("zfill", 1, 1);
    private static final Signature JUSTIFY = Signature.positional("justify", 1, 2);
    private static final Signature EXPAND_TABS = Signature.of("expandtabs", 0, "tabsize");

    private StringPadding() {}

    static Object zfill(Budget budget, String text, Arguments arguments) {
        long missing = ZFILL.bind(arguments).integer(0, 0) - Types.length(text);
        int sign = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
        return text.substring(0, sign) + Operators.repeat(budget, "0", missing) + text.substring(sign);
    }

    static Object justify(Budget budget, String text, Arguments arguments, String how) {
        var bound = JUSTIFY.bind(arguments);
        String fill = bound.text(1, " ");
        if (Types.length(fill) != 1) {
            throw new TemplateException("the fill character must be exactly one character long");
        }
        long width = bound.integer(0, 0);
        return switch (how) {
            case "ljust" -> text + Operators.repeat(budget, fill, width - Types.length(text));
            case "rjust" -> Operators.repeat(budget, fill, width - Types.length(text)) + text;
            default -> center(budget, text, width, fill);
        };
    }

    /** {@code str.center}: an odd blank goes to the left where the width is odd. */
    static String center(Budget budget, String text, long width, String fill) {
        long missing = width - Types.length(text);
        if (missing <= 0) {
            return text;
        }
        long left = missing / 2 + (missing & width & 1);
        return Operators.repeat(budget, fill, left) + text + Operators.repeat(budget, fill, missing - left);
    }

    static Object expandTabs(Budget budget, String text, Arguments arguments) {
        long size = EXPAND_TABS.bind(arguments).integer(0, 8);
        var out = new StringBuilder();
        long column = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\t') {
                long blanks = size > 0 ? size - column % size : 0;
                out.append(Operators.repeat(budget, " ", blanks));
                column += blanks;
                StringSplit.checkLength(budget, out.length());
            } else {
                out.append(c);
                column = c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
            }
        }
        return out.toString();
    }
}
