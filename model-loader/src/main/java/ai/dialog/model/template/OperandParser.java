package ai.dialog.model.template;

import ai.dialog.model.template.Expr.CallArguments;
import ai.dialog.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses operands: names, literals and brackets, with the subscripts, calls, filters and tests behind them. */
final class OperandParser {

    private final TokenStream tokens;
    private final ExpressionParser expressions;

    OperandParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    /** A name, literal or bracketed expression; {@code target} where {@code name.attribute} is assigned to. */
    Expr primary(boolean target) {
        var token = tokens.current();
        return switch (token.kind()) {
            case NAME -> name(target);
            case STRING -> {
                var text = new StringBuilder();
                while (tokens.at(Kind.STRING)) {
                    text.append(tokens.next().text());
                }
                yield new Expr.Const(text.toString(), token.line());
            }
            case INTEGER, FLOAT -> new Expr.Const(tokens.next().value(), token.line());
            case OPERATOR -> bracketed(token);
            default -> throw tokens.error("unexpected '" + token.describe() + "'");
        };
    }

    private Expr name(boolean target) {
        var token = tokens.next();
        return switch (token.text()) {
            case "true", "True" -> new Expr.Const(true, token.line());
            case "false", "False" -> new Expr.Const(false, token.line());
            case "none", "None" -> new Expr.Const(None.NONE, token.line());
            default -> {
                if (target && tokens.skipOperator(".")) {
                    String attribute = tokens.expect(Kind.NAME).text();
                    yield new Expr.NamespaceRef(token.text(), attribute, token.line());
                }
                yield new Expr.Name(token.text(), token.line());
            }
        };
    }

    private Expr bracketed(Token token) {
        if (!tokens.skipOperator("(") && !tokens.skipOperator("[") && !tokens.skipOperator("{")) {
            throw tokens.error("unexpected '" + token.text() + "'");
        }
        return switch (token.text()) {
            case "[" -> new Expr.ListOf(until("]", false), token.line());
            case "{" -> new Expr.DictOf(until("}", true), token.line());
            default -> {
                Expr inner = expressions.tuple(true, true);
                tokens.expectOperator(")");
                yield inner;
            }
        };
    }

    private List<Expr> until(String close, boolean pairs) {
        var items = new ArrayList<Expr>();
        while (!tokens.atOperator(close)) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.atOperator(close)) {
                    break;
                }
            }
            items.add(expressions.expression());
            if (pairs) {
                tokens.expectOperator(":");
                items.add(expressions.expression());
            }
        }
        tokens.expectOperator(close);
        return items;
    }

    Expr postfix(Expr start) {
        Expr node = start;
        int links = 0;
        while (true) {
            if (tokens.atOperator(".") || tokens.atOperator("[")) {
                node = subscript(node);
            } else if (tokens.atOperator("(")) {
                node = call(node);
            } else {
                return node;
            }
            tokens.chained(++links);
        }
    }

    Expr filters(Expr start) {
        Expr node = start;
        int links = 0;
        while (true) {
            if (tokens.atOperator("|")) {
                tokens.next();
                node = filter(node);
            } else if (tokens.atName("is")) {
                node = test(node);
            } else if (tokens.atOperator("(")) {
                node = call(node);
            } else {
                return node;
            }
            tokens.chained(++links);
        }
    }

    private Expr subscript(Expr target) {
        var token = tokens.next();
        if (token.isOperator(".")) {
            var attribute = tokens.next();
            return switch (attribute.kind()) {
                case NAME -> new Expr.Attribute(target, attribute.text(), token.line());
                case INTEGER ->
                    new Expr.Item(target, new Expr.Const(attribute.value(), attribute.line()), token.line());
                default -> throw new TemplateException("expected name or number", attribute.line());
            };
        }
        var keys = new ArrayList<Expr>();
        while (!tokens.atOperator("]")) {
            if (!keys.isEmpty()) {
                tokens.expectOperator(",");
            }
            keys.add(subscribed());
        }
        tokens.expectOperator("]");
        Expr key = keys.size() == 1 ? keys.getFirst() : new Expr.TupleOf(keys, token.line());
        return new Expr.Item(target, key, token.line());
    }

    private Expr subscribed() {
        int line = line();
        Expr start = null;
        if (!tokens.atOperator(":")) {
            start = expressions.expression();
            if (!tokens.atOperator(":")) {
                return start;
            }
        }
        tokens.next();
        Expr stop = sliceEnds() || tokens.atOperator(":") ? null : expressions.expression();
        Expr step = null;
        if (tokens.skipOperator(":") && !sliceEnds()) {
            step = expressions.expression();
        }
        return new Expr.Slice(start, stop, step, line);
    }

    private boolean sliceEnds() {
        return tokens.atOperator("]") || tokens.atOperator(",");
    }

    private Expr.Call call(Expr target) {
        int line = line();
        return new Expr.Call(target, arguments(), line);
    }

    private CallArguments arguments() {
        int line = line();
        tokens.expectOperator("(");
        var positional = new ArrayList<Expr>();
        var names = new ArrayList<String>();
        var named = new ArrayList<Expr>();
        Expr extraPositional = null;
        Expr extraNamed = null;
        boolean more = false;
        while (!tokens.atOperator(")")) {
            if (more) {
                tokens.expectOperator(",");
                if (tokens.atOperator(")")) {
                    break;
                }
            }
            more = true;
            boolean plain = extraPositional == null && extraNamed == null;
            if (tokens.skipOperator("*")) {
                ensure(plain, line);
                extraPositional = expressions.expression();
            } else if (tokens.skipOperator("**")) {
                ensure(extraNamed == null, line);
                extraNamed = expressions.expression();
            } else if (tokens.at(Kind.NAME) && tokens.look().isOperator("=")) {
                ensure(extraNamed == null, line);
                String name = tokens.next().text();
                ensure(!names.contains(name), line);
                tokens.next();
                names.add(name);
                named.add(expressions.expression());
            } else {
                ensure(plain && names.isEmpty(), line);
                positional.add(expressions.expression());
            }
        }
        tokens.expectOperator(")");
        return new CallArguments(positional, names, named, extraPositional, extraNamed);
    }

    private static void ensure(boolean valid, int line) {
        if (!valid) {
            throw new TemplateException("invalid syntax for function call expression", line);
        }
    }

    /** A filter after its {@code |}; no target in a filter block. */
    Expr.Filter filter(@Nullable Expr target) {
        int line = line();
        String name = dottedName();
        var arguments = tokens.atOperator("(") ? arguments() : CallArguments.NONE;
        return new Expr.Filter(target, name, arguments, line);
    }

    private String dottedName() {
        var name = new StringBuilder(tokens.expect(Kind.NAME).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME).text());
        }
        return name.toString();
    }

    private Expr test(Expr target) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = dottedName();
        var arguments = CallArguments.NONE;
        if (tokens.atOperator("(")) {
            arguments = arguments();
        } else if (testArgumentFollows()) {
            if (tokens.atName("is")) {
                throw tokens.error("you cannot chain multiple tests with is");
            }
            arguments = new CallArguments(List.of(postfix(primary(false))), List.of(), List.of(), null, null);
        }
        var test = new Expr.Test(target, name, arguments, line);
        return negated ? new Expr.Not(test, line) : test;
    }

    private boolean testArgumentFollows() {
        var token = tokens.current();
        return switch (token.kind()) {
            case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.isOperator("[") || token.isOperator("{");
            default -> false;
        };
    }

    private int line() {
        return tokens.current().line();
    }
}
