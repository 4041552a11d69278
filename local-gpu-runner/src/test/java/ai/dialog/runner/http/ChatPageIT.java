package ai.dialog.runner.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Readiness;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person uses it, in a real Chromium. Every test also holds that the page stays with its own origin. */
class ChatPageIT {

    private static final double PATIENCE = 30_000;

    @TempDir
    static Path folder;

    private static Chromium chromium;

    private TestServer server;
    private BrowserContext context;
    private Page page;
    private final List<String> foreign = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();

    @BeforeAll
    static void startBrowser() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
        chromium = new Chromium();
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @BeforeEach
    void start() {
        server = new TestServer(folder);
        use(new Browser.NewContextOptions());
    }

    /** Opens an empty tab, and watches what it asks for and whether it breaks a rule. */
    private void use(Browser.NewContextOptions options) {
        if (context != null) {
            context.close();
        }
        context = chromium.browser.newContext(options);
        context.setDefaultTimeout(PATIENCE);
        context.addInitScript(
                "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI"
                        + " + ' ' + e.violatedDirective));");
        page = context.newPage();
        page.onRequest(request -> {
            if (!request.url().startsWith(server.url("/"))) {
                foreign.add(request.url());
            }
        });
        page.onPageError(errors::add);
    }

    @AfterEach
    void nothingOutsideThePagesOwnOriginWasTouched() {
        var violations = page.evaluate("window.violations.join()");
        context.close();
        server.close();
        assertThat(violations).isEqualTo("");
        assertThat(foreign).isEmpty();
        assertThat(errors).isEmpty();
    }

    private void open() {
        page.navigate(server.url("/#key=" + TestServer.KEY));
        assertThat(page.locator("#model")).hasText("fake-135m");
    }

    private void ask(String question) {
        page.locator("#prompt").fill(question);
        page.keyboard().press("Enter");
        assertThat(page.locator("#prompt")).hasValue("");
    }

    private void writeWhileTheModelLoads() {
        server.inference.status = Readiness.Status.LOADING;
        page.navigate(server.url("/#key=" + TestServer.KEY));
        assertThat(page.locator("#notice")).containsText("loading");
        page.locator("#prompt").fill("Hello");
    }

    private void awaitAnswer() {
        assertThat(page.locator(".answer.busy")).hasCount(0);
        assertThat(page.locator("#send")).isVisible();
    }

    @Test
    void anAnswerStreamsInAndEndsWithItsFigures() {
        open();
        server.inference.pause = Duration.ofMillis(300);
        ask("What is the capital of France?");

        assertThat(page.locator(".bubble")).hasText("What is the capital of France?");
        assertThat(page.locator(".answer .markdown")).containsText("Paris");
        assertThat(page.locator("#stop")).isVisible();
        assertThat(page.locator(".answer.busy")).hasCount(1);
        awaitAnswer();
        assertThat(page.locator(".answer .markdown")).hasText("Paris is the capital of France.");
        assertThat(page.locator(".stats"))
                .hasText(Pattern.compile("\\d+\\.\\d tokens/s · first token \\d.* · 6 tokens"));
        assertThat(page.locator("#prompt")).isFocused();
    }

    @Test
    void theStopButtonEndsTheGenerationAndKeepsTheText() throws InterruptedException {
        open();
        server.inference.endless = true;
        server.inference.pause = Duration.ofMillis(20);
        ask("Tell me a long story");
        assertThat(page.locator(".answer .markdown")).containsText("Paris");

        page.locator("#stop").click();

        awaitAnswer();
        assertThat(server.inference.firstCancel.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(page.locator(".stats")).containsText("stopped");
        assertThat(page.locator(".answer .markdown")).containsText("Paris");
    }

    @Test
    void theKeyboardIsEnough() throws InterruptedException {
        open();
        server.inference.endless = true;
        server.inference.pause = Duration.ofMillis(20);
        assertThat(page.locator("#prompt")).isFocused();
        page.keyboard().type("two");
        page.keyboard().press("Shift+Enter");
        page.keyboard().type("lines");
        assertThat(page.locator("#prompt")).hasValue("two\nlines");
        page.keyboard().press("Enter");
        assertThat(page.locator(".bubble")).hasText("two\nlines");
        assertThat(page.locator(".answer .markdown")).containsText("Paris");

        page.keyboard().press("Escape");

        assertThat(server.inference.firstCancel.await(30, TimeUnit.SECONDS)).isTrue();
        awaitAnswer();
        assertThat(page.locator("#prompt")).isFocused();
        page.keyboard().press("Shift+Tab");
        page.keyboard().press("Tab");
        assertThat(page.locator("#prompt")).isFocused();
        page.locator("#open-settings").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("#settings")).isVisible();
        page.keyboard().press("Escape");
        assertThat(page.locator("#settings")).isHidden();
    }

