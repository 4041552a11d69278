@NullMarked
package ai.dialog.runner.tls;

import org.jspecify.annotations.NullMarked;
