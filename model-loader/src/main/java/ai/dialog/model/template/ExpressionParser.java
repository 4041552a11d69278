package ai.dialog.model.template;

import ai.dialog.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses expressions, with the precedence Jinja2 gives them; every method follows the one of its name there. */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final OperandParser operands;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
    }

    Expr expression() {
        return conditional();
    }

    /** An expression without {@code if}, which the tag around it claims for itself. */
    Expr unconditional() {
        return or();
    }

    private Expr conditional() {
        tokens.enter();
        int line = line();
        Expr result = or();
        int links = 0;
        while (tokens.skipName("if")) {
            tokens.chained(++links);
            Expr test = or();
            Expr otherwise = tokens.skipName("else") ? conditional() : null;
            result = new Expr.Conditional(test, result, otherwise, line);
        }
        tokens.exit();
        return result;
    }

    private Expr or() {
        int line = line();
        Expr left = and();
        int links = 0;
        while (tokens.skipName("or")) {
            tokens.chained(++links);
            left = new Expr.Logic(false, left, and(), line);
        }
        return left;
    }

    private Expr and() {
        int line = line();
        Expr left = not();
        int links = 0;
        while (tokens.skipName("and")) {
            tokens.chained(++links);
            left = new Expr.Logic(true, left, not(), line);
        }
        return left;
    }

    private Expr not() {
        if (!tokens.atName("not")) {
            return compare();
        }
        int line = tokens.next().line();
        tokens.enter();
        var result = new Expr.Not(not(), line);
        tokens.exit();
        return result;
    }

    private Expr compare() {
        int line = line();
        Expr first = sum();
        var operators = new ArrayList<String>();
        var operands = new ArrayList<Expr>();
        while (true) {
            if (tokens.at(Kind.OPERATOR)
                    && COMPARISONS.contains(tokens.current().text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (tokens.atName("not") && tokens.look().isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                break;
            }
            operands.add(sum());
        }
        return operators.isEmpty() ? first : new Expr.Compare(first, operators, operands, line);
    }

    private Expr sum() {
        int line = line();
        Expr left = concat();
        int links = 0;
        while (tokens.atOperator("+") || tokens.atOperator("-")) {
            tokens.chained(++links);
            String operator = tokens.next().text();
            left = new Expr.Binary(operator, left, concat(), line);
            line = line();
        }
        return left;
    }

    private Expr concat() {
        int line = line();
        Expr first = product();
        if (!tokens.atOperator("~")) {
            return first;
        }
        var parts = new ArrayList<Expr>();
        parts.add(first);
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expr.Concat(parts, line);
    }

    private Expr product() {
        int line = line();
        Expr left = power();
        int links = 0;
        while (tokens.atOperator("*") || tokens.atOperator("/") || tokens.atOperator("//") || tokens.atOperator("%")) {
            tokens.chained(++links);
            String operator = tokens.next().text();
            left = new Expr.Binary(operator, left, power(), line);
        }
        return left;
    }

    private Expr power() {
        int line = line();
        Expr left = unary(true);
        int links = 0;
        while (tokens.skipOperator("**")) {
            tokens.chained(++links);
            left = new Expr.Binary("**", left, unary(true), line);
        }
        return left;
    }

    private Expr unary(boolean withFilter) {
        int line = line();
        Expr node;
        if (tokens.atOperator("-") || tokens.atOperator("+")) {
            boolean negative = tokens.next().text().equals("-");
            tokens.enter();
            node = new Expr.Sign(negative, unary(false), line);
            tokens.exit();
        } else {
            node = operands.primary(false);
        }
        node = operands.postfix(node);
        return withFilter ? operands.filters(node) : node;
    }

    /** One expression, or a tuple of several with commas between them. */
    Expr tuple(boolean conditions, boolean parentheses) {
        return tuple(() -> conditions ? expression() : unconditional(), parentheses);
    }

    /** A name or a tuple of names, as the left side of an assignment has it. */
    Expr targets(boolean namespaces) {
        return tuple(() -> operands.primary(namespaces), false);
    }

    private Expr tuple(java.util.function.Supplier<Expr> element, boolean parentheses) {
        int line = line();
        var items = new ArrayList<Expr>();
        boolean isTuple = false;
        while (true) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (tokens.at(Kind.VARIABLE_END) || tokens.at(Kind.BLOCK_END) || tokens.atOperator(")")) {
                break;
            }
            items.add(element.get());
            if (!tokens.atOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (isTuple) {
            return new Expr.TupleOf(items, line);
        }
        if (!items.isEmpty()) {
            return items.getFirst();
        }
        if (!parentheses) {
            throw tokens.error(
                    "expected an expression, got '" + tokens.current().describe() + "'");
        }
        return new Expr.TupleOf(List.of(), line);
    }

    /** A filter after its {@code |}; no target in a filter block. */
    Expr.Filter filter(@Nullable Expr target) {
        return operands.filter(target);
    }

    private int line() {
        return tokens.current().line();
    }
}
