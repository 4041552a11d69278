package ai.dialog.functions.http;

import static ai.dialog.functions.http.GatewayRig.request;
import static ai.dialog.functions.http.GatewayRig.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** The document as it is served, against the routes that there are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiDocumentTest {

    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private GatewayRig rig;
    private JsonNode document;

    @BeforeAll
    void start() {
        rig = new GatewayRig();
        document = rig.get("/openapi.json").json();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @Test
    void itIsOpenToEverybodyAndMayBeKept() {
        var answer = rig.send(with(request("GET", "/openapi.json", ""), "authorization"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("cache-control", "public, max-age=3600")
                .containsKey("x-request-id");
        assertThat(answer.json().path("openapi").stringValue()).startsWith("3.1.");
    }

    @Test
    void everyRouteIsInItWithItsMethodAndNothingElse() {
        var described = document.path("paths").properties().stream()
                .filter(path -> !path.getKey().startsWith("/functions/")
                        // the runner's own
                        && !path.getKey().equals("/metrics"))
                .flatMap(path -> operations(path.getKey(), path.getValue()))
                .toList();
        var routes = Stream.of(Route.values())
                .map(route -> route.method() + " " + route.path() + (route == Route.MODEL ? "{id}" : ""))
                .toList();

        assertThat(described).containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void itSaysOfEveryRouteWhetherACallerMustBeKnown() {
        for (var route : Route.values()) {
            var operation = operation(route);
            var security = operation.has("security") ? operation.path("security") : document.path("security");
            var anonymous = rig.send(with(request(route.method(), route.path(), ""), "authorization"));

            assertThat(security.isEmpty()).as("%s", route).isEqualTo(!route.guarded());
            assertThat(operation.path("responses").has("401")).as("%s", route).isEqualTo(route.guarded());
            if (route != Route.MODEL) {
                assertThat(anonymous.status() == 401).as("%s", route).isEqualTo(route.guarded());
            }
        }
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryComponentIsUsed() {
        var references = new HashSet<String>();
        visit(document, node -> {
            if (node.path("$ref").isString()) {
                references.add(node.path("$ref").stringValue());
            }
        });
        var components = document.path("components").properties().stream()
                .filter(kind -> !kind.getKey().equals("securitySchemes"))
                .flatMap(kind -> kind.getValue().properties().stream()
                        .map(one -> "#/components/" + kind.getKey() + "/" + one.getKey()))
                .collect(Collectors.toSet());

        assertThat(references).isEqualTo(components);
    }

    @Test
    void everyOperationIsNamedOnceAndTellsOfEachStatusWhy() {
        var names = new HashSet<String>();
        document.path("paths")
                .forEach(path -> path.properties().stream()
                        .filter(field -> METHODS.contains(field.getKey()))
                        .forEach(field -> {
                            assertThat(names.add(
                                            field.getValue().path("operationId").stringValue()))
                                    .isTrue();
                            assertThat(field.getValue().path("summary").stringValue())
                                    .isNotBlank();
                        }));
        document.path("components")
                .path("responses")
                .forEach(response ->
                        assertThat(response.path("description").stringValue()).isNotBlank());
    }

    private JsonNode operation(Route route) {
        var path = document.path("paths").path(route.path() + (route == Route.MODEL ? "{id}" : ""));
        return path.path(route.method().toLowerCase(Locale.ROOT));
    }

    private static Stream<String> operations(String path, JsonNode item) {
        return item.propertyStream()
                .map(field -> field.getKey())
                .filter(METHODS::contains)
                .map(method -> method.toUpperCase(Locale.ROOT) + " " + path);
    }

    private static void visit(JsonNode node, Consumer<JsonNode> visitor) {
        visitor.accept(node);
        node.forEach(child -> visit(child, visitor));
    }
}
