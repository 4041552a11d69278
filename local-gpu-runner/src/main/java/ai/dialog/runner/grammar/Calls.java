package ai.dialog.runner.grammar;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which calls may be written. Compared by value: the grammar is kept under it.
 *
 * @param form how they are written
 * @param functions of different names; none where no call may be begun
 * @param required whether there must be a call, and nothing else; else there may be text, and calls behind it
 * @param repeated whether there may be several, where the form has a way to write them
 * @param text a JSON Schema that text satisfies if calls are not required; then there is either text or calls; null for any text
 */
public record Calls(
        CallForm form,
        List<Function> functions,
        boolean required,
        boolean repeated,
        @Nullable String text) {

    public Calls {
        functions = List.copyOf(functions);
    }

    /**
     * What can be called.
     *
     * @param name letters, digits, {@code _} and {@code -}
     * @param parameters JSON Schema of the arguments
     * @param strict whether a schema that cannot be kept is refused; else the arguments are then any object
     */
    public record Function(String name, String parameters, boolean strict) {}
}
