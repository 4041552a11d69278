package ai.dialog.model.template;

/** What stands behind {@code value|name(arguments)}. */
@FunctionalInterface
interface Filter {

    Object apply(Budget budget, Object value, Arguments arguments);
}
