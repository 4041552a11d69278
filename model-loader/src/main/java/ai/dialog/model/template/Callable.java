package ai.dialog.model.template;

/** What a template can call: a macro, a method of a value, a function, a recursive loop. */
@FunctionalInterface
interface Callable {

    Object call(Arguments arguments);
}
