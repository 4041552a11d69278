package ai.dialog.model.template;

/** Jinja2's {@code Undefined}: prints as nothing, is empty and false, and fails on everything else with its message. */
record Undefined(String message) {

    static Undefined variable(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined member(Object owner, Object name) {
        String type = owner == None.NONE ? "None" : Types.name(owner) + " object";
        if (name instanceof String attribute) {
            return new Undefined("'" + type + "' has no attribute '" + attribute + "'");
        }
        return new Undefined(type + " has no element " + Repr.repr(name));
    }

    static Undefined unsafe(Object owner, String attribute) {
        return new Undefined(
                "access to attribute '" + attribute + "' of '" + Types.name(owner) + "' object is unsafe.");
    }

    TemplateException failure() {
        return new TemplateException(message);
    }
}
