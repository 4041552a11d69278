package ai.dialog.model.template;

import ai.dialog.model.template.Stmt.MacroBody;
import ai.dialog.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Parses the statements of a template; expressions are {@link ExpressionParser}'s. */
final class Parser {

    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private final TokenStream tokens;
    private final ExpressionParser expressions;

    private Parser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Stmt> parse(String source, Limits limits) {
        if (source.length() > limits.source()) {
            throw new TemplateException(
                    "the template has %d characters, the bound is %d".formatted(source.length(), limits.source()));
        }
        var parser = new Parser(new TokenStream(Lexer.tokenize(source), limits));
        return parser.statements();
    }

    /** Statements up to a tag that is one of the ends, which becomes the current token, or to the end of the source. */
    private List<Stmt> statements(String... ends) {
        tokens.enter();
        var body = new ArrayList<Stmt>();
        while (!tokens.at(Kind.END)) {
            var token = tokens.next();
            switch (token.kind()) {
                case DATA -> body.add(new Stmt.Text(token.text(), token.line()));
                case VARIABLE_BEGIN -> {
                    body.add(new Stmt.Print(expressions.tuple(true, false), token.line()));
                    tokens.expect(Kind.VARIABLE_END);
                }
                default -> {
                    if (tokens.at(Kind.NAME)
                            && Arrays.asList(ends).contains(tokens.current().text())) {
                        tokens.exit();
                        return body;
                    }
                    statement(body);
                    tokens.expect(Kind.BLOCK_END);
                }
            }
        }
        if (ends.length > 0) {
            throw tokens.error("unexpected end of template, looking for " + String.join(" or ", ends));
        }
        tokens.exit();
        return body;
    }

