package ai.dialog.runner.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON that commands print for scripts. */
final class Json {

    private Json() {}

    /** One value, indented. */
    static String pretty(Object value) {
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(value);
    }

    /** One value on one line. */
    static String line(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }
}
