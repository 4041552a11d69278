/**
 * The cloud, declared in CDK: an API gateway with an address whitelist, the functions behind it, the secrets with
 * their keys, and their rotation.
 * Depends on CDK alone, on nothing of ours: it packages the other modules' artefacts, whose paths are settings.
 */
@NullMarked
package ai.dialog.cloud;

import org.jspecify.annotations.NullMarked;
