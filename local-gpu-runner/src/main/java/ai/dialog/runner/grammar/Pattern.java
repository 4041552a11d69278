package ai.dialog.runner.grammar;

import java.util.List;

/** A regular expression of the kind that a pattern may be, read. */
sealed interface Pattern {

    /** One of a set of characters. */
    record One(Characters characters) implements Pattern {}

    /** All of these, one after the other. */
    record All(List<Pattern> parts) implements Pattern {}

    /** Any of these. */
    record Any(List<Pattern> parts) implements Pattern {}

    /**
     * Several times the same.
     *
     * @param most -1 for without end
     */
    record Times(Pattern part, int least, int most) implements Pattern {

        private void drawTimes(GrammarBuilder grammar, int from, int to) {
            int at = repeated(grammar, part, from, least);
            if (most < 0) {
                int loop = grammar.node();
                grammar.skip(at, loop);
                part.draw(grammar, loop, loop);
                at = loop;
            }
            for (int i = least; i < most; i++) {
                grammar.skip(at, to);
                at = repeated(grammar, part, at, 1);
            }
            grammar.skip(at, to);
        }
    }

    /** Draws edges that take what it matches, as it stands in a JSON string. */
    default void draw(GrammarBuilder grammar, int from, int to) {
        switch (this) {
            case One one -> one.characters().draw(grammar, from, to);
            case All all -> {
                int at = from;
                for (Pattern part : all.parts()) {
                    at = part.drawn(grammar, at);
                }
                grammar.skip(at, to);
            }
            case Any any -> any.parts().forEach(part -> part.draw(grammar, from, to));
            case Times times -> times.drawTimes(grammar, from, to);
        }
    }

    private int drawn(GrammarBuilder grammar, int from) {
        int to = grammar.node();
        draw(grammar, from, to);
        return to;
    }

    private static int repeated(GrammarBuilder grammar, Pattern part, int from, int times) {
        int at = from;
        for (int i = 0; i < times; i++) {
            at = part.drawn(grammar, at);
        }
        return at;
    }
}
