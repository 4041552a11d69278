package ai.dialog.cloud;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.assertions.Match;

class NagTest {

    static Stream<Arguments> stacks() {
        return Stream.of(
                Arguments.of("dev", Stacks.dev()),
                Arguments.of("prod", Stacks.prod()),
                Arguments.of("vllm", Stacks.engine("vllm")),
                Arguments.of("sglang", Stacks.engine("sglang")),
                Arguments.of("djl", Stacks.engine("djl")),
                Arguments.of("elsewhere", Stacks.external()),
                Arguments.of(
                        "everything optional",
                        Stacks.with(Map.of(
                                "image",
                                Stacks.IMAGE,
                                "model",
                                "s3://my-models/small.gguf",
                                "natGateways",
                                1,
                                "gatewayKeys",
                                true,
                                "corsOrigins",
                                "https://chat.example.org",
                                "operatorRoles",
                                "Admin",
                                "domainName",
                                "api.example.org",
                                "certificateArn",
                                Certificates.PUBLIC,
                                "internalDomain",
                                "models.example.org",
                                "internalCertificateArn",
                                Certificates.INTERNAL))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stacks")
    void noRuleOfAwsSolutionsOrServerlessIsLeftUnanswered(String name, Stacks.Built stack) {
        stack.findings().hasNoError("*", Match.stringLikeRegexp("(AwsSolutions|Serverless|CdkNag).*"));
        stack.findings().hasNoWarning("*", Match.stringLikeRegexp("(AwsSolutions|Serverless|CdkNag).*"));
    }
}
