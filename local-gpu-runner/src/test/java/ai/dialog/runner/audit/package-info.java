@NullMarked
package ai.dialog.runner.audit;

import org.jspecify.annotations.NullMarked;
