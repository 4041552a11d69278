package ai.dialog.runner.grammar;

import org.jspecify.annotations.Nullable;

/**
 * How a model writes calls of functions: the text around a call's name and its arguments, which are a JSON object. In these texts
 * {@link #ID} stands for an id of nine letters and digits, and a space behind a comma or a colon may be left out.
 *
 * @param marker what calls begin with and nothing else does
 * @param open what is between the marker and the first name
 * @param middle what is between a name and its arguments; does not begin with what a name may have
 * @param separator what is between the arguments of one call and the name of the next; null where there can be no second one
 * @param close what is behind the arguments of the last call
 * @param anywhere whether calls may follow other text; else they are an answer of their own
 */
public record CallForm(
        String marker, String open, String middle, @Nullable String separator, String close, boolean anywhere) {

    /** Stands for an id, nine letters and digits, which the model makes up. A character that no text has. */
    public static final char ID = '\uE000';

    /** How long an id is. */
    public static final int ID_LENGTH = 9;

    /** Whether a name may have this character. */
    static boolean isNameCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
}
