/**
 * Answers from a model server elsewhere, in place of a model in the process. Knows no HTTP server, no Spring and no command
 * line; depends on the functions' remote inference.
 */
@NullMarked
package ai.dialog.runner.upstream;

import org.jspecify.annotations.NullMarked;
