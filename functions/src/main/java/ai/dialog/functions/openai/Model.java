package ai.dialog.functions.openai;

import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A model as {@code /v1/models} lists it.
 *
 * @param object "model"
 * @param created seconds since the epoch
 * @param contextLength the most tokens of prompt and completion together; an addition of ours
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Model(String id, String object, long created, String ownedBy, int contextLength) {}
