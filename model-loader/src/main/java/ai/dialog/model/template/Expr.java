package ai.dialog.model.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression of a template. */
sealed interface Expr {

    /** Where it stands in the source, from 1. */
    int line();

    /** A literal. */
    record Const(Object value, int line) implements Expr {}

    /** A variable. */
    record Name(String name, int line) implements Expr {}

    /** {@code namespace.attribute} where it is assigned to. */
    record NamespaceRef(String name, String attribute, int line) implements Expr {}

    /** {@code (a, b)}. */
    record TupleOf(List<Expr> items, int line) implements Expr {}

    /** {@code [a, b]}. */
    record ListOf(List<Expr> items, int line) implements Expr {}

    /** {@code {a: b}}; keys and values take turns. */
    record DictOf(List<Expr> keysAndValues, int line) implements Expr {}

    /** {@code -a} or {@code +a}. */
    record Sign(boolean negative, Expr operand, int line) implements Expr {}

    /** {@code not a}. */
    record Not(Expr operand, int line) implements Expr {}

    /** Arithmetic. */
    record Binary(String operator, Expr left, Expr right, int line) implements Expr {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expr> parts, int line) implements Expr {}

    /** {@code a and b}, or {@code a or b}. */
    record Logic(boolean and, Expr left, Expr right, int line) implements Expr {}

    /** {@code a < b <= c}: as many operators as operands after the first. */
    record Compare(Expr first, List<String> operators, List<Expr> operands, int line) implements Expr {}

    /** {@code a if test else b}. */
    record Conditional(Expr test, Expr then, @Nullable Expr otherwise, int line) implements Expr {}

    /** {@code a.b}. */
    record Attribute(Expr target, String name, int line) implements Expr {}

    /** {@code a[b]}. */
    record Item(Expr target, Expr key, int line) implements Expr {}

    /** {@code start:stop:step} in brackets. */
    record Slice(
            @Nullable Expr start,
            @Nullable Expr stop,
            @Nullable Expr step,
            int line) implements Expr {}

    /** {@code a(…)}. */
    record Call(Expr target, CallArguments arguments, int line) implements Expr {}

    /** {@code a|name(…)}; no target in a filter block, where it is the block's text. */
    record Filter(@Nullable Expr target, String name, CallArguments arguments, int line) implements Expr {}

    /** {@code a is name(…)}. */
    record Test(Expr target, String name, CallArguments arguments, int line) implements Expr {}

    /** The arguments of a call as they are written. */
    record CallArguments(
            List<Expr> positional,
            List<String> names,
            List<Expr> named,
            @Nullable Expr extraPositional,
            @Nullable Expr extraNamed) {

        static final CallArguments NONE = new CallArguments(List.of(), List.of(), List.of(), null, null);

        boolean isEmpty() {
            return positional.isEmpty() && named.isEmpty() && extraPositional == null && extraNamed == null;
        }
    }
}
