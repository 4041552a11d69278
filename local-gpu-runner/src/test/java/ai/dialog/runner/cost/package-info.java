/** Tests of the bill. */
@NullMarked
package ai.dialog.runner.cost;

import org.jspecify.annotations.NullMarked;
