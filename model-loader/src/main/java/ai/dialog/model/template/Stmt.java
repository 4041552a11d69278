package ai.dialog.model.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of a template. */
sealed interface Stmt {

    /** Where it begins in the source, from 1. */
    int line();

    /** Text outside of tags. */
    record Text(String text, int line) implements Stmt {}

    /** {@code {{ expression }}}. */
    record Print(Expr value, int line) implements Stmt {}

    /** {@code if}, {@code elif} …, {@code else}. */
    record If(List<Branch> branches, List<Stmt> otherwise, int line) implements Stmt {}

    /** One test of an {@link If} and what happens where it holds. */
    record Branch(Expr test, List<Stmt> body) {}

    /** {@code for target in sequence if test recursive}. */
    record For(
            Expr target,
            Expr sequence,
            @Nullable Expr test,
            boolean recursive,
            List<Stmt> body,
            List<Stmt> otherwise,
            int line)
            implements Stmt {}

    /** {@code set target = value}. */
    record Assign(Expr target, Expr value, int line) implements Stmt {}

    /** {@code set target | filter}, with a body. */
    record AssignBlock(Expr target, Expr.@Nullable Filter filter, List<Stmt> body, int line) implements Stmt {}

    /** {@code macro name(…)}. */
    record MacroDefinition(MacroBody macro, int line) implements Stmt {}

    /** {@code call(…) macro(…)}; the body is what {@code caller} renders. */
    record CallBlock(MacroBody caller, Expr.Call call, int line) implements Stmt {}

    /** {@code generation}: what the assistant says; renders its body, in a scope of its own. */
    record Generation(MacroBody body, int line) implements Stmt {}

    /** {@code filter name(…)}. */
    record FilterBlock(Expr.Filter filter, List<Stmt> body, int line) implements Stmt {}

    /** {@code with a = 1, b = 2}. */
    record With(List<Expr> targets, List<Expr> values, List<Stmt> body, int line) implements Stmt {}

    /** {@code autoescape}, which may only be off. */
    record Autoescape(Expr enabled, List<Stmt> body, int line) implements Stmt {}

    /** {@code block name}. */
    record Block(String name, boolean scoped, boolean required, List<Stmt> body, int line) implements Stmt {}

    /** {@code break} or {@code continue}. */
    record Jump(boolean leave, int line) implements Stmt {}

    /** A tag that needs other templates: there are none, so that rendering it fails as it does in Jinja2. */
    record NeedsLoader(String tag, int line) implements Stmt {}

    /**
     * The parameters and the body of a macro or call block.
     *
     * @param name its name; empty for a call block
     * @param parameters names of the parameters
     * @param defaults values of the last parameters
     * @param usesCaller whether the body mentions {@code caller}; the same for the other two
     */
    record MacroBody(
            String name,
            List<String> parameters,
            List<Expr> defaults,
            List<Stmt> body,
            boolean usesCaller,
            boolean usesKwargs,
            boolean usesVarargs) {}
}
