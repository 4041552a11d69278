package ai.dialog.model.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the statements of one rendering; expressions are {@link Evaluator}'s. Confined to one thread. */
final class Interpreter {

    /** How the statements of a body ended. */
    private enum Outcome {
        DONE,
        BREAK,
        CONTINUE
    }

    private final Budget budget;
    private final Evaluator evaluator;
    private final Scope root;
    private StringBuilder out = new StringBuilder();
    private int line;

    Interpreter(Budget budget, Scope root) {
        this.budget = budget;
        this.root = root;
        this.evaluator = new Evaluator(this, budget);
    }

    String render(List<Stmt> template) {
        try {
            run(template, root);
            return out.toString();
        } catch (TemplateException failure) {
            throw failure.at(line);
        } catch (StackOverflowError tooDeep) {
            // The bound on depth comes first on a stack of usual size; this is for a thread with a smaller one.
            throw Budget.tooDeep(budget.limits()).at(line);
        }
    }

    /** Notes where the rendering is, for errors. */
    void at(int currentLine) {
        line = currentLine;
    }

    Object evaluate(Expr expr, Scope scope) {
        return evaluator.evaluate(expr, scope);
    }

    /** Runs a body and gives what it prints. */
    String capture(List<Stmt> body, Scope scope) {
        var outer = out;
        out = new StringBuilder();
        run(body, scope);
        String text = out.toString();
        out = outer;
        return text;
    }

    private void print(String text) {
        if ((long) out.length() + text.length() > budget.limits().output()) {
            throw new TemplateException("the output is over the bound of %d characters"
                    .formatted(budget.limits().output()));
        }
        budget.allocate(text.length());
        out.append(text);
    }

    private Outcome run(List<Stmt> body, Scope scope) {
        budget.enter();
        for (Stmt statement : body) {
            budget.step();
            var outcome = run(statement, scope);
            if (outcome != Outcome.DONE) {
                budget.exit();
                return outcome;
            }
        }
        budget.exit();
        return Outcome.DONE;
    }

    private Outcome run(Stmt statement, Scope scope) {
        line = statement.line();
        switch (statement) {
            case Stmt.Text text -> print(text.text());
            case Stmt.Print printed -> print(Repr.str(evaluate(printed.value(), scope)));
            case Stmt.If branching -> {
                return branch(branching, scope);
            }
            case Stmt.For loop -> {
                return forLoop(loop, scope);
            }
            case Stmt.Assign assign -> assign(assign, scope);
            case Stmt.AssignBlock block -> {
                return assignBlock(block, scope);
            }
            case Stmt.MacroDefinition definition ->
                scope.set(definition.macro().name(), new Macro(this, definition.macro(), scope));
            case Stmt.CallBlock block -> {
                var caller = new Macro(this, block.caller(), scope);
                print(Repr.str(evaluator.call(block.call(), scope, caller)));
            }
            case Stmt.Generation generation ->
                print(Repr.str(new Macro(this, generation.body(), scope).call(Arguments.NONE)));
            case Stmt.FilterBlock block -> {
                return filterBlock(block, scope);
            }
            case Stmt.With with -> {
                var inner = new Scope(scope);
                for (int i = 0; i < with.targets().size(); i++) {
                    assign(with.targets().get(i), evaluate(with.values().get(i), scope), inner);
                }
                return run(with.body(), inner);
            }
            case Stmt.Autoescape block -> {
                if (Types.truth(evaluate(block.enabled(), scope))) {
                    throw new TemplateException("autoescape is not supported");
                }
                return run(block.body(), new Scope(scope));
            }
            case Stmt.Block block -> {
                if (block.required()) {
                    throw new TemplateException("required block '" + block.name() + "' not found");
                }
                run(block.body(), new Scope(block.scoped() ? scope : root));
            }
            case Stmt.Jump jump -> {
                return jump.leave() ? Outcome.BREAK : Outcome.CONTINUE;
            }
            case Stmt.NeedsLoader loader ->
                throw new TemplateException("'" + loader.tag() + "' needs other templates, and there are none");
        }
        return Outcome.DONE;
    }

    private Outcome branch(Stmt.If branching, Scope scope) {
        for (var branch : branching.branches()) {
            if (Types.truth(evaluate(branch.test(), scope))) {
                return run(branch.body(), scope);
            }
        }
        return run(branching.otherwise(), scope);
    }

