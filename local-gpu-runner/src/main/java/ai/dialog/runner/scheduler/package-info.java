/**
 * Continuous batching: the in-process Inference over one LanguageModel. Knows no HTTP.
 */
@NullMarked
package ai.dialog.runner.scheduler;

import org.jspecify.annotations.NullMarked;
