package ai.dialog.model.template;

/** Python's {@code None}; an object of its own, so that no value inside the evaluator is null. */
enum None {
    NONE
}
