package ai.dialog.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** What the packages of the runner may know of each other; their package-info says why. */
class RunnerArchitectureTest {

    private static final JavaClasses RUNNER = new ClassFileImporter().importPath("target/classes");

    @Test
    void theSchedulerKnowsOnlyTheInferenceBoundaryAndTheModel() {
        classes()
                .that()
                .resideInAPackage("ai.dialog.runner.scheduler..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "ai.dialog.runner.scheduler..",
                        "ai.dialog.runner.grammar..",
                        "ai.dialog.runner.tools..",
                        "ai.dialog.functions.inference..",
                        "ai.dialog.model",
                        "ai.dialog.model.template..",
                        "ai.dialog.model.tokenizer..",
                        "reactor..",
                        "org.reactivestreams..",
                        "java..",
                        "org.slf4j..",
                        "org.jspecify..")
                .check(RUNNER);
    }

    @Test
    void aGrammarKnowsOnlyTheTokenizer() {
        classes()
                .that()
                .resideInAPackage("ai.dialog.runner.grammar..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "ai.dialog.runner.grammar..",
                        "ai.dialog.model.tokenizer..",
                        "tools.jackson..",
                        "java..",
                        "org.jspecify..")
                .check(RUNNER);
    }

    @Test
    void whatKnowsTemplatesAndToolsKnowsNothingOfTheEngine() {
        classes()
                .that()
                .resideInAPackage("ai.dialog.runner.tools..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "ai.dialog.runner.tools..",
                        "ai.dialog.runner.grammar..",
                        "ai.dialog.functions.inference..",
                        "ai.dialog.model.template..",
                        "tools.jackson..",
                        "java..",
                        "org.jspecify..")
                .check(RUNNER);
    }

    @Test
    void theFiguresKnowNoHttpAndNoCommandLine() {
        classes()
                .that()
                .resideInAPackage("ai.dialog.runner.metrics..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "ai.dialog.runner.metrics..",
                        "ai.dialog.runner.measure..",
                        "ai.dialog.runner.scheduler..",
                        "ai.dialog.functions.inference..",
                        "ai.dialog.functions.audit..",
                        "io.micrometer..",
                        "reactor..",
                        "org.reactivestreams..",
                        "tools.jackson..",
                        "java..",
                        "org.jspecify..")
                .check(RUNNER);
    }
}
