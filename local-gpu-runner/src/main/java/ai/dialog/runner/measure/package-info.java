/** Measuring a model: how likely a text is to it, how fast it runs. Knows no HTTP and no command line. */
@NullMarked
package ai.dialog.runner.measure;

import org.jspecify.annotations.NullMarked;
