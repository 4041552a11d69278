package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How sources are reached.
 *
 * @param http must not follow redirects; asked for when something is first fetched, for it takes a third of a second to make
 * @param huggingFaceEndpoint without a slash at its end
 * @param huggingFaceToken sent to that endpoint only
 * @param s3Endpoint instead of AWS's own
 * @param pip commands that may be pip, the first that works is taken
 * @param retry after broken connections
 * @param stall how long a server may send nothing in the middle of a file
 */
record SourceSettings(
        Supplier<HttpClient> http,
        String huggingFaceEndpoint,
        @Nullable String huggingFaceToken,
        @Nullable String s3Endpoint,
        List<List<String>> pip,
        FileDownload.Retry retry,
        Duration stall) {

    private static final String HUB = "https://huggingface.co";
    private static final List<List<String>> PIP =
            List.of(List.of("python3", "-m", "pip"), List.of("pip3"), List.of("pip"));

    /** Made when it is first used. */
    private static final class Shared {
        static final HttpClient CLIENT = HttpSource.client();
    }

    SourceSettings {
        pip = List.copyOf(pip);
    }

    /** From {@code HF_ENDPOINT}, {@code HF_TOKEN}, {@code AWS_ENDPOINT_URL_S3} and {@code AWS_ENDPOINT_URL}. */
    static SourceSettings of(Map<String, String> environment) {
        String endpoint = environment.getOrDefault("HF_ENDPOINT", HUB).replaceFirst("/+$", "");
        try {
            if (!ModelReference.secure(URI.create(endpoint))) {
                throw new ModelException("HF_ENDPOINT must be an https URL");
            }
        } catch (IllegalArgumentException e) {
            throw new ModelException("HF_ENDPOINT is no valid URL", e);
        }
        String token = environment.get("HF_TOKEN");
        String s3 = environment.getOrDefault("AWS_ENDPOINT_URL_S3", environment.getOrDefault("AWS_ENDPOINT_URL", ""));
        return new SourceSettings(
                () -> Shared.CLIENT,
                endpoint,
                token == null || token.isBlank() ? null : token.strip(),
                s3.isBlank() ? null : s3,
                PIP,
                FileDownload.Retry.STANDARD,
                Duration.ofSeconds(60));
    }

    HttpSource source(URI uri, @Nullable String token) {
        return new HttpSource(http.get(), uri, token, stall);
    }
}
