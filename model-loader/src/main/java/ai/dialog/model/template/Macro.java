package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A macro or the body of a call block, with the scope in which it was defined. */
record Macro(Interpreter interpreter, Stmt.MacroBody body, Scope definedIn) implements Callable, Attributed {

    @Override
    public Object call(Arguments arguments) {
        var scope = new Scope(definedIn);
        bind(arguments, scope);
        var parameters = body.parameters();
        int required = parameters.size() - body.defaults().size();
        for (int i = 0; i < parameters.size(); i++) {
            String name = parameters.get(i);
            if (scope.isMissing(name)) {
                scope.set(
                        name,
                        i >= required
                                ? interpreter.evaluate(body.defaults().get(i - required), scope)
                                : new Undefined("parameter '" + name + "' was not provided"));
            }
        }
        return interpreter.capture(body.body(), scope);
    }

    /** Jinja2's {@code Macro.__call__}: what is not given stays missing until the defaults are evaluated. */
    private void bind(Arguments arguments, Scope scope) {
        var parameters = body.parameters();
        var named = new LinkedHashMap<>(arguments.named());
        var given = arguments.positional();
        for (int i = 0; i < parameters.size(); i++) {
            String name = parameters.get(i);
            Object value = i < given.size() ? given.get(i) : named.remove(name);
            scope.set(name, value == null ? Scope.MISSING : value);
        }
        if (body.usesCaller()) {
            Object caller = named.remove("caller");
            scope.set("caller", caller == null || caller == None.NONE ? new Undefined("No caller defined") : caller);
        }
        if (body.usesKwargs()) {
            var kwargs = new PyDict();
            named.forEach(kwargs::put);
            scope.set("kwargs", kwargs);
        } else if (!named.isEmpty()) {
            throw new TemplateException("macro '%s' takes no keyword argument '%s'"
                    .formatted(body.name(), named.keySet().iterator().next()));
        }
        boolean more = given.size() > parameters.size();
        if (body.usesVarargs()) {
            List<Object> rest = more ? new ArrayList<>(given.subList(parameters.size(), given.size())) : List.of();
            scope.set("varargs", new PyTuple(rest));
        } else if (more) {
            throw new TemplateException(
                    "macro '%s' takes not more than %d argument(s)".formatted(body.name(), parameters.size()));
        }
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "name" -> body.name().isEmpty() ? None.NONE : body.name();
            case "arguments" -> new PyTuple(List.copyOf(body.parameters()));
            case "catch_kwargs" -> body.usesKwargs();
            case "catch_varargs" -> body.usesVarargs();
            case "caller" -> body.usesCaller();
            case "explicit_caller" -> body.parameters().contains("caller");
            default -> null;
        };
    }

    @Override
    public String typeName() {
        return "Macro";
    }

    @Override
    public String toString() {
        return body.name().isEmpty() ? "<Macro anonymous>" : "<Macro " + Repr.repr(body.name()) + ">";
    }
}
