/**
 * Everything that can be set about the cloud, as records that refuse what makes no sense, by name and in one line.
 * Depends on nothing: no construct, no CDK; where the values come from is the caller's affair.
 */
@NullMarked
package ai.dialog.cloud.settings;

import org.jspecify.annotations.NullMarked;
