@NullMarked
package ai.dialog.runner.metrics;

import org.jspecify.annotations.NullMarked;
