package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The expressions an expression is made of, in the order in which Jinja2 visits them. */
final class Children {

    private Children() {}

    static List<Expr> of(Expr expr) {
        return switch (expr) {
            case Expr.Const ignored -> List.of();
            case Expr.Name ignored -> List.of();
            case Expr.NamespaceRef ignored -> List.of();
            case Expr.TupleOf tuple -> tuple.items();
            case Expr.ListOf list -> list.items();
            case Expr.DictOf dict -> dict.keysAndValues();
            case Expr.Sign sign -> List.of(sign.operand());
            case Expr.Not not -> List.of(not.operand());
            case Expr.Binary binary -> List.of(binary.left(), binary.right());
            case Expr.Concat concat -> concat.parts();
            case Expr.Logic logic -> List.of(logic.left(), logic.right());
            case Expr.Compare compare -> concat(compare.first(), compare.operands());
            case Expr.Conditional conditional ->
                present(conditional.test(), conditional.then(), conditional.otherwise());
            case Expr.Attribute attribute -> List.of(attribute.target());
            case Expr.Item item -> List.of(item.target(), item.key());
            case Expr.Slice slice -> present(slice.start(), slice.stop(), slice.step());
            case Expr.Call call -> concat(call.target(), of(call.arguments()));
            case Expr.Filter filter -> concat(filter.target(), of(filter.arguments()));
            case Expr.Test test -> concat(test.target(), of(test.arguments()));
        };
    }

    private static List<Expr> of(Expr.CallArguments arguments) {
        var all = new ArrayList<Expr>(arguments.positional());
        all.addAll(arguments.named());
        all.addAll(present(arguments.extraPositional(), arguments.extraNamed()));
        return all;
    }

    private static List<Expr> concat(@Nullable Expr first, List<Expr> rest) {
        var all = present(first);
        all.addAll(rest);
        return all;
    }

    private static List<Expr> present(@Nullable Expr... expressions) {
        var all = new ArrayList<Expr>();
        for (Expr expr : expressions) {
            if (expr != null) {
                all.add(expr);
            }
        }
        return all;
    }
}
