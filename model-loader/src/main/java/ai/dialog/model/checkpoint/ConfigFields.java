package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a config.json, or of an object in it, each checked when it is asked for; null counts as absent.
 *
 * @param path where it lies, for errors
 * @param json an object; anything else has no fields
 */
record ConfigFields(Path path, JsonNode json) {

    boolean has(String field) {
        return json.hasNonNull(field);
    }

    /** An object in it; one without fields where there is none. */
    ConfigFields object(String field) {
        return new ConfigFields(path, json.path(field));
    }

    int required(String field, int most) {
        if (!has(field)) {
            throw new ModelException(path + " has no " + field + ", which every model needs");
        }
        return integer(field, 0, most);
    }

    /** A whole number from 1. */
    int integer(String field, int absent, int most) {
        if (!has(field)) {
            return absent;
        }
        JsonNode value = json.path(field);
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > most) {
            throw new ModelException(path + ": " + field + " must be a whole number from 1 to " + most);
        }
        return value.intValue();
    }

    double number(String field, double absent) {
        if (!has(field)) {
            return absent;
        }
        JsonNode value = json.path(field);
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw new ModelException(path + ": " + field + " must be a finite number");
        }
        return value.asDouble();
    }

    boolean flag(String field, boolean absent) {
        if (!has(field)) {
            return absent;
        }
        if (!json.path(field).isBoolean()) {
            throw new ModelException(path + ": " + field + " must be true or false");
        }
        return json.path(field).booleanValue();
    }

    String text(String field, String absent) {
        if (!has(field)) {
            return absent;
        }
        if (!json.path(field).isString()) {
            throw new ModelException(path + ": " + field + " must be a string");
        }
        return json.path(field).stringValue();
    }

    ModelException unsupported(String what, String why) {
        return new ModelException(path + ": " + what + " is not supported; " + why);
    }
}