    private Outcome filterBlock(Stmt.FilterBlock block, Scope scope) {
        var inner = new Scope(scope);
        var outer = out;
        out = new StringBuilder();
        var outcome = run(block.body(), inner);
        String text = out.toString();
        out = outer;
        if (outcome == Outcome.DONE) {
            line = block.line();
            print(Repr.str(evaluator.filter(block.filter(), text, inner)));
        }
        return outcome;
    }

    private Outcome assignBlock(Stmt.AssignBlock block, Scope scope) {
        var inner = new Scope(scope);
        var outer = out;
        out = new StringBuilder();
        var outcome = run(block.body(), inner);
        String text = out.toString();
        out = outer;
        if (outcome == Outcome.DONE) {
            line = block.line();
            var filter = block.filter();
            assign(block.target(), filter == null ? text : evaluator.filter(filter, text, inner), scope);
        }
        return outcome;
    }

    private void assign(Stmt.Assign assign, Scope scope) {
        checkNamespaces(assign.target(), scope);
        assign(assign.target(), evaluate(assign.value(), scope), scope);
    }

    private static void checkNamespaces(Expr target, Scope scope) {
        if (target instanceof Expr.NamespaceRef ref && !(scope.get(ref.name()) instanceof Namespace)) {
            throw new TemplateException("cannot assign attribute on non-namespace object");
        }
        if (target instanceof Expr.TupleOf tuple) {
            for (Expr item : tuple.items()) {
                checkNamespaces(item, scope);
            }
        }
    }

    private void assign(Expr target, Object value, Scope scope) {
        switch (target) {
            case Expr.Name name -> scope.set(name.name(), value);
            case Expr.NamespaceRef ref -> {
                if (!(scope.get(ref.name()) instanceof Namespace namespace)) {
                    throw new TemplateException("cannot assign attribute on non-namespace object");
                }
                namespace.attributes().put(ref.attribute(), value);
            }
            case Expr.TupleOf tuple -> unpack(tuple.items(), value, scope);
            default -> throw new TemplateException("cannot assign to this expression");
        }
    }

    private void unpack(List<Expr> targets, Object value, Scope scope) {
        var items = Iteration.list(budget, value);
        if (items.size() != targets.size()) {
            throw new TemplateException(
                    "cannot unpack %d values into %d targets".formatted(items.size(), targets.size()));
        }
        for (int i = 0; i < items.size(); i++) {
            assign(targets.get(i), items.get(i), scope);
        }
    }

    private Outcome forLoop(Stmt.For loop, Scope scope) {
        Object sequence = evaluate(loop.sequence(), scope);
        if (!loop.recursive()) {
            return iterate(loop, sequence, scope, 0);
        }
        print(recurse(loop, sequence, scope, 0));
        return Outcome.DONE;
    }

    private String recurse(Stmt.For loop, Object sequence, Scope scope, int depth) {
        var outer = out;
        out = new StringBuilder();
        iterate(loop, sequence, scope, depth);
        String text = out.toString();
        out = outer;
        return text;
    }

    private Outcome iterate(Stmt.For loop, Object sequence, Scope scope, int depth) {
        budget.enter();
        var items = Iteration.iterator(sequence);
        Object walked = sequence;
        Expr test = loop.test();
        if (test != null) {
            var kept = Iteration.filter(budget, items, item -> passes(loop, test, item, scope));
            walked = kept;
            items = kept.items();
        }
        var context = new LoopContext(budget, walked, items, depth, recursion(loop, scope));
        boolean empty = true;
        while (context.hasNext()) {
            budget.step();
            var inner = new Scope(scope);
            assign(loop.target(), context.next(), inner);
            inner.set("loop", context);
            var outcome = run(loop.body(), inner);
            // As in Jinja2, where an iteration that is left early does not count for the else branch.
            empty &= outcome != Outcome.DONE;
            if (outcome == Outcome.BREAK) {
                break;
            }
        }
        var outcome = empty ? run(loop.otherwise(), new Scope(scope)) : Outcome.DONE;
        budget.exit();
        return outcome;
    }

    private java.util.function.@Nullable BiFunction<Object, Integer, Object> recursion(Stmt.For loop, Scope scope) {
        return loop.recursive() ? (items, depth) -> recurse(loop, items, scope, depth) : null;
    }

    private boolean passes(Stmt.For loop, Expr test, Object item, Scope scope) {
        var inner = new Scope(scope);
        assign(loop.target(), item, inner);
        return Types.truth(evaluate(test, inner));
    }
}
