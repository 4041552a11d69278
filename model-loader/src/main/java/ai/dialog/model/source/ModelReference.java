package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a model is to come from, as a user writes it. */
public sealed interface ModelReference {

    /** The word for the model that is used when none is named. */
    String DEFAULT = "default";

    /** Written so that {@link #parse} gives the same reference again. */
    String text();

    /** For messages and lists: {@link #text} without what may be a secret. */
    default String shown() {
        return text();
    }

    /** A file or folder on this machine. */
    record Local(Path path) implements ModelReference {
        @Override
        public String text() {
            return path.toString();
        }
    }

    /**
     * A file on a web server.
     *
     * @param uri {@code https}, or {@code http} on this machine itself; without a fragment
     * @param sha256 what the file must have, lower-case hex
     */
    record Web(URI uri, @Nullable String sha256) implements ModelReference {
        @Override
        public String text() {
            return sha256 == null ? uri.toString() : uri + "#sha256=" + sha256;
        }

        @Override
        public String shown() {
            return HttpSource.shown(uri);
        }
    }

    /**
     * A repository of the Hugging Face Hub.
     *
     * @param repository {@code org/name}
     * @param revision branch, tag or commit
     * @param file one file in it, or null for its safetensors with all that belongs to them
     */
    record HuggingFace(
            String repository, String revision, @Nullable String file) implements ModelReference {

        /** The Hub's own default branch. */
        public static final String MAIN = "main";

        @Override
        public String text() {
            return "hf:" + repository + (revision.equals(MAIN) ? "" : "@" + revision)
                    + (file == null ? "" : "#" + file);
        }
    }

    /** An object in S3. */
    record S3(String bucket, String key) implements ModelReference {
        @Override
        public String text() {
            return "s3://" + bucket + "/" + key;
        }
    }

    /**
     * A file in a Python package.
     *
     * @param pack the package's name
     * @param file name of the file, with or without its folder in the wheel
     */
    record Pip(String pack, String version, String file) implements ModelReference {
        @Override
        public String text() {
            return "pip:" + pack + "==" + version + "#" + file;
        }
    }

    /** {@link DefaultModel}. */
    record Default() implements ModelReference {
        @Override
        public String text() {
            return DEFAULT;
        }
    }

    /** How references are written; for error messages and help. */
    String SYNTAX = "a path, https://host/file.gguf[#sha256=HEX], hf:org/name[@revision][#file.gguf], s3://bucket/key,"
            + " pip:package==version#file or " + DEFAULT;

    /**
     * Reads a reference.
     *
     * @throws ModelException if it is written wrongly, saying how
     */
    static ModelReference parse(String text) {
        String trimmed = text.strip();
        Matcher scheme =
                Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*", Pattern.DOTALL).matcher(trimmed);
        String kind = scheme.matches() ? scheme.group(1).toLowerCase(Locale.ROOT) : "";
        return switch (kind) {
            case "https", "http" -> web(trimmed);
            case "hf" -> huggingFace(trimmed);
            case "s3" -> s3(trimmed);
            case "pip" -> pip(trimmed);
            default -> other(trimmed, kind);
        };
    }

    private static ModelReference other(String text, String kind) {
        if (text.equals(DEFAULT)) {
            return new Default();
        }
        if (!kind.isEmpty() && text.startsWith("://", kind.length())) {
            throw wrong(text, "the scheme " + kind + " is not known");
        }
        if (text.isEmpty()) {
            throw wrong(text, "it is empty");
        }
        try {
            return new Local(Path.of(text));
        } catch (InvalidPathException e) {
            throw wrong(text, "it is no possible path: " + e.getReason());
        }
    }

    private static Web web(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text.replaceFirst("\\?.*", ""), "it is no valid URL: " + e.getReason());
        }
        String shown = HttpSource.shown(uri);
        if (uri.getHost() == null
                || uri.getPath() == null
                || uri.getPath().endsWith("/")
                || uri.getPath().isEmpty()) {
            throw wrong(shown, "it names no file on a host");
        }
        if (uri.getUserInfo() != null) {
            throw wrong(shown, "a user name or password does not belong in a URL");
        }
        if (!secure(uri)) {
            throw wrong(shown, "plain http can be changed on its way; use https");
        }
        String fragment = uri.getFragment();
        String whole = uri.toString();
        int hash = whole.indexOf('#');
        URI bare = hash < 0 ? uri : URI.create(whole.substring(0, hash));
        if (fragment == null || fragment.isEmpty()) {
            return new Web(bare, null);
        }
        String sha256 = fragment.toLowerCase(Locale.ROOT);
        if (!sha256.matches("sha256=[0-9a-f]{64}")) {
            throw wrong(shown, "after # only sha256= with 64 hexadecimal digits can follow");
        }
        return new Web(bare, sha256.substring("sha256=".length()));
    }

    /** Whether nobody on the way can read or change what is fetched. */
    static boolean secure(URI uri) {
        String host = uri.getHost();
        if ("https".equalsIgnoreCase(uri.getScheme())) {
            return host != null;
        }
        // Literal addresses only: a name could be made to point elsewhere.
        return "http".equalsIgnoreCase(uri.getScheme())
                && host != null
                && (host.equals("localhost")
                        || (host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+]")
                                && InetAddress.ofLiteral(host).isLoopbackAddress()));
    }

    private static HuggingFace huggingFace(String text) {
        Matcher parts = Pattern.compile("hf:(?://)?([^@#:]+)(?:@([^#:]+))?(?:[#:](.+))?", Pattern.CASE_INSENSITIVE)
                .matcher(text);
        if (!parts.matches()) {
            throw wrong(text, "it must be hf:org/name[@revision][#file.gguf]");
        }
        String repository = parts.group(1);
        String revision = Objects.requireNonNullElse(parts.group(2), HuggingFace.MAIN);
        if (!repository.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")) {
            throw wrong(text, "'" + repository + "' is no repository of the form org/name");
        }
        if (!revision.matches("[A-Za-z0-9][A-Za-z0-9._/-]{0,200}") || revision.contains("..")) {
            throw wrong(text, "'" + revision + "' is no possible revision");
        }
        String file = parts.group(3);
        return new HuggingFace(repository, revision, file == null ? null : inside(text, file));
    }

    private static S3 s3(String text) {
        Matcher parts = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.{1,1024})", Pattern.CASE_INSENSITIVE)
                .matcher(text);
        if (!parts.matches() || parts.group(2).endsWith("/")) {
            throw wrong(text, "it must be s3://bucket/key");
        }
        return new S3(parts.group(1), parts.group(2));
    }

    private static Pip pip(String text) {
        Matcher parts = Pattern.compile(
                        "pip:([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)#(.+)",
                        Pattern.CASE_INSENSITIVE)
                .matcher(text);
        if (!parts.matches()) {
            throw wrong(text, "it must be pip:package==version#file");
        }
        return new Pip(parts.group(1), parts.group(2), inside(text, parts.group(3)));
    }

    /** A path that stays within the repository or package it is looked up in. */
    private static String inside(String text, String file) {
        boolean plain = !file.startsWith("/") && !file.endsWith("/") && !file.contains("\\") && file.length() <= 1024;
        for (String segment : file.split("/", -1)) {
            plain &= !segment.isEmpty() && !segment.equals(".") && !segment.equals("..");
        }
        if (!plain) {
            throw wrong(text, "'" + file + "' is no path of a file in it");
        }
        return file;
    }

    private static ModelException wrong(String text, String why) {
        return new ModelException("the model '" + text + "' cannot be understood: " + why + ". Possible are " + SYNTAX);
    }
}
