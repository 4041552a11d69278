/**
 * Inference over HTTP: any server that speaks OpenAI's chat completions. Depends on the {@code inference} boundary, on the
 * JDK's HTTP client, Jackson, Reactor and Caffeine; knows no platform.
 */
@NullMarked
package ai.dialog.functions.remote;

import org.jspecify.annotations.NullMarked;
