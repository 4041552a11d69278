package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes a checkpoint of safetensors files with Hugging Face's {@code config.json} beside them. */
final class SafetensorsReader {

    static final String CONFIG = "config.json";
    static final String WHOLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private static final int MOST_SHARDS = 1_024;
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(0|[1-9]\\d{0,4})\\.(.+)\\.(weight|bias)");

    /** Hugging Face's names within a layer, and those of {@link TensorNames}. */
    private static final Map<String, String> IN_LAYER = Map.ofEntries(
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"));

    /** The same for what Gemma calls otherwise: it has a norm before and one after each part of a layer. */
    private static final Map<String, String> IN_GEMMA_LAYER = Map.of(
            "post_attention_layernorm", "post_attention_norm",
            "pre_feedforward_layernorm", "ffn_norm",
            "post_feedforward_layernorm", "post_ffw_norm");

    private SafetensorsReader() {}

    /**
     * Opens the weights of a folder: {@code model.safetensors}, or the shards of its index.
     *
     * @throws ModelException if a file is absent or damaged, or the model is not supported
     */
    static Checkpoint openFolder(Path folder) {
        return open(folder, folder, shards(folder));
    }

    /** Opens one file; {@code config.json} must lie beside it. */
    static Checkpoint openFile(Path file) {
        return open(file, Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file), List.of(file));
    }

    private static Checkpoint open(Path path, Path folder, List<Path> weights) {
        List<MappedFile> files = new ArrayList<>();
        try {
            weights.forEach(file -> files.add(MappedFile.open(file)));
            Path configPath = folder.resolve(CONFIG);
            JsonNode json = JsonFile.readObject(configPath);
            Architecture architecture = HuggingFaceConfig.architecture(new ConfigFields(configPath, json));
            ModelConfig config = HuggingFaceConfig.read(json, configPath);
            Map<String, StoredTensor> tensors = tensors(files, config, architecture == Architecture.GEMMA3);
            Map<String, List<Long>> shapes = new HashMap<>();
            tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
            architecture.check(config, shapes, path.toString());
            files.addFirst(MappedFile.open(configPath)); // part of the checksum: it changes what the weights mean
            return new MappedCheckpoint(
                    new MappedCheckpoint.Contents(
                            "safetensors", name(path), path, config, tensors, null, HuggingFaceTemplate.find(folder)),
                    files);
        } catch (RuntimeException e) {
            files.forEach(MappedFile::close);
            throw e;
        }
    }

    private static String name(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return Objects.toString(name, "model").replaceFirst("\\.safetensors$", "");
    }

    private static List<Path> shards(Path folder) {
        Path index = folder.resolve(INDEX);
        if (!Files.exists(index)) {
            return List.of(folder.resolve(WHOLE));
        }
        JsonNode map = JsonFile.readObject(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new ModelException(index + " has no weight_map");
        }
        TreeSet<String> names = new TreeSet<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            names.add(shardName(entry.getValue(), index));
        }
        if (names.size() > MOST_SHARDS) {
            throw new ModelException(index + " names " + names.size() + " files; at most " + MOST_SHARDS + " are read");
        }
        return names.stream().map(folder::resolve).toList();
    }

    /** A plain file name: anything with a separator could lead out of the folder. */
    private static String shardName(JsonNode value, Path index) {
        String name = value.isString() ? value.stringValue() : "";
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
            throw new ModelException(index + " names the file " + Quoted.of(name)
                    + "; it must be the name of a .safetensors file in the" + " same folder");
        }
        return name;
    }

    private static Map<String, StoredTensor> tensors(List<MappedFile> files, ModelConfig config, boolean gemma) {
        Map<String, StoredTensor> tensors = new HashMap<>();
        for (MappedFile file : files) {
            Map<String, StoredTensor> found =
                    SafetensorsFile.parse(file.segment(), file.path().toString());
            found.forEach((theirs, tensor) -> {
                // Gemma's norms are kept as their difference from 1.
                boolean shifted = gemma && theirs.endsWith("norm.weight");
                if (tensors.putIfAbsent(name(theirs, gemma), shifted ? tensor.withShift(1) : tensor) != null) {
                    throw new ModelException("tensor " + Quoted.of(theirs) + " lies in two files, the second "
                            + file.path() + "; remove what does not belong to this model");
                }
            });
        }
        if (config.tiedHead()) {
            tensors.remove(TensorNames.OUTPUT); // some checkpoints hold the embedding twice
        }
        return tensors;
    }

    /** The name in {@link TensorNames}; one without any keeps its own, for the error about it. */
    private static String name(String theirs, boolean gemma) {
        @Nullable
        String known = switch (theirs) {
            case "model.embed_tokens.weight" -> TensorNames.EMBEDDING;
            case "model.norm.weight" -> TensorNames.OUTPUT_NORM;
            case "lm_head.weight" -> TensorNames.OUTPUT;
            default -> null;
        };
        if (known != null) {
            return known;
        }
        Matcher layer = LAYER.matcher(theirs);
        if (layer.matches()) {
            String part = IN_LAYER.get(layer.group(2));
            part = gemma ? IN_GEMMA_LAYER.getOrDefault(layer.group(2), part) : part;
            if (part != null) {
                return "blk." + layer.group(1) + "." + part + "." + layer.group(3);
            }
        }
        return theirs;
    }
}
