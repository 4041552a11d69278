/** Checks of the sources against servers and programs on this machine. */
@NullMarked
package ai.dialog.model.source;

import org.jspecify.annotations.NullMarked;
