package ai.dialog.functions.inference;

/**
 * A model that can be asked for.
 *
 * @param id the name that requests use
 * @param created seconds since the epoch
 * @param owner who published it, or "local"
 * @param contextLength the most tokens of prompt and completion together
 */
public record ModelCard(String id, long created, String owner, int contextLength) {}
