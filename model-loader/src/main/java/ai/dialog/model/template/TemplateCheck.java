package ai.dialog.model.template;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Jinja2's compiler refuses after parsing: filters and tests that do not exist (inside an {@code if} only when
 * they are used), {@code break} outside of a loop, an assignment to {@code loop}, two blocks of one name.
 */
final class TemplateCheck {

    /** A tree that is deeper than this could not be evaluated within its bound anyway. */
    private final int mostDepth;

    private final Set<String> blocks = new HashSet<>();
    private int depth;

    private TemplateCheck(Limits limits) {
        this.mostDepth = limits.depth();
    }

    /**
     * Where a statement stands.
     *
     * @param soft directly inside an {@code if}
     * @param inLoop where {@code break} has a loop to leave
     * @param aroundLoop inside the source of any loop, where {@code loop} cannot be assigned
     * @param topLevel not inside another tag
     */
    private record Place(boolean soft, boolean inLoop, boolean aroundLoop, boolean topLevel) {

        Place inner() {
            return new Place(false, inLoop, aroundLoop, false);
        }

        Place function() {
            return new Place(false, false, aroundLoop, false);
        }
    }

    static void check(List<Stmt> template, Limits limits) {
        new TemplateCheck(limits).all(template, new Place(false, false, false, true));
    }

    private void all(List<Stmt> body, Place place) {
        for (Stmt statement : body) {
            statement(statement, place);
        }
    }

    private void statement(Stmt statement, Place place) {
        switch (statement) {
            case Stmt.Text ignored -> {}
            case Stmt.Print print -> read(print.value(), place.soft());
            case Stmt.If branching -> {
                var soft = new Place(true, place.inLoop(), place.aroundLoop(), false);
                for (var branch : branching.branches()) {
                    read(branch.test(), true);
                    all(branch.body(), soft);
                }
                all(branching.otherwise(), soft);
            }
            case Stmt.For loop -> loop(loop, place);
            case Stmt.Assign assign -> {
                target(assign.target(), place);
                read(assign.value(), place.soft());
            }
            case Stmt.AssignBlock block -> {
                target(block.target(), place);
                read(block.filter(), false);
                all(block.body(), place.inner());
            }
            case Stmt.MacroDefinition definition -> macro(definition.macro(), place);
            case Stmt.CallBlock block -> {
                read(block.call(), place.soft());
                macro(block.caller(), place);
            }
            case Stmt.Generation generation -> macro(generation.body(), place);
            case Stmt.FilterBlock block -> {
                read(block.filter(), false);
                all(block.body(), place.inner());
            }
            case Stmt.With with -> {
                for (Expr value : with.values()) {
                    read(value, place.soft());
                }
                all(with.body(), place.inner());
            }
            case Stmt.Autoescape block -> {
                read(block.enabled(), false);
                all(block.body(), place.inner());
            }
            case Stmt.Block block -> block(block);
            case Stmt.Jump jump -> {
                if (!place.inLoop()) {
                    throw new TemplateException(
                            "'" + (jump.leave() ? "break" : "continue") + "' outside loop", jump.line());
                }
            }
            case Stmt.NeedsLoader loader -> {
                if (loader.tag().equals("extends") && !place.topLevel()) {
                    throw new TemplateException("cannot use extends from a non top-level scope", loader.line());
                }
            }
        }
    }

    private void loop(Stmt.For loop, Place place) {
        var inside = new Place(false, true, true, false);
        target(loop.target(), inside);
        read(loop.sequence(), place.soft());
        read(loop.test(), false);
        all(loop.body(), inside);
        all(loop.otherwise(), new Place(false, place.inLoop() && !loop.recursive(), true, false));
    }

    private void macro(Stmt.MacroBody macro, Place place) {
        for (Expr value : macro.defaults()) {
            read(value, false);
        }
        all(macro.body(), place.function());
    }

    private void block(Stmt.Block block) {
        if (!blocks.add(block.name())) {
            throw new TemplateException("block '" + block.name() + "' defined twice", block.line());
        }
        all(block.body(), new Place(false, false, false, false));
    }

    private void target(Expr target, Place place) {
        if (place.aroundLoop()
                && target instanceof Expr.Name name
                && name.name().equals("loop")) {
            throw new TemplateException("can't assign to special loop variable in a for loop", name.line());
        }
        if (target instanceof Expr.TupleOf tuple) {
            for (Expr item : tuple.items()) {
                target(item, place);
            }
        }
    }

    private void read(@Nullable Expr expr, boolean soft) {
        if (expr == null) {
            return;
        }
        if (++depth > mostDepth) {
            throw new TemplateException("the template nests deeper than the bound of " + mostDepth, expr.line());
        }
        boolean softer = soft || expr instanceof Expr.Conditional;
        if (!softer && expr instanceof Expr.Filter filter && Filters.find(filter.name()) == null) {
            throw new TemplateException("no filter named '" + filter.name() + "'", expr.line());
        }
        if (!softer && expr instanceof Expr.Test test && Tests.find(test.name()) == null) {
            throw new TemplateException("no test named '" + test.name() + "'", expr.line());
        }
        if (expr instanceof Expr.TupleOf tuple && tuple.items().stream().anyMatch(Expr.Slice.class::isInstance)) {
            throw new TemplateException("a slice cannot stand among several keys", expr.line());
        }
        for (Expr child : Children.of(expr)) {
            read(child, softer);
        }
        depth--;
    }
}
