/**
 * Continuous batching: the in-process Inference over one LanguageModel. Requests join and leave a running batch: a bounded
 * first-come-first-served queue, prefill in chunks between decode steps, sampling row by row. Knows no HTTP, no Spring and
 * no command line; depends on the functions' inference boundary, on the model-loader's contracts, the grammars
 * and what is known of tools.
 */
@NullMarked
package ai.dialog.runner.scheduler;

import org.jspecify.annotations.NullMarked;
