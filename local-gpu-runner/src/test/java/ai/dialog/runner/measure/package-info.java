/** The command line without a model: help, options, errors and exit codes. */
@NullMarked
package ai.dialog.runner.measure;

import org.jspecify.annotations.NullMarked;