    /** The body of a tag: its end, statements, and the beginning of one of the end tags. */
    private List<Stmt> body(String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END);
        return statements(ends);
    }

    /** The same with the end tag's name taken away. */
    private List<Stmt> wholeBody(String end) {
        var body = body(end);
        tokens.next();
        return body;
    }

    private void statement(List<Stmt> out) {
        var tag = tokens.expect(Kind.NAME);
        int line = tag.line();
        switch (tag.text()) {
            case "if" -> out.add(ifStatement(line));
            case "for" -> out.add(forStatement(line));
            case "set" -> out.add(set(line));
            case "print" -> print(out);
            case "macro" -> {
                String name = targetName();
                out.add(new Stmt.MacroDefinition(macro(name, line, "endmacro"), line));
            }
            case "call" -> out.add(callBlock(line));
            case "generation" ->
                out.add(new Stmt.Generation(macroBody("", List.of(), List.of(), "endgeneration", line), line));
            case "filter" -> {
                var filter = filterChain(null);
                out.add(new Stmt.FilterBlock(filter, wholeBody("endfilter"), line));
            }
            case "with" -> out.add(with(line));
            case "autoescape" -> {
                Expr enabled = expressions.expression();
                out.add(new Stmt.Autoescape(enabled, wholeBody("endautoescape"), line));
            }
            case "block" -> out.add(block(line));
            case "break" -> out.add(new Stmt.Jump(true, line));
            case "continue" -> out.add(new Stmt.Jump(false, line));
            case "extends", "include", "import", "from" -> out.add(needsLoader(tag.text(), line));
            default -> throw new TemplateException("encountered unknown tag '" + tag.text() + "'", line);
        }
    }

    private void print(List<Stmt> out) {
        boolean first = true;
        while (!tokens.at(Kind.BLOCK_END)) {
            if (!first) {
                tokens.expectOperator(",");
            }
            first = false;
            int line = tokens.current().line();
            out.add(new Stmt.Print(expressions.expression(), line));
        }
    }

    private Stmt ifStatement(int line) {
        var branches = new ArrayList<Stmt.Branch>();
        while (true) {
            Expr test = expressions.tuple(false, false);
            branches.add(new Stmt.Branch(test, body("elif", "else", "endif")));
            String end = tokens.next().text();
            if (end.equals("else")) {
                return new Stmt.If(branches, wholeBody("endif"), line);
            }
            if (end.equals("endif")) {
                return new Stmt.If(branches, List.of(), line);
            }
        }
    }

    private Stmt forStatement(int line) {
        Expr target = target(false);
        tokens.expectName("in");
        Expr sequence = expressions.tuple(false, false);
        Expr test = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        var body = body("endfor", "else");
        List<Stmt> otherwise = tokens.next().isName("endfor") ? List.of() : wholeBody("endfor");
        return new Stmt.For(target, sequence, test, recursive, body, otherwise, line);
    }

    private Stmt set(int line) {
        Expr target = target(true);
        if (tokens.skipOperator("=")) {
            return new Stmt.Assign(target, expressions.tuple(true, false), line);
        }
        Expr.Filter filter = null;
        if (tokens.skipOperator("|")) {
            filter = filterChain(null);
        }
        return new Stmt.AssignBlock(target, filter, wholeBody("endset"), line);
    }

    private Expr.Filter filterChain(Expr.@org.jspecify.annotations.Nullable Filter first) {
        var filter = expressions.filter(first);
        int links = 0;
        while (tokens.skipOperator("|")) {
            tokens.chained(++links);
            filter = expressions.filter(filter);
        }
        return filter;
    }

    private Stmt with(int line) {
        var targets = new ArrayList<Expr>();
        var values = new ArrayList<Expr>();
        while (!tokens.at(Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(target(false));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Stmt.With(targets, values, wholeBody("endwith"), line);
    }

    private Stmt block(int line) {
        String name = tokens.expect(Kind.NAME).text();
        boolean scoped = tokens.skipName("scoped");
        boolean required = tokens.skipName("required");
        var body = wholeBody("endblock");
        for (Stmt statement : required ? body : List.<Stmt>of()) {
            if (!(statement instanceof Stmt.Text text && PyText.isBlank(text.text()))) {
                throw new TemplateException("required blocks can only contain comments or whitespace", line);
            }
        }
        tokens.skipName(name);
        return new Stmt.Block(name, scoped, required, body, line);
    }

    private Stmt callBlock(int line) {
        var parameters = new ArrayList<String>();
        var defaults = new ArrayList<Expr>();
        if (tokens.atOperator("(")) {
            parameters(parameters, defaults);
        }
        Expr call = expressions.expression();
        if (!(call instanceof Expr.Call target)) {
            throw new TemplateException("expected call", line);
        }
        return new Stmt.CallBlock(macroBody("", parameters, defaults, "endcall", line), target, line);
    }

    private MacroBody macro(String name, int line, String end) {
        var parameters = new ArrayList<String>();
        var defaults = new ArrayList<Expr>();
        parameters(parameters, defaults);
        return macroBody(name, parameters, defaults, end, line);
    }

    private MacroBody macroBody(String name, List<String> parameters, List<Expr> defaults, String end, int line) {
        var body = wholeBody(end);
        var used = UndeclaredNames.find(body, Set.of("caller", "kwargs", "varargs"));
        int caller = parameters.indexOf("caller");
        if (used.contains("caller") && caller >= 0 && caller < parameters.size() - defaults.size()) {
            throw new TemplateException(
                    "the special 'caller' argument of a macro must be omitted or be given a default", line);
        }
        return new MacroBody(
                name,
                parameters,
                defaults,
                body,
                used.contains("caller") && caller < 0,
                used.contains("kwargs") && !parameters.contains("kwargs"),
                used.contains("varargs") && !parameters.contains("varargs"));
    }

    private void parameters(List<String> parameters, List<Expr> defaults) {
        tokens.expectOperator("(");
        while (!tokens.atOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = targetName();
            if (parameters.contains(name)) {
                throw tokens.error("duplicate parameter '" + name + "'");
            }
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.error("non-default argument follows default argument");
            }
            parameters.add(name);
        }
        tokens.expectOperator(")");
    }

    private Stmt needsLoader(String tag, int line) {
        while (!tokens.at(Kind.BLOCK_END) && !tokens.at(Kind.END)) {
            tokens.next();
        }
        return new Stmt.NeedsLoader(tag, line);
    }

    private String targetName() {
        var token = tokens.expect(Kind.NAME);
        if (CONSTANTS.contains(token.text())) {
            throw new TemplateException("can't assign to '" + token.text() + "'", token.line());
        }
        return token.text();
    }

    private Expr target(boolean namespaces) {
        Expr target = expressions.targets(namespaces);
        if (!canAssign(target)) {
            throw new TemplateException(
                    "can't assign to '%s'".formatted(target.getClass().getSimpleName()), target.line());
        }
        return target;
    }

    private static boolean canAssign(Expr target) {
        return switch (target) {
            case Expr.Name ignored -> true;
            case Expr.NamespaceRef ignored -> true;
            case Expr.TupleOf tuple -> tuple.items().stream().allMatch(Parser::canAssign);
            default -> false;
        };
    }
}
