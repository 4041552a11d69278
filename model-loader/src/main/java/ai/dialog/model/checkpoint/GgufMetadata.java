package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The key/value part of a GGUF file, with a typed look at each value. Whole numbers are held as {@code Long}, others as
 * {@code Double} (float32 ones as {@code Float}), arrays as lists.
 *
 * @param file what errors call the file
 */
record GgufMetadata(String file, Map<String, Object> values) {

    /** Most tokens that a vocabulary may have. */
    private static final long MOST_ID = 1L << 22;

    /** llama.cpp's way of saying that there is no such token. */
    private static final long NO_TOKEN = 0xffff_ffffL;

    GgufMetadata {
        values = Map.copyOf(values);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    @Nullable
    String string(String key) {
        return typed(key, String.class, "a string");
    }

    String requiredString(String key) {
        String value = string(key);
        if (value == null) {
            throw missing(key);
        }
        return value;
    }

    @Nullable
    Boolean bool(String key) {
        return typed(key, Boolean.class, "true or false");
    }

    @Nullable
    Integer integer(String key, long least, long most) {
        Long value = typed(key, Long.class, "a whole number");
        if (value == null) {
            return null;
        }
        if (value < least || value > most) {
            throw new ModelException(
                    file + ": " + key + " is " + value + "; it must lie between " + least + " and " + most);
        }
        return value.intValue();
    }

    int requiredInteger(String key, long least, long most) {
        Integer value = integer(key, least, most);
        if (value == null) {
            throw missing(key);
        }
        return value;
    }

    /** A finite number, or {@code absent} where there is none. */
    double number(String key, double absent) {
        Number value = typed(key, Number.class, "a number");
        if (value == null) {
            return absent;
        }
        if (!Double.isFinite(value.doubleValue())) {
            throw new ModelException(file + ": " + key + " is " + value + "; it must be finite");
        }
        return value.doubleValue();
    }

    /** A token's id, or null where it is absent or set to none. */
    @Nullable
    Integer tokenId(String key, int vocabularySize) {
        Long value = typed(key, Long.class, "a whole number");
        if (value == null || value == NO_TOKEN || value == -1) {
            return null;
        }
        return integer(key, 0, Math.min(MOST_ID, vocabularySize - 1L));
    }

    boolean isList(String key) {
        return values.get(key) instanceof List;
    }

    List<Boolean> bools(String key) {
        return list(key, value -> value instanceof Boolean flag ? flag : null, "truth values");
    }

    List<String> strings(String key) {
        return list(key, value -> value instanceof String text ? text : null, "strings");
    }

    List<Integer> integers(String key) {
        return list(
                key,
                value -> value instanceof Long number && number == number.intValue()
                        ? (Integer) number.intValue()
                        : null,
                "whole numbers of 32 bits");
    }

    List<Float> floats(String key) {
        return list(key, value -> value instanceof Float number ? number : null, "float32 numbers");
    }

    private <T> List<T> list(String key, Function<Object, @Nullable T> convert, String what) {
        List<?> items = typed(key, List.class, "an array");
        if (items == null) {
            return List.of();
        }
        List<T> converted = new ArrayList<>(items.size());
        for (Object item : items) {
            T value = convert.apply(item);
            if (value == null) {
                throw new ModelException(file + ": " + key + " must be an array of " + what);
            }
            converted.add(value);
        }
        return List.copyOf(converted);
    }

    private <T> @Nullable T typed(String key, Class<T> type, String what) {
        Object value = values.get(key);
        if (value == null) {
            return null;
        }
        if (!type.isInstance(value)) {
            throw new ModelException(file + ": " + key + " must be " + what);
        }
        return type.cast(value);
    }

    private ModelException missing(String key) {
        return new ModelException(file + " has no " + key + " in its metadata, which every model needs");
    }
}
