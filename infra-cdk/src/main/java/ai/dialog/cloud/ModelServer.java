package ai.dialog.cloud;

import org.jspecify.annotations.Nullable;

/**
 * The model server as the functions know it: ours, or one elsewhere.
 *
 * @param url its address
 * @param model what it calls its model; null where it knows itself what its default is
 * @param tier how to wake it; null for one elsewhere
 */
record ModelServer(
        String url, @Nullable String model, @Nullable Tier tier) {}
