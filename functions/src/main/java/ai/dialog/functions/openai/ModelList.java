package ai.dialog.functions.openai;

import java.util.List;

/**
 * What {@code GET /v1/models} answers.
 *
 * @param object "list"
 * @param data the models, the default one first
 */
public record ModelList(String object, List<Model> data) {
    public ModelList {
        data = List.copyOf(data);
    }
}
