/** The command line without a model: help, options, errors and exit codes. */
@NullMarked
package ai.dialog.runner.cli;

import org.jspecify.annotations.NullMarked;
