package ai.dialog.cloud.settings;

import java.util.List;
import java.util.Set;

/**
 * Keys and who may read them.
 *
 * @param callers whom the service makes and rotates an API key for, comma-separated, each with a secret of its own;
 *     {@code first} unless set
 * @param rotationDays how often keys are rotated; 80 unless set and 90 at most, because an API key lives 90 days: a rotation
 *     that fails can be repeated for ten of them before a caller is refused
 * @param operatorRoles names of IAM roles, with their path and with {@code *} where it varies, that may read and write the
 *     secrets besides the functions, for {@code ai-dialog-cli keys … --secret}; none unless set
 */
public record SecretSettings(List<String> callers, int rotationDays, List<String> operatorRoles) {

    /** What one template and one secret of hashes hold; more keys are made with {@code keys create}. */
    private static final int MAX_CALLERS = 20;

    /** A resource policy has 20,480 characters. */
    private static final int MAX_OPERATORS = 10;

    public SecretSettings {
        callers = List.copyOf(callers);
        operatorRoles = List.copyOf(operatorRoles);
    }

    static SecretSettings from(Context values) {
        List<String> callers = values.parts("callers", "first");
        for (String caller : callers) {
            if (!caller.matches("[a-z][a-z0-9-]{0,31}")) {
                throw Context.refused("callers", "'" + caller + "' must be a letter and up to 31 of a-z, 0-9 and -");
            }
        }
        if (callers.size() > MAX_CALLERS || Set.copyOf(callers).size() != callers.size()) {
            throw Context.refused("callers", "at most " + MAX_CALLERS + ", each once");
        }
        List<String> operators = values.parts("operatorRoles", "");
        for (String role : operators) {
            // a name that is nothing but the star would let everybody in
            if (!role.matches("(?=.*[A-Za-z0-9])[A-Za-z0-9+=.@_/*-]{1,128}")) {
                throw Context.refused("operatorRoles", "'" + role + "' is no name of a role");
            }
        }
        if (operators.size() > MAX_OPERATORS) {
            throw Context.refused("operatorRoles", "at most " + MAX_OPERATORS);
        }
        return new SecretSettings(callers, values.number("rotationDays", 80, 7, 90), operators);
    }
}
