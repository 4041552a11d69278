/**
 * The AWS Lambda entry points; the only package that knows AWS Lambda.
 */
@NullMarked
package ai.dialog.functions.aws;

import org.jspecify.annotations.NullMarked;
