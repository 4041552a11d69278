package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the roles of a stack may do, read from its template. */
final class Policies {

    private Policies() {}

    /** The statements of the policies of that role whose logical id begins so. */
    static List<Map<?, ?>> statements(Stacks.Built stack, String rolePrefix) {
        List<Map<?, ?>> statements = new ArrayList<>();
        stack.template().findResources("AWS::IAM::Policy").forEach((id, policy) -> {
            if (at(policy, "Properties", "Roles").toString().contains("Ref=" + rolePrefix)) {
                for (Object statement : (List<?>) at(policy, "Properties", "PolicyDocument", "Statement")) {
                    statements.add((Map<?, ?>) statement);
                }
            }
        });
        return statements;
    }

    /** The actions that a role is allowed. */
    static Set<String> actions(Stacks.Built stack, String rolePrefix) {
        Set<String> actions = new TreeSet<>();
        for (Map<?, ?> statement : statements(stack, rolePrefix)) {
            if (at(statement, "Effect").equals("Allow")) {
                actions.addAll(list(at(statement, "Action")));
            }
        }
        return actions;
    }

    /** The one statement of a role that allows an action. */
    static Map<?, ?> allowing(Stacks.Built stack, String rolePrefix, String action) {
        List<Map<?, ?>> found = statements(stack, rolePrefix).stream()
                .filter(statement -> at(statement, "Effect").equals("Allow"))
                .filter(statement -> list(at(statement, "Action")).contains(action))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " statements allow " + rolePrefix + " " + action);
        }
        return found.getFirst();
    }

    static List<String> list(Object oneOrMore) {
        return oneOrMore instanceof List<?> many
                ? many.stream().map(Object::toString).toList()
                : List.of(oneOrMore.toString());
    }
}
