/**
 * What may be written next: JSON Schema to an automaton over bytes, and from it the tokens of a vocabulary that are allowed
 * at each step. Knows neither the model nor the scheduler; depends on Jackson for the schema and on the tokenizer's contract.
 */
@NullMarked
package ai.dialog.runner.grammar;

import org.jspecify.annotations.NullMarked;
