package ai.dialog.functions.remote;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the model server says of itself: its models and whether it can serve. Both are asked for at most once per interval
 * however many callers there are, and each look is bounded in time and size.
 */
final class UpstreamStatus {

    private static final int MAX_BODY = 1 << 20;
    private static final int MAX_MODELS = 1000;

    /** A model is loaded or removed by a deployment, not in seconds; the old list is given while a new one is fetched. */
    private static final Duration MODELS_FRESH = Duration.ofSeconds(30);

    /** After this the old list is no longer believed. */
    private static final Duration MODELS_KEPT = Duration.ofMinutes(10);

    /** Load balancers look every few seconds, from several places at once. */
    private static final Duration READINESS_FRESH = Duration.ofSeconds(2);

    private static final String MODELS = "/v1/models";
    private static final String HEALTH = "/health";

    private final HttpClient client;
    private final RemoteSettings settings;
    private final JsonMapper json;
    private final LoadingCache<String, List<ModelCard>> models;
    private final LoadingCache<String, Readiness> readiness;

    UpstreamStatus(HttpClient client, RemoteSettings settings, JsonMapper json, Executor executor) {
        this.client = client;
        this.settings = settings;
        this.json = json;
        this.models = Caffeine.newBuilder()
                .executor(executor)
                .refreshAfterWrite(MODELS_FRESH)
                .expireAfterWrite(MODELS_KEPT)
                .build(path -> fetchModels());
        this.readiness = Caffeine.newBuilder()
                .executor(executor)
                .expireAfterWrite(READINESS_FRESH)
                .build(path -> look());
    }

    /**
     * The models, in the server's order.
     *
     * @throws InferenceException where they are not known and the server does not tell
     */
    List<ModelCard> models() {
        return models.get(MODELS);
    }

    Readiness readiness() {
        return readiness.get(HEALTH);
    }

    private List<ModelCard> fetchModels() {
        try {
            HttpResponse<byte[]> response = get(MODELS);
            if (response.statusCode() == 200) {
                List<ModelCard> cards = cards(json.readTree(response.body()));
                if (!cards.isEmpty()) {
                    return cards;
                }
            }
        } catch (IOException | TimeoutException | JacksonException unusable) {
            throw unavailable(unusable);
        }
        throw unavailable(null);
    }

    private List<ModelCard> cards(JsonNode answer) {
        List<ModelCard> cards = new ArrayList<>();
        for (JsonNode model : answer.path("data")) {
            String id = model.path("id").asString("");
            if (!id.isEmpty() && cards.size() < MAX_MODELS) {
                // vLLM and SGLang say max_model_len, ours context_length; 0 where a server says neither.
                int context = model.path("max_model_len")
                        .asInt(model.path("context_length").asInt(0));
                long created = model.path("created").asLong(0);
                String owner = model.path("owned_by").asString("");
                ModelCard card = new ModelCard(id, created, owner, Math.max(0, context));
                // The default model comes first, which a server need not know of.
                cards.add(id.equals(settings.model()) ? 0 : cards.size(), card);
            }
        }
        return cards;
    }

    private Readiness look() {
        try {
            HttpResponse<byte[]> health = get(HEALTH);
            if (health.statusCode() != 404) {
                return readiness(health);
            }
            // A server without a health resource is taken by its list of models.
            boolean lists = get(MODELS).statusCode() == 200;
            return lists ? healthy() : state(Readiness.Status.UNHEALTHY, "the model server lists no models");
        } catch (IOException | TimeoutException unreachable) {
            return state(Readiness.Status.UNHEALTHY, "the model server cannot be reached");
        }
    }

    private Readiness readiness(HttpResponse<byte[]> health) {
        String said = statusField(health.body());
        if (health.statusCode() == 200) {
            return healthy();
        }
        return said.equals("loading")
                ? state(Readiness.Status.LOADING, "the model server is loading its model")
                : state(Readiness.Status.UNHEALTHY, "the model server says that it is not ready");
    }

    /** vLLM and SGLang answer with an empty body. */
    private String statusField(byte[] body) {
        try {
            return json.readTree(body).path("status").asString("");
        } catch (JacksonException noJson) {
            return "";
        }
    }

    private static Readiness healthy() {
        return state(Readiness.Status.HEALTHY, "the model server is ready");
    }

    /** How many slots a remote server has and uses is its own knowledge. */
    private static Readiness state(Readiness.Status status, String detail) {
        return new Readiness(status, detail, 0, 0, 0);
    }

    private HttpResponse<byte[]> get(String path) throws IOException, TimeoutException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(settings.resource(path)).GET();
        String token = settings.bearer().token();
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(
                request.build(), HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BODY));
        try {
            return exchange.get(settings.timeouts().probe().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        } finally {
            exchange.cancel(true);
        }
    }

    private static InferenceException unavailable(@Nullable Throwable cause) {
        return new InferenceException(
                InferenceException.Kind.UNAVAILABLE, "The model server does not tell its models.", null, null, cause);
    }
}
