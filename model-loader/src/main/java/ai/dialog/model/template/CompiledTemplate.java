package ai.dialog.model.template;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A parsed template; rendering keeps all that changes in objects of its own. */
record CompiledTemplate(String source, List<Stmt> body, Clock clock, Limits limits) implements ChatTemplate {

    @Override
    public String render(Map<String, ?> variables) {
        var budget = new Budget(limits);
        var globals = new Scope(null);
        Globals.define(globals, budget, clock);
        var root = new Scope(globals);
        Variables.define(root, variables);
        return new Interpreter(budget, root).render(body);
    }
}
