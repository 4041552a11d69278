package ai.dialog.runner.tools;

import ai.dialog.runner.grammar.CallForm;
import org.jspecify.annotations.Nullable;

/**
 * What a chat template does with tools.
 *
 * @param showsTools whether it tells the model of them
 * @param form how it writes calls; null where it writes none, or in no form of ours
 * @param argumentsAreObjects whether it takes a call's arguments as an object; else as JSON text
 * @param shortIds whether it takes only ids of nine letters and digits
 */
public record ToolTemplate(boolean showsTools, @Nullable CallForm form, boolean argumentsAreObjects, boolean shortIds) {

    /** Whether it can be used with tools, and with conversations in which tools were called. */
    public boolean isUsable() {
        return showsTools && form != null;
    }

    /** An id as the template takes it: the same for the same. */
    public String id(String id) {
        if (!shortIds || id.matches("[A-Za-z0-9]{9}")) {
            return id;
        }
        // the last ones, as vLLM does: the first are "call_" in all of them
        String plain = "0".repeat(CallForm.ID_LENGTH) + id.replaceAll("[^A-Za-z0-9]", "");
        return plain.substring(plain.length() - CallForm.ID_LENGTH);
    }
}
