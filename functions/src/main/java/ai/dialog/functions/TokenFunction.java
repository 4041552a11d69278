package ai.dialog.functions;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.access.TokenGrant;
import ai.dialog.functions.access.Tokens;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.TokenRequest;
import ai.dialog.functions.openai.TokenResponse;
import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** The function {@code token}: an API key's caller gets a JSON Web Token that can do what the key can, or less, for a while. */
public final class TokenFunction implements Function<TokenRequest, Mono<TokenResponse>> {

    private final Tokens tokens;

    /** A function over a maker of tokens. */
    public TokenFunction(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public Mono<TokenResponse> apply(TokenRequest request) {
        return Mono.deferContextual(context -> {
            var principal = Principal.require(context, Scope.TOKENS);
            if (principal.credential() != Principal.Credential.API_KEY) {
                throw AccessException.forbidden("A token cannot make another one. Use the API key.");
            }
            long seconds = request.expiresIn() == null ? Tokens.DEFAULT_LIFETIME.toSeconds() : request.expiresIn();
            long most = Tokens.MAX_LIFETIME.toSeconds();
            if (seconds < 1 || seconds > most) {
                throw InvalidRequestException.invalidValue(
                        "expires_in", "it must be between 1 and %d seconds, not %d.".formatted(most, seconds));
            }
            var issued = issue(principal, request, Duration.ofSeconds(seconds));
            return Mono.just(new TokenResponse(
                    issued.token(),
                    "Bearer",
                    Duration.between(issued.issued(), issued.expires()).toSeconds(),
                    issued.expires().getEpochSecond(),
                    principal.keyId()));
        });
    }

    private Tokens.Issued issue(Principal principal, TokenRequest request, Duration lifetime) {
        var narrowing = new TokenNarrowing(principal);
        var grant = new TokenGrant(lifetime, narrowing.restrictions(request), narrowing.limits(request));
        try {
            return tokens.issue(principal, grant);
        } catch (IllegalArgumentException e) {
            // only its length is left to be wrong
            throw new InvalidRequestException(String.valueOf(e.getMessage()), null, "invalid_value");
        }
    }
}
