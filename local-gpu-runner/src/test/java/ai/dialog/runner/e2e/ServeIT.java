package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.runner.http.Chromium;
import ai.dialog.runner.http.Python;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service with the default model, as its users meet it: OpenAI's client, curl, the terminal, many at once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServeIT {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** The two best scores this close may change places with the order of a sum. */
    private static final double TIE = 1e-3;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private ServiceProcess service;

    @BeforeAll
    void start(@TempDir Path state) {
        service = ServiceProcess.start(state, "--precision", "float32");
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void officialOpenAiPythonClient_getsParis_streamingAndNot() throws Exception {
        String output = new Python("openai-client", "openai==3.54.0")
                .run("openai_client.py", service.base.toString(), ServiceProcess.KEY);
        assertThat(output).startsWith("ok: ").contains("Paris");
    }

    @Test
    void curl_getsParis() throws Exception {
        String body = """
                {"messages":[{"role":"user","content":"What is the capital of France?"}],"temperature":0,"max_tokens":40}""";
        String output = run(
                List.of(
                        "curl",
                        "-sS",
                        "--fail-with-body",
                        service.base + "/v1/chat/completions",
                        "-H",
                        "Authorization: Bearer " + ServiceProcess.KEY,
                        "-H",
                        "Content-Type: application/json",
                        "-d",
                        body),
                "");
        assertThat(JSON.readTree(output).at("/choices/0/message/content").asString())
                .contains("Paris");
    }

    @Test
    void page_getsParis() {
        try (Chromium chromium = new Chromium();
                Page page = chromium.browser.newPage()) {
            page.navigate(service.base + "/#key=" + ServiceProcess.KEY);
            page.locator("#open-settings").click();
            page.locator("#temperature").fill("0");
            page.keyboard().press("Escape");
            page.locator("#prompt").fill("What is the capital of France?");
            page.keyboard().press("Enter");
            PlaywrightAssertions.assertThat(page.locator(".answer").last())
                    .containsText("Paris", new LocatorAssertions.ContainsTextOptions().setTimeout(60_000));
        }
    }

    @Test
    void chatInTheTerminal_answersAPrompt_andHoldsAConversation() throws Exception {
        String model = ServiceProcess.model().toString();
        String one = run(
                ServiceProcess.command(
                        "chat",
                        "--model",
                        model,
                        "--temperature",
                        "0",
                        "--max-tokens",
                        "40",
                        "What is the capital of France?"),
                "");
        assertThat(one).contains("Paris");
        // in float32, whose words are the same on every processor: others round, and this model's next best word is
        // often near
        String two = run(
                ServiceProcess.command(
                        "chat", "--model", model, "--precision", "float32", "--temperature", "0", "--max-tokens", "40"),
                "My name is Ada. Please remember it.\nWhat is my name?\n/exit\n");
        assertThat(two.lines().reduce((first, last) -> last).orElse("")).contains("Ada");
    }

    @Test
    void generatedToken_isAccepted_andNothingElseIsPrinted() throws Exception {
        String token = run(
                        ServiceProcess.command(
                                "token",
                                "generate",
                                "--api-key",
                                ServiceProcess.KEY,
                                "--expire-in",
                                "3600",
                                "--url",
                                service.base.toString()),
                        "")
                .strip();
        assertThat(token).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
        HttpResponse<String> models = service.client.send(
                HttpRequest.newBuilder(service.base.resolve("/v1/models"))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(models.statusCode()).isEqualTo(200);
    }

    @Test
    void thirtyTwoPromptsAtOnce_giveWhatEachGivesAlone() throws Exception {
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            prompts.add("Tell me about the number " + (i * 37 + 5)
                    + (i % 3 == 0 ? "." : " in " + (i % 5 + 1) + " sentences."));
        }
        List<JsonNode> together = all(prompts);
        for (int i = 0; i < prompts.size(); i++) {
            assertSame(prompts.get(i), complete(prompts.get(i)), together.get(i));
        }
    }

    @Test
    void fiftyStreamsAtOnce_finishWithoutAnError_inLessThanFourGib() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> streams = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int number = i;
                streams.add(threads.submit(() -> stream(number)));
            }
            for (Future<Integer> stream : streams) {
                assertThat(stream.get(10, TimeUnit.MINUTES)).isEqualTo(64);
            }
        }
        assertThat(service.residentMib()).isLessThan(4096);
    }

    @Test
    void streamCutByItsCaller_freesItsSlot() throws Exception {
        HttpResponse<InputStream> cut = service.client.send(
                request("Count from one to a thousand.", ",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":2000"),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(cut.statusCode()).isEqualTo(200);
        assertThat(cut.body().read()).isEqualTo('d');
        assertThat(health().path("active_slots").asInt(-1)).isPositive();
        cut.body().close();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (health().path("active_slots").asInt(-1) != 0 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(health().path("active_slots").asInt(-1)).isZero();
    }

    private JsonNode health() {
        return JSON.readTree(service.get("/health").body());
    }

    private List<JsonNode> all(List<String> prompts) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> answers = new ArrayList<>();
            for (String prompt : prompts) {
                answers.add(threads.submit(() -> complete(prompt)));
            }
            List<JsonNode> read = new ArrayList<>();
            for (Future<JsonNode> answer : answers) {
                read.add(answer.get(10, TimeUnit.MINUTES));
            }
            return read;
        }
    }

    private JsonNode complete(String prompt) throws IOException, InterruptedException {
        HttpResponse<String> answer = service.client.send(
                request(prompt, ",\"max_tokens\":24,\"logprobs\":true,\"top_logprobs\":2"),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private HttpRequest request(String prompt, String more) {
        String body =
                "{\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]" + more + "}";
        return HttpRequest.newBuilder(URI.create(service.base + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + ServiceProcess.KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    /** A stream of 64 tokens; returns how many its usage counts. */
    private int stream(int number) throws IOException, InterruptedException {
        HttpResponse<String> answer = service.client.send(
                request(
                        "Request number " + number + ": explain how bread rises.",
                        ",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":64,\"stream_options\":{\"include_usage\":true}"),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        List<String> events =
                answer.body().lines().filter(line -> line.startsWith("data: ")).toList();
        assertThat(events.getLast()).isEqualTo("data: [DONE]");
        assertThat(answer.body()).doesNotContain("\"error\"");
        JsonNode usage = JSON.readTree(events.get(events.size() - 2).substring("data: ".length()));
        return usage.at("/usage/completion_tokens").asInt();
    }

    private static void assertSame(String prompt, JsonNode alone, JsonNode together) {
        JsonNode expected = alone.at("/choices/0/logprobs/content");
        JsonNode actual = together.at("/choices/0/logprobs/content");
        assertThat(expected.size()).isPositive();
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            if (!expected.get(i).get("token").equals(actual.get(i).get("token"))) {
                JsonNode top = expected.get(i).get("top_logprobs");
                double gap = top.get(0).get("logprob").asDouble()
                        - top.get(1).get("logprob").asDouble();
                assertThat(gap)
                        .as("first difference of %s at token %d", prompt, i)
                        .isLessThan(TIE);
                return;
            }
        }
        assertThat(actual.size()).as(prompt).isEqualTo(expected.size());
    }

    private static String run(List<String> command, String input) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();
        Future<String> errors = Executors.newVirtualThreadPerTaskExecutor()
                .submit(() -> new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        try (var stdin = process.outputWriter()) {
            stdin.write(input);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, errors.get()).isZero();
        return output;
    }
}
