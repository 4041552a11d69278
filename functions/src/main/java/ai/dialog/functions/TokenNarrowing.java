package ai.dialog.functions;

import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.TokenRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a request for a token may ask for: as much as its key, or less. A refusal names the field. */
final class TokenNarrowing {

    /** As many as a token has room for. */
    private static final int MAX_ENTRIES = 32;

    private static final int MAX_MODEL_LENGTH = 256;

    private final Principal key;

    TokenNarrowing(Principal key) {
        this.key = key;
    }

    Restrictions restrictions(TokenRequest request) {
        var cidrs = cidrs(request.cidrs());
        var models = models(request.models());
        var least = key.restrictions();
        within("max_tokens", request.maxTokens(), least.maxTokens());
        var allowed = least.models();
        if (models != null && allowed != null && !allowed.containsAll(models)) {
            throw wider("models", "the key may not ask for all of them.");
        }
        var ranges = least.cidrs();
        if (cidrs != null
                && ranges != null
                && !cidrs.stream().allMatch(one -> ranges.stream().anyMatch(range -> range.covers(one)))) {
            throw wider("cidrs", "the key may not be used from all of them.");
        }
        return new Restrictions(models, request.maxTokens(), cidrs);
    }

    Limits limits(TokenRequest request) {
        for (var quota : key.quotas()) {
            var most = quota.limits();
            within("requests_per_minute", request.requestsPerMinute(), most.requestsPerMinute());
            within("tokens_per_minute", request.tokensPerMinute(), most.tokensPerMinute());
            within("concurrent_requests", request.concurrentRequests(), most.concurrentRequests());
        }
        return new Limits(
                RequestRules.tokens("requests_per_minute", request.requestsPerMinute(), 1),
                RequestRules.tokens("tokens_per_minute", request.tokensPerMinute(), 1),
                RequestRules.tokens("concurrent_requests", request.concurrentRequests(), 1),
                null,
                null);
    }

    private static void within(String param, @Nullable Integer wanted, @Nullable Integer most) {
        RequestRules.tokens(param, wanted, 1);
        if (wanted != null && most != null && wanted > most) {
            throw wider(param, "the key's own is %d.".formatted(most));
        }
    }

    private static @Nullable Set<String> models(@Nullable List<String> given) {
        if (given == null) {
            return null;
        }
        entries("models", given);
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i).isEmpty() || RequestRules.characters(given.get(i)) > MAX_MODEL_LENGTH) {
                throw InvalidRequestException.invalidValue(
                        "models[" + i + "]", "it must have 1 to %d characters.".formatted(MAX_MODEL_LENGTH));
            }
        }
        return Set.copyOf(given);
    }

    private static @Nullable List<Cidr> cidrs(@Nullable List<String> given) {
        if (given == null) {
            return null;
        }
        entries("cidrs", given);
        var cidrs = new ArrayList<Cidr>(given.size());
        for (int i = 0; i < given.size(); i++) {
            try {
                cidrs.add(Cidr.of(given.get(i)));
            } catch (IllegalArgumentException e) {
                throw InvalidRequestException.invalidValue("cidrs[" + i + "]", String.valueOf(e.getMessage()));
            }
        }
        return cidrs;
    }

    private static void entries(String param, List<String> given) {
        if (given.isEmpty() || given.size() > MAX_ENTRIES) {
            throw InvalidRequestException.invalidValue(
                    param,
                    "it must have 1 to %d entries; leave it out for what the key may do.".formatted(MAX_ENTRIES));
        }
    }

    private static InvalidRequestException wider(String param, String why) {
        return InvalidRequestException.invalidValue(param, "a token cannot be wider than its key; " + why);
    }
}
