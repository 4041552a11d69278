/**
 * The cloud, declared in CDK, one construct a concern. To read it, begin with {@link ai.dialog.cloud.DialogStack} and go down in the
 * order that it builds: secrets, network, containers with the model, functions, gateway, and who is told of trouble.
 * Depends on CDK alone, on nothing of ours: it packages the other modules' artefacts, whose paths are settings.
 */
@NullMarked
package ai.dialog.cloud;

import org.jspecify.annotations.NullMarked;
