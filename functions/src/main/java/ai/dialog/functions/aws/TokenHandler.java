package ai.dialog.functions.aws;

/** Answers {@code POST /v1/tokens} and gives the public keys at {@code GET /.well-known/jwks.json}. */
public final class TokenHandler extends LambdaHandler {
    public TokenHandler() {
        super("tokenHandler");
    }
}
