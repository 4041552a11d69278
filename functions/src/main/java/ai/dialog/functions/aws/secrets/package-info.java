/**
 * Keys in AWS Secrets Manager: read, kept through an outage, changed, and rotated. Only this package knows the AWS SDK, whose
 * classes are loaded where a secret is named and nowhere else.
 */
@NullMarked
package ai.dialog.functions.aws.secrets;

import org.jspecify.annotations.NullMarked;
