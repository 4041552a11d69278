package ai.dialog.model.template;

import ai.dialog.model.template.Token.Kind;
import java.util.List;

/** The tokens of a template, one after the other, and how deep the parser has nested in them. */
final class TokenStream {

    private final List<Token> tokens;
    private final Limits limits;
    private int position;
    private int depth;

    TokenStream(List<Token> tokens, Limits limits) {
        this.tokens = tokens;
        this.limits = limits;
    }

    Token current() {
        return tokens.get(position);
    }

    Token look() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /** Gives the current token and goes on to the next one. */
    Token next() {
        var token = current();
        if (position < tokens.size() - 1) {
            position++;
        }
        return token;
    }

    boolean at(Kind kind) {
        return current().is(kind);
    }

    boolean atOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean atName(String name) {
        return current().isName(name);
    }

    boolean skipOperator(String operator) {
        return atOperator(operator) && next() != null;
    }

    boolean skipName(String name) {
        return atName(name) && next() != null;
    }

    Token expect(Kind kind) {
        return at(kind)
                ? next()
                : fail(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            fail("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            fail("'" + name + "'");
        }
    }

    private Token fail(String expected) {
        throw new TemplateException(
                "expected %s, got '%s'".formatted(expected, current().describe()),
                current().line());
    }

    TemplateException error(String message) {
        return new TemplateException(message, current().line());
    }

    /** Goes one level deeper into brackets or blocks. */
    void enter() {
        if (++depth > limits.parseDepth()) {
            throw error("the template nests deeper than the bound of " + limits.parseDepth());
        }
    }

    void exit() {
        depth--;
    }

    /** Checks how many operators one expression chains, since each makes the tree one level deeper. */
    void chained(int links) {
        if (links > limits.parseDepth()) {
            throw error("an expression chains more operators than the bound of " + limits.parseDepth());
        }
    }
}
