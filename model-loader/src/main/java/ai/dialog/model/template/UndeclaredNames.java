package ai.dialog.model.template;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds which of some names a body reads before it sets them: Jinja2's rule for what a macro catches. */
final class UndeclaredNames {

    private final Set<String> sought;
    private final Set<String> found = new HashSet<>();

    private UndeclaredNames(Set<String> names) {
        this.sought = new HashSet<>(names);
    }

    static Set<String> find(List<Stmt> body, Set<String> names) {
        var finder = new UndeclaredNames(names);
        finder.visitAll(body);
        return finder.found;
    }

    private void visitAll(List<Stmt> body) {
        for (Stmt statement : body) {
            visit(statement);
        }
    }

    private void visit(Stmt statement) {
        switch (statement) {
            case Stmt.Text ignored -> {}
            case Stmt.Print print -> read(print.value());
            case Stmt.If branching -> {
                for (var branch : branching.branches()) {
                    read(branch.test());
                    visitAll(branch.body());
                }
                visitAll(branching.otherwise());
            }
            case Stmt.For loop -> {
                store(loop.target());
                read(loop.sequence());
                visitAll(loop.body());
                visitAll(loop.otherwise());
                read(loop.test());
            }
            case Stmt.Assign assign -> {
                store(assign.target());
                read(assign.value());
            }
            case Stmt.AssignBlock block -> {
                store(block.target());
                read(block.filter());
                visitAll(block.body());
            }
            case Stmt.MacroDefinition definition -> visitMacro(definition.macro());
            case Stmt.CallBlock block -> {
                read(block.call());
                visitMacro(block.caller());
            }
            case Stmt.Generation generation -> visitMacro(generation.body());
            case Stmt.FilterBlock block -> {
                visitAll(block.body());
                read(block.filter());
            }
            case Stmt.With with -> {
                with.targets().forEach(this::store);
                with.values().forEach(this::read);
                visitAll(with.body());
            }
            case Stmt.Autoescape block -> {
                read(block.enabled());
                visitAll(block.body());
            }
            case Stmt.Block ignored -> {}
            case Stmt.Jump ignored -> {}
            case Stmt.NeedsLoader ignored -> {}
        }
    }

    private void visitMacro(Stmt.MacroBody macro) {
        macro.parameters().forEach(sought::remove);
        macro.defaults().forEach(this::read);
        visitAll(macro.body());
    }

    private void store(Expr target) {
        if (target instanceof Expr.Name name) {
            sought.remove(name.name());
        } else if (target instanceof Expr.TupleOf tuple) {
            tuple.items().forEach(this::store);
        }
    }

    private void read(@Nullable Expr expr) {
        if (expr instanceof Expr.Name name) {
            if (sought.contains(name.name())) {
                found.add(name.name());
            }
        } else if (expr != null) {
            for (Expr child : Children.of(expr)) {
                read(child);
            }
        }
    }
}
