package ai.dialog.model.template;

import org.jspecify.annotations.Nullable;

/** One of the evaluator's own objects that has attributes: a loop, a namespace, a macro, a cycler. */
interface Attributed {

    /** The attribute, or null where there is none of that name. */
    @Nullable
    Object attribute(String name);

    /** Python's name of the type. */
    String typeName();
}
