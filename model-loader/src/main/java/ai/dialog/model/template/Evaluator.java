package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Evaluates expressions. */
final class Evaluator {

    private final Interpreter interpreter;
    private final Budget budget;

    Evaluator(Interpreter interpreter, Budget budget) {
        this.interpreter = interpreter;
        this.budget = budget;
    }

    Object evaluate(Expr expr, Scope scope) {
        if (expr instanceof Expr.Const constant) {
            return constant.value();
        }
        if (expr instanceof Expr.Name name) {
            Object value = scope.get(name.name());
            return value == null ? Undefined.variable(name.name()) : value;
        }
        budget.enter();
        Object value = compound(expr, scope);
        budget.exit();
        return value;
    }

    private Object compound(Expr expr, Scope scope) {
        return switch (expr) {
            case Expr.Const constant -> constant.value();
            case Expr.Name name -> evaluate(name, scope);
            case Expr.Attribute attribute -> {
                Object target = evaluate(attribute.target(), scope);
                interpreter.at(attribute.line());
                yield Attributes.get(budget, target, attribute.name());
            }
            case Expr.Item item -> item(item, scope);
            case Expr.Call call -> call(call, scope, null);
            case Expr.Filter filter -> {
                var target = filter.target();
                yield filter(filter, target == null ? "" : evaluate(target, scope), scope);
            }
            case Expr.Test test -> test(test, scope);
            case Expr.Compare compare -> compare(compare, scope);
            case Expr.Logic logic -> {
                Object left = evaluate(logic.left(), scope);
                yield Types.truth(left) == logic.and() ? evaluate(logic.right(), scope) : left;
            }
            case Expr.Not not -> !Types.truth(evaluate(not.operand(), scope));
            case Expr.Binary binary -> {
                Object left = evaluate(binary.left(), scope);
                Object right = evaluate(binary.right(), scope);
                interpreter.at(binary.line());
                yield Operators.binary(budget, binary.operator(), left, right);
            }
            case Expr.Sign sign -> Operators.sign(sign.negative(), evaluate(sign.operand(), scope));
            case Expr.Concat concat -> concat(concat, scope);
            case Expr.Conditional conditional -> conditional(conditional, scope);
            case Expr.TupleOf tuple -> new PyTuple(all(tuple.items(), scope));
            case Expr.ListOf list -> new PyList(all(list.items(), scope));
            case Expr.DictOf dict -> dict(dict, scope);
            case Expr.Slice ignored -> throw new TemplateException("a slice can only stand in brackets");
            case Expr.NamespaceRef ignored -> throw new TemplateException("a namespace can only be assigned to here");
        };
    }

    private List<Object> all(List<Expr> items, Scope scope) {
        budget.allocate(items.size());
        var values = new ArrayList<>(items.size());
        for (Expr item : items) {
            values.add(evaluate(item, scope));
        }
        return values;
    }

    private Object dict(Expr.DictOf literal, Scope scope) {
        var parts = literal.keysAndValues();
        budget.allocate(parts.size());
        var dict = new PyDict(parts.size() / 2);
        for (int i = 0; i < parts.size(); i += 2) {
            Object key = evaluate(parts.get(i), scope);
            dict.put(key, evaluate(parts.get(i + 1), scope));
        }
        return dict;
    }

    private Object item(Expr.Item item, Scope scope) {
        Object target = evaluate(item.target(), scope);
        if (item.key() instanceof Expr.Slice slice) {
            Object start = bound(slice.start(), scope);
            Object stop = bound(slice.stop(), scope);
            Object step = bound(slice.step(), scope);
            interpreter.at(item.line());
            return Attributes.slice(budget, target, start, stop, step);
        }
        Object key = evaluate(item.key(), scope);
        interpreter.at(item.line());
        return Attributes.item(budget, target, key);
    }

    private Object bound(@Nullable Expr expr, Scope scope) {
        return expr == null ? None.NONE : evaluate(expr, scope);
    }

