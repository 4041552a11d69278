/**
 * What the service counts of itself, for Prometheus and for CloudWatch. Depends on Micrometer, on the inference boundary and the
 * audit events that requests end in, on the scheduler's figures and the process' memory; it knows no HTTP.
 */
@NullMarked
package ai.dialog.runner.metrics;

import org.jspecify.annotations.NullMarked;
