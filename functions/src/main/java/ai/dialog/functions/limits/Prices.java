package ai.dialog.functions.limits;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the models cost.
 *
 * @param byModel by the model's id
 * @param otherwise of every other model; null where there is none, so that nobody with a budget can use those
 */
public record Prices(Map<String, Price> byModel, @Nullable Price otherwise) {

    /** No model has a price: a caller with a budget is refused. */
    public static final Prices NONE = new Prices(Map.of(), null);

    /** Names every other model. */
    private static final String OTHERWISE = "*";

    public Prices {
        byModel = Map.copyOf(byModel);
    }

    /**
     * Prices as they are set: {@code MODEL=IN/OUT} or {@code MODEL=IN/CACHED/OUT}, separated by spaces or commas; the model
     * {@code *} stands for every other one. See {@link Price#parse}.
     *
     * @throws IllegalArgumentException where one cannot be read, or a model has two
     */
    public static Prices parse(Iterable<String> texts) {
        var byModel = new HashMap<String, Price>();
        for (String text : texts) {
            for (String entry : text.strip().split("[\\s,]+", -1)) {
                if (entry.isEmpty()) {
                    continue;
                }
                // a model's id may have an equals sign, a price has none
                int at = entry.lastIndexOf('=');
                if (at < 1 || byModel.put(entry.substring(0, at), Price.parse(entry.substring(at + 1))) != null) {
                    throw new IllegalArgumentException(
                            "Prices must be MODEL=IN/OUT, once for each model; * stands for every other model");
                }
            }
        }
        var otherwise = byModel.remove(OTHERWISE);
        return new Prices(byModel, otherwise);
    }

    /** A model's price; null where it has none. */
    @Nullable
    Price of(String model) {
        var price = byModel.get(model);
        return price != null ? price : otherwise;
    }
}
