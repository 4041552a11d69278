package ai.dialog.runner.grammar;

import java.util.Arrays;

/**
 * A text of a {@link CallForm}: bytes, as {@link Vocabulary#spell} gives them, of which a space behind a comma or a colon may be
 * left out, and places for ids.
 */
final class Literal {

    private static final int OPTIONAL_SPACE = -1;
    private static final int ID = -2;

    private final int[] parts;

    Literal(Vocabulary vocabulary, String text) {
        var parts = new int[text.length() * 4 + 1];
        int count = 0;
        int from = 0;
        int last = 0;
        while (from <= text.length()) {
            int id = text.indexOf(CallForm.ID, from);
            String until = text.substring(from, id < 0 ? text.length() : id);
            byte[] spelled = vocabulary.spell(until);
            for (int i = 0; i < spelled.length; i++) {
                boolean special = Vocabulary.isInSpecial(spelled, i);
                boolean optional = !special && spelled[i] == ' ' && (last == ',' || last == ':');
                parts[count++] = optional ? OPTIONAL_SPACE : spelled[i] & 0xff;
                last = special ? 0 : spelled[i] & 0xff;
            }
            if (id < 0) {
                break;
            }
            parts[count++] = ID;
            last = 0;
            from = id + 1;
        }
        this.parts = Arrays.copyOf(parts, count);
    }

    /** Draws edges that take it, and gives where they lead. */
    int draw(GrammarBuilder grammar, int from) {
        int at = from;
        for (int part : parts) {
            if (part == ID) {
                for (int i = 0; i < CallForm.ID_LENGTH; i++) {
                    int next = grammar.node();
                    grammar.bytes(at, 'a', 'z', next);
                    grammar.bytes(at, 'A', 'Z', next);
                    grammar.bytes(at, '0', '9', next);
                    at = next;
                }
            } else {
                int next = grammar.node();
                int b = part == OPTIONAL_SPACE ? ' ' : part;
                grammar.bytes(at, b, b, next);
                if (part == OPTIONAL_SPACE) {
                    grammar.skip(at, next);
                }
                at = next;
            }
        }
        return at;
    }

    /** Follows a text that begins with it. Not thread-safe. */
    final class Follower {
        private int at;
        private int ofId;

        /** Whether all of it has come. */
        boolean isComplete() {
            return at == parts.length;
        }

        /** Takes the next byte; false if that is not the literal's. */
        boolean take(int b) {
            if (at < parts.length && parts[at] == OPTIONAL_SPACE && b != ' ') {
                at++;
            }
            if (at == parts.length) {
                return false;
            }
            if (parts[at] == ID) {
                ofId++;
                if (ofId == CallForm.ID_LENGTH) {
                    at++;
                    ofId = 0;
                }
                return true;
            }
            boolean right = b == (parts[at] == OPTIONAL_SPACE ? ' ' : parts[at]);
            at++;
            return right;
        }
    }

    Follower follower() {
        return new Follower();
    }
}
