package ai.dialog.runner.cost;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prices of one day.
 *
 * @param date when they were looked up, as the list says
 * @param note what they are, for a person
 * @param regions by the region's name, the prices by their own
 * @param hosted what hosted APIs ask
 */
public record PriceList(String date, String note, Map<String, Map<String, Price>> regions, List<Hosted> hosted) {

    /** More than any of these costs. */
    private static final double MOST = 1_000_000;

    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_ENTRIES = 1000;

    /**
     * One price.
     *
     * @param usd dollars for one unit
     * @param unit what one is
     * @param source where it comes from
     */
    public record Price(double usd, String unit, String source) {}

    /**
     * A hosted API's model.
     *
     * @param input dollars for a million tokens of prompt
     * @param output dollars for a million tokens of answer
     * @param source where that comes from
     */
    public record Hosted(String name, double input, double output, String source) {}

    public PriceList {
        regions = Map.copyOf(regions);
        hosted = List.copyOf(hosted);
    }

    /** The list that comes with the program. */
    public static PriceList shipped() {
        try (InputStream in = Objects.requireNonNull(PriceList.class.getResourceAsStream("prices.json"))) {
            return read(in.readAllBytes(), "prices.json");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /**
     * A list of one's own, in the same form.
     *
     * @throws IllegalArgumentException where it is none; the message says what is wrong
     */
    public static PriceList of(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IllegalArgumentException(file + ": is larger than a list of prices (1 MiB)");
            }
            return read(Files.readAllBytes(file), file.toString());
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(file + ": cannot be read", unreadable);
        }
    }

    private static PriceList read(byte[] json, String where) {
        JsonNode tree;
        try {
            tree = JsonMapper.shared().readTree(json);
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException(where + ": is no JSON", notJson);
        }
        Map<String, Map<String, Price>> regions = new LinkedHashMap<>();
        for (var region : tree.path("regions").properties()) {
            Map<String, Price> prices = new TreeMap<>();
            for (var price : region.getValue().properties()) {
                prices.put(
                        price.getKey(), price(price.getValue(), where + ": " + region.getKey() + "/" + price.getKey()));
            }
            regions.put(region.getKey(), prices);
        }
        List<Hosted> hosted = new ArrayList<>();
        for (JsonNode model : tree.path("hosted")) {
            String name = text(model, "name", where + ": hosted");
            String at = where + ": " + name;
            hosted.add(new Hosted(name, usd(model, "input", at), usd(model, "output", at), text(model, "source", at)));
        }
        if (regions.isEmpty() || regions.size() > MOST_ENTRIES || hosted.size() > MOST_ENTRIES) {
            throw new IllegalArgumentException(where + ": must have 1 to " + MOST_ENTRIES + " regions");
        }
        return new PriceList(text(tree, "date", where), tree.path("note").asString(""), regions, hosted);
    }

    private static Price price(JsonNode node, String where) {
        return new Price(usd(node, "usd", where), text(node, "unit", where), text(node, "source", where));
    }

    private static double usd(JsonNode node, String field, String where) {
        JsonNode value = node.path(field);
        double usd = value.isNumber() ? value.doubleValue() : -1;
        if (!(usd >= 0 && usd <= MOST)) {
            throw new IllegalArgumentException(where + ": " + field + " must be a number from 0 to " + (long) MOST);
        }
        return usd;
    }

    private static String text(JsonNode node, String field, String where) {
        String text = node.path(field).asString("");
        if (text.isBlank() || text.length() > 300) {
            throw new IllegalArgumentException(where + ": " + field + " must be a text of 1 to 300 characters");
        }
        return text;
    }

    /**
     * The prices of a region.
     *
     * @throws IllegalArgumentException where the list does not have it
     */
    public Map<String, Price> region(String name) {
        Map<String, Price> prices = regions.get(name);
        if (prices == null) {
            throw new IllegalArgumentException("the list of prices has no region '" + name + "', only "
                    + String.join(", ", regions.keySet().stream().sorted().toList()));
        }
        return prices;
    }
}
