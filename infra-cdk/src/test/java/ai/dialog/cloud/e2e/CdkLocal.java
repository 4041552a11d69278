package ai.dialog.cloud.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** CDK's command line against LocalStack ({@code cdklocal}), installed under {@code target}. */
final class CdkLocal {

    private static final List<String> PACKAGES = List.of("aws-cdk@2.1148.1", "aws-cdk-local@3.0.4");
    private static final Path FOLDER = Path.of("target/cdklocal").toAbsolutePath();

    /** For one command: what installs or deploys in a minute or two on a quiet machine. */
    private static final int MINUTES = 10;

    private final LocalAws aws;

    CdkLocal(LocalAws aws) throws IOException, InterruptedException {
        this.aws = aws;
        Files.createDirectories(FOLDER);
        if (!Files.exists(FOLDER.resolve("node_modules/.bin/cdklocal"))) {
            List<String> install = new ArrayList<>(
                    List.of("npm", "install", "--no-audit", "--no-fund", "--prefix", FOLDER.toString()));
            install.addAll(PACKAGES);
            run(install);
        }
    }

    void bootstrap() throws IOException, InterruptedException {
        run(List.of(cdklocal(), "bootstrap", "aws://000000000000/" + aws.region()));
    }

    /** Deploys an assembly; the stack's outputs. */
    JsonNode deploy(Path assembly, String stack) throws IOException, InterruptedException {
        Path outputs = FOLDER.resolve("outputs.json");
        run(List.of(
                cdklocal(),
                "deploy",
                "--app",
                assembly.toString(),
                "--require-approval",
                "never",
                "--outputs-file",
                outputs.toString()));
        return JsonMapper.shared().readTree(Files.readString(outputs)).path(stack);
    }

    private static String cdklocal() {
        return FOLDER.resolve("node_modules/.bin/cdklocal").toString();
    }

    /** In a folder of its own: the project's cdk.json would build everything anew. */
    private void run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true);
        var environment = builder.environment();
        environment.put("AWS_ENDPOINT_URL", aws.endpoint().toString());
        environment.put("AWS_ENDPOINT_URL_S3", aws.endpoint().toString());
        environment.put("AWS_ACCESS_KEY_ID", "test");
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_REGION", aws.region());
        environment.put("AWS_DEFAULT_REGION", aws.region());
        environment.put("CDK_DISABLE_CLI_TELEMETRY", "true");
        // a file and no pipe: what a process leaves running would keep a pipe open
        Path output = FOLDER.resolve("output.txt");
        Process process = builder.redirectOutput(output.toFile()).start();
        process.getOutputStream().close();
        boolean inTime = process.waitFor(MINUTES, TimeUnit.MINUTES);
        if (!inTime) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (!inTime || process.exitValue() != 0) {
            throw new AssertionError(command
                    + (inTime ? " failed:\n" : " took over " + MINUTES + " minutes:\n")
                    + Files.readString(output, StandardCharsets.UTF_8));
        }
    }
}
