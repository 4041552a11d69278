/** The deployment, run: a stack in LocalStack, called through its API gateway. */
@NullMarked
package ai.dialog.cloud.e2e;

import org.jspecify.annotations.NullMarked;
