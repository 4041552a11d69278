package ai.dialog.functions.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a key or a token cannot do although its scopes allow it; null is without a restriction, and an empty list allows
 * nothing.
 *
 * @param models the models' ids that it may ask for
 * @param maxTokens the most tokens that one request may generate for each choice, at least 1
 * @param cidrs where it may be used from
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Restrictions(
        @Nullable Set<String> models,
        @Nullable Integer maxTokens,
        @Nullable List<Cidr> cidrs) {

    /** Nothing is restricted. */
    public static final Restrictions NONE = new Restrictions(null, null, null);

    public Restrictions {
        models = models == null ? null : Set.copyOf(models);
        cidrs = cidrs == null ? null : List.copyOf(cidrs);
        if (maxTokens != null && maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1, not " + maxTokens);
        }
    }

    /** What is allowed by both. */
    public Restrictions narrowedBy(Restrictions other) {
        return new Restrictions(
                Limits.smaller(
                        models,
                        other.models,
                        (a, b) -> a.stream().filter(b::contains).collect(Collectors.toUnmodifiableSet())),
                Limits.smaller(maxTokens, other.maxTokens, Math::min),
                Limits.smaller(cidrs, other.cidrs, Cidr::intersection));
    }

    /** Whether it may be used from an address. */
    public boolean allowsFrom(InetAddress address) {
        return cidrs == null || Cidr.anyContains(cidrs, address);
    }

    /** Whether it may ask for a model. */
    public boolean allowsModel(String id) {
        return models == null || models.contains(id);
    }
}
