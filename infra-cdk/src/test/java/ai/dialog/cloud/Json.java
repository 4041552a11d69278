package ai.dialog.cloud;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/** JSON with what CDK's Java library reads it by. */
final class Json {

    private Json() {}

    static Map<?, ?> read(String text) {
        try {
            return new ObjectMapper().readValue(text, Map.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}
