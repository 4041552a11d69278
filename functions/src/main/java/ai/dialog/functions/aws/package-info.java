/**
 * The AWS Lambda entry points on the managed Java runtime; with the packages below it the only one that knows AWS Lambda. Depends on the
 * {@code http} gateway, which has everything that is not Lambda's, and composes the application from the other packages.
 * Keys in Secrets Manager and their rotation are in {@code secrets}, the streaming runtime of our own in {@code runtime},
 * containers with the model that are scaled to zero in {@code tier}.
 */
@NullMarked
package ai.dialog.functions.aws;

import org.jspecify.annotations.NullMarked;
