package ai.dialog.model.template;

/** What stands behind {@code value is name(arguments)}. */
@FunctionalInterface
interface Test {

    boolean test(Budget budget, Object value, Arguments arguments);
}
