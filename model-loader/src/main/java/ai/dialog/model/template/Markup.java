package ai.dialog.model.template;

/** Text that is marked as safe HTML ({@code safe}, {@code escape}): what is added to it is escaped. */
record Markup(String text) {

    static Markup escape(Object value) {
        if (value instanceof Markup markup) {
            return markup;
        }
        return new Markup(escaped(Repr.str(value)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
