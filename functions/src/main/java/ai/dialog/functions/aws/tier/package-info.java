/**
 * The containers with the model as an ECS service that may be scaled to zero: what state it is in, how long a start takes,
 * and a request that finds it at zero starting it. Depends on the {@code inference} boundary and on AWS's SDK for ECS, whose
 * classes are loaded when the model server is first found out of reach and not before.
 */
@NullMarked
package ai.dialog.functions.aws.tier;

import org.jspecify.annotations.NullMarked;
