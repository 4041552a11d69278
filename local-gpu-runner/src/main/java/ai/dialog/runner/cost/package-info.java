/**
 * What a deployment costs in a month, from a dated list of prices and a load, and from how many tokens on it is cheaper than
 * hosted APIs. Arithmetic alone: it reads the list and nothing else, and knows no other package of ours.
 */
@NullMarked
package ai.dialog.runner.cost;

import org.jspecify.annotations.NullMarked;
