package ai.dialog.functions.openai;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a stream carries beside its text.
 *
 * @param includeUsage whether a last chunk, with no choices, has the usage
 */
@JsonNaming(SnakeCaseStrategy.class)
public record StreamOptions(boolean includeUsage) {

    static @Nullable StreamOptions read(Fields request) {
        var value = request.value("stream_options");
        if (value == null) {
            return null;
        }
        return new StreamOptions(
                Fields.of(value, request.path("stream_options")).flag("include_usage"));
    }
}
