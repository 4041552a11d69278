package ai.dialog.cloud;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class BoundaryTest {

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("ai.dialog");

    @Test
    void theCloudDependsOnNothingOfOurs() {
        classes()
                .that()
                .resideInAPackage("ai.dialog.cloud..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "ai.dialog.cloud..",
                        "java..",
                        "software.amazon.awscdk..",
                        "software.constructs..",
                        "software.amazon.jsii..",
                        "io.github.cdklabs.cdknag..",
                        "org.jspecify..")
                .check(OURS);
    }

    @Test
    void settingsKnowNoConstructThatTheyAreUsedForAndNotCdk() {
        noClasses()
                .that()
                .resideInAPackage("ai.dialog.cloud.settings..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software..", "io.github.cdklabs..", "ai.dialog.cloud")
                .check(OURS);
    }
}
