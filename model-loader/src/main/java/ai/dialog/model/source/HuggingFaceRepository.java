package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A repository of the Hugging Face Hub at one commit: which of its files make the model, with the SHA-256 that the Hub
 * keeps for the large ones. Source: the Hub's API, {@code GET /api/models/ORG/NAME/revision/REV?blobs=true}.
 *
 * @param commit the revision, resolved, so that all files are of one state
 * @param main the file that is the model, or empty where it is the folder
 */
record HuggingFaceRepository(String commit, List<RemoteFile> files, String main) {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_ANSWER = 16 << 20;
    private static final int MAX_FILES = 1000;
    private static final Set<String> COMPANIONS = Set.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "chat_template.json");
    private static final Pattern WEIGHTS =
            Pattern.compile("model\\.safetensors|model\\.safetensors\\.index\\.json|model-\\d+-of-\\d+\\.safetensors");
    private static final int MESSAGE_NAMES = 10;

    private record Entry(String path, @Nullable String sha256, long size) {
        String folder() {
            return path.substring(0, path.lastIndexOf('/') + 1);
        }

        String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /**
     * Asks the Hub.
     *
     * @throws BrokenDownload if it cannot be reached
     * @throws ModelException if there is no such repository, revision or file
     */
    static HuggingFaceRepository ask(ModelReference.HuggingFace reference, SourceSettings settings) {
        String endpoint = settings.huggingFaceEndpoint();
        URI uri = URI.create(endpoint + "/api/models/" + reference.repository() + "/revision/"
                + URLEncoder.encode(reference.revision(), StandardCharsets.UTF_8) + "?blobs=true");
        JsonNode answer = get(settings.source(uri, settings.huggingFaceToken()));
        String commit = answer.path("sha").asString("");
        if (!commit.matches("[0-9a-f]{40,64}")) {
            throw new ModelException(HttpSource.shown(uri) + " did not answer with a commit");
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonNode sibling : answer.path("siblings")) {
            JsonNode large = sibling.path("lfs");
            String sha256 = large.path("sha256").asString("");
            entries.add(new Entry(
                    sibling.path("rfilename").asString(""),
                    sha256.matches("[0-9a-f]{64}") ? sha256 : null,
                    large.path("size").asLong(sibling.path("size").asLong(-1))));
        }
        List<Entry> chosen = choose(reference, entries);
        if (chosen.size() > MAX_FILES) {
            throw new ModelException(reference.shown() + " has " + chosen.size() + " files, more than " + MAX_FILES);
        }
        String base = endpoint + "/" + reference.repository() + "/resolve/" + commit + "/";
        List<RemoteFile> files = chosen.stream()
                .map(entry -> new RemoteFile(
                        entry.name(),
                        settings.source(URI.create(base + encode(entry.path())), settings.huggingFaceToken()),
                        entry.sha256(),
                        entry.size()))
                .toList();
        boolean single = chosen.size() == 1 && chosen.getFirst().name().endsWith(".gguf");
        return new HuggingFaceRepository(
                commit, files, single ? files.getFirst().name() : "");
    }

    private static JsonNode get(ByteSource source) {
        try (ByteSource.Opened opened = source.open(0, null);
                InputStream body = opened.stream()) {
            byte[] bytes = body.readNBytes(MAX_ANSWER + 1);
            if (bytes.length > MAX_ANSWER) {
                throw new ModelException(source.shown() + " answered more than " + MAX_ANSWER + " bytes");
            }
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new ModelException(source.shown() + " did not answer with JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new BrokenDownload("the Hugging Face Hub cannot be reached at " + source.shown() + " (" + e + ")", e);
        }
    }

    private static List<Entry> choose(ModelReference.HuggingFace reference, List<Entry> entries) {
        String file = reference.file();
        if (file == null) {
            return whole(reference, entries);
        }
        List<Entry> named =
                entries.stream().filter(entry -> entry.path().equals(file)).toList();
        if (named.isEmpty()) {
            throw new ModelException(reference.shown() + ": the repository has no file " + file + "; it has "
                    + names(entries.stream().filter(entry -> entry.name().matches(".*\\.(gguf|safetensors)"))));
        }
        if (file.endsWith(".gguf")) {
            return named;
        }
        String folder = named.getFirst().folder();
        return Stream.concat(
                        named.stream(),
                        entries.stream()
                                .filter(entry -> entry.folder().equals(folder) && COMPANIONS.contains(entry.name())))
                .toList();
    }

    private static List<Entry> whole(ModelReference.HuggingFace reference, List<Entry> entries) {
        List<Entry> root =
                entries.stream().filter(entry -> entry.folder().isEmpty()).toList();
        List<Entry> weights = root.stream()
                .filter(entry -> WEIGHTS.matcher(entry.name()).matches())
                .toList();
        if (!weights.isEmpty()) {
            // A repository may hold the same weights twice; the one file is enough then.
            boolean one = weights.stream().anyMatch(entry -> entry.name().equals("model.safetensors"));
            return root.stream()
                    .filter(entry -> COMPANIONS.contains(entry.name())
                            || (one ? entry.name().equals("model.safetensors") : weights.contains(entry)))
                    .toList();
        }
        List<Entry> ggufs =
                root.stream().filter(entry -> entry.name().endsWith(".gguf")).toList();
        if (ggufs.size() == 1) {
            return ggufs;
        }
        throw new ModelException(
                ggufs.isEmpty()
                        ? reference.shown() + " has neither model.safetensors nor a .gguf file"
                        : reference.shown() + " has several .gguf files; name one with #, such as "
                                + names(ggufs.stream()));
    }

    private static String names(Stream<Entry> entries) {
        String names = entries.limit(MESSAGE_NAMES).map(Entry::path).collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    private static String encode(String path) {
        return Stream.of(path.split("/"))
                .map(segment ->
                        URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
