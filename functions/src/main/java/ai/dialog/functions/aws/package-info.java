/**
 * The AWS Lambda entry points on the managed Java runtime; the only package that knows AWS Lambda. Depends on the
 * {@code http} gateway, which has everything that is not Lambda's, and composes the application from the other packages.
 * Keys in Secrets Manager and their rotation are in {@code secrets}; containers with the model that are scaled to zero, in {@code tier}.
 */
@NullMarked
package ai.dialog.functions.aws;

import org.jspecify.annotations.NullMarked;
