/** Tests of the Lambda entry points: events in, responses out, through Spring Cloud Function's own invoker. */
@NullMarked
package ai.dialog.functions.aws;

import org.jspecify.annotations.NullMarked;