    @Test
    void aReloadKeepsTheConversationAndANewChatDeletesItWithAnUndo() {
        open();
        ask("Where is Paris?");
        awaitAnswer();

        page.reload();
        assertThat(page.locator(".bubble")).hasText("Where is Paris?");
        assertThat(page.locator(".answer .markdown")).hasText(server.inference.answer);
        ask("And what else?");
        awaitAnswer();
        var prompt = (Prompt.Conversation)
                server.inference.requests.stream().toList().getLast().prompt();
        assertThat(prompt.messages())
                .extracting(Prompt.Message::content)
                .containsExactly("Where is Paris?", server.inference.answer, "And what else?");

        page.locator("#new-chat").click();
        assertThat(page.locator(".bubble")).hasCount(0);
        assertThat(page.locator("#welcome")).isVisible();
        page.locator("#notice-action").click();
        assertThat(page.locator(".bubble")).hasCount(2);
        page.locator("#new-chat").click();
        page.reload();
        assertThat(page.locator("#welcome")).isVisible();
        assertThat(page.locator(".bubble")).hasCount(0);
    }

    @Test
    void hostileTextOfAModelDoesNothing() {
        open();
        server.inference.answer = """
                <script>window.hacked = 1</script> <img src=x onerror="window.hacked=2"> <svg onload=alert(1)>

                [a](javascript:window.hacked=3) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>alert(1)</script>)
                [d](vbscript:x) [e]( javascript:alert(1)) [f](//evil.example/) ![g](https://evil.example/g.png)
                <iframe src="https://evil.example/"></iframe> <https://evil.example/"onclick="alert(1)>
                [h](https://evil.example/"onmouseover="alert(1)) <style>body{display:none}</style>

                | <img src=x onerror=alert(1)> | b |
                |---|---|
                | [x](javascript:alert(1)) | ok |

                ```html"><script>window.hacked=4</script>
                <script>window.hacked=5</script>
                ```

                The end.
                """;
        ask("<img src=x onerror='window.hacked=6'>");
        awaitAnswer();

        assertThat(page.locator(".answer .markdown")).containsText("The end.");
        assertThat(page.evaluate("window.hacked ?? 'safe'")).isEqualTo("safe");
        assertThat(page.locator(".conversation :is(script, img, iframe, style, svg:not(.icon))"))
                .hasCount(0);
        var links = (List<?>) page.evaluate("[...document.querySelectorAll('.conversation a')].map(a => a.protocol"
                + " + ' ' + a.rel + ' ' + a.getAttributeNames().join())");
        assertThat(links).isNotEmpty().allMatch("https: noopener noreferrer nofollow href,target,rel"::equals);
    }

    @Test
    void theKeyInTheAddressIsTakenAndRemoved() {
        open();

        assertThat(page.url()).isEqualTo(server.url("/"));
        assertThat(page.evaluate("localStorage.getItem('ai-dialog.key') ?? 'not kept'"))
                .isEqualTo("not kept");
        page.reload();
        assertThat(page.locator("#model")).hasText("fake-135m");
    }

    @Test
    void aWrongKeyIsAskedForAgainAndARightOneGoesOn() {
        page.navigate(server.url("/#key=wrong-key-of-a-stranger"));
        assertThat(page.locator("#key-reason")).containsText("not accepted");
        assertThat(page.locator("#key")).isFocused();
        page.locator("#key-cancel").click();
        ask("Hello");
        assertThat(page.locator(".failure")).containsText("API key");
        assertThat(page.locator("#key-dialog")).isVisible();

        page.locator("#key").fill(TestServer.KEY);
        page.locator("#remember").check();
        page.keyboard().press("Enter");

        assertThat(page.locator("#key-dialog")).isHidden();
        awaitAnswer();
        assertThat(page.locator(".answer .markdown")).hasText(server.inference.answer);
        assertThat(page.evaluate("localStorage.getItem('ai-dialog.key')")).isEqualTo(TestServer.KEY);
        assertThat(page.evaluate("sessionStorage.getItem('ai-dialog.key') ?? 'none'"))
                .isEqualTo("none");
    }

