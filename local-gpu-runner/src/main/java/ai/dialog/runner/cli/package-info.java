/**
 * The command line; light commands never start Spring or the engine.
 */
@NullMarked
package ai.dialog.runner.cli;

import org.jspecify.annotations.NullMarked;
