package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's Markdown, by the DOM that it becomes. */
class MarkdownIT {

    private static final String RENDER = """
            async text => {
              const { renderInto } = await import('/markdown.js');
              const box = document.createElement('div');
              const from = performance.now();
              renderInto(box, text);
              return [box.innerHTML, performance.now() - from];
            }""";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Chromium chromium;
    private static Page page;

    @BeforeAll
    static void start() {
        server = new TestServer(folder);
        chromium = new Chromium();
        page = chromium.browser.newPage();
        page.navigate(server.url("/#key=" + TestServer.KEY));
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
    }

    private static String html(String text) {
        return (String) page.evaluate("async text => (await (" + RENDER + ")(text))[0]", text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '→',
            value = {
                "plain & <b> → <p>plain &amp; &lt;b&gt;</p>",
                "one~two~~three → <p>one<br>two</p><p>three</p>",
                "**a** *b* _c_ __d__ ***e*** → <p><strong>a</strong> <em>b</em> <em>c</em> <strong>d</strong> <strong><em>e</em></strong></p>",
                "*a **b** c* → <p><em>a <strong>b</strong> c</em></p>",
                "2 * 3 * 4 and snake_case_name → <p>2 * 3 * 4 and snake_case_name</p>",
                "**never closed → <p>**never closed</p>",
                "`a *b*` and ``c ` d`` → <p><code>a *b*</code> and <code>c ` d</code></p>",
                "\\*not\\* → <p>*not*</p>",
                "# One~### Three → <h3>One</h3><h5>Three</h5>",
                "---~text → <hr><p>text</p>",
                "> quoted~> more → <blockquote><p>quoted<br>more</p></blockquote>",
                "- a~- b~  - c~- d → <ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>",
                "3. a~4. b → <ol start=\"3\"><li>a</li><li>b</li></ol>",
                "text~- a → <p>text</p><ul><li>a</li></ul>",
                "1. a~~2. b~~end → <ol><li>a</li><li>b</li></ol><p>end</p>",
                "![alt](https://a.example/x.png) → <p><a href=\"https://a.example/x.png\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">alt</a></p>",
                "[x](javascript:y) → <p>x</p>"
            })
    void isWhatItReadsAs(String text, String expected) {
        assertThat(html(text.replace('~', '\n'))).isEqualTo(expected);
    }

    @Test
    void codeAndTablesAreWrappedSoThatTheyScroll() {
        assertThat(html("```js\nlet a = '<b>';\n\nlet c;\n```\nafter"))
                .contains("<span>js</span>", "<pre tabindex=\"0\"><code>let a = '&lt;b&gt;';\n\nlet c;</code></pre>")
                .endsWith("<p>after</p>");
        assertThat(html("```\nnot closed")).contains("<code>not closed</code>");
        assertThat(html("| a | b |\n|:-|-:|\n| 1 | 2 \\| 3 |"))
                .contains("<th class=\"left\">a</th>", "<td class=\"right\">2 | 3</td>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "**a ", "_", "`", "[", "[a](", "![", "<", "> ", "- ", "  - ", "|", "\\", "#", "h", "~~"})
    void aHundredThousandCharactersOfAnythingAreShownInTime(String part) {
        var text = part.repeat(100_000 / part.length());

        var millis = ((Number) page.evaluate("async text => (await (" + RENDER + ")(text))[1]", text)).doubleValue();

        assertThat(millis).isLessThan(5_000);
    }
}