    @Test
    void settingsReachTheModel() {
        open();
        page.locator("#open-settings").click();
        page.locator("#system").fill("Answer in French.");
        page.locator("#temperature").fill("0.3");
        page.locator("#max-tokens").fill("77");
        page.keyboard().press("Escape");
        page.reload();
        ask("Hello");
        awaitAnswer();

        var request = Objects.requireNonNull(server.inference.requests.peek());
        assertThat(request.sampling().temperature()).isEqualTo(0.3);
        assertThat(request.maxTokens()).isEqualTo(77);
        assertThat(((Prompt.Conversation) request.prompt()).messages().getFirst())
                .isEqualTo(new Prompt.Message("system", "Answer in French."));
    }

    @Test
    void whileTheModelLoadsThePageSaysSoAndThenGoesOn() {
        writeWhileTheModelLoads();
        assertThat(page.locator("#send")).isDisabled();

        server.inference.status = Readiness.Status.HEALTHY;

        assertThat(page.locator("#notice")).isHidden();
        assertThat(page.locator("#send")).isEnabled();
        assertThat(page.locator("#prompt")).hasValue("Hello");
    }

    @Test
    void whatIsSentWhileTheModelLoadsGoesOutOnceItIsThere() {
        writeWhileTheModelLoads();
        page.keyboard().press("Enter");
        assertThat(page.locator("#prompt")).hasValue("Hello");
        assertThat(page.locator(".bubble")).hasCount(0);

        server.inference.status = Readiness.Status.HEALTHY;

        assertThat(page.locator(".bubble")).hasText("Hello");
        awaitAnswer();
        assertThat(page.locator(".answer .markdown")).hasText(server.inference.answer);
    }

    @Test
    void whatIsWrittenOnAfterSendingWhileTheModelLoadsStays() {
        writeWhileTheModelLoads();
        page.keyboard().press("Enter");
        page.keyboard().type(" again");

        server.inference.status = Readiness.Status.HEALTHY;

        assertThat(page.locator("#model")).hasText("fake-135m");
        assertThat(page.locator("#prompt")).hasValue("Hello again");
        assertThat(page.locator(".bubble")).hasCount(0);
    }

    @Test
    void failuresAreSaidInWordsAndCanBeTriedAgain() {
        open();
        server.inference.failure = new InferenceException(
                InferenceException.Kind.OVERLOADED, "The queue is full.", null, Duration.ofSeconds(7), null);
        ask("Hello");
        assertThat(page.locator(".failure")).hasText("The server is busy. Try again in 7 s.");
        assertThat(page.locator(".failure")).hasAttribute("role", "alert");

        server.inference.failure = null;
        page.locator(".action", new Page.LocatorOptions().setHasText("Try again"))
                .click();

        awaitAnswer();
        assertThat(page.locator(".failure")).hasCount(0);
        assertThat(page.locator(".bubble")).hasCount(1);
        assertThat(page.locator(".answer .markdown")).hasText(server.inference.answer);
    }

    @Test
    void codeCanBeCopied() {
        use(new Browser.NewContextOptions().setPermissions(List.of("clipboard-read", "clipboard-write")));
        open();
        server.inference.answer = "```python\nprint(\"<hello>\")\n```";
        ask("Code, please");
        awaitAnswer();

        page.locator(".copy-code").click();

        assertThat(page.locator(".copy-code")).hasText("Copied");
        assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo("print(\"<hello>\")");
    }

    @Test
    void aPhoneShowsItAllWithoutScrollingSideways() {
        use(new Browser.NewContextOptions().setViewportSize(360, 640).setHasTouch(true));
        open();
        server.inference.answer = "| " + "a wide column | ".repeat(20) + "\n|" + "-|".repeat(20) + "\n\n`"
                + "x".repeat(300) + "`\n\n```\n" + "y".repeat(300) + "\n```\nhttps://example.com/" + "z".repeat(300);
        page.locator("#prompt").fill("w".repeat(300));
        page.locator("#send").tap();
        awaitAnswer();

        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        assertThat(page.evaluate("scroller.scrollWidth <= scroller.clientWidth"))
                .isEqualTo(true);
        var composer = page.locator("#composer").boundingBox();
        assertThat(composer.y + composer.height).isLessThanOrEqualTo(640);
        assertThat(page.locator("#send").boundingBox().width).isGreaterThanOrEqualTo(38);
    }

    @Test
    void darkAndLightFollowTheSystemUntilOneIsChosen() {
        use(new Browser.NewContextOptions().setColorScheme(ColorScheme.DARK));
        open();
        var background = "getComputedStyle(document.body).backgroundColor";
        var dark = page.evaluate(background);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        var light = page.evaluate(background);
        assertThat(dark).isNotEqualTo(light);

        page.locator("#theme").click();

        assertThat(page.evaluate(background)).isEqualTo(dark);
        page.reload();
        assertThat(page.evaluate(background)).isEqualTo(dark);
    }
}
