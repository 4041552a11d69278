package ai.dialog.model.tokenizer;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a tokenizer's regular expression can take time that grows exponentially with the text. The library's engine
 * (Oniguruma) goes back and tries again, gives up after ten million tries, and then panics. What makes it so is a group
 * that repeats without a bound and could match the same text in several ways, so a group with a choice or a repetition in
 * it may not repeat; neither may an expression refer to itself. No published tokenizer needs either.
 */
final class RegexCheck {

    private static final int LONGEST = 16_384;
    private static final int DEEPEST = 32;

    /** A count above which a repetition is as good as unbounded. */
    private static final int MOST_TIMES = 1_000;

    private final String regex;
    private final Deque<Boolean> outer = new ArrayDeque<>();
    private int at;
    private boolean varied; // whether the group we are in has a choice or a repetition
    private boolean variedAtom; // whether the last atom is a group that has one

    private RegexCheck(String regex) {
        this.regex = regex;
    }

    /** Why an expression is refused, to follow "an expression that"; null where it is not. */
    static @Nullable String refusal(String regex) {
        if (regex.isEmpty() || regex.length() > LONGEST) {
            return "has " + regex.length() + " characters; 1 to " + LONGEST + " are possible";
        }
        return new RegexCheck(regex).scan();
    }

    private @Nullable String scan() {
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> {
                    if (refers()) {
                        return "refers to a part of itself (near character " + at + ")";
                    }
                    atom(false);
                }
                case '[' -> {
                    skipClass();
                    atom(false);
                }
                case '(' -> {
                    if (outer.size() == DEEPEST || regex.startsWith("?(", at) || regex.startsWith("?~", at)) {
                        return "nests too deep or has a condition (near character " + at + ")";
                    }
                    outer.push(varied);
                    varied = false;
                    at += regex.startsWith("?", at) ? 1 : 0; // what kind of group it is, no repetition
                }
                case ')' -> {
                    boolean inner = varied;
                    varied = inner || (!outer.isEmpty() && outer.pop());
                    atom(inner);
                }
                case '|' -> varied = true;
                case '*', '+', '?', '{' -> {
                    int from = at;
                    boolean unbounded = c == '{' ? countedTooOften() : c != '?';
                    if (unbounded && variedAtom) {
                        return "repeats a group with a choice or a repetition in it (near character " + at + ")";
                    }
                    if (c == '{' && !regex.substring(from, at).contains(",")) {
                        continue; // so many times and no other: nothing to choose
                    }
                    varied = true;
                    // a++ is possessive and harmless; a{2,3}+ repeats a repetition in this engine's syntax
                    variedAtom |= c == '{';
                }
                default -> atom(false);
            }
        }
        return null;
    }

    private void atom(boolean isVaried) {
        variedAtom = isVaried;
    }

    /** After a backslash: a reference back, or a call of a group; a property's name is skipped. */
    private boolean refers() {
        char c = at < regex.length() ? regex.charAt(at++) : ' ';
        if ("pPx".indexOf(c) >= 0 && regex.startsWith("{", at)) {
            int end = regex.indexOf('}', at);
            at = end < 0 ? regex.length() : end + 1;
        }
        return (c >= '1' && c <= '9') || c == 'k' || c == 'g';
    }

    /** To the end of a class, which may have others in it. */
    private void skipClass() {
        int depth = 1;
        while (at < regex.length() && depth > 0) {
            char c = regex.charAt(at++);
            if (c == '\\') {
                at++;
            } else if (c == '[') {
                depth++;
            } else if (c == ']') {
                depth--;
            }
        }
    }

    /** After an opening brace: {@code {n}}, {@code {n,m}} or {@code {n,}}. */
    private boolean countedTooOften() {
        int end = regex.indexOf('}', at);
        if (end < 0 || !regex.substring(at, end).matches("[0-9, ]+")) {
            return false; // an ordinary character
        }
        String[] counts = regex.substring(at, end).split(",", -1);
        at = end + 1;
        String most = counts[counts.length - 1].strip();
        return !most.matches("\\d{1,4}") || Integer.parseInt(most) > MOST_TIMES;
    }
}
