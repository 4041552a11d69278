/** The whole program as its users run it: the packaged jar in a process of its own, with the default model. */
@NullMarked
package ai.dialog.runner.e2e;

import org.jspecify.annotations.NullMarked;
