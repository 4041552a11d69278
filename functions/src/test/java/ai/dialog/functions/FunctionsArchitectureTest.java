package ai.dialog.functions;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** The walls between the packages, and around the module. */
class FunctionsArchitectureTest {

    private static final String ROOT = "ai.dialog.functions";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    private static void check(ArchRule rule) {
        assertThat(CLASSES).isNotEmpty();
        rule.check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> oursOutside(String name) {
        return DescribedPredicate.describe(
                "classes of ours outside " + name,
                type -> type.getPackageName().startsWith("ai.dialog")
                        && !type.getPackageName().equals(ROOT + "." + name));
    }

    @Test
    void theModuleNeedsNothingOfOursOutsideIt() {
        check(noClasses()
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "classes of other modules",
                        type -> type.getPackageName().startsWith("ai.dialog")
                                && !type.getPackageName().startsWith(ROOT))));
    }

    @Test
    void thereIsNoWebServerAndNoTensorLibrary() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "reactor.netty..", "io.netty..", "org.springframework.web..", "jakarta.servlet..", "ai.djl.."));
    }

    @Test
    void onlyTheAwsPackageKnowsAws() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".aws..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "com.amazonaws..", "software.amazon..", "org.springframework.cloud.function.adapter.."));
    }

    @Test
    void theBoundaryAndTheWireTypesNeedNothingOfOurs() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".inference")
                .should()
                .dependOnClassesThat(oursOutside("inference")));
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".openai")
                .should()
                .dependOnClassesThat(oursOutside("openai")));
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".access")
                .should()
                .dependOnClassesThat(oursOutside("access")));
    }

    @Test
    void limitsNeedAccessAndTheBoundaryAlone() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".limits")
                .should()
                .dependOnClassesThat(oursOutside("limits")
                        .and(DescribedPredicate.describe(
                                "and outside access and inference",
                                type -> !type.getPackageName().equals(ROOT + ".access")
                                        && !type.getPackageName().equals(ROOT + ".inference")))));
    }

    @Test
    void theFunctionsKnowNoFront() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".http..", ROOT + ".aws..", ROOT + ".remote.."));
    }

    @Test
    void theGatewayKnowsNoPlatformAndNoImplementationOfInference() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".http")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".aws..", ROOT + ".remote.."));
    }

    @Test
    void packagesHaveNoCycles() {
        check(SlicesRuleDefinition.slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void onlyTheAccessPackageKnowsTheJwtLibrary() {
        check(classes()
                .that()
                .resideOutsideOfPackage(ROOT + ".access")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackage("com.nimbusds.."));
    }
}
