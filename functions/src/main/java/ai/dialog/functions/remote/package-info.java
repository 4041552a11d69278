/**
 * Inference over HTTP: any server that speaks OpenAI's chat completions.
 */
@NullMarked
package ai.dialog.functions.remote;

import org.jspecify.annotations.NullMarked;
