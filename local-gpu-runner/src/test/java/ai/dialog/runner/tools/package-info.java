/** Tests of what chat templates do with tools. */
@NullMarked
package ai.dialog.runner.tools;

import org.jspecify.annotations.NullMarked;
