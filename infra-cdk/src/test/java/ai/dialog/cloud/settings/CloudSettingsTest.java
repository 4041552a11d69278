package ai.dialog.cloud.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudSettingsTest {

    private static final String CERTIFICATE =
            "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000001";

    @Test
    void contextFromTheCommandLineIsRead() {
        CloudSettings settings =
                read(Map.of("stage", "qa", "allowedCidrs", "192.168.1.0/24, 2001:db8::/32", "requestsPerSecond", "7"));
        assertThat(settings.stage()).isEqualTo("qa");
        assertThat(settings.allowedCidrs()).containsExactly(new Cidr("192.168.1.0/24"), new Cidr("2001:db8::/32"));
        assertThat(settings.gateway().requestsPerSecond()).isEqualTo(7);
        assertThat(settings.gateway().burst()).isEqualTo(100);
        assertThat(settings.secrets().callers()).containsExactly("first");
        assertThat(settings.functions().functionsArtefact())
                .isEqualTo(Path.of("../functions/target/functions-lambda.zip"));
        assertThat(settings.functions().chatArtefact()).isEqualTo(Path.of("../functions/target/chat-runtime.zip"));
    }

    @Test
    void contextFromCdkJsonMayHoldListsNumbersAndFlags() {
        CloudSettings settings = read(
                Map.of("allowedCidrs", List.of("10.0.0.0/8", "203.0.113.45/32"), "memoryMib", 2048, "limits", false));
        assertThat(settings.allowedCidrs()).hasSize(2);
        assertThat(settings.functions().memoryMib()).isEqualTo(2048);
        assertThat(settings.limits()).isFalse();
    }

    @Test
    void devIsWithoutGpuWithoutFirewallAndAtZeroByNight() {
        CloudSettings settings = read(Map.of());
        TierSettings tier = Objects.requireNonNull(settings.tier());
        assertThat(tier.compute()).isEqualTo(TierSettings.Compute.CPU);
        assertThat(tier.scaling().minTasks()).isZero();
        assertThat(tier.scaling().hours()).isEqualTo(new ScalingSettings.Hours(8, 20));
        assertThat(settings.gateway().waf()).isFalse();
        assertThat(settings.network().endpointZones()).isEqualTo(1);
    }

    @Test
    void prodHasGpusAFirewallAndATaskThatAlwaysRuns() {
        CloudSettings settings = read(Map.of("stage", "prod"));
        TierSettings tier = Objects.requireNonNull(settings.tier());
        assertThat(tier.compute()).isEqualTo(TierSettings.Compute.GPU);
        assertThat(tier.scaling().minTasks()).isEqualTo(1);
        assertThat(tier.scaling().hours()).isNull();
        assertThat(settings.gateway().waf()).isTrue();
        assertThat(settings.network().endpointZones()).isEqualTo(2);
    }

    @Test
    void aServerElsewhereLeavesNoTierToSet() {
        CloudSettings settings =
                read(Map.of("inferenceUrl", "https://models.example.test", "gpus", "none of your business"));
        assertThat(settings.tier()).isNull();
        assertThat(settings.inferenceUrl()).hasToString("https://models.example.test");
    }

    @Test
    void aLocalFileCanBeTheFirstModel(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("small.gguf"), "GGUF");
        assertThat(Objects.requireNonNull(read(Map.of("model", file)).tier()).model())
                .isEqualTo(file.toString());
    }

    @Test
    void chatsJavaIsForTheMachineThatItWasBuiltOnUnlessToldOtherwise() {
        String here = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x86_64";
        assertThat(read(Map.of()).functions().chatArchitecture()).isEqualTo(here);
        assertThat(read(Map.of("chatArchitecture", "arm64")).functions().chatArchitecture())
                .isEqualTo("arm64");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allowedCidrs|''|at least one range must be given",
                "allowedCidrs|,|at least one range must be given",
                "allowedCidrs|10.0.0.0/99|length from 0 to 32",
                "callers|Ann|callers: 'Ann' must be",
                "callers|ann,ann|each once",
                "stage|Prod!|stage: 'Prod!'",
                "inferenceUrl|ftp://h|must be http:// or https://",
                "inferenceUrl|http://u:hunter2@h|must not hold a user name or password",
                "inferenceUrl|http://u:hunter2 @h|is no address",
                "limits|maybe|none of true, false",
                "requestsPerSecond|0|from 1 to 10000",
                "burst|many|is no whole number",
                "burst|5001|from 1 to 5000",
                "requestsPerDay|0|from 1 to 100000000",
                "gatewayKeys|1|none of true, false",
                "waf|on|none of true, false",
                "wafRequests|9|from 10 to 2000000",
                "domainName|-a-|is no host name",
                "corsOrigins|*|would let every page of the web call",
                "corsOrigins|https://chat.example.org/|is no origin",
                "corsOrigins|https://Chat.example.org|is no origin",
                "corsOrigins|https://chat.example.org:443|is no origin",
                "corsOrigins|http://localhost:3000,null|is no origin",
                "chatMode|fast|none of stream, buffered",
                "chatArchitecture|riscv|none of arm64, x86_64",
                "chatSeconds|901|from 30 to 900",
                "snapStart|yes|none of true, false",
                "memoryMib|64|from 512 to 10240",
                "logRetentionDays|31|is none of",
                "rotationDays|91|from 7 to 90",
                "operatorRoles|*|is no name of a role",
                "operatorRoles|a b|is no name of a role",
                "vpcCidr|10.0.0.0/8|length from 16 to 24",
                "vpcCidr|2001:db8::/32|must be IPv4",
                "vpcCidr|here|is no range",
                "zones|4|from 2 to 3",
                "endpointZones|3|from 1 to 2",
                "natGateways|3|from 0 to 2",
                "compute|tpu|none of cpu, gpu",
                "engine|llama|none of ai-dialog, vllm, sglang, djl",
                "model|nowhere.gguf|is neither s3://bucket/key nor a file here",
                "model|s3://Bad_Bucket/x|is no s3://bucket/key",
                "model|''|must be given, for example",
                "image|ours|with a tag other than latest",
                "image|ours:latest|with a tag other than latest",
                "instanceType|p5.48xlarge|is no size of g4dn, g5, g6 or g6e",
                "gpus|9|from 1 to 8",
                "cpuUnits|3000|which Fargate has",
                "taskMemoryMib|2048|Fargate has, with 4096 units, from 8192 to 30720",
                "maxBatchSize|1025|from 1 to 1024",
                "minTasks|101|from 0 to 100",
                "maxTasks|0|from 1 to 100",
                "requestsPerTask|0|from 1 to 100000",
                "idleMinutes|5|from 20 to 1440",
                "startSeconds|1|from 10 to 1800",
                "businessHours|20-8|must end later",
                "businessHours|8-24|by 23",
                "businessHours|mornings|must be such as 8-20, or always",
                "timeZone|Mars/North|is no time zone",
                "alarms|loud|none of true, false",
                "alarmEmail|nobody|is no mail address",
                "monthlyBudgetUsd|0|from 1 to 1000000"
            })
    void settingsThatMakeNoSenseAreRefusedByNameInOneLine(String name, String value, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(Map.of(name, value)))
                .withMessageStartingWith(name + ":")
                .withMessageContaining(message)
                .withMessageNotContainingAny("hunter2", "\n");
    }

    @Test
    void settingsThatBelongTogetherAreRefusedAlone() {
        refused(Map.of("domainName", "api.example.org"), "certificateArn: must be given with domainName");
        refused(Map.of("certificateArn", CERTIFICATE), "domainName: must be given with certificateArn");
        refused(Map.of("internalDomain", "m.example.org"), "internalCertificateArn: must be given with internalDomain");
        refused(Map.of("engine", "vllm", "compute", "cpu"), "compute: this engine's image needs a GPU");
        refused(Map.of("engine", "vllm", "image", "build"), "image: 'build' makes our container");
        refused(Map.of("engine", "djl", "model", "pom.xml"), "model: must be s3://bucket/folder");
        refused(Map.of("minTasks", 3, "maxTasks", 2), "maxTasks: 2 must be from 3");
    }

    @Test
    void moreCallersThanOneSecretHoldsAreRefused() {
        String many = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u";
        refused(Map.of("callers", many), "callers: at most 20");
    }

    @Test
    void moreOriginsThanAFunctionsEnvironmentHoldsAreRefused() {
        refused(Map.of("corsOrigins", "http://h" + ",http://h".repeat(20)), "corsOrigins: at most 20");
        assertThat(read(Map.of()).gateway().corsOrigins()).isEmpty();
        assertThat(read(Map.of("corsOrigins", List.of("https://chat.example.org", "http://localhost:3000")))
                        .gateway()
                        .corsOrigins())
                .extracting(Origin::text)
                .containsExactly("https://chat.example.org", "http://localhost:3000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm", "sglang", "djl"})
    void anotherEngineHasAnImageOfAFixedVersion(String engine) {
        TierSettings tier = Objects.requireNonNull(
                read(Map.of("engine", engine, "model", "s3://my-models/llama")).tier());
        assertThat(tier.images().image()).matches("[a-z/-]+:v?[0-9].*");
        assertThat(tier.compute()).isEqualTo(TierSettings.Compute.GPU);
    }

    @Test
    void theTableOfTheDocumentHasEverySettingAndNoOther() throws IOException {
        var documented = new TreeSet<String>();
        Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\|")
                .matcher(Files.readString(Path.of("../docs/deploy.md")))
                .results()
                .forEach(row -> documented.add(row.group(1)));
        var asked = new TreeSet<String>();
        for (Map<String, String> context : List.of(
                Map.of("allowedCidrs", "10.0.0.0/8", "model", "s3://my-models/small.gguf"),
                Map.of("allowedCidrs", "10.0.0.0/8", "inferenceUrl", "https://models.example.test"))) {
            CloudSettings.from(name -> {
                asked.add(name);
                return context.get(name);
            });
        }
        assertThat(documented).isEqualTo(asked);
    }

    private static void refused(Map<String, Object> context, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(context)).withMessageContaining(message);
    }

    private static CloudSettings read(Map<String, Object> context) {
        Map<String, Object> all =
                new HashMap<>(Map.of("allowedCidrs", "10.0.0.0/8", "model", "s3://my-models/small.gguf"));
        all.putAll(context);
        return CloudSettings.from(all::get);
    }
}
