/**
 * Tools between a conversation and a model's chat template: the form in which the template writes calls, found by rendering some, and
 * what the template sees of tools, calls and results. Knows neither the model's scores nor the scheduler; depends on the functions'
 * inference boundary, on the template's contract and on the grammars' description of a form.
 */
@NullMarked
package ai.dialog.runner.tools;

import org.jspecify.annotations.NullMarked;
