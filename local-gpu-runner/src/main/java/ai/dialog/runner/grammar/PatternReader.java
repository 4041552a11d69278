package ai.dialog.runner.grammar;

import java.util.ArrayList;

/**
 * Reads the regular part of ECMA-262's regular expressions, which is what JSON Schema's {@code pattern} is written in:
 * characters, classes, groups, alternatives, repetitions, and anchors at the ends. What a subset leaves out (such as rare
 * kinds of white space for {@code \s}) makes the text narrower, never wrong.
 */
final class PatternReader {

    /** Longer than any that people write by hand. */
    static final int MAX_LENGTH = 1_000;

    /** Of a counted repetition. */
    static final int MAX_TIMES = 1_000;

    private static final int MAX_NESTING = 50;

    private static final Pattern ANYTHING = new Pattern.Times(new Pattern.One(new Characters().negated()), 0, -1);

    private final String source;
    private final String pointer;
    private int at;
    private int nesting;

    private PatternReader(String source, String pointer) {
        this.source = source;
        this.pointer = pointer;
    }

    /**
     * Reads a pattern. Where it is not anchored, anything may stand before or after it.
     *
     * @throws GrammarException if it is not regular, or too long
     */
    static Pattern read(String source, String pointer) {
        if (source.length() > MAX_LENGTH) {
            throw GrammarException.at(pointer, "a pattern may have at most %d characters.".formatted(MAX_LENGTH));
        }
        return read(new PatternReader(source, pointer));
    }

    /** Reads a pattern of our own, which may be longer. */
    static Pattern trusted(String source) {
        return read(new PatternReader(source, ""));
    }

    private static Pattern read(PatternReader reader) {
        var alternatives = new ArrayList<Pattern>();
        do {
            alternatives.add(reader.anchored());
        } while (reader.take('|'));
        if (reader.at < reader.source.length()) {
            throw reader.refused("')' without '('");
        }
        return new Pattern.Any(alternatives);
    }

    private Pattern anchored() {
        boolean begins = take('^');
        Pattern body = sequence();
        boolean ends = take('$');
        if (at < source.length() && peek() != '|') {
            throw refused("an anchor that is not at an end");
        }
        var parts = new ArrayList<Pattern>();
        if (!begins) {
            parts.add(ANYTHING);
        }
        parts.add(body);
        if (!ends) {
            parts.add(ANYTHING);
        }
        return new Pattern.All(parts);
    }

    private Pattern sequence() {
        var parts = new ArrayList<Pattern>();
        while (at < source.length() && "|)$".indexOf(peek()) < 0) {
            parts.add(repeated(atom()));
        }
        return new Pattern.All(parts);
    }

    private Pattern atom() {
        int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> new Pattern.One(characterClass());
            case '.' -> new Pattern.One(Characters.DOT);
            case '\\' -> new Pattern.One(escape());
            case '^', '*', '+', '?', '{', '}', ']' -> throw refused("'" + Character.toString(c) + "' at this place");
            default -> new Pattern.One(Characters.single(c));
        };
    }

    private Pattern group() {
        if (take('?') && !take(':')) {
            throw refused("a group that begins with '(?' (lookaround or a name)");
        }
        if (++nesting > MAX_NESTING) {
            throw refused("groups nested more than %d deep".formatted(MAX_NESTING));
        }
        var alternatives = new ArrayList<Pattern>();
        do {
            alternatives.add(sequence());
        } while (take('|'));
        nesting--;
        if (!take(')')) {
            throw refused("an anchor inside a group, or a '(' without ')'");
        }
        return new Pattern.Any(alternatives);
    }

    private Pattern repeated(Pattern part) {
        int least;
        int most;
        if (take('*')) {
            least = 0;
            most = -1;
        } else if (take('+')) {
            least = 1;
            most = -1;
        } else if (take('?')) {
            least = 0;
            most = 1;
        } else if (take('{')) {
            least = count();
            most = take(',') ? (peek() == '}' ? -1 : count()) : least;
            if (!take('}') || (most >= 0 && most < least)) {
                throw refused("a repetition that is no {m}, {m,} or {m,n}");
            }
        } else {
            return part;
        }
        // what is taken as briefly as possible is the same language
        take('?');
        if (at < source.length() && "*+?{".indexOf(peek()) >= 0) {
            throw refused("a repetition of a repetition");
        }
        return new Pattern.Times(part, least, most);
    }

    private int count() {
        int begin = at;
        int value = 0;
        while (at < source.length() && peek() >= '0' && peek() <= '9') {
            value = Math.min(value * 10 + next() - '0', MAX_TIMES + 1);
        }
        if (begin == at) {
            throw refused("a repetition without a number");
        }
        if (value > MAX_TIMES) {
            throw refused("a repetition of more than %d".formatted(MAX_TIMES));
        }
        return value;
    }

    private Characters characterClass() {
        boolean negated = take('^');
        var set = new Characters();
        while (!take(']')) {
            Characters first = classAtom();
            boolean range = peek() == '-' && at + 1 < source.length() && source.charAt(at + 1) != ']';
            if (!range) {
                set.add(first);
                continue;
            }
            next();
            int low = first.only();
            int high = classAtom().only();
            if (low < 0 || high < low) {
                throw refused("a range that is none");
            }
            set.add(low, high);
        }
        return negated ? set.negated() : set;
    }

    private Characters classAtom() {
        int c = next();
        return c == '\\' ? escape() : Characters.single(c);
    }

    private Characters escape() {
        int c = next();
        return switch (c) {
            case 'd' -> Characters.DIGIT;
            case 'D' -> Characters.DIGIT.negated();
            case 'w' -> Characters.WORD;
            case 'W' -> Characters.WORD.negated();
            case 's' -> Characters.SPACE;
            case 'S' -> Characters.ALL_SPACE.negated();
            case 'n' -> Characters.single('\n');
            case 'r' -> Characters.single('\r');
            case 't' -> Characters.single('\t');
            case 'f' -> Characters.single('\f');
            case 'v' -> Characters.single(0x0B);
            case 'x' -> Characters.single(hex(2));
            case 'u' -> Characters.single(hex(4));
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    throw refused("'\\" + Character.toString(c) + "'");
                }
                yield Characters.single(c);
            }
        };
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw refused("an escape without %d hexadecimal digits".formatted(digits));
            }
            value = value * 16 + digit;
        }
        if (Character.isSurrogate((char) value)) {
            throw refused("half of a surrogate pair");
        }
        return value;
    }

    private int peek() {
        return at < source.length() ? source.codePointAt(at) : -1;
    }

    private int next() {
        if (at == source.length()) {
            throw refused("an end in the middle");
        }
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private boolean take(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private GrammarException refused(String what) {
        return GrammarException.at(
                pointer,
                "the pattern has %s near position %d, which is not supported; patterns may have characters, classes, groups, alternatives, repetitions, and ^ and $ at their ends."
                        .formatted(what, at));
    }
}