    private Object compare(Expr.Compare compare, Scope scope) {
        Object left = evaluate(compare.first(), scope);
        for (int i = 0; i < compare.operands().size(); i++) {
            Object right = evaluate(compare.operands().get(i), scope);
            interpreter.at(compare.line());
            if (!Comparison.compare(budget, compare.operators().get(i), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Object concat(Expr.Concat concat, Scope scope) {
        var values = all(concat.parts(), scope);
        var text = new StringBuilder();
        for (Object value : values) {
            String part = Repr.str(value);
            budget.allocate(part.length());
            text.append(part);
            StringSplit.checkLength(budget, text.length());
        }
        return text.toString();
    }

    private Object conditional(Expr.Conditional conditional, Scope scope) {
        if (Types.truth(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        var otherwise = conditional.otherwise();
        if (otherwise == null) {
            return new Undefined("the inline if-expression on line " + conditional.line()
                    + " evaluated to false and no else section was defined.");
        }
        return evaluate(otherwise, scope);
    }

    /** Calls what an expression gives; {@code caller} is what a call block hands over. */
    Object call(Expr.Call call, Scope scope, @Nullable Macro caller) {
        Object target = evaluate(call.target(), scope);
        var arguments = arguments(call.arguments(), scope, caller);
        interpreter.at(call.line());
        budget.step();
        return switch (target) {
            case Callable callable -> callable.call(arguments);
            case Undefined undefined -> throw undefined.failure();
            default -> throw new TemplateException("'" + Types.name(target) + "' object is not callable");
        };
    }

    Object filter(Expr.Filter filter, Object value, Scope scope) {
        Object input = value;
        // In a filter block of several filters the innermost one has no target: it gets the block's text.
        if (filter.target() instanceof Expr.Filter inner && isBlockFilter(inner)) {
            input = filter(inner, value, scope);
        }
        var arguments = arguments(filter.arguments(), scope, null);
        interpreter.at(filter.line());
        budget.step();
        var function = Filters.find(filter.name());
        if (function == null) {
            throw new TemplateException("no filter named '" + filter.name() + "' found");
        }
        return function.apply(budget, input, arguments);
    }

    private static boolean isBlockFilter(Expr.Filter filter) {
        Expr target = filter;
        while (target instanceof Expr.Filter inner) {
            target = inner.target();
        }
        return target == null;
    }

    private Object test(Expr.Test test, Scope scope) {
        Object value = evaluate(test.target(), scope);
        var arguments = arguments(test.arguments(), scope, null);
        interpreter.at(test.line());
        var function = Tests.find(test.name());
        if (function == null) {
            throw new TemplateException("no test named '" + test.name() + "' found");
        }
        return function.test(budget, value, arguments);
    }

    private Arguments arguments(Expr.CallArguments written, Scope scope, @Nullable Macro caller) {
        if (written.isEmpty() && caller == null) {
            return Arguments.NONE;
        }
        List<Object> positional = written.positional().isEmpty() ? List.of() : all(written.positional(), scope);
        Map<String, Object> named = written.names().isEmpty() ? Map.of() : new LinkedHashMap<>();
        for (int i = 0; i < written.names().size(); i++) {
            named.put(written.names().get(i), evaluate(written.named().get(i), scope));
        }
        var more = written.extraPositional();
        if (more != null) {
            positional = new ArrayList<>(positional);
            positional.addAll(Iteration.list(budget, evaluate(more, scope)));
        }
        var extraNamed = written.extraNamed();
        if (caller != null || extraNamed != null) {
            named = new LinkedHashMap<>(named);
        }
        if (caller != null && named.put("caller", caller) != null) {
            throw new TemplateException("keyword argument repeated: caller");
        }
        if (extraNamed != null) {
            addNamed(named, evaluate(extraNamed, scope));
        }
        return new Arguments(positional, named);
    }

    private static void addNamed(Map<String, Object> named, Object extra) {
        if (!(extra instanceof PyDict dict)) {
            throw new TemplateException("argument after ** must be a mapping, not " + Types.name(extra));
        }
        for (var entry : dict.entries()) {
            if (!(entry.key() instanceof String name)) {
                throw new TemplateException("keywords must be strings");
            }
            if (named.put(name, entry.value()) != null) {
                throw new TemplateException("got multiple values for keyword argument '" + name + "'");
            }
        }
    }
}
